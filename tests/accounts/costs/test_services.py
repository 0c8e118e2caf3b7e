"""What activities cost: dated rates, usages priced once, and corrected rates that price them anew."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.costs.models import Activity, ActivityRate, ActivityUsage, CostPool, Driver
from accounts.costs.services import (
    ActivityChanges,
    UsageFacts,
    add_activity,
    add_usage,
    change_activity,
    rate_on,
    remove_usage,
    restore_usage,
    set_rate,
    withdraw_rate,
)
from accounts.customers.models import CustomerInput
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError, believed_as_of
from accounts.projects.services import create_project
from tests.conftest import MONDAY, World

JANUARY, FEBRUARY = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
DAY = dt.date(2026, 2, 10)
LATER = MONDAY + dt.timedelta(hours=3)


@pytest.fixture
def visits(world: World) -> Activity:
    """A visit costs 800.00 from January on."""
    activity = add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    set_rate(
        activity=activity, valid_from=JANUARY, rate_minor=Decimal(80_000), author=world.admin, now=MONDAY
    )
    return activity


def used(activity: Activity, quantity: str = "2", *, on: dt.date = DAY, reference: str = "") -> UsageFacts:
    return UsageFacts(activity=activity, used_on=on, quantity=Decimal(quantity), reference=reference)


def input_version(customer_id: int) -> int:
    return CustomerInput.objects.get(customer=customer_id).version


def believed() -> list[tuple[dt.date, int]]:
    current = ActivityUsage.objects.filter(superseded_at=None).order_by("used_on", "id")
    return list(current.values_list("used_on", "base_cost_minor"))


def codes(error: ValidationError) -> dict[str, str]:
    return {field: errors[0].code for field, errors in error.error_dict.items()}


def test_a_usage_costs_its_quantity_at_the_rate_of_its_day(world: World, visits: Activity) -> None:
    set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(90_000), author=None, now=MONDAY)
    version = input_version(world.customer.pk)
    add_usage(customer=world.customer, facts=used(visits, on=dt.date(2026, 1, 31)), now=MONDAY)
    add_usage(customer=world.customer, facts=used(visits, on=FEBRUARY), now=MONDAY)
    assert believed() == [(dt.date(2026, 1, 31), 160_000), (FEBRUARY, 180_000)]
    assert input_version(world.customer.pk) == version + 2


def test_a_cost_is_rounded_once_halves_away_from_zero(world: World, visits: Activity) -> None:
    set_rate(activity=visits, valid_from=JANUARY, rate_minor=Decimal("0.0625"), author=None, now=MONDAY)
    # 0.0625 x 8 = 0.5 and 0.0625 x 40 = 2.5: rounding the rate first would give 0 and 2.
    for quantity in ("8", "40"):
        add_usage(customer=world.customer, facts=used(visits, quantity), now=MONDAY)
    assert [cost for _, cost in believed()] == [1, 3]


def test_a_corrected_rate_prices_the_usages_of_its_time_anew_and_no_others(
    world: World, visits: Activity
) -> None:
    set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(90_000), author=None, now=MONDAY)
    early = dt.date(2026, 1, 5)
    add_usage(customer=world.customer, facts=used(visits, on=early), now=MONDAY)
    add_usage(customer=world.foreign, facts=used(visits, on=DAY), now=MONDAY)
    versions = input_version(world.customer.pk), input_version(world.foreign.pk)
    done = set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(70_000), author=None, now=LATER)
    assert (done.usages, done.customers) == (1, (world.foreign.pk,))
    assert believed() == [(early, 160_000), (DAY, 140_000)]
    assert (input_version(world.customer.pk), input_version(world.foreign.pk)) == (
        versions[0],
        versions[1] + 1,
    )
    # What was believed before stays readable, with the rate it was priced at.
    then = believed_as_of(LATER - dt.timedelta(seconds=1))
    assert ActivityUsage.objects.filter(then, used_on=DAY).get().base_cost_minor == 180_000
    assert ActivityRate.objects.filter(then, valid_from=FEBRUARY).get().rate_minor == 90_000


def test_a_rate_put_between_two_others_holds_until_the_next(world: World, visits: Activity) -> None:
    set_rate(
        activity=visits, valid_from=dt.date(2026, 3, 1), rate_minor=Decimal(90_000), author=None, now=MONDAY
    )
    days = (dt.date(2026, 1, 31), FEBRUARY, dt.date(2026, 2, 28), dt.date(2026, 3, 1))
    for day in days:
        add_usage(customer=world.customer, facts=used(visits, on=day), now=MONDAY)
    set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(10_000), author=None, now=LATER)
    assert [cost for _, cost in believed()] == [160_000, 20_000, 20_000, 180_000]
    assert rate_on(visits, dt.date(2025, 12, 31)) is None


def test_the_same_rate_again_writes_no_new_versions_of_usages(world: World, visits: Activity) -> None:
    add_usage(customer=world.customer, facts=used(visits), now=MONDAY)
    done = set_rate(activity=visits, valid_from=JANUARY, rate_minor=Decimal(80_000), author=None, now=LATER)
    assert (done.usages, ActivityUsage.objects.count()) == (0, 1)


def test_a_withdrawn_rate_leaves_its_time_to_the_one_before(world: World, visits: Activity) -> None:
    set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(90_000), author=None, now=MONDAY)
    add_usage(customer=world.customer, facts=used(visits), now=MONDAY)
    first, second = ActivityRate.objects.order_by("valid_from")
    assert withdraw_rate(second, now=LATER).usages == 1
    assert believed() == [(DAY, 160_000)]
    with pytest.raises(ConflictError):
        withdraw_rate(second, now=LATER)
    with pytest.raises(ValidationError) as caught:
        withdraw_rate(first, now=LATER)
    assert codes(caught.value) == {"rate": "rate_needed"}


def test_a_rate_without_usages_can_be_withdrawn_as_the_last(visits: Activity) -> None:
    withdraw_rate(ActivityRate.objects.get(), now=LATER)
    assert rate_on(visits, DAY) is None


def test_pricing_anew_takes_the_same_few_statements_for_3_usages_and_for_30(
    world: World, visits: Activity
) -> None:
    counted = []
    for more in (3, 27):
        for _ in range(more):
            add_usage(customer=world.customer, facts=used(visits), now=MONDAY)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            set_rate(
                activity=visits,
                valid_from=JANUARY,
                rate_minor=Decimal(more),
                author=None,
                now=LATER + dt.timedelta(hours=more),
            )
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert {cost for _, cost in believed()} == {54}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"quantity": Decimal(0)}, "quantity", "quantity"),
        ({"quantity": Decimal(-1)}, "quantity", "quantity"),
        ({"quantity": Decimal(10) ** 13}, "quantity", "too_large"),
        ({"used_on": dt.date(2026, 3, 3)}, "used_on", "future"),
        ({"used_on": dt.date(1969, 12, 31)}, "used_on", "too_old"),
        ({"used_on": dt.date(2025, 12, 31)}, "activity", "rate_missing"),
    ],
)
def test_what_a_usage_cannot_be(
    world: World, visits: Activity, change: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        add_usage(customer=world.customer, facts=replace(used(visits), **change), now=MONDAY)
    assert codes(caught.value) == {field: code}
    assert not ActivityUsage.objects.exists()


def test_a_removed_usage_stays_readable_and_comes_back_once_at_todays_rate(
    world: World, visits: Activity
) -> None:
    usage = add_usage(customer=world.customer, facts=used(visits, reference="SR-7"), now=MONDAY)
    version = input_version(world.customer.pk)
    remove_usage(usage, now=LATER)
    assert believed() == []
    assert input_version(world.customer.pk) == version + 1
    then = believed_as_of(LATER - dt.timedelta(seconds=1))
    assert ActivityUsage.objects.filter(then).get() == usage
    with pytest.raises(ConflictError):
        remove_usage(usage, now=LATER)
    set_rate(activity=visits, valid_from=FEBRUARY, rate_minor=Decimal(90_000), author=None, now=LATER)
    restored = restore_usage(usage, now=LATER + dt.timedelta(hours=1))
    assert restore_usage(usage, now=LATER + dt.timedelta(hours=2)) == restored
    assert believed() == [(DAY, 180_000)]
    assert (restored.identity, restored.reference) == (usage.identity, "SR-7")
    assert input_version(world.customer.pk) == version + 2


def test_a_usage_cannot_be_of_another_customers_project(world: World, visits: Activity) -> None:
    project = create_project(
        customer=world.foreign, name="Line", manager=world.manager, started_on=JANUARY, now=MONDAY
    )
    with pytest.raises(ValidationError) as caught:
        add_usage(customer=world.customer, facts=replace(used(visits), project_id=project.pk), now=MONDAY)
    assert codes(caught.value) == {"project": "project_of_another"}
    row = ActivityUsage(
        identity="x",
        customer=world.customer,
        project=project,
        activity=visits,
        used_on=DAY,
        quantity=1,
        base_cost_minor=1,
        known_at=MONDAY,
    )
    with pytest.raises(IntegrityError, match="usage_project_of_customer"):
        save_and_check(row)


@transaction.atomic
def save_and_check(row: ActivityUsage) -> None:
    row.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")


def test_what_is_saved_twice_is_there_once(world: World, visits: Activity) -> None:
    token = uuid.uuid4()
    add_usage(customer=world.customer, facts=used(visits), now=MONDAY, token=token)
    with pytest.raises(AlreadySavedError):
        add_usage(customer=world.customer, facts=used(visits), now=MONDAY, token=token)
    add_usage(customer=world.customer, facts=used(visits, reference="SR-7"), now=MONDAY)
    with pytest.raises(AlreadySavedError):
        add_usage(customer=world.customer, facts=used(visits, reference="SR-7"), now=MONDAY)
    assert ActivityUsage.objects.count() == 2


def test_an_activity_that_is_not_in_use_takes_no_usage(world: World, visits: Activity) -> None:
    changed = change_activity(visits, expected_version=1, changes={"is_active": False})
    with pytest.raises(ValidationError) as caught:
        add_usage(customer=world.customer, facts=used(changed), now=MONDAY)
    assert codes(caught.value) == {"activity": "not_in_use"}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"code": "qUo"}, "code", "code_taken"),
        ({"name": "QUOTATION"}, "name", "name_taken"),
        ({"name": " \u200b"}, "name", "blank"),
        ({"driver": Driver.MINUTES}, "driver", "driver_in_use"),
    ],
)
def test_what_an_activity_cannot_become(
    world: World, visits: Activity, changes: ActivityChanges, field: str, code: str
) -> None:
    add_activity(code="QUO", name="Quotation", pool=CostPool.PRESALES, driver=Driver.MINUTES, now=MONDAY)
    add_usage(customer=world.customer, facts=used(visits), now=MONDAY)
    with pytest.raises(ValidationError) as caught:
        change_activity(visits, expected_version=1, changes=changes)
    assert codes(caught.value) == {field: code}


def test_a_change_meanwhile_is_told(visits: Activity) -> None:
    change_activity(visits, expected_version=1, changes={"name": "Journey"})
    with pytest.raises(ConflictError):
        change_activity(visits, expected_version=1, changes={"name": "Trip"})


def test_both_duplicates_are_told_at_once(visits: Activity) -> None:
    with pytest.raises(ValidationError) as caught:
        add_activity(code="vis", name="VISIT", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    assert codes(caught.value) == {"code": "code_taken", "name": "name_taken"}


@pytest.mark.parametrize(
    ("rate", "day"),
    [
        (Decimal(-1), JANUARY),
        (Decimal(1), dt.date(1969, 1, 1)),
        (Decimal(1), dt.date(2036, 4, 1)),
    ],
)
def test_a_rate_beyond_reason_is_refused(visits: Activity, rate: Decimal, day: dt.date) -> None:
    with pytest.raises(ValidationError):
        set_rate(activity=visits, valid_from=day, rate_minor=rate, author=None, now=LATER)
    assert ActivityRate.objects.get().rate_minor == 80_000


def test_a_rate_at_which_a_usage_would_cost_too_much_is_refused(world: World, visits: Activity) -> None:
    add_usage(customer=world.customer, facts=used(visits, "1000"), now=MONDAY)
    with pytest.raises(ValidationError) as caught:
        set_rate(activity=visits, valid_from=JANUARY, rate_minor=Decimal(10**11), author=None, now=LATER)
    assert codes(caught.value) == {"rate": "too_large"}
    assert believed() == [(DAY, 80_000_000)]


def test_costs_of_a_book_are_read_from_the_index_alone(world: World, visits: Activity) -> None:
    for _ in range(50):
        add_usage(customer=world.customer, facts=used(visits), now=MONDAY)
    with connection.cursor() as cursor:
        # Fifty rows are read faster by two small indexes together; a book is not.
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(
            "explain select customer_id, sum(base_cost_minor) from costs_activityusage"
            " where used_on between %s and %s and known_at <= %s"
            " and (superseded_at is null or superseded_at > %s) group by customer_id",
            [JANUARY, DAY, LATER, LATER],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using usage_features" in plan
