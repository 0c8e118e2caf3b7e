"""Good news and chances: who grows, who earns nothing, who was saved; and what falls week by week."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Attitude, DecisionRole, Level
from accounts.contacts.services import create_contact, mark_left
from accounts.customers.models import Customer, CustomerStage, Stage
from accounts.snoozes.services import snooze
from accounts.surveys.models import CaseState, CorrectiveAction
from accounts.users.models import User
from crm.queries import today as queries
from crm.queries.today.items import (
    CaseItem,
    Fall,
    FlagItem,
    GradeItem,
    GrowthItem,
    SavedItem,
    UnprofitableItem,
)
from scoring.models import ChurnFlag, FlagLevel, ScoreChange
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of
from tests.conftest import MONDAY, World, customer_of
from tests.scoring.book import order, score

NOON = DUE + 2 * HOUR
TODAY = NOON.date()
KINDS = ("owner", "mate", "lead", "stranger", "manager", "member", "executive", "admin")


@pytest.fixture
def office(world: World) -> Office:
    return office_of(world)


def listed(user: User, *, only: str = "", now: dt.datetime = NOON) -> queries.Today:
    return queries.today_of(queries.scope_of(user, now=now, today=now.date()), only=only)


def chances(user: User, kind: str) -> list[queries.Item]:
    return [item for section in listed(user).chances if section.code == kind for item in section.items]


def buys(
    customer: Customer,
    *,
    every: int = 10,
    days: int = 700,
    until: int = 0,
    was: int = 10_000,
    now: int = 10_000,
    cost: int = 6_000,
) -> None:
    """An order ``every`` so many days, from ``days`` to ``until`` days ago; of ``now`` in the last 90."""
    for ago in range(days, until - 1, -every):
        amount = now if ago < 90 else was
        costs = {"direct_cost_minor": cost, "base_direct_cost_minor": cost}
        order(customer.pk, (TODAY - ago * DAY).isoformat(), amount, **costs)


def scored() -> None:
    """As of now, with everybody known long before."""
    Customer.objects.update(known_at=MONDAY - 1000 * DAY)
    score(NOON)


def growing(world: World, name: str, **kinds: int) -> Customer:
    customer = customer_of(world.owner, name)
    buys(customer, **kinds)
    return customer


def test_who_buys_half_as_much_again_as_a_year_ago_is_growing(world: World) -> None:
    double = growing(world, "Double", now=20_000)
    threefold = growing(world, "Threefold, and small", was=100, now=300, cost=10)
    growing(world, "As ever")
    growing(world, "Newcomer", days=400, now=20_000)
    growing(world, "Two orders a quarter", every=40, now=20_000)
    growing(world, "Was large", was=90_000, now=9_000)
    scored()
    found = [item for item in chances(world.owner, "growing") if isinstance(item, GrowthItem)]
    assert [item.customer_id for item in found] == [threefold.pk, double.pk]
    assert found[1].growth == pytest.approx(1.0)
    assert (found[1].recent_minor, found[1].before_minor, found[1].days) == (9 * 20_000, 9 * 10_000, 90)
    assert [who for who in KINDS if chances(getattr(world, who), "growing")] == ["owner", "lead"]


def test_a_large_customer_of_whom_nothing_is_left_is_told_to_those_who_see_profit(world: World) -> None:
    for number in range(4):
        growing(world, f"Usual {number}")
    growing(world, "Small, and sold at cost", was=1_000, now=1_000, cost=1_000)
    loss = growing(world, "Large, and sold below cost", was=90_000, now=90_000, cost=91_000)
    even = growing(world, "Large, and sold at cost", was=80_000, now=80_000, cost=80_000)
    scored()
    found = [item for item in chances(world.owner, "unprofitable") if isinstance(item, UnprofitableItem)]
    assert [item.customer_id for item in found] == [loss.pk, even.pk]
    orders = 71
    assert (found[0].sales_minor, found[0].lost_minor) == (orders * 90_000, orders * 1_000)
    seen = [who for who in KINDS if chances(getattr(world, who), "unprofitable")]
    assert seen == ["owner", "lead", "executive"]


def cleared(customer: Customer, *, level: FlagLevel = FlagLevel.AT_RISK, ago: int = 3) -> ChurnFlag:
    return ChurnFlag.objects.create(
        customer=customer,
        level=level,
        score=50,
        run_id=1,
        opened_at=NOON - 40 * DAY,
        cleared_at=NOON - ago * DAY,
    )


def saved(user: User) -> list[SavedItem]:
    return [item for item in chances(user, "saved") if isinstance(item, SavedItem)]


def test_who_was_at_risk_is_saved_for_two_weeks(world: World) -> None:
    lately = cleared(customer_of(world.owner, "Lately"))
    cleared(customer_of(world.owner, "Long ago"), ago=15)
    cleared(customer_of(world.owner, "Only watched"), level=FlagLevel.WATCH)
    cleared(world.foreign)
    again = cleared(customer_of(world.owner, "Flagged again"))
    ChurnFlag.objects.create(customer=again.customer, level=1, score=30, run_id=1, opened_at=NOON - DAY)
    gone = cleared(customer_of(world.owner, "Gone"))
    Customer.objects.filter(pk=gone.customer_id).update(stage=Stage.LOST)
    fell = cleared(customer_of(world.owner, "Fell step by step"), level=FlagLevel.WATCH, ago=4)
    ScoreChange.objects.create(
        customer=fell.customer,
        run_id=1,
        at=NOON - 10 * DAY,
        tier_before=0,
        tier_after=0,
        flag_before=FlagLevel.CRITICAL,
        flag_after=FlagLevel.WATCH,
    )
    assert [item.customer_id for item in saved(world.owner)] == [lately.customer_id, fell.customer_id]
    assert (saved(world.owner)[0].solved, saved(world.owner)[0].orders_back) == ((), None)


def test_what_saved_him_is_said(office: Office) -> None:
    world = office.world
    office.invite()
    office.say(office.chen, delivery="D")
    buys(world.customer, until=50)
    order(world.customer.pk, (TODAY - 5 * DAY).isoformat())
    scored()
    ChurnFlag.objects.all().delete()
    cleared(world.customer)
    CorrectiveAction.objects.update(state=CaseState.CONFIRMED, closed_at=NOON - 4 * DAY)
    (item,) = saved(world.owner)
    assert [(each.case_id, each.dimension) for each in item.solved] == [
        (office.case().pk, "On-time delivery")
    ]
    assert item.orders_back is not None
    assert (item.orders_back.day, item.orders_back.days) == (TODAY - 5 * DAY, 45)
    assert [who for who in KINDS if saved(getattr(world, who))] == ["owner", "lead", "manager"]
    buys(world.customer, days=45, until=10)
    assert saved(world.owner)[0].orders_back is None


def test_chances_need_nobody_and_can_be_put_off(world: World, client: Client) -> None:
    customer = growing(world, "Double", now=20_000)
    cleared(customer_of(world.owner, "Saved"))
    scored()
    found = listed(world.owner)
    assert ([section.code for section in found.chances], found.count) == (["saved", "growing"], 0)
    alone = listed(world.owner, only="growing")
    assert ([section.code for section in alone.chances], alone.sections) == (["growing"], ())
    client.force_login(world.owner)
    snooze(world.owner, kind="growing", key=str(customer.pk), was="", until=NOON + 9999 * DAY, now=NOON)
    assert chances(world.owner, "growing") == []
    asleep = listed(world.owner, only="snoozed").chances
    assert [item.key for section in asleep for item in section.items] == [str(customer.pk)]
    assert "Double" in client.get("/today/", {"only": "snoozed"}).content.decode()


def test_the_page_says_why_and_leads_to_where_one_sees_it(world: World, client: Client) -> None:
    customer = growing(world, "Double", now=20_000)
    scored()
    client.force_login(world.owner)
    page = client.get("/today/", {"only": "growing"}).content.decode()
    assert "Growing fast" in page
    assert f"/customers/{customer.pk}/orders" in page
    assert "+100" in page


def graded(office: Office, *letters: str, dimension: str = "delivery") -> dt.datetime:
    """Chen's grades week by week; the time of the last."""
    at = DUE + HOUR
    for step, letter in enumerate(letters):
        week = WEEK + step * 7 * DAY
        office.invite(week)
        at = DUE + step * 7 * DAY + HOUR
        office.say(office.chen, at=at, week=week, **{dimension: letter})
    return at


@pytest.mark.parametrize(
    ("letters", "falls"),
    [
        (("A", "A-", "B", "C"), ("A", "A-", "B", "C")),
        (("B-", "A", "A-", "B", "C"), ("A", "A-", "B", "C")),
        (("A", "B", "C"), None),
        (("A", "A-", "A-", "B", "C"), None),
    ],
)
def test_a_case_says_that_its_dimension_fell_week_by_week(
    office: Office, letters: tuple[str, ...], falls: tuple[str, ...] | None
) -> None:
    at = graded(office, *letters)
    items = [item for section in listed(office.world.owner, now=at).sections for item in section.items]
    (item,) = [item for item in items if isinstance(item, CaseItem)]
    assert (item.fall.letters if item.fall else None) == falls


def test_a_week_without_a_grade_ends_the_fall(office: Office) -> None:
    graded(office, "A", "A-", "B")
    week = WEEK + 4 * 7 * DAY
    at = DUE + 4 * 7 * DAY + HOUR
    office.invite(week)
    office.say(office.chen, at=at, week=week, delivery="C")
    items = [item for section in listed(office.world.owner, now=at).sections for item in section.items]
    assert [item.fall for item in items if isinstance(item, CaseItem)] == [None]


def test_a_fall_counts_the_falls_and_not_the_grades(office: Office) -> None:
    at = graded(office, "A", "A-", "B", "C")
    items = [item for section in listed(office.world.owner, now=at).sections for item in section.items]
    (item,) = [item for item in items if isinstance(item, CaseItem)]
    assert item.fall.weeks == 3


def test_a_warning_grade_says_it_too(office: Office) -> None:
    at = graded(office, "A", "A-", "B", "B-", dimension="quality")
    items = [item for section in listed(office.world.manager, now=at).sections for item in section.items]
    (item,) = [item for item in items if isinstance(item, GradeItem)]
    assert item.grades[0].fall == Fall(("A", "A-", "B", "B-"), (100, 80, 40, 20))


def test_a_flag_names_who_left_and_how_long_nobody_has_talked(office: Office, client: Client) -> None:
    world = office.world
    champion = create_contact(
        customer=world.customer,
        name="单国强",
        level=Level.MANAGEMENT,
        decision_role=DecisionRole.DECISION_MAKER,
        attitude=Attitude.SUPPORTER,
        author=world.owner,
        now=MONDAY,
    )
    mark_left(champion, left_on=TODAY - DAY, now=NOON - HOUR)
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    scored()
    ChurnFlag.objects.create(
        customer=world.customer, level=FlagLevel.AT_RISK, score=50, run_id=1, opened_at=MONDAY
    )
    items = [item for section in listed(world.owner).sections for item in section.items]
    (item,) = [item for item in items if isinstance(item, FlagItem)]
    (reason,) = item.reasons
    assert (reason.who, reason.on, reason.page) == ("单国强", TODAY - DAY, "customer_people")
    client.force_login(world.owner)
    page = client.get("/today/").content.decode()
    assert f'href="/customers/{world.customer.pk}/people">A supporter has left</a>: 单国强' in page


@pytest.mark.parametrize("who", ["owner", "lead", "manager", "executive"])
def test_thirty_chances_take_as_many_queries_as_three(world: World, who: str) -> None:
    def fill(numbers: range) -> None:
        for number in numbers:
            growing(world, f"Growing {number}", now=20_000, days=500)
            cleared(customer_of(world.owner, f"Saved {number}"))
            growing(world, f"Loss {number}", days=40, was=90_000_000, now=90_000_000, cost=91_000_000)
            for small in range(3):
                customer_of(world.owner, f"Small {number} {small}")
        scored()

    def queries_taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            listed(getattr(world, who))
        return len(captured)

    fill(range(3))
    queries_taken()
    few = queries_taken()
    fill(range(3, 12))
    queries_taken()
    assert queries_taken() == few
