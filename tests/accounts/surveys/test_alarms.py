"""Who hears of a clock, when, and that nobody hears twice."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts import access
from accounts.notices.models import Notice
from accounts.projects.models import FunctionalManager
from accounts.surveys.models import CaseAlarm, CaseState, CorrectiveAction
from accounts.surveys.services import acknowledge_case, advance_case, confirm_case, plan_case
from accounts.surveys.services.alarms import (
    RAISE,
    latest_full,
    letters_to_post,
    mark_posted,
    raise_alarms,
    values_of,
)
from accounts.surveys.worktime import Worktime, due_after
from accounts.users.models import Role, Team, TeamMember, User
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, project_of
from tests.conftest import person

OPENED = DUE + HOUR
LATE = OPENED + 24 * HOUR
ZONE = ZoneInfo(settings.TIME_ZONE)


def opened(office: Office) -> CorrectiveAction:
    office.say(office.chen, at=OPENED, delivery="D")
    return office.case()


def rung() -> list[tuple[str, str]]:
    return list(CaseAlarm.objects.order_by("pk").values_list("clock", "step"))


def told(clock: str, step: str) -> set[str]:
    people = CaseAlarm.objects.get(clock=clock, step=step).told
    return set(User.objects.filter(pk__in=people).values_list("name", flat=True))


def test_the_owner_is_reminded_when_half_of_the_clock_has_run(office: Office) -> None:
    opened(office)
    assert raise_alarms(now=OPENED + 12 * HOUR - dt.timedelta(seconds=1)) == 0
    assert raise_alarms(now=OPENED + 12 * HOUR) == 1
    assert rung() == [("acknowledge", "owner")]
    assert told("acknowledge", "owner") == {"Manager"}
    notice = Notice.objects.get(kind="survey_case_due")
    assert (notice.user, notice.facts["clock"]) == (office.world.manager, "acknowledge")
    assert list(office.case().log.values_list("kind", flat=True)) == ["opened", "reminded"]


def test_every_step_rings_once_however_often_it_is_asked(office: Office) -> None:
    opened(office)
    for hours in range(60):
        raise_alarms(now=OPENED + hours * HOUR)
        raise_alarms(now=OPENED + hours * HOUR)
    assert rung() == [
        ("acknowledge", "owner"),
        ("acknowledge", "line"),
        ("plan", "owner"),
        ("acknowledge", "executives"),
    ]
    assert Notice.objects.filter(kind__startswith="survey_case_").count() == 4


def test_after_an_outage_what_was_due_rings_late_and_once(office: Office) -> None:
    opened(office)
    assert raise_alarms(now=OPENED + 100 * HOUR) == 6
    assert raise_alarms(now=OPENED + 101 * HOUR) == 0
    log = office.case().log.order_by("kind").values_list("kind", flat=True)
    assert list(log) == ["escalated", "opened", "reminded"]


def test_a_missed_clock_goes_to_the_functional_manager_and_the_leads(office: Office) -> None:
    chief = person("chief", Role.MEMBER)
    FunctionalManager.objects.create(functional_role="planning", user=chief)
    boss = person("boss", Role.PROJECT_MANAGER)
    team = Team.objects.create(name="Projects", lead=boss)
    TeamMember.objects.create(team=team, user=office.world.manager)
    case = opened(office)
    assert not access.visible_cases(chief).exists()
    raise_alarms(now=LATE)
    assert told("acknowledge", "line") == {"Chief", "Boss"}
    assert access.visible_cases(chief).get() == case
    assert access.acknowledgeable_cases(chief).get() == case
    assert not access.workable_cases(chief).exists()


def test_of_the_owner_and_of_the_project_manager_both_leads_are_told(office: Office) -> None:
    case = opened(office)
    CorrectiveAction.objects.filter(pk=case.pk).update(owner=office.world.owner)
    raise_alarms(now=LATE)
    assert told("acknowledge", "line") == {"Lead"}
    assert told("acknowledge", "owner") == {"Owner"}


def test_without_functional_manager_and_lead_the_admins_are_told(office: Office) -> None:
    opened(office)
    raise_alarms(now=LATE)
    assert told("acknowledge", "line") == {"Admin"}


def test_nobody_who_left_is_told(office: Office) -> None:
    opened(office)
    User.objects.filter(pk__in=[office.world.manager.pk, office.world.executive.pk]).update(is_active=False)
    raise_alarms(now=LATE + DAY)
    assert told("acknowledge", "owner") == {"Admin"}
    assert told("acknowledge", "executives") == {"Admin"}


def test_executives_hear_a_day_later_and_may_acknowledge(office: Office) -> None:
    case, boss = opened(office), office.world.executive
    raise_alarms(now=LATE + 23 * HOUR)
    assert not access.acknowledgeable_cases(boss).exists()
    raise_alarms(now=LATE + 24 * HOUR)
    assert told("acknowledge", "executives") == {"Executive"}
    assert access.acknowledgeable_cases(boss).get() == case


def test_a_clock_that_was_stopped_rings_no_more(office: Office) -> None:
    acknowledge_case(opened(office), by=office.world.manager, now=OPENED + 2 * HOUR)
    raise_alarms(now=OPENED + 40 * HOUR)
    assert rung() == [("plan", "owner")]


def test_a_clock_that_was_stopped_too_late_while_nobody_looked_is_told_of(office: Office) -> None:
    case = acknowledge_case(opened(office), by=office.world.manager, now=LATE + HOUR)
    plan_case(case, by=office.world.manager, plan="Trucks.", solve_by=LATE.date() + 9 * DAY, now=LATE + HOUR)
    raise_alarms(now=LATE + 2 * HOUR)
    assert rung() == [("acknowledge", "line")]


def test_the_day_of_the_solution_is_said_before_and_on_it(office: Office) -> None:
    case, day = opened(office), dt.date(2026, 3, 12)
    plan_case(case, by=office.world.manager, plan="Trucks.", solve_by=day, now=OPENED + HOUR)
    morning = dt.datetime.combine(day, dt.time(8), ZONE)
    assert raise_alarms(now=morning - DAY - HOUR) == 0
    assert raise_alarms(now=morning - DAY) == 1
    assert raise_alarms(now=morning - HOUR) == 0
    assert raise_alarms(now=morning) == 1
    midnight = dt.datetime.combine(day + DAY, dt.time(), ZONE)
    assert raise_alarms(now=midnight - HOUR) == 0
    assert raise_alarms(now=midnight) == 1
    assert raise_alarms(now=midnight + DAY) == 1
    assert rung() == [("solve", step) for step in ("owner", "last_day", "line", "executives")]


def test_after_an_outage_the_day_of_the_solution_is_said_to_be_missed(office: Office) -> None:
    day = dt.date(2026, 3, 12)
    plan_case(opened(office), by=office.world.manager, plan="Trucks.", solve_by=day, now=OPENED + HOUR)
    midnight = dt.datetime.combine(day + DAY, dt.time(), ZONE)
    raise_alarms(now=midnight + 3 * DAY)
    assert rung() == [("solve", "executives"), ("solve", "line"), ("solve", "owner")]
    notice = Notice.objects.get(user=office.world.manager, facts__clock="solve")
    assert notice.kind == "survey_case_missed"
    assert raise_alarms(now=midnight + 3 * DAY + HOUR) == 0


def test_of_two_clocks_that_ring_together_one_notice_tells_of_the_one_that_runs(office: Office) -> None:
    case = acknowledge_case(opened(office), by=office.world.manager, now=LATE + HOUR)
    raise_alarms(now=case.plan_by + HOUR)
    notice = Notice.objects.get(user=office.world.admin, kind="survey_case_missed")
    assert notice.facts["clock"] == "plan"


def test_what_is_corrected_or_closed_rings_no_more(office: Office) -> None:
    case = acknowledge_case(opened(office), by=office.world.manager, now=OPENED + HOUR)
    manager = office.world.manager
    advance_case(case, to=CaseState.CORRECTED, by=manager, comment="Done.", now=OPENED + 2 * HOUR)
    assert raise_alarms(now=OPENED + 90 * HOUR) == 0
    confirm_case(case, invitation=office.invitation(office.chen), now=OPENED + 3 * HOUR)
    assert raise_alarms(now=OPENED + 90 * HOUR) == 0


def test_a_new_round_rings_anew(office: Office) -> None:
    case = opened(office)
    raise_alarms(now=LATE)
    confirm_case(case, invitation=office.invitation(office.chen), now=LATE + HOUR)
    office.say(office.chen, at=LATE + 2 * HOUR, delivery="B")
    office.say(office.chen, at=LATE + 3 * HOUR, delivery="D")
    assert office.case().times_reopened == 1
    raise_alarms(now=LATE + 15 * HOUR)
    assert rung().count(("acknowledge", "owner")) == 2


def test_letters_wait_until_they_are_posted(office: Office) -> None:
    opened(office)
    raise_alarms(now=LATE)
    letters = letters_to_post()
    assert {letter.person for letter in letters} == {office.world.manager.pk, office.world.admin.pk}
    assert letters == letters_to_post()
    mark_posted({pk for letter in letters for pk in letter.alarms}, now=LATE)
    assert letters_to_post() == []


def test_the_same_queries_for_three_cases_and_for_thirty(office: Office) -> None:
    def ring(count: int, at: dt.datetime) -> int:
        first = CorrectiveAction.objects.earliest("pk")
        for number in range(count):
            project = project_of(office.world, f"{at} {number}")
            CorrectiveAction.objects.create(
                customer=office.world.customer,
                project=project,
                dimension=first.dimension,
                programme_version=first.programme_version,
                opened_by=first.opened_by,
                owner=office.world.manager,
                opened_at=OPENED,
                acknowledge_by=LATE,
                plan_by=LATE + 48 * HOUR,
                known_at=OPENED,
            )
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert raise_alarms(now=at) >= count
        return len(queries)

    opened(office)
    assert ring(3, LATE) == ring(30, LATE + HOUR)


def test_closed_cases_of_years_are_not_read(office: Office) -> None:
    """20,000 closed ones beside a few open ones: the partial index leads to those that are open."""
    first = opened(office)
    CorrectiveAction.objects.bulk_create(
        CorrectiveAction(
            customer=office.world.customer,
            project=office.project,
            dimension=first.dimension,
            programme_version=first.programme_version,
            opened_by=first.opened_by,
            owner=office.world.manager,
            state=CaseState.CONFIRMED,
            opened_at=OPENED,
            acknowledge_by=LATE,
            plan_by=LATE,
            closed_at=LATE,
            known_at=OPENED,
        )
        for _number in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze surveys_correctiveaction")
        cursor.execute("explain (format text) " + RAISE, values_of([first.programme_version], now=LATE))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "on surveys_correctiveaction" in plan
    assert "Seq Scan on surveys_correctiveaction" not in plan


WORK = Worktime(
    weekdays=frozenset({1, 2, 3, 4, 5}),
    from_minute=9 * 60,
    until_minute=17 * 60 + 30,
    zone=ZoneInfo("Europe/Berlin"),
    holidays=frozenset({dt.date(2026, 4, 3), dt.date(2026, 4, 6)}),
    extra_days=frozenset({dt.date(2026, 4, 11)}),
)


@given(
    minutes=st.integers(0, 45 * 24 * 60),
    hours=st.integers(1, 60),
    later=st.integers(-600, 600),
)
def test_backwards_is_the_latest_start_whose_clock_is_full(minutes: int, hours: int, later: int) -> None:
    end = dt.datetime(2026, 3, 20, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    latest = latest_full(end, hours, WORK)
    assert due_after(latest, hours, WORK) <= end
    other = latest + dt.timedelta(minutes=later)
    assert (due_after(other, hours, WORK) <= end) == (other <= latest)


@pytest.mark.parametrize("hours", [0, -1])
def test_a_clock_without_hours_is_full_at_once(hours: int) -> None:
    assert latest_full(OPENED, hours, WORK) == OPENED
