"""Files of activity usage: what becomes of good rows, what is refused and why, the same file again."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile

from accounts.costs.models import Activity, ActivityUsage, CostPool, Driver, UsageSource
from accounts.costs.services import add_activity, change_activity, set_rate
from accounts.customers.models import Customer, FormerName
from accounts.imports import services
from accounts.imports.layouts import Layout
from accounts.imports.models import Import, ImportKind
from accounts.imports.queries import affected_customers, preview
from accounts.projects.services import create_project
from tests.accounts.imports.conftest import NOW, counts, refusals, take, versions
from tests.conftest import World

HEADER = "reference number,customer,date,activity,quantity"
LATER = NOW + dt.timedelta(days=1)
JANUARY = dt.date(2026, 1, 1)
TWO = (
    f"{HEADER}\nSR-1,Huaxing Electronics,2026-01-05,VIS,2\nSR-2,Nordlicht Pumps,2026-01-06,line set-up,1.5\n"
)


@pytest.fixture(autouse=True)
def activities(world: World) -> dict[str, Activity]:
    """A visit costs 800.00 and a set-up 1,200.00 from 2026 on."""
    made = {
        "VIS": add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=NOW),
        "SET": add_activity(
            code="SET", name="Line set-up", pool=CostPool.PRODUCTION, driver=Driver.SET_UPS, now=NOW
        ),
    }
    for code, rate in (("VIS", 80_000), ("SET", 120_000)):
        set_rate(activity=made[code], valid_from=JANUARY, rate_minor=Decimal(rate), author=None, now=NOW)
    return made


def received(content: str | bytes) -> Import:
    data = content if isinstance(content, bytes) else content.encode()
    return services.receive_import(
        file=ContentFile(data, "usage.csv"), owner=None, user=None, kind=ImportKind.ACTIVITY_USAGE
    )


def taken(content: str | bytes, *, now: dt.datetime = NOW) -> Import:
    started = received(content)
    services.start_import(started)
    services.run_import(started.pk, now=now)
    started.refresh_from_db()
    return started


def table(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def believed() -> list[tuple[str, str, str, dt.date, Decimal, int]]:
    usages = ActivityUsage.objects.filter(superseded_at=None).order_by("reference", "identity")
    return list(
        usages.values_list(
            "reference",
            "customer__short_name",
            "activity__code",
            "used_on",
            "quantity",
            "base_cost_minor",
        )
    )


def test_new_rows_become_usages_priced_at_the_rate_of_their_day_and_known_on_it() -> None:
    before = versions()
    done = taken(TWO)
    assert (done.state, counts(done), done.customers_added) == ("done", (2, 0, 0, 0), 0)
    assert believed() == [
        ("SR-1", "Huaxing Electronics", "VIS", dt.date(2026, 1, 5), Decimal(2), 160_000),
        ("SR-2", "Nordlicht Pumps", "SET", dt.date(2026, 1, 6), Decimal("1.5"), 180_000),
    ]
    usage = ActivityUsage.objects.get(reference="SR-1")
    assert (usage.import_id, usage.source) == (done.pk, UsageSource.IMPORTED)
    # Midnight in Shanghai, where the company is.
    assert usage.known_at == dt.datetime(2026, 1, 4, 16, 0, tzinfo=dt.UTC)
    assert versions() == {name: version + 1 for name, version in before.items()}
    assert set(affected_customers(done)) == set(Customer.objects.values_list("pk", flat=True))


def test_the_same_file_again_changes_nothing_with_or_without_references() -> None:
    bare = TWO.replace("SR-1", "").replace("SR-2", "")
    for content in (TWO, bare):
        taken(content)
        before, inputs = believed(), versions()
        done = taken(content, now=LATER)
        assert counts(done) == (0, 0, 2, 0)
        assert (believed(), versions()) == (before, inputs)
    assert ActivityUsage.objects.count() == 4


def test_a_row_with_a_known_reference_corrects_the_usage_as_of_now() -> None:
    taken(TWO)
    done = taken(table("SR-1,Huaxing Electronics,2026-01-05,visit,3"), now=LATER)
    assert counts(done) == (0, 1, 0, 0)
    old, new = ActivityUsage.objects.filter(reference="SR-1").order_by("id")
    assert (old.superseded_at, new.known_at, new.base_cost_minor) == (LATER, LATER, 240_000)


def test_a_corrected_rate_is_not_undone_by_the_same_file(activities: dict[str, Activity]) -> None:
    taken(TWO)
    set_rate(activity=activities["VIS"], valid_from=JANUARY, rate_minor=Decimal(1), author=None, now=LATER)
    done = taken(TWO, now=LATER + dt.timedelta(hours=1))
    assert counts(done) == (0, 0, 2, 0)
    assert [row[5] for row in believed()] == [2, 180_000]


def test_rows_of_one_reference_and_activity_are_one_usage_and_another_activity_is_another() -> None:
    done = taken(
        table(
            "SR-1,Huaxing Electronics,2026-01-05,VIS,1",
            "SR-1,Huaxing Electronics,2026-01-05,Visit,2",
            "SR-1,Huaxing Electronics,2026-01-05,SET,1",
        )
    )
    assert counts(done) == (2, 0, 0, 0)
    assert sorted(row[5] for row in believed()) == [120_000, 240_000]


def test_equal_rows_without_a_reference_are_usages_of_their_own() -> None:
    row = "Huaxing Electronics,2026-01-05,VIS,1"
    done = taken(table(row, row, header="customer,date,activity,quantity"))
    assert counts(done) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (",,2026-01-05,VIS,1", ("customer", "customer_missing", "")),
        (",Nobody Ltd,2026-01-05,VIS,1", ("customer", "customer_unknown", "Nobody Ltd")),
        (",Nordlicht Pumps,,VIS,1", ("used_on", "date_missing", "")),
        (",Nordlicht Pumps,soon,VIS,1", ("used_on", "bad_date", "soon")),
        (",Nordlicht Pumps,1969-12-31,VIS,1", ("used_on", "used_before_1970", "1969-12-31")),
        (",Nordlicht Pumps,2026-03-03,VIS,1", ("used_on", "used_in_future", "2026-03-03")),
        (",Nordlicht Pumps,2025-12-31,VIS,1", ("used_on", "activity_rate_missing", "2025-12-31")),
        (",Nordlicht Pumps,2026-01-05,,1", ("activity", "activity_missing", "")),
        (",Nordlicht Pumps,2026-01-05,Golf,1", ("activity", "activity_unknown", "Golf")),
        (",Nordlicht Pumps,2026-01-05,VIS,", ("quantity", "quantity_missing", "")),
        (",Nordlicht Pumps,2026-01-05,VIS,many", ("quantity", "bad_number", "many")),
        (",Nordlicht Pumps,2026-01-05,VIS,-1", ("quantity", "quantity_not_positive", "-1")),
        (",Nordlicht Pumps,2026-01-05,VIS,0.00001", ("quantity", "quantity_not_positive", "0.00001")),
        (",Nordlicht Pumps,2026-01-05,VIS,1" + "0" * 14, ("quantity", "quantity_too_large", "1" + "0" * 14)),
        (",Nordlicht Pumps,2026-01-05,VIS,1" + "0" * 12, ("quantity", "cost_too_large", "1" + "0" * 12)),
    ],
)
def test_a_bad_row_is_listed_and_stops_nobody(row: str, refusal: tuple[str, str, str]) -> None:
    done = taken(table(row, "SR-9,Nordlicht Pumps,2026-01-05,VIS,1"))
    assert refusals(done) == [(2, *refusal)]
    assert [found[0] for found in believed()] == ["SR-9"]


def test_an_activity_that_is_not_in_use_is_refused(activities: dict[str, Activity]) -> None:
    change_activity(activities["VIS"], expected_version=1, changes={"is_active": False})
    assert refusals(taken(TWO)) == [(2, "activity", "activity_not_in_use", "VIS")]


def test_a_code_goes_before_a_name() -> None:
    other = add_activity(code="X", name="VIS", pool=CostPool.SALES, driver=Driver.VISITS, now=NOW)
    set_rate(activity=other, valid_from=JANUARY, rate_minor=Decimal(1), author=None, now=NOW)
    taken(TWO)
    assert believed()[0][2] == "VIS"


def test_rows_of_one_reference_that_disagree_or_are_broken_are_all_refused() -> None:
    done = taken(
        table(
            "SR-1,Huaxing Electronics,2026-01-05,VIS,1",
            "SR-1,Huaxing Electronics,2026-01-06,VIS,1",
            "SR-2,Huaxing Electronics,2026-01-05,VIS,1",
            "SR-2,Huaxing Electronics,2026-01-05,VIS,much",
            "SR-2,Huaxing Electronics,2026-01-05,SET,1",
        )
    )
    assert refusals(done) == [
        (2, "number", "reference_disagrees", "SR-1"),
        (3, "number", "reference_disagrees", "SR-1"),
        (4, "number", "usage_incomplete", "SR-2"),
        (5, "quantity", "bad_number", "much"),
    ]
    assert [row[2] for row in believed()] == ["SET"]


def test_a_reference_of_another_customers_usage_is_refused_and_moves_nothing() -> None:
    taken(TWO)
    before = believed()
    done = taken(
        table("SR-1,Nordlicht Pumps,2026-01-05,VIS,2", "SR-1,Nordlicht Pumps,2026-01-05,SET,2"), now=LATER
    )
    assert refusals(done) == [(2, "number", "reference_taken", "SR-1")]
    assert [row for row in believed() if row[2] == "VIS" or row[0] == "SR-2"] == before


def test_a_number_and_a_name_of_two_customers_are_refused_and_another_spelling_is_not(world: World) -> None:
    numbered, other = Customer.objects.order_by("pk")
    Customer.objects.filter(pk=numbered.pk).update(number="C1")
    FormerName.objects.create(customer=other, name="Old Pumps", known_at=NOW)
    names = (other.short_name.upper(), "Old  Pumps", numbered.short_name, "A new spelling", "")
    rows = (f"C1,{name},2026-01-05,VIS,{number}" for number, name in enumerate(names, 1))
    done = taken(table(*rows, header="customer number,customer,date,activity,quantity"))
    assert refusals(done) == [(line, "customer", "customer_disagrees", names[line - 2]) for line in (2, 3)]
    assert {(row[1], int(row[4])) for row in believed()} == {(numbered.short_name, n) for n in (3, 4, 5)}


def test_the_preview_tells_what_corrects_what_is_known_and_what_is_there_already() -> None:
    bare = ",Nordlicht Pumps,2026-01-07,VIS,1"
    taken(TWO + bare + "\n")
    rows = (
        "SR-1,Huaxing Electronics,2026-01-05,VIS,3",
        "SR-2,Nordlicht Pumps,2026-01-06,SET,1.5",
        "SR-3,Nordlicht Pumps,2026-01-06,SET,1.5",
        bare,
        ",Nordlicht Pumps,2026-01-07,VIS,2",
    )
    found = preview(received(table(*rows)), now=LATER)
    assert [row.action for row in found.first] == ["correct", "same", "add", "add", "add"]
    assert (found.corrected, found.unchanged, found.repeated) == (1, 1, 1)
    again = preview(received(TWO + bare + "\n"), now=LATER)
    assert (again.unchanged, again.repeated) == (3, 0)
    assert ActivityUsage.objects.count() == 3


def test_the_kind_is_told_by_the_header_and_can_be_changed_until_the_start() -> None:
    guessed = [
        services.receive_import(file=ContentFile(text.encode(), "a.csv"), owner=None, user=None, kind=None)
        for text in (TWO, "order number,customer,date,amount\nA-1,Huaxing,2026-01-05,1\n", "a,b\n1,2\n")
    ]
    assert [one.kind for one in guessed] == [ImportKind.ACTIVITY_USAGE, ImportKind.ORDERS, ImportKind.ORDERS]
    wrong = services.receive_import(file=ContentFile(TWO.encode(), "a.csv"), owner=None, user=None)
    services.change_kind(wrong, ImportKind.ACTIVITY_USAGE)
    services.start_import(wrong)
    services.change_kind(wrong, ImportKind.ORDERS)
    services.run_import(wrong.pk, now=NOW)
    wrong.refresh_from_db()
    assert counts(wrong) == (2, 0, 0, 0)


def test_a_project_is_found_among_those_of_the_customer_and_kept_where_the_file_is_silent(
    world: World,
) -> None:
    project = create_project(
        customer=world.customer, name="Line 1", manager=world.manager, started_on=JANUARY, now=NOW
    )
    header = f"{HEADER},project"
    done = taken(
        table(
            "SR-1,Huaxing Electronics,2026-01-05,VIS,1,Line 1",
            "SR-2,Nordlicht Pumps,2026-01-05,VIS,1,Line 1",
            header=header,
        )
    )
    assert refusals(done) == [(3, "project", "project_unknown", "Line 1")]
    taken(table("SR-1,Huaxing Electronics,2026-01-05,VIS,4"), now=LATER)
    usage = ActivityUsage.objects.get(superseded_at=None)
    assert (usage.quantity, usage.project_id) == (4, project.pk)


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ";"), ("big5", "\t"), ("utf-16", ",")])
def test_a_chinese_file_is_read_in_every_encoding(world: World, encoding: str, delimiter: str) -> None:
    rows = (
        ("客戶名稱", "日期", "作業名稱", "數量"),
        ("Huaxing Electronics", "2026年1月5日", "Visit", "1,000"),
    )
    if delimiter == ",":
        rows = (rows[0], (*rows[1][:3], '"1,000"'))
    content = "\r\n".join(delimiter.join(row) for row in rows)
    done = taken(content.encode(encoding))
    assert counts(done) == (1, 0, 0, 0), refusals(done)
    assert believed()[0][4] == 1000


def test_all_or_nothing_and_cancel_take_nothing() -> None:
    content = table("SR-1,Nobody Ltd,2026-01-05,VIS,1", "SR-2,Nordlicht Pumps,2026-01-05,VIS,1")
    strict = received(content)
    layout = Layout.from_plain({**strict.layout, "all_or_nothing": True})
    services.choose(strict, layout=layout, mapping=strict.mapping)
    services.start_import(strict)
    assert not services.run_import(strict.pk, now=NOW)
    stopped = received(content)
    services.start_import(stopped)
    assert services.cancel_import(stopped)
    assert not services.run_import(stopped.pk, now=NOW)
    assert not believed()


def test_the_preview_prices_the_rows_and_keeps_nothing() -> None:
    shown = received(TWO + ",Nobody Ltd,2026-01-05,VIS,1\n")
    found = preview(shown, now=NOW)
    assert (found.rows, found.refused, found.new_customers) == (3, 1, 0)
    assert [(row.activity, row.cost_minor, row.reason) for row in found.first] == [
        ("Visit", 160_000, ""),
        ("Line set-up", 180_000, ""),
        ("Visit", None, "customer_unknown"),
    ]
    assert not ActivityUsage.objects.exists()


def test_a_header_is_remembered_for_its_own_kind_of_file() -> None:
    header = "customer,date,amount,activity,quantity"
    row = "Nordlicht Pumps,2026-01-05,100,VIS,2"
    take(table(row, header=header))
    assert counts(taken(table(row, header=header))) == (1, 0, 0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_split_repeated_or_shuffled_files_give_the_same_book(seed: int) -> None:
    generator = random.Random(seed)
    rows = [
        f"SR-{number},{generator.choice(['Huaxing Electronics', 'Nordlicht Pumps'])},2026-01-{day:02},"
        f"{generator.choice(['VIS', 'SET'])},{generator.randint(1, 400) / 8}"
        for number, day in enumerate(range(1, 29))
    ]
    taken(table(*rows))
    once = believed()
    ActivityUsage.objects.all().delete()
    Import.objects.all().delete()
    generator.shuffle(rows)
    for part in (rows[:9], rows[5:20], rows[20:], rows[:9], rows[18:22]):
        taken(table(*part))
    assert believed() == once
