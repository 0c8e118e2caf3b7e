"""The respondent's page in Chromium: without JavaScript, at 360 px, for everybody, against scanners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.surveys.models import Answer, AnswerGrade, CaseState
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    ask_customer,
    issue_confirmation_token,
)
from tests.accounts.surveys.office import DUE, HOUR, Office
from tests.browser.conftest import PATIENCE
from tests.conftest import World
from tests.crm.links import NEXT, everything, invited, keep_open, link_of

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MAIL = [
    "",
    "?quality=A",
    "?delivery=D",
    "?delivery=D&quality=B%2B&support=C",
    "?done=1",
    "?lang=zh-hans",
    "?said=1",
]


@pytest.fixture
def office(world: World) -> Office:
    """Chen gave two low grades last week, one of them corrected since; Li has not been asked before."""
    office = invited(world)
    office.say(office.chen, delivery="D", quality="C", support="A-")
    by, case = world.manager, office.case("quality")
    acknowledge_case(case, by=by, now=DUE + 2 * HOUR)
    advance_case(case, to=CaseState.CORRECTED, by=by, comment="Done.", now=DUE + 3 * HOUR)
    office.invite(NEXT)
    keep_open(week=NEXT)
    return office


Open = Callable[..., Page]


@pytest.fixture
def open_link(browser: Browser, live_server: Any) -> Iterator[Open]:
    """``open_link(address, **options of the browser's context)``; JavaScript is off unless asked for."""
    contexts: list[BrowserContext] = []

    def start(address: str, **options: Any) -> Page:
        chosen = {"viewport": PHONE, "java_script_enabled": False, "base_url": live_server.url, **options}
        contexts.append(browser.new_context(**chosen))
        contexts[-1].set_default_timeout(PATIENCE)
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield start
    for context in contexts:
        context.close()


def question_of(office: Office) -> str:
    """The link of the letter that asks Chen whether the matter of quality is solved."""
    now = timezone.now()
    (asked,) = ask_customer(office.case("quality"), message="Softer boxes.", by=office.world.manager, now=now)
    return f"/s/c/{issue_confirmation_token(asked, now=now)}"


def row(page: Page, name: str) -> Any:
    return page.get_by_role("radiogroup", name=name)


def test_grades_are_chosen_sent_and_changed_without_javascript(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT))
    row(page, "Communication").get_by_role("radio", name="D Unacceptable").check()
    row(page, "Quality").get_by_role("radio", name="A- Very good").check()
    row(page, "Technical support").get_by_role("radio", name="Does not apply").check()
    page.get_by_label("Communication: what should be better?").fill("Two days late.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you, Li")).to_be_visible()
    expect(page.get_by_text("Two days late.")).to_be_visible()
    expect(page.get_by_text("Manager takes up your D for Communication")).to_be_visible()
    assert AnswerGrade.objects.filter(answer__week=NEXT).count() == 2

    page.get_by_role("link", name="Change my answer").click()
    expect(row(page, "Communication").get_by_role("radio", name="D Unacceptable")).to_be_checked()
    row(page, "Communication").get_by_role("radio", name="B Fair").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".said")).to_contain_text("Fair")
    assert Answer.objects.filter(week=NEXT).count() == 2
    page.reload()
    assert Answer.objects.filter(week=NEXT).count() == 2


def test_the_keyboard_alone_is_enough(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT))
    row(page, "Quality").get_by_role("radio", name="A Excellent").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(row(page, "Quality").get_by_role("radio", name="B+ Good")).to_be_checked()
    page.get_by_role("button", name="Send").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, Li")).to_be_visible()


def test_a_comment_is_asked_for_where_a_letter_is_low(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT) + "?delivery=B-")
    words = page.get_by_label("Quality: what should be better?")
    expect(page.get_by_label("On-time delivery: what should be better?")).to_be_visible()
    expect(words).to_be_hidden()
    row(page, "Quality").get_by_role("radio", name="C Poor").check()
    words.fill("Scratches.")
    row(page, "Quality").get_by_role("radio", name="A Excellent").check()
    expect(words).to_be_visible()  # what was typed stays in sight
    words.fill("")
    expect(words).to_be_hidden()


def kept(page: Page) -> list[str]:
    """What this browser keeps of forms that were not sent."""
    return list(page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('survey.'))"))


def test_what_is_typed_survives_a_reload_and_closing_and_goes_when_it_is_sent(
    office: Office, open_link: Open
) -> None:
    link = link_of(office, office.li, NEXT)
    page = open_link(link, java_script_enabled=True)
    before = everything()
    row(page, "Quality").get_by_role("radio", name="C Poor").check()
    page.get_by_label("Quality: what should be better?").fill("Scratches \U0001f62e \u05e9\u05dc\u05d5\u05dd")
    assert len(kept(page)) == 1
    assert link.removeprefix("/s/") not in "".join(kept(page))
    page.reload()
    expect(row(page, "Quality").get_by_role("radio", name="C Poor")).to_be_checked()
    expect(page.get_by_role("status")).to_contain_text("filled in again")
    words = page.get_by_label("Quality: what should be better?")
    assert words.input_value() == "Scratches \U0001f62e \u05e9\u05dc\u05d5\u05dd"
    another = page.context.new_page()
    page.close()
    another.goto(link_of(office, office.li, NEXT) + "?quality=A")
    expect(row(another, "Quality").get_by_role("radio", name="A Excellent")).to_be_checked()
    expect(another.get_by_label("Quality: what should be better?")).to_be_visible()
    assert everything() != before, "another link was issued"
    assert not Answer.objects.filter(week=NEXT).exists(), "nothing is sent by itself"
    another.locator(".send").click()
    expect(another.get_by_role("heading", name="Thank you, Li")).to_be_visible()
    assert kept(another) == []


def test_what_was_kept_can_be_emptied_and_is_not_put_over_a_newer_answer(
    office: Office, open_link: Open
) -> None:
    link = link_of(office, office.li, NEXT)
    page = open_link(link, java_script_enabled=True)
    row(page, "Quality").get_by_role("radio", name="C Poor").check()
    page.reload()
    page.get_by_role("button", name="Empty it").click()
    expect(row(page, "Quality").get_by_role("radio", name="C Poor")).not_to_be_checked()
    assert kept(page) == []
    row(page, "Quality").get_by_role("radio", name="D Unacceptable").check()
    phone = open_link(link)
    row(phone, "Quality").get_by_role("radio", name="A Excellent").check()
    phone.locator(".send").click()
    page.reload()
    expect(row(page, "Quality").get_by_role("radio", name="A Excellent")).to_be_checked()
    assert kept(page) == []


def test_the_page_works_where_the_browser_keeps_nothing(office: Office, open_link: Open) -> None:
    page = open_link("about:blank", java_script_enabled=True)
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})")
    page.goto(link_of(office, office.li, NEXT))
    row(page, "Quality").get_by_role("radio", name="A Excellent").check()
    page.locator(".send").click()
    expect(page.get_by_role("heading", name="Thank you, Li")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False])
def test_the_same_as_last_week_takes_one_press_and_no_words(
    office: Office, open_link: Open, has_script: bool
) -> None:
    link = link_of(office, office.chen, NEXT)
    page = open_link(link, java_script_enabled=has_script)
    page.get_by_role("button", name="Choose the same as last week").click()
    for address in (None, f"{link}?same=1"):
        if address:
            page.goto(address)
        expect(row(page, "On-time delivery").get_by_role("radio", name="D Unacceptable")).to_be_checked()
        expect(row(page, "Technical support").get_by_role("radio", name="A- Very good")).to_be_checked()
    assert not Answer.objects.filter(week=NEXT).exists()


def test_he_pauses_and_comes_back_without_javascript(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT))
    page.get_by_role("link", name="Pause, stop, or name a colleague").click()
    page.get_by_label("4 weeks").check()
    page.get_by_role("button", name="Pause the letters").click()
    expect(page.get_by_role("status")).to_contain_text("You get no letters about Line 4 before")
    page.get_by_role("button", name="Ask me again").click()
    expect(page.get_by_role("status")).to_contain_text("You are asked about Line 4 again.")


def test_he_confirms_by_the_letter_without_javascript(office: Office, open_link: Open) -> None:
    page = open_link(question_of(office))
    page.get_by_role("button", name="It is solved").click()
    expect(page.get_by_role("heading", name="Thank you, Chen")).to_be_visible()
    assert office.case("quality").state == CaseState.CONFIRMED


def test_an_error_takes_the_focus_and_leads_to_its_place(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT) + "?delivery=D&quality=A")
    typed = page.get_by_label("On-time delivery: what should be better?")
    typed.fill("x" * 4_001)
    assert typed.input_value() == "x" * 4_001, "nothing is cut silently"
    page.get_by_role("button", name="Send").click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(page).to_have_title("Error: How was our work on Line 4?")
    alert.get_by_role("link").click()
    words = page.get_by_label("On-time delivery: what should be better?")
    assert words.input_value() == "x" * 4_001
    expect(words).to_be_in_viewport()
    assert words.get_attribute("aria-invalid") == "true"
    expect(row(page, "Quality").get_by_role("radio", name="A Excellent")).to_be_checked()
    assert not Answer.objects.filter(week=NEXT).exists()


def test_words_near_the_limit_are_counted(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT) + "?delivery=D", java_script_enabled=True)
    typed = page.get_by_label("On-time delivery: what should be better?")
    counted = page.locator("#delivery-words + .count")
    for length, words in ((3_600, ""), (3_601, "3601 of 4,000 characters"), (5, ""), (4_001, "4001 of")):
        typed.fill("x" * length)
        expect(counted).to_contain_text(words) if words else expect(counted).to_be_empty()
    assert typed.input_value() == "x" * 4_001


def test_yes_it_is_solved(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.chen, NEXT))
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status")).to_contain_text("Quality is noted as solved.")
    assert office.case("quality").state == CaseState.CONFIRMED


def test_a_scanner_that_follows_every_link_and_runs_scripts_records_nothing(
    office: Office, open_link: Open
) -> None:
    """As mail gateways do: every address of the mail, then every link of every page, hovered and opened.

    And further than they go: every button is pressed that only shows the page anew.
    """
    letters = [link_of(office, contact, NEXT) for contact in (office.chen, office.li)]
    waiting = [link + query for link in letters for query in MAIL]
    before, seen, pressed = everything(), set[str](), 0
    page = open_link("about:blank", java_script_enabled=True)
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page.goto(address)
        for link in page.get_by_role("link").all():
            link.hover()
            target = urlsplit(link.evaluate("link => link.href"))
            if target.scheme.startswith("http"):
                waiting.append(f"{target.path}?{target.query}" if target.query else target.path)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        shows = page.locator("button[name=show]")
        for number in range(shows.count()):
            shows.nth(number).click()
            pressed += 1
    assert len(seen) >= 2 * len(MAIL)
    assert pressed > len(seen)
    assert everything() == before


def findings(page: Page) -> list[str]:
    """What axe-core has to say, one line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
    assert len(found["passes"]) > 10, "axe looked at something"
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_axe_finds_nothing_on_what_else_he_opens(
    office: Office, open_link: Open, scheme: str, language: str
) -> None:
    stop = f"{link_of(office, office.li, NEXT)}/stop?lang={language}"
    page = open_link(f"{question_of(office)}?lang={language}", color_scheme=scheme, java_script_enabled=True)
    assert findings(page) == []
    page.goto(stop)
    assert findings(page) == []
    page.locator("button[value=refer]").click()
    assert page.locator(".refused").is_visible()
    assert findings(page) == []
    page.goto(stop)
    page.locator("button[value=stop]").click()
    assert findings(page) == []


@pytest.mark.parametrize("width", [180, 320, 360])
def test_nothing_else_he_opens_is_cut_off_or_too_small_to_press(
    office: Office, open_link: Open, width: int
) -> None:
    for address in (f"{link_of(office, office.li, NEXT)}/stop", question_of(office)):
        page = open_link(address, viewport={"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert width == 180 or small_targets(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_axe_finds_nothing(office: Office, open_link: Open, scheme: str, language: str) -> None:
    chen = link_of(office, office.chen, NEXT)
    page = open_link("about:blank", color_scheme=scheme, java_script_enabled=True)
    for letters in ("quality=A&delivery=D&service=B-&support=C&communication=A-", "quality=B&delivery=B%2B"):
        page.goto(f"{chen}?lang={language}&{letters}")
        assert findings(page) == []
    page.locator(".send").click()
    assert "done=1" in page.url
    assert findings(page) == []
    page.goto(f"{link_of(office, office.li, NEXT)}?lang={language}")
    page.locator(".send").click()
    assert page.locator(".refused").is_visible()
    assert findings(page) == []
    page.goto("/s/unknown")
    assert findings(page) == []
    keep_open(week=NEXT, closes_in=-2 * HOUR, expires_in=-HOUR)
    page.goto(chen)
    assert findings(page) == []


def small_targets(page: Page) -> list[str]:
    """Whatever is pressed and is not a link within a sentence, below 44 by 44 pixels."""
    return list(
        page.evaluate(
            """() => [...document.querySelectorAll(
                '.letters input, .absent, button, summary, textarea, .languages a, .same a, .button'
            )].filter(each => each.checkVisibility()).map(each => [each, each.getBoundingClientRect()])
            .filter(([each, box]) => box.width < 43.9 || box.height < 43.9)
            .map(([each, box]) => `${each.outerHTML} ${box.width} x ${box.height}`)"""
        )
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [180, 320, 360, 1440])
def test_nothing_is_cut_off_or_too_small_to_press(
    office: Office, open_link: Open, width: int, language: str
) -> None:
    """320 px is 1280 px at 400 %, 180 px a phone at 200 %."""
    link = f"{link_of(office, office.chen, NEXT)}?lang={language}&delivery=D&quality=A-"
    page = open_link(link, viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert width == 180 or small_targets(page) == []


def test_a_phone_shows_all_rows_and_the_button_at_once(office: Office, open_link: Open) -> None:
    page = open_link(link_of(office, office.li, NEXT))
    box = page.get_by_role("button", name="Send").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]


def test_a_name_stands_closer_to_its_own_letters_than_to_those_above(office: Office, open_link: Open) -> None:
    for link in (link_of(office, office.li, NEXT), link_of(office, office.chen, NEXT)):
        page = open_link(link)
        names = [name.bounding_box() for name in page.locator(".row legend").all()]
        letters = [row.bounding_box() for row in page.locator(".row .letters").all()]
        spans = [name.bounding_box() for name in page.locator(".row legend span").all()]
        words = [box["y"] for box in spans if box]
        feet = [box["y"] + box["height"] - 4 for box in names if box]
        rows = [(box["y"], box["y"] + box["height"]) for box in letters if box]
        assert len(words) == len(rows) == 5
        for number in range(1, 5):
            assert words[number] - rows[number - 1][1] > rows[number][0] - feet[number]


@pytest.mark.parametrize("forced", ["active", "none"])
def test_the_chosen_letter_is_told_from_the_others_without_its_colour(
    office: Office, open_link: Open, forced: str
) -> None:
    page = open_link(link_of(office, office.li, NEXT) + "?quality=A", forced_colors=forced)
    for name in ("borderTopWidth", "fontWeight", "backgroundColor"):
        look = f"each => getComputedStyle(each).{name}"
        chosen, other = (page.locator(f"#quality .grade-{letter}").evaluate(look) for letter in "ad")
        assert chosen != other, name
