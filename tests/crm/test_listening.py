"""Listening: which levels speak or disagree, whom nobody knows, and what is measured beside the grades."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import change_contact, create_contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.orders.models import OrderKind
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.services import create_project
from accounts.surveys.models import Invitation, SurveyDimension
from accounts.surveys.services import make_invitations, name_respondent
from accounts.surveys.weeks import monday_of
from crm.listening_charts import delivery_chart, delivery_finding, quality_finding
from crm.queries.contacts import people_by_level
from crm.queries.listening.coverage import coverage_map, covered_levels
from crm.queries.listening.measured import Graded, Measured, Month, Share, measured_of
from crm.queries.listening.overview import listening_overview
from crm.queries.listening.voices import Voices, last_heard_week, voices_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, contact_of, office_of
from tests.conftest import MONDAY, World, customer_of

LATER = DUE + 60 * DAY
pytestmark = pytest.mark.django_db


@pytest.fixture
def office(world: World) -> Office:
    """Chen and Li are specialists; Wu, asked as well, sits at the executive level."""
    office = office_of(world)
    wu = contact_of(world, "Wu", level=Level.EXECUTIVE)
    name_respondent(project=office.project, contact=wu, author=world.manager, now=MONDAY)
    return office


def wu(office: Office) -> Contact:
    return Contact.objects.get(name="Wu")


def weeks(office: Office, count: int) -> list[dt.date]:
    """The first weeks, with their invitations."""
    found = [WEEK + 7 * DAY * number for number in range(count)]
    for week in found:
        office.invite(week)
    return found


def heard(office: Office, *, week: dt.date, as_of: dt.datetime = LATER) -> Voices:
    dimensions = list(SurveyDimension.objects.order_by("pk").values_list("pk", flat=True))
    customer = office.world.customer.pk
    return voices_of([customer], [office.project.pk], dimensions=dimensions, week=week, as_of=as_of)[customer]


def level_of(voices: Voices, level: Level) -> int:
    return [voice.level for voice in voices.levels].index(level)


def test_levels_disagree_from_two_grades_each_and_forty_points_apart(office: Office) -> None:
    first, second = weeks(office, 2)
    office.say(office.chen, week=first, at=DUE + 7 * DAY * 0 + DAY, delivery="A", quality="A")
    office.say(wu(office), week=first, at=DUE + DAY, delivery="B", quality="B+")
    assert heard(office, week=second).disagreements == ()
    office.say(office.li, week=second, at=DUE + 8 * DAY, delivery="A-", quality="A-")
    office.say(wu(office), week=second, at=DUE + 8 * DAY, delivery="B+", quality="A-")
    voices = heard(office, week=second)
    (found,) = voices.disagreements
    assert found.dimension_id == office.dimension("delivery").pk
    assert (found.high, found.high_points) == (Level.SPECIALIST, 90.0)
    assert (found.low, found.low_points) == (Level.EXECUTIVE, 50.0)
    cells = dict(zip(voices.dimensions, voices.levels[0].cells, strict=True))
    assert cells[found.dimension_id].gap == 40.0
    assert cells[office.dimension("quality").pk].gap == 0.0


def test_a_level_is_silent_after_three_closed_weeks_and_heard_again_with_one_answer(office: Office) -> None:
    *_, last = shown = weeks(office, 4)
    office.say(wu(office), week=shown[0], at=DUE + DAY, delivery="A")
    office.say(office.chen, week=last, at=DUE + 22 * DAY, delivery="A")
    executives, management, specialists, _operational = heard(office, week=last).levels
    assert (executives.silent_weeks, executives.is_silent) == (3, True)
    assert executives.heard_week == shown[0]
    assert (specialists.asked, specialists.answering, specialists.is_silent) == (2, 1, False)
    assert (management.asked, management.is_silent) == (0, False)
    office.say(wu(office), week=last, at=DUE + 22 * DAY, delivery="B")
    assert not heard(office, week=last).levels[0].is_silent


def test_only_closed_weeks_count_on_every_page(client: Client, office: Office) -> None:
    """Asked for the last time a few days ago: nobody is silent for a week in which there still is time."""
    *_, last = weeks(office, 5)
    asked_at = Invitation.objects.filter(week=last).latest("known_at").known_at
    assert last_heard_week(asked_at + HOUR) == last - 7 * DAY
    (row,) = listening_overview(office.world.executive, as_of=asked_at + HOUR).rows
    assert [voice.silent_weeks for voice in row.voices.levels if voice.asked] == [4, 4]
    assert [
        voice.silent_weeks for voice in heard(office, week=last - 7 * DAY, as_of=asked_at + HOUR).levels
    ] == [voice.silent_weeks for voice in row.voices.levels]
    office.say(wu(office), week=last, at=asked_at + HOUR, delivery="D")
    executives = (
        listening_overview(office.world.executive, as_of=asked_at + 2 * HOUR).rows[0].voices.levels[0]
    )
    assert (executives.heard_week, executives.silent_weeks, executives.is_silent) == (last, 0, False)
    assert all(not cell.graded for cell in executives.cells)
    closed = Invitation.objects.filter(week=last).latest("closes_at").closes_at
    (row,) = listening_overview(office.world.executive, as_of=closed).rows
    assert [voice.silent_weeks for voice in row.voices.levels if voice.asked] == [0, 5]
    assert any(cell.lowest == "D" for cell in row.voices.levels[0].cells)


def test_a_past_day_hears_only_what_was_said_by_then(office: Office) -> None:
    (week,) = weeks(office, 1)
    office.say(office.chen, week=week, at=DUE + DAY, delivery="A")
    office.say(office.chen, week=week, at=DUE + 2 * DAY, delivery="D")
    specialists = level_of(heard(office, week=week), Level.SPECIALIST)

    def lowest(as_of: dt.datetime) -> set[str]:
        return {cell.lowest for cell in heard(office, week=week, as_of=as_of).levels[specialists].cells}

    assert lowest(DUE) == {""}
    assert lowest(DUE + DAY) == {"", "A"}
    assert lowest(DUE + 3 * DAY) == {"", "D"}


def test_who_of_us_knows_whom(office: Office) -> None:
    world = office.world

    def mapped() -> tuple[list[str], dict[str, tuple[int, int]], bool]:
        found = coverage_map(people_by_level(world.customer))
        rows = {row.level.value: (sum(map(len, row.cells)), len(row.alone)) for row in found.rows}
        return [user.name for user in found.people], rows, found.is_single_threaded

    assert mapped()[:2] == (
        [],
        {"executive": (0, 1), "management": (0, 0), "specialist": (0, 2), "operational": (0, 0)},
    )
    for number, (contact, user) in enumerate([(office.chen, world.owner), (wu(office), world.lead)]):
        change_contact(
            contact,
            expected_version=contact.version,
            changes={"counterpart": user},
            author=world.owner,
            now=DUE,
        )
        people, rows, single = mapped()
        assert single == (number == 0)
    assert people == ["Lead", "Owner"]
    assert rows["executive"] == (1, 0)
    assert rows["specialist"] == (1, 1)
    covers = covered_levels([world.customer.pk], today=DUE.date(), as_of=DUE)[world.customer.pk]
    assert {level: cover.is_gap for level, cover in covers.items()} == {
        "executive": False,
        "specialist": False,
    }


def order(customer: Customer, *, promised: int, delivered: int | None, amount: str = "100") -> None:
    """Days of March 2026; a negative amount is a credit note."""
    money = Decimal(amount)
    facts = OrderFacts(
        kind=OrderKind.CREDIT_NOTE if money < 0 else OrderKind.ORDER,
        ordered_on=dt.date(2026, 3, 1),
        promised_on=dt.date(2026, 3, promised),
        delivered_on=dt.date(2026, 3, delivered) if delivered else None,
        currency="CNY",
        amount_minor=int(money * 100),
    )
    add_order(customer=customer, facts=facts, now=LATER)


def test_on_time_and_returns_stand_beside_the_grades(office: Office) -> None:
    customer = office.world.customer
    order(customer, promised=10, delivered=10)
    order(customer, promised=10, delivered=12)
    order(customer, promised=11, delivered=None)
    order(customer, promised=30, delivered=None)
    order(customer, promised=10, delivered=None, amount="-8")
    office.invite()
    office.say(office.chen, delivery="A", quality="B+")
    office.say(wu(office), delivery="B+")
    day = dt.date(2026, 3, 20)
    found = measured_of([customer.pk], [office.project.pk], day=day, as_of=LATER)[customer.pk]
    month = found.months[-1]
    assert (month.on_time.whole, month.on_time.part) == (3, 1)
    assert month.returns.rate == pytest.approx(8 / 400)
    assert (month.delivery.mean, month.delivery.grades) == (80.0, 2)
    assert month.quality.mean == 60.0
    assert found.total.on_time == month.on_time
    assert [each.first for each in found.months][::11] == [dt.date(2025, 4, 1), dt.date(2026, 3, 1)]


def measured(*, on_time: float, points: float, returns: float, quality: float) -> Measured:
    month = Month(
        WEEK, Share(1000, 1000 * on_time), Share(1000, 1000 * returns), Graded(points, 1), Graded(quality, 1)
    )
    return Measured((month,))


@pytest.mark.parametrize(
    ("on_time", "points", "said"),
    [(0.97, 20, "by which day"), (0.7, 80, "patience ends"), (0.7, 20, "is felt"), (0.9, 80, "graded 80.")],
)
def test_the_finding_says_what_the_difference_means(on_time: float, points: float, said: str) -> None:
    assert said in delivery_finding(measured(on_time=on_time, points=points, returns=0, quality=0))


@pytest.mark.parametrize(
    ("returns", "quality", "said"),
    [(0.001, 20, "kept all the same"), (0.1, 80, "liked"), (0.1, 20, "is felt"), (0.02, 80, "graded 80.")],
)
def test_so_for_quality(returns: float, quality: float, said: str) -> None:
    assert said in quality_finding(measured(on_time=1, points=0, returns=returns, quality=quality))


@pytest.mark.parametrize(
    ("latest", "said"),
    [
        (Graded(90, 1, 90), "patience ends"),
        (Graded(54, 1, 54), "patience has ended: graded 77 over the year, delivery had 54 in Nov 2026"),
        (Graded(160, 2, 0), "delivery had 80 in Nov 2026, its lowest grade 0 points"),
    ],
)
def test_the_latest_month_tells_whether_patience_is_over(latest: Graded, said: str) -> None:
    share, quiet = Share(10, 7), Share()
    first = Month(
        dt.date(2026, 10, 1), share, quiet, Graded(100 if latest.grades == 1 else 80, 1, 80), Graded()
    )
    silent = Month(dt.date(2026, 12, 1), quiet, quiet, Graded(), Graded())
    found = Measured((first, Month(dt.date(2026, 11, 1), share, quiet, latest, Graded()), silent))
    assert said in delivery_finding(found)


def test_no_order_is_no_bar_and_none_on_time_is_one_of_zero() -> None:
    months = [
        Month(WEEK, due, Share(), Graded(80, 1, 80), Graded()) for due in (Share(3, 3), Share(2, 0), Share())
    ]
    line, bars = delivery_chart(Measured(tuple(months)))["series"]
    assert bars["data"] == [100, 0, None]
    assert bars["label"]["show"]
    assert (line.get("yAxisIndex", 0), bars["yAxisIndex"], bars["xAxisIndex"]) == (0, 1, 1)


def test_without_grades_or_orders_it_says_so(office: Office) -> None:
    customer = office.world.customer.pk
    nothing = measured_of([customer], [], day=WEEK, as_of=LATER)[customer]
    assert "Nobody has graded" in delivery_finding(nothing)
    assert "Nobody has graded" in quality_finding(nothing)


def test_a_project_manager_hears_only_his_projects(office: Office) -> None:
    world = office.world
    other = create_project(
        customer=world.customer, name="Line 5", manager=world.stranger, started_on=WEEK, now=MONDAY
    )
    name_respondent(project=other, contact=wu(office), author=world.owner, now=MONDAY)
    office.invite()
    asked = {
        user.name: [
            voice.asked for row in listening_overview(user, as_of=LATER).rows for voice in row.voices.levels
        ]
        for user in (world.manager, world.mate, world.executive)
    }
    assert asked["Manager"] == [1, 0, 2, 0]
    assert asked["Mate"] == []
    assert asked["Executive"] == [1, 0, 2, 0]


def test_pages_show_gaps_and_filter_them(client: Client, office: Office) -> None:
    week = monday_of(company_day(timezone.now())) - 7 * DAY
    office.invite(week)
    office.say(office.chen, week=week, at=DUE + (week - WEEK) + DAY, delivery="D")
    client.force_login(office.world.owner)
    page = client.get(f"/customers/{office.world.customer.pk}/listening").content.decode()
    assert "Management level: nobody is asked." in page
    assert "Management level: we know nobody there." in page
    assert "Whom we hear" in page
    assert "Huaxing Electronics" in client.get("/listening/?gap=unasked").content.decode()
    assert "No customer has this gap" in client.get("/listening/?gap=disagree").content.decode()
    csv = client.get(f"/customers/{office.world.customer.pk}/measured.csv")
    assert len(b"".join(csv.streaming_content).splitlines()) == 13


def test_the_list_says_its_weeks_and_begins_with_who_fell_silent(client: Client, office: Office) -> None:
    """Huaxing has more gaps, but its levels speak: they disagree."""
    world = office.world
    silent = customer_of(world.owner, "Zeta Controls")
    gears = create_project(customer=silent, name="Gears", manager=world.manager, started_on=WEEK, now=MONDAY)
    zhao = create_contact(
        customer=silent,
        name="Zhao",
        level=Level.EXECUTIVE,
        author=world.owner,
        now=MONDAY,
        email="zhao@zeta.test",
    )
    name_respondent(project=gears, contact=zhao, author=world.owner, now=MONDAY)
    this_week = monday_of(company_day(timezone.now()))
    asked = [this_week - weeks * 7 * DAY for weeks in (4, 3, 2)]
    for week in asked:
        office.invite(week)
        at = DUE + (week - WEEK) + DAY
        office.say(office.chen, week=week, at=at, delivery="A", quality="A", communication="A")
        office.say(wu(office), week=week, at=at, delivery="B", quality="B", communication="B")
    client.force_login(world.owner)
    page = client.get("/listening/")
    rows = page.context["rows"]
    assert [row.customer.short_name for row in rows] == ["Zeta Controls", "Huaxing Electronics"]
    assert [row.urgency[:2] for row in rows] == [(1, 0), (0, 3)]
    counts = {code: count for code, _name, count in page.context["gaps"]}
    assert (counts["silent"], counts["disagree"], counts["unasked"]) == (1, 1, 2)
    assert "in the 13 weeks from" in " ".join(page.content.decode().split())
    shown = page.context["shown"]
    assert (shown.week, shown.first) == (asked[-1], asked[-1] - 12 * 7 * DAY)
    words = " ".join(page.content.decode().split())
    assert 'Silent levels <span class="num">1 customer</span>' in words
    assert 'Levels not asked <span class="num">2 customers</span>' in words
    only = client.get("/listening/?gap=silent").context["rows"]
    assert [row.customer.short_name for row in only] == ["Zeta Controls"]


def test_thirty_customers_take_as_many_queries_as_three(client: Client, office: Office) -> None:
    world = office.world
    client.force_login(world.executive)

    def queries_with(count: int) -> int:
        for number in range(count):
            customer = customer_of(world.stranger, f"Works {number} of {count}")
            project = create_project(
                customer=customer,
                name=f"Line {number} of {count}",
                manager=world.manager,
                started_on=WEEK,
                now=MONDAY,
            )
            contact = create_contact(
                customer=customer,
                name=f"Person {number} of {count}",
                level=Level.MANAGEMENT,
                author=None,
                now=MONDAY,
                email=f"p{number}of{count}@x.test",
                time_zone="UTC",
            )
            name_respondent(project=project, contact=contact, author=None, now=MONDAY)
        make_invitations(WEEK, now=DUE)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            listening_overview(world.executive, as_of=LATER)
        return len(queries)

    queries_with(1)
    assert queries_with(3) == queries_with(30) <= 12
