"""The respondent's page weighs little, loads nothing else, and has the product's colours."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.surveys.services import acknowledge_case, plan_case
from tests.accounts.surveys.office import DUE, HOUR, Office
from tests.conftest import World
from tests.crm.links import NEXT, invited, keep_open, link_of, send

LIMIT = 30_000
SOURCES = settings.BASE_DIR / "static" / "src"
LANGUAGES = [code for code, _ in settings.LANGUAGES]
DIMENSIONS = ("quality", "delivery", "communication", "service", "support")


@pytest.fixture
def link(world: World) -> str:
    """A page as full as it gets without words of his own: five complaints of last week under way."""
    office = invited(world)
    office.say(office.chen, **dict.fromkeys(DIMENSIONS, "D"))
    office.invite(NEXT)
    keep_open(week=NEXT)
    for code in DIMENSIONS:
        plan(office, code)
    return link_of(office, office.chen, NEXT)


def plan(office: Office, code: str) -> None:
    by, case = office.world.manager, office.case(code)
    acknowledge_case(case, by=by, now=DUE + 2 * HOUR)
    plan_case(case, by=by, plan="Look.", solve_by=DUE.date(), now=DUE + 3 * HOUR)


def weight(html: bytes) -> int:
    """Bytes of the page and of everything that it loads, as they are before compression."""
    loaded = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="/static/([^"]+)"', html.decode())
    assert sorted(loaded) == ["logo.svg", "survey.css", "survey.js"]
    return len(html) + sum((settings.BASE_DIR / "static" / "dist" / name).stat().st_size for name in loaded)


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_and_css_weigh_less_than_30_kilobytes(link: str, language: str) -> None:
    client = Client()
    before = client.get(f"{link}?lang={language}").content
    send(client, link, **dict.fromkeys(DIMENSIONS, "D"))
    pages = [before, client.get(f"{link}?lang={language}").content, client.get(f"{link}?done=1").content]
    weights = [weight(page) for page in pages]
    assert max(weights) < LIMIT, weights


def test_no_page_has_a_script_or_a_style_within_it(link: str) -> None:
    client = Client()
    form = client.get(link).content.decode()
    send(client, link, delivery="D")
    pages = [form, *(client.get(url).content.decode() for url in (f"{link}?done=1", link, "/s/unknown"))]
    for page in pages:
        assert "<main>" in page
        assert not re.search(r"\son\w+=|<style|\sstyle=|javascript:|<iframe|http-equiv", page)
        scripts = re.findall(r"<script[^>]*>[^<]*</script>", page)
        assert page.count("<script") == len(scripts)
        assert all(each == '<script src="/static/survey.js" defer></script>' for each in scripts)


def test_the_script_knows_no_way_to_send_anything() -> None:
    script = (settings.BASE_DIR / "static" / "dist" / "survey.js").read_text()
    assert "localStorage" in script
    assert not re.search(
        r"fetch|XMLHttp|sendBeacon|WebSocket|EventSource|submit|click\(\)|location|import", script
    )


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(?:tn-)?([a-z-]+):\s*(#[0-9a-f]{6});", css))


def test_its_colours_are_the_products(link: str) -> None:
    """Its own sheet spells them out, because phones of some years know no light-dark()."""
    tokens = (SOURCES / "tokens.css").read_text()
    pairs = re.findall(r"--tn-([a-z-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", tokens)
    light, dark = (SOURCES / "survey.css").read_text().split("@media (prefers-color-scheme: dark)")
    ours = colours(light), colours(dark)
    assert ours[0].keys() == ours[1].keys()
    assert len(ours[0]) > 20
    for position, sheet in enumerate(ours, 1):
        assert sheet == {pair[0]: pair[position] for pair in pairs if pair[0] in sheet}


def test_the_sheet_knows_nothing_that_an_older_phone_cannot_read() -> None:
    css = (settings.BASE_DIR / "static" / "dist" / "survey.css").read_text()
    assert "@supports selector(:has(" in css
    assert not re.search(r"light-dark\(|color-mix\(|@layer|@container", css)
    assert ":has(" not in css[: css.index("@supports")], "without :has() the comment is simply there"
