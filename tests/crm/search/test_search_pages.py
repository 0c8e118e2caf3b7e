"""The search page, the palette and the API: the same answer, for hostile input too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.services import create_customer
from accounts.users.models import User
from tests.conftest import MONDAY, World
from tests.crm.api.conftest import api_of

__all__ = ["api_of"]

HOSTILE = (
    "%",
    "_",
    "\\",
    "\\%_\\",
    "'; drop table customers_customer; --",
    '"><script>alert(1)</script>',
    "🏭👩\u200d🔧",
    "\u202eevil\u202c",
    "a\x00b",
    "{{ 7 * 7 }}",
    "%s %(seen)s {table}",
    "')) or true",
    "&|!():*<->",
    "'a':* & !'b'",
    "½ ﷺ ẞ İ",
    "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "华" * 200,
    "a " * 100,
    "1" * 200,
    "．。，、",
)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def named(world: World, name: str) -> None:
    create_customer(short_name=name, owner=world.owner, author=None, currency="CNY", now=MONDAY)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["/search/", "/search/palette"])
def test_hostile_words_are_words(owner: Client, world: World, path: str, text: str) -> None:
    for user in (world.owner, world.admin):
        owner.force_login(user)
        answer = owner.get(path, {"q": text})
        assert answer.status_code == 200
        assert "<script>alert(1)" not in answer.content.decode()
        assert "49" not in answer.content.decode().partition("palette-note")[2]


@pytest.mark.parametrize("path", ["/search/", "/search/palette"])
def test_a_pasted_file_is_refused_in_words(owner: Client, path: str) -> None:
    answer = owner.get(path, {"q": "客户" * 10_000})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "too long" in page
    assert "客户" * 101 not in page.partition("search-page-form")[2].partition("</form>")[0]


def test_markup_in_names_is_text_and_what_was_meant_is_marked(owner: Client, world: World) -> None:
    named(world, "<b>Bold</b> & Söhne")
    for path in ("/search/", "/search/palette"):
        page = owner.get(path, {"q": "bold"}).content.decode()
        assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; Söhne" in page


def test_the_page_shows_a_few_of_each_kind_and_leads_to_all_of_one(owner: Client, world: World) -> None:
    for number in range(60):
        create_contact(
            customer=world.customer, name=f"Hua {number:02}", level=Level.EXECUTIVE, author=None, now=MONDAY
        )
    page = owner.get("/search/", {"q": "hua"})
    groups = {group.kind: group for group in page.context["answer"].groups}
    assert (len(groups["contact"].hits), groups["contact"].count, groups["contact"].count_is_exact) == (
        5,
        60,
        True,
    )
    seen: list[str] = []
    for number in ("1", "2", "3"):
        part = owner.get("/search/", {"q": "hua", "kind": "contact", "page": number})
        assert (part.context["first"], part.context["last"]) == (len(seen) + 1, min(len(seen) + 25, 60))
        seen += [hit.name for hit in part.context["hits"]]
    assert seen == [f"Hua {number:02}" for number in range(60)]
    assert "page=4" not in part.content.decode()
    for wrong in ("4", "0", "-1", "x", "9" * 30, "²"):
        assert owner.get("/search/", {"q": "hua", "kind": "contact", "page": wrong}).status_code == 200
    assert owner.get("/search/", {"q": "hua", "kind": "nonsense"}).context["kind"] == ""


def test_without_words_the_page_says_what_can_be_looked_for(client: Client, world: World) -> None:
    client.force_login(world.mate)
    assert "What are you looking for?" in client.get("/search/").content.decode()
    assert "Nothing found" in client.get("/search/", {"q": "nordlicht"}).content.decode()


def commands(client: Client, text: str = "") -> list[str]:
    return [command.label for command in client.get("/search/palette", {"q": text}).context["commands"]]


def test_the_palette_offers_what_the_person_may_do(client: Client, world: World) -> None:
    client.force_login(world.owner)
    assert {"Log an interaction", "Add a customer", "Go to Today", "Dark theme", "简体中文"} <= set(
        commands(client)
    )
    pages = (
        "Interactions",
        "Needs",
        "Needs on a board",
        "Contracts",
        "Opportunities",
        "Reminders",
        "Actions",
    )
    assert {f"Go to {page}" for page in pages} | {"Note a need"} <= set(commands(client))
    assert commands(client, "opport") == ["Go to Opportunities"]
    assert "Go to Imports" not in commands(client)
    client.force_login(world.member)
    assert not {"Log an interaction", "Add a customer", "Note a need"} & set(commands(client))
    client.force_login(world.admin)
    assert {"Go to Imports", "Go to Playbooks"} <= set(commands(client))
    assert commands(client, "imp") == ["Go to Imports"]
    assert commands(client, "x") == []
    assert "Go to Customers" in commands(client, "go cust")


def test_commands_are_found_in_the_persons_language(client: Client, world: World) -> None:
    User.objects.filter(pk=world.owner.pk).update(language="zh-hans")
    client.force_login(world.owner)
    with translation.override("zh-hans"):
        theme = translation.gettext("Dark theme")
    assert theme in commands(client)
    assert theme in commands(client, theme[:2])
    assert "English" in commands(client, "english")


def test_the_api_answers_like_the_page(world: World, api_of: Any) -> None:
    named(world, "深圳华为技术")
    api = api_of(world.owner)
    answer = api.get("search", q="hw").json()
    assert answer["is_guess"] is False
    (group,) = answer["groups"]
    assert (group["kind"], group["count"], group["count_is_exact"]) == ("customer", 1, True)
    assert [(hit["title"], hit["matched"]) for hit in group["hits"]] == [("深圳华为技术", "")]
    assert api.get("search", q="hw", kind="contact").json() == {"is_guess": False, "groups": []}
    assert api.get("search", q="nordlicht").json()["groups"] == []
    assert api.get("search").json() == {"is_guess": False, "groups": []}
    assert api.get("search", q="huaxin electroncs").json()["is_guess"] is True


@pytest.mark.parametrize(
    "query",
    [
        {"q": "a" * 201},
        {"q": "a\x00"},
        {"q": "a", "kind": "everything"},
        {"q": "a", "kind": ""},
        {"q": "a", "limit": "0"},
        {"q": "a", "limit": "201"},
        {"q": "a", "limit": "x"},
        {"q": ["a", "b"]},
        {"words": "a"},
    ],
)
def test_the_api_refuses_what_its_schema_rules_out(world: World, api_of: Any, query: dict[str, Any]) -> None:
    answer = api_of(world.owner).get("search", **query)
    assert answer.status_code == 400
    assert answer.json()["fields"]


def test_pages_take_few_statements(owner: Client, world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        named(world, f"Sigma {number}")
    for path in ("/search/palette", "/search/"):
        owner.get(path, {"q": "sig"})
        with django_assert_max_num_queries(8):
            assert owner.get(path, {"q": "sig"}).status_code == 200
