"""The list of customers: who sees what, search, filters, orders, pages, and how many queries it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import Customer, Industry, Region
from accounts.customers.services import add_former_name, change_customer, create_customer
from accounts.users.models import User
from crm.queries import customers as queries
from crm.queries import keyset
from scoring.models import CurrentRun, PolicyState, PolicyVersion, RunKind, ScoringRun
from scoring.policy import default_policy
from tests.conftest import MONDAY, World

MOST_QUERIES = 9


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def add(owner: User, name: str) -> Customer:
    return create_customer(short_name=name, owner=owner, author=owner, currency="CNY", now=MONDAY)


def current_run() -> int:
    """A current run without scores. Runs of the product write theirs by COPY; here a few rows are enough."""
    policy = PolicyVersion.objects.filter(state=PolicyState.ACTIVE).first() or PolicyVersion.objects.create(
        number=9001, state=PolicyState.ACTIVE, values=default_policy().to_plain()
    )
    run = ScoringRun.objects.create(kind=RunKind.MANUAL, as_of=MONDAY, policy=policy)
    with connection.cursor() as cursor:
        cursor.execute(
            f"create table score_of_test_{run.pk} partition of scoring_customer_score "
            f"for values in ({run.pk})"
        )
    CurrentRun.objects.update_or_create(id=1, defaults={"run": run})
    return run.pk


def give_score(
    run: int, customer: Customer, *, score: float | None, tier: int = 1, flag: int = 0, churn: float = 0.0
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into scoring_customer_score (
                run_id, customer_id, as_of, input_version, score, tier, pending_tier, borderline, coverage,
                indicator_inputs, indicator_normalised, indicator_weights, indicator_points, churn_score,
                churn_inputs, churn_severities, churn_points, flag_reading, flag_level, is_immediate
            ) values (%s, %s, %s, 1, %s, %s, %s, false, 1, '{}', '{}', '{}', '{}', %s, '{}', '{}', '{}',
                      %s, %s, false)
            """,
            [run, customer.pk, MONDAY, score, tier, tier, churn, flag, flag],
        )


def names(client: Client, query: str = "") -> list[str]:
    return [row.name for row in client.get(f"/customers/{query}").context["page"].rows]


def test_everybody_finds_his_own_customers_only(client: Client, world: World) -> None:
    expected = {
        "owner": ["Huaxing Electronics"],
        "lead": ["Huaxing Electronics"],
        "stranger": ["Nordlicht Pumps"],
        "mate": [],
        "manager": [],
        "executive": ["Huaxing Electronics", "Nordlicht Pumps"],
        "admin": ["Huaxing Electronics", "Nordlicht Pumps"],
    }
    for name, seen in expected.items():
        client.force_login(world.users[name])
        assert names(client, "?sort=name") == seen, name


def test_an_empty_list_says_what_to_do_next(client: Client, world: World) -> None:
    client.force_login(world.mate)
    assert "/customers/new" in client.get("/customers/").content.decode().split('class="empty"')[1]
    client.force_login(world.member)
    assert "/customers/new" not in client.get("/customers/").content.decode()


def test_a_name_with_markup_is_shown_as_text(owner: Client, world: World) -> None:
    add(world.owner, "<script>alert(1)</script>")
    page = owner.get("/customers/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("华兴", True),  # two characters, which have no trigram
        ("兴", True),
        ("华电", False),  # both characters are there, but not beside each other
        ("苏州华兴", True),
        ("suzhouhua", True),
        ("szhx", True),
        ("sz", True),
        ("z", False),  # one letter: the beginning of a word
        ("精密 苏州", True),
        ("大同", True),  # a former name
        ("K-77", True),
        ("k-78", False),
        ("%", False),
        ("'", False),
    ],
)
def test_search_finds_characters_pinyin_initials_former_names_and_numbers(
    owner: Client, world: World, text: str, found: bool
) -> None:
    customer = create_customer(
        short_name="苏州华兴精密",
        owner=world.owner,
        author=world.owner,
        currency="CNY",
        now=MONDAY,
        number="K-77",
    )
    add_former_name(customer, name="大同机械", now=MONDAY)
    assert ("苏州华兴精密" in [row.name for row in page_of(owner, q=text)]) is found


def page_of(client: Client, **query: str) -> list[queries.CustomerRow]:
    rows: list[queries.CustomerRow] = client.get("/customers/", query).context["page"].rows
    return rows


def test_every_reading_of_a_surname_is_found(owner: Client, world: World) -> None:
    add(world.owner, "单氏电子")
    assert [row.name for row in page_of(owner, q="shanshi")] == ["单氏电子"]
    assert [row.name for row in page_of(owner, q="danshi")] == ["单氏电子"]


def test_filters_narrow_the_list_and_stay_in_the_links(owner: Client, world: World) -> None:
    valves, pumps = Industry.objects.create(name="Valves"), Industry.objects.create(name="Pumps")
    east, _west = Region.objects.create(name="East"), Region.objects.create(name="West")
    for number in range(60):
        customer = add(world.owner, f"Valve maker {number:02}")
        Customer.objects.filter(pk=customer.pk).update(industry=valves, region=east, tags=["vip"])
    for query in (f"?industry={valves.pk}", f"?region={east.pk}", "?tag=vip"):
        page = owner.get(f"/customers/{query}").context["page"]
        assert page.count == 60, query
    assert names(owner, f"?industry={pumps.pk}") == []
    assert names(owner, "?stage=lost") == []
    html = owner.get(f"/customers/?industry={valves.pk}&sort=name").content.decode()
    (older,) = set(re.findall(r'rel="next"\s+href="([^"]+)"', html))
    assert f"industry={valves.pk}" in older
    assert "sort=name" in older


def test_tier_and_flag_of_the_current_run_filter_the_list(owner: Client, world: World) -> None:
    unscored, core, flagged = (add(world.owner, name) for name in ("Unscored", "Core", "Flagged"))
    run = current_run()
    give_score(run, world.customer, score=None, tier=0)
    give_score(run, core, score=50.0, tier=2)
    give_score(run, flagged, score=80.0, tier=1, flag=3, churn=77.0)
    assert names(owner, "?tier=core") == ["Core"]
    assert names(owner, "?tier=none&sort=name") == [world.customer.short_name, unscored.short_name]
    assert names(owner, "?flag=any") == ["Flagged"]
    assert names(owner, "?flag=critical") == ["Flagged"]
    assert names(owner, "?flag=watch") == []
    assert len(names(owner, "?flag=none")) == 3


def walk(client: Client, sort: str, direction: str, start: str = "") -> Iterable[list[str]]:
    cursor, key = start, "after" if direction == "older" else "before"
    while True:
        query = {"sort": sort} | ({key: cursor} if cursor else {})
        page = client.get("/customers/", query).context["page"]
        yield [row.name for row in page.rows]
        cursor = getattr(page, direction)
        if cursor is None:
            return


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("sort", queries.SORTS)
def test_pages_show_every_customer_once_there_and_back(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch, sort: str, few: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    monkeypatch.setattr(keyset, "PAGE_ROWS", 4)
    defaults = {"shows_money": False, "shows_lowest": False, "after": "", "before": "", "limit": 4}
    monkeypatch.setattr(queries.page_of_customers, "__kwdefaults__", defaults)
    run = current_run()
    for number in range(18):
        customer = add((world.owner, world.stranger)[number % 2], f"Maker {number:02}")
        if number % 6 == 5:
            Customer.objects.filter(pk=customer.pk).update(owner=None)
        if number % 3:
            # Equal scores, so that the second column decides.
            give_score(run, customer, score=float(number % 4), churn=float(number % 5))
    client.force_login(world.admin)

    pages = list(walk(client, sort, "older"))

    seen = [name for page in pages for name in page]
    assert len(seen) == len(set(seen)) == 20
    assert [len(page) for page in pages] == [4, 4, 4, 4, 4]
    last = client.get("/customers/", {"sort": sort}).context["page"]
    for _page in pages[1:]:
        last = client.get("/customers/", {"sort": sort, "after": last.older}).context["page"]
    back = list(walk(client, sort, "newer", start=last.newer))
    assert back == pages[-2::-1]


def test_scores_are_sorted_by_value_and_whoever_has_none_stands_last(owner: Client, world: World) -> None:
    low, high = add(world.owner, "Low"), add(world.owner, "High")
    run = current_run()
    give_score(run, low, score=10.0)
    give_score(run, high, score=90.0)
    assert names(owner) == ["High", "Low", "Huaxing Electronics"]
    assert names(owner, "?sort=score") == ["Low", "High", "Huaxing Electronics"]


@pytest.mark.parametrize(
    "cursor", ["x", "%00", "W10", "WzksMV0", "WzAsIngiXQ", "bnVsbA", "WzAsIlx1MDAwMCIsMV0", "9" * 900]
)
def test_a_cursor_that_is_none_of_ours_gives_the_first_page(owner: Client, cursor: str) -> None:
    for sort in ("name", "-score"):
        assert names(owner, f"?sort={sort}&after={cursor}") == ["Huaxing Electronics"]


@pytest.mark.parametrize(
    "query", ["?sort=password", "?tier=gold", "?owner=abc", "?owner=99999999999999999999"]
)
def test_a_wish_that_makes_no_sense_is_no_error(owner: Client, query: str) -> None:
    assert owner.get(f"/customers/{query}").status_code == 200


@pytest.mark.parametrize("query", ["?q=" + "x" * 201, "?tier=gold", "?owner=abc"])
def test_a_filter_that_cannot_be_is_said_and_finds_nothing(owner: Client, query: str) -> None:
    page = owner.get(f"/customers/{query}")
    assert (page.context["page"].rows, len(page.context["faults"])) == ([], 1)
    assert page.context["faults"][0].partition(":")[0] in {"Search by name", "Tier", "Owner"}
    assert "alert-warning" in page.content.decode()
    exported = b"".join(owner.get(f"/customers/export.csv{query}").streaming_content).decode()
    assert "Huaxing" not in exported


def test_a_cursor_of_another_sort_gives_the_first_page_instead_of_none(owner: Client, world: World) -> None:
    beyond = str(keyset.Place(0, ("zzz", 1)))
    for key in ("after", "before"):
        place = beyond if key == "after" else str(keyset.Place(0, ("", 1)))
        page = owner.get("/customers/", {"sort": "name", key: place}).context["page"]
        assert [row.name for row in page.rows] == ["Huaxing Electronics"]
        assert (page.newer, page.older) == (None, None)


def test_the_count_is_exact_to_its_limit(
    owner: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset, "COUNTED_EXACTLY", 2)
    monkeypatch.setattr(queries, "FEW", 1)
    assert "1 entry" in owner.get("/customers/").content.decode()
    for number in range(3):
        add(world.owner, f"Maker {number}")
    assert "2+ entries" in owner.get("/customers/").content.decode()


def test_htmx_gets_the_fragment_of_the_same_address(owner: Client) -> None:
    page = owner.get("/customers/")
    fragment = owner.get("/customers/", headers={"HX-Request": "true"})
    assert 'id="list"' in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in page.headers["Vary"]


def test_three_rows_and_thirty_take_the_same_queries(owner: Client, world: World) -> None:
    run = current_run()

    def queries_with(count: int) -> int:
        for number in range(count):
            give_score(run, add(world.owner, f"Maker {count}-{number}"), score=float(number))
        with CaptureQueriesContext(connection) as captured:
            assert owner.get("/customers/").status_code == 200
        return len(captured)

    owner.get("/customers/")
    few, many = queries_with(3), queries_with(30)
    assert few == many <= MOST_QUERIES


def test_a_customer_given_away_leaves_the_list(owner: Client, world: World) -> None:
    change_customer(
        world.customer, expected_version=1, changes={"owner": world.stranger}, author=world.lead, now=MONDAY
    )
    assert names(owner) == []


def test_the_picker_offers_only_what_he_sees(owner: Client, world: World) -> None:
    assert owner.get("/customers/options", {"q": "hua"}).json() == {
        "results": [{"value": world.customer.pk, "text": "Huaxing Electronics"}]
    }
    assert owner.get("/customers/options", {"q": "nordlicht"}).json() == {"results": []}
