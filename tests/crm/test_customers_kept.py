"""Lists that were kept, sent and exported: chosen rows, filters for what is gone, and unexpected input."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from accounts import names as names_module
from accounts.customers.models import Customer
from accounts.fields.models import CustomField
from accounts.fields.services import archive_field
from accounts.lists.services import Shown, save_view
from accounts.surveys.services import ensure_programme
from accounts.users.models import Team, TeamMember
from tests.conftest import MONDAY, World, customer_of
from tests.crm.test_customers_columns import give_state
from tests.crm.test_customers_list import current_run, names

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def lines(answer: object) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def test_a_file_of_chosen_rows_has_these_and_the_columns_of_the_list(owner: Client, world: World) -> None:
    bravo, alpha = (customer_of(world.owner, name) for name in ("Bravo", "Alpha"))
    query = {"list": "sort=-name&columns=stage,tags", "chosen": [alpha.pk, bravo.pk, world.foreign.pk]}
    rows = lines(owner.get("/customers/export.csv", query))
    assert rows[0] == ["Customer number", "Customer", "Industry", "Stage", "Tags"]
    assert [row[1] for row in rows[1:]] == ["Bravo", "Alpha"]
    book = load_workbook(io.BytesIO(owner.get("/customers/export.xlsx", query).content))
    cells = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
    assert cells == rows


def test_without_a_chosen_row_there_is_no_file(owner: Client) -> None:
    for kind in ("csv", "xlsx"):
        answer = owner.get(
            f"/customers/export.{kind}", {"list": "q=hua&sort=name", "chosen": "x"}, follow=True
        )
        assert answer.redirect_chain == [("/customers/?q=hua&sort=name", 302)]
        assert b"Choose customers first." in answer.content


def test_orders_by_team_profit_tags_and_custom_fields(client: Client, world: World) -> None:
    run = current_run()
    CustomField.objects.create(key="size", label="Size", kind="number")
    CustomField.objects.create(key="since", label="Since", kind="date")
    small, large = customer_of(world.owner, "Small"), customer_of(world.stranger, "Large")
    TeamMember.objects.create(team=Team.objects.create(name="AA", lead=world.lead), user=world.stranger)
    for customer, size, tags in ((small, 9, ["b", "z"]), (large, 10, ["b", "a"])):
        give_state(run, customer)
        facts = {"size": size, "since": f"20{size:02}-01-01"}
        Customer.objects.filter(pk=customer.pk).update(custom_fields=facts, tags=tags)
    with_profit(run, small, 50.0)
    with_profit(run, large, -50.0)
    client.force_login(world.admin)

    def first(sort: str) -> list[str]:
        return [name for name in names(client, f"?sort={sort}") if name in {"Small", "Large"}]

    for sort in ("-profit", "-team", "-tags", "cf_size", "cf_since"):
        assert first(sort) == ["Small", "Large"], sort
        turned = sort[1:] if sort.startswith("-") else f"-{sort}"
        assert first(turned) == ["Large", "Small"], turned
        assert names(client, f"?sort={sort}")[2:] == names(client, f"?sort={turned}")[2:] or sort == "-team"


def with_profit(run: int, customer: Customer, profit: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update scoring_customer_state set costed_sales = 100, direct_cost = %s, cost_to_serve = 0"
            " where run_id = %s and customer_id = %s",
            [100 - profit, run, customer.pk],
        )


def test_nobody_learns_a_profit_from_the_order(client: Client, world: World) -> None:
    run = current_run()
    rich = customer_of(world.owner, "Zulu")
    give_state(run, rich)
    give_state(run, world.customer)
    with_profit(run, rich, 90.0)
    with_profit(run, world.customer, 10.0)
    client.force_login(world.owner)
    assert names(client, "?sort=-profit")[0] == "Zulu"
    client.force_login(world.manager)
    assert names(client, "?sort=-profit") == names(client, "?sort=name")


def test_a_page_of_a_custom_order_goes_on_where_the_last_ended(owner: Client, world: World) -> None:
    CustomField.objects.create(key="size", label="Size", kind="number")
    for number in range(120):
        found = customer_of(world.owner, f"Maker {number:03}")
        Customer.objects.filter(pk=found.pk).update(custom_fields={"size": number % 7} if number % 3 else {})
    seen: list[str] = []
    cursor = ""
    while True:
        page = owner.get("/customers/", {"sort": "-cf_size", "after": cursor}).context["page"]
        seen += [row.name for row in page.rows]
        if page.older is None:
            break
        cursor = page.older
    assert len(seen) == len(set(seen)) == 121
    # A cursor somebody made up, with what JSON knows and the database does not.
    for value in ("W05hTiwiYSIsMV0", "WzAsTmFOLCJhIiwxXQ", "WzAsW10sImEiLDFd", "WzAsIlx1MDAwMCIsImEiLDFd"):
        assert owner.get("/customers/", {"sort": "-cf_size", "after": value}).status_code == 200


def test_an_order_by_a_field_that_is_gone_is_the_usual_one(owner: Client, world: World) -> None:
    view = save_view(world.owner, name="Sized", shown=Shown(sort="-cf_size"))
    assert owner.get("/customers/", {"view": view.pk}, follow=True).context["sort"] == "-score"


def test_a_view_that_names_what_is_gone_says_so(owner: Client, world: World) -> None:
    team = Team.objects.create(name="Short-lived", lead=world.lead)
    field = CustomField.objects.create(key="size", label="Size", kind="number")
    wishes = {"team": str(team.pk), "tag": "nobody-has-it", "owner": "424242", "cf_size_min": "3"}
    views = {
        name: save_view(world.owner, name=name, shown=Shown(query={name: value}))
        for name, value in wishes.items()
    }
    team.delete()
    archive_field(field, now=MONDAY)

    def opened(name: str) -> str:
        answer = owner.get("/customers/", {"view": views[name].pk}, follow=True)
        assert (answer.status_code, answer.context["page"].rows) == (200, [])
        return answer.content.decode()

    assert "Team: No longer there" in opened("team")
    assert "No longer there</option>" in opened("owner")
    assert "Tags: nobody-has-it" in opened("tag")
    opened("cf_size_min")
    CustomField.objects.all().delete()
    assert "cf_size_min: there is no such field any more." in opened("cf_size_min")


def test_a_group_that_was_merged_is_the_one_it_was_merged_into(owner: Client, world: World) -> None:
    old, new = customer_of(world.owner, "Old Group"), customer_of(world.owner, "New Group")
    child = customer_of(world.owner, "Child")
    Customer.objects.filter(pk=child.pk).update(parent=new)
    Customer.objects.filter(pk=old.pk).update(merged_into=new)
    answer = owner.get("/customers/", {"group": old.pk, "sort": "name"})
    assert [row.name for row in answer.context["page"].rows] == ["Child"]
    assert "Group: New Group" in answer.content.decode()
    assert owner.get("/contracts/", {"customer": old.pk}).status_code == 200
    assert owner.get("/needs/", {"customer": old.pk}).status_code == 200


@pytest.mark.parametrize("name", ["🏭 Fabrik", "👨‍👩‍👧 Family & Söhne"])
def test_a_name_may_have_an_emoji(owner: Client, world: World, name: str) -> None:
    # What nobody sees, such as the joiner of a family, is taken out of every name.
    sign, name = name.split()[0], names_module.cleaned(name)
    customer_of(world.owner, name)
    for query in ({"q": sign}, {"q": name}, {"tag": sign}, {"q": sign, "sort": "-name"}):
        answer = owner.get("/customers/", query)
        assert [row.name for row in answer.context["page"].rows] == ([] if "tag" in query else [name])
    assert name in [row[1] for row in lines(owner.get("/customers/export.csv", {"q": sign}))]
    assert owner.get("/search/", {"q": sign}).status_code == 200


def test_a_paste_of_ten_megabytes_is_refused_where_it_ends_up(owner: Client, world: World) -> None:
    paste = "客" * (10 * 2**20 // 3)
    for path, data in (
        ("/customers/views/new", {"name": paste}),
        ("/customers/change", {"all": "1", "kind": "add_tag", "tag": paste}),
        (f"/customers/{world.customer.pk}/contracts/new", {"title": paste}),
        (f"/customers/{world.customer.pk}/needs/new", {"title": paste, "text": paste}),
    ):
        answer = owner.post(path, data)
        assert answer.status_code in {413, 422, 200}, path
        assert len(answer.content) < 2**20 or answer.status_code == 422, path
    answer = owner.get("/customers/", {"q": paste, "tag": paste})
    assert (answer.context["page"].rows, len(answer.context["faults"])) == ([], 2)
    world.customer.refresh_from_db()
    assert world.customer.tags == []


def test_the_lowest_grade_is_a_column_and_a_filter(owner: Client, world: World) -> None:
    ensure_programme(now=MONDAY)
    run = current_run()
    low, high = (customer_of(world.owner, name) for name in ("Low", "High"))
    give_state(run, low, index=0.0)
    give_state(run, high, index=80.0)
    found = owner.get("/customers/", {"columns": "lowest", "sort": "name"}).context["page"].rows
    assert {row.name: row.lowest for row in found} == {
        "High": "A-",
        "Low": "C",
        world.customer.short_name: "",
    }
    assert names(owner, "?lowest=C") == ["Low"]
    assert names(owner, "?lowest=A-&sort=name") == ["High", "Low"]
    assert names(owner, "?lowest=D") == []
    assert names(owner, "?lowest=Z") == []
    assert "Lowest grade: C or worse" in owner.get("/customers/", {"lowest": "C"}).content.decode()
    assert "C or worse</option>" in owner.get("/customers/filters").content.decode()
