"""State rows: the published CDNOW summary, and what was known when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.contacts.models import Contact, ContactAttitude, ContactDeparture, ContactLevel
from accounts.costs.models import Activity, ActivityUsage, CostPool, Driver
from accounts.customers.models import Customer, CustomerStage
from accounts.interactions.models import Interaction, InteractionParticipant
from scoring import inputs, store
from scoring.core.policy import default_policy
from scoring.core.state import CustomerState
from scoring.core.types import Stage
from scoring.inputs import Moment, Wanted
from tests.conftest import World
from tests.scoring import cdnow
from tests.scoring.book import make_book, order, vacuum

pytestmark = pytest.mark.django_db

POLICY = default_policy()
FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
RUN = 1_000_000_001


def at(text: str, zone: str = "UTC") -> Moment:
    return Moment(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC), zone)


def day(text: str) -> float:
    return float((dt.date.fromisoformat(text) - dt.date(1970, 1, 1)).days)


def states(moment: Moment, wanted: Wanted) -> CustomerState:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("drop table if exists scoring_customer_state_r1000000001")
        store.create_state_partition(RUN)
        inputs.insert_states(RUN, wanted, moment, POLICY)
        return store.read_states(RUN)


def state_of(customer_id: int, moment: Moment) -> dict[str, float]:
    rows = states(moment, Wanted([customer_id]))
    assert len(rows) == 1
    return {name: values[0] for name, values in rows.to_columns().items()}


def test_the_published_summary_of_all_2357_cdnow_customers_is_reproduced() -> None:
    """Fader & Hardie's summary, calibration end 1997-09-30; weeks with two decimals."""
    ids, expected = cdnow.load(), cdnow.published()
    everybody = sorted(ids.values())
    wanted = Wanted(everybody, [1] * len(everybody), everybody[0], everybody[-1] + 1)
    moment = at("1997-09-30T23:59:59")
    rows = states(moment, wanted)
    assert len(rows) == len(expected) == 2357
    by_id = {pk: number for number, pk in ids.items()}
    summary = [expected[by_id[pk]] for pk in rows.customer_id.tolist()]
    np.testing.assert_array_equal(rows.purchase_days - 1, [one.frequency for one in summary])
    recency = (rows.last_purchase_day - rows.first_purchase_day) / 7
    np.testing.assert_allclose(recency, [one.recency for one in summary], atol=0.0051)
    age = (moment.day_number - rows.first_purchase_day) / 7
    np.testing.assert_allclose(age, [one.age for one in summary], atol=0.0051)


def test_several_orders_on_a_day_are_one_purchase_and_a_credit_note_is_none(world: World) -> None:
    pk = world.customer.pk
    order(pk, "2026-01-10", 500)
    order(pk, "2026-01-10", 700)
    order(pk, "2026-01-15", -200)
    order(pk, "2026-01-31", 900)
    order(pk, "2026-02-10", -5)
    state = state_of(pk, at("2026-03-02T10:00:00"))
    assert state["purchase_days"] == 2
    assert (state["first_purchase_day"], state["last_purchase_day"]) == (day("2026-01-10"), day("2026-01-31"))
    assert state["repeat_value"] == 900
    assert state["gap_square_sum"] == state["window_gap_square_sum"] == 21**2
    assert (state["window_gap_count"], state["window_gap_sum"]) == (1, 21)
    assert state["sales"] == state["recent_sales"] == 500 + 700 - 200 + 900 - 5
    assert (state["batch_count"], state["batch_sum"]) == (3, 2100)
    assert state["batch_square_sum"] == 500**2 + 700**2 + 900**2


def test_batches_are_quantities_only_when_every_order_has_one(world: World) -> None:
    pk = world.customer.pk
    order(pk, "2026-01-10", 500, quantity="2.5")
    order(pk, "2026-01-20", 700, quantity="4", direct_cost_minor=300, base_direct_cost_minor=300)
    state = state_of(pk, at("2026-03-02T10:00:00"))
    assert (state["batch_sum"], state["batch_square_sum"]) == (6.5, 22.25)
    assert (state["quantity"], state["quantified_sales"]) == (6.5, 1200)
    assert (state["direct_cost"], state["costed_sales"]) == (300, 700)
    order(pk, "2026-01-30", 900)
    state = state_of(pk, at("2026-03-02T10:00:00"))
    assert state["batch_sum"] == 2100
    assert state["quantity"] == 6.5


def test_windows_end_on_the_as_of_day_and_begin_where_the_policy_says(world: World) -> None:
    pk = world.customer.pk
    as_of = dt.date(2026, 3, 2)
    for days_before, amount in ((0, 1), (89, 10), (90, 100), (365, 1000), (454, 10_000), (455, 100_000)):
        order(pk, str(as_of - dt.timedelta(days=days_before)), amount)
    order(pk, str(as_of - dt.timedelta(days=POLICY.window_days - 1)), 1_000_000)
    order(pk, str(as_of - dt.timedelta(days=POLICY.window_days)), 10_000_000)
    state = state_of(pk, at("2026-03-02T10:00:00"))
    assert state["recent_sales"] == 11
    assert state["same_months_sales"] == 11_000
    assert state["sales"] == 1_111_111
    assert state["purchase_days"] == 8
    assert state["window_gap_count"] == 6


def test_only_what_was_known_then_counts(world: World) -> None:
    pk = world.customer.pk
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    order(pk, "2026-02-01", 100, superseded_at=noon)
    order(pk, "2026-02-01", 250, known=noon)
    order(pk, "2026-03-03", 7000, known=FIRST)
    assert state_of(pk, at("2026-03-02T11:59:59"))["sales"] == 100
    assert state_of(pk, at("2026-03-02T12:00:00"))["sales"] == 250
    assert state_of(pk, at("2026-03-03T00:00:00"))["sales"] == 7250


def test_the_cost_to_serve_is_that_of_the_window_as_of_then(world: World) -> None:
    customer, as_of = world.customer, dt.date(2026, 3, 2)
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    activity = Activity.objects.create(
        code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, known_at=FIRST
    )

    def use(
        days_before: int, cost: int, known: dt.datetime = FIRST, until: dt.datetime | None = None
    ) -> None:
        ActivityUsage.objects.create(
            identity=f"{days_before}:{cost}",
            customer=customer,
            activity=activity,
            used_on=as_of - dt.timedelta(days=days_before),
            quantity=1,
            base_cost_minor=cost,
            known_at=known,
            superseded_at=until,
        )

    for days_before, cost in ((-1, 1), (0, 20), (POLICY.window_days - 1, 300), (POLICY.window_days, 4000)):
        use(days_before, cost)
    use(5, 50_000, until=noon)
    use(5, 70_000, known=noon)
    assert state_of(customer.pk, at("2026-03-02T11:59:59"))["cost_to_serve"] == 50_320
    assert state_of(customer.pk, at("2026-03-02T12:00:00"))["cost_to_serve"] == 70_320


def test_the_as_of_day_is_the_day_in_the_time_zone_of_the_company(world: World) -> None:
    pk = world.customer.pk
    order(pk, "2026-03-04", 100, known=FIRST)
    evening = "2026-03-03T16:30:00"
    assert state_of(pk, at(evening, "UTC"))["sales"] == 0
    assert state_of(pk, at(evening, "Asia/Shanghai"))["sales"] == 100


def test_a_customer_without_anything_has_a_state_row(world: World) -> None:
    state = state_of(world.customer.pk, at("2026-03-02T10:00:00"))
    assert state["purchase_days"] == state["sales"] == state["active_contacts"] == 0
    assert state["cost_to_serve"] == 0
    assert np.isnan(state["last_purchase_day"])
    assert np.isnan(state["supporter_left_day"])
    assert state["stage"] == Stage.PROSPECT


def test_tombstones_and_customers_of_the_future_have_no_state_row(world: World) -> None:
    both = [world.customer.pk, world.foreign.pk]
    assert len(states(at("2026-03-02T10:00:00"), Wanted(both))) == 2
    assert len(states(at("2026-03-02T08:59:59"), Wanted(both))) == 0
    Customer.objects.filter(pk=world.foreign.pk).update(merged_into=world.customer)
    assert states(at("2026-03-02T10:00:00"), Wanted(both)).customer_id.tolist() == [world.customer.pk]


def test_the_stage_is_the_latest_that_was_known_and_had_begun(world: World) -> None:
    later = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
    CustomerStage.objects.create(
        customer=world.customer, stage="lost", valid_from=dt.date(2026, 3, 20), known_at=later
    )
    before = state_of(world.customer.pk, at("2026-03-31T10:00:00"))
    after = state_of(world.customer.pk, at("2026-04-01T10:00:00"))
    assert (before["stage"], before["stage_day"]) == (Stage.PROSPECT, day("2026-03-02"))
    assert (after["stage"], after["stage_day"]) == (Stage.LOST, day("2026-03-20"))


def executive_since_february(world: World) -> Contact:
    """A supporter and decision maker who was a manager before."""
    contact = Contact.objects.create(
        customer=world.customer,
        name="Wang",
        level="executive",
        sort_key="wang",
        search_text="",
        known_at=FIRST,
    )
    for level, day_of_it in (("management", dt.date(2023, 1, 1)), ("executive", dt.date(2026, 2, 1))):
        ContactLevel.objects.create(contact=contact, level=level, valid_from=day_of_it, known_at=FIRST)
    ContactAttitude.objects.create(
        contact=contact,
        attitude="supporter",
        decision_role="decision_maker",
        stated_on=dt.date(2025, 1, 1),
        known_at=FIRST,
    )
    return contact


def talk(world: World, contact: Contact, day_of_it: str, level: str, sentiment: int) -> None:
    when = dt.datetime.fromisoformat(day_of_it).replace(tzinfo=dt.UTC)
    held = Interaction.objects.create(
        customer=world.customer,
        kind="call",
        started_at=when,
        sentiment=sentiment,
        author=world.owner,
        known_at=when,
    )
    InteractionParticipant.objects.create(
        interaction=held,
        customer=world.customer,
        contact=contact,
        level=level,
        started_at=when,
        known_at=when,
    )


def test_contacts_touches_and_departures_count_by_level_as_of_then(world: World) -> None:
    pk, contact = world.customer.pk, executive_since_february(world)
    talk(world, contact, "2025-02-01", "management", 1)
    talk(world, contact, "2026-01-05", "management", -1)
    talk(world, contact, "2026-02-20", "executive", -1)
    ContactDeparture.objects.create(
        contact=contact, left_on=dt.date(2026, 3, 1), known_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    )
    early = state_of(pk, Moment(dt.datetime(2026, 3, 4, tzinfo=dt.UTC), "UTC"))
    assert (early["has_contact_executive"], early["has_contact_management"]) == (True, False)
    assert early["active_contacts"] == 1
    assert early["last_touch_day_executive"] == day("2026-02-20")
    assert early["last_touch_day_management"] == day("2026-01-05")
    assert np.isnan(early["last_touch_day_operational"])
    assert (early["interactions_365"], early["negative_90"]) == (2, 2)
    assert np.isnan(early["supporter_left_day"])
    late = state_of(pk, at("2026-03-05T10:00:00"))
    assert late["active_contacts"] == 0
    assert late["supporter_left_day"] == day("2026-03-01")


def test_a_list_of_ids_gives_the_same_rows_as_a_range(world: World) -> None:
    ids = make_book(60, orders_each=25, interactions_each=6, first=FIRST)
    moment = at("2025-06-30T12:00:00")
    by_range = states(moment, Wanted(ids, [1] * len(ids), ids[0], ids[-1] + 1))
    some = ids[7:40:3]
    by_list = states(moment, Wanted(some))
    chosen = by_range.take(np.isin(by_range.customer_id, some))
    for name, values in by_list.to_columns().items():
        np.testing.assert_array_equal(values, chosen.to_columns()[name], err_msg=name)


def test_a_million_large_orders_of_one_customer_are_summed_exactly(world: World) -> None:
    """Sums of squares leave bigint behind; the largest amount allowed is 10^13."""
    pk, amount, count = world.customer.pk, 9_007_199, 1_000_000
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(
            """
            insert into orders_order (known_at, identity, customer_id, number, kind, ordered_on, currency,
              rate, amount_minor, base_amount_minor)
            select now(), 'many:' || n, %s, '', 'order', date '2024-01-01' + (n %% 500), 'CNY',
              1, a, a
            from generate_series(1, %s) n
            cross join lateral (select case when n <= 10 then 10000000000000 else %s end as a) x
            """,
            [pk, count, amount],
        )
    state = state_of(pk, Moment(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1), "UTC"))
    assert state["purchase_days"] == 500
    assert state["sales"] == amount * (count - 10) + 10 * 10**13
    assert state["batch_count"] == count
    assert state["batch_square_sum"] == float(amount**2 * (count - 10) + 10 * 10**26)


def test_the_window_may_be_longer_than_the_calendar(world: World) -> None:
    order(world.customer.pk, "2026-01-10", 500)
    policy = replace(POLICY, window_days=10**7)
    values = inputs.parameters(RUN, Wanted([world.customer.pk]), at("2026-03-02T10:00:00"), policy)
    assert values["window_from"] == dt.date(1, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_facts_are_streamed_from_their_covering_indexes(world: World) -> None:
    ids = make_book(1500, orders_each=60, interactions_each=10, first=FIRST)
    vacuum()
    moment, shard = at("2026-01-01T10:00:00"), ids[:750]
    for wanted in (Wanted(shard, [1] * len(shard), shard[0], shard[-1] + 1), Wanted(ids[:1])):
        plan = explained(wanted, moment)
        for index in ("order_features", "participant_features", "interaction_features", "usage_features"):
            assert f"Index Only Scan using {index}" in plan, plan
        assert "Seq Scan" not in plan, plan
        assert "HashAggregate" not in plan, plan


def explained(wanted: Wanted, moment: Moment) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(inputs.STREAMED)
        cursor.execute("explain " + inputs.statement(wanted), inputs.parameters(RUN, wanted, moment, POLICY))
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_table_has_the_columns_of_the_state_in_their_order() -> None:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, "scoring_customer_state")
    assert [column.name for column in described] == ["run_id", *inputs.FLAT_COLUMNS]
