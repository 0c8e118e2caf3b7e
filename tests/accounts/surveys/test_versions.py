"""Drafts, activation and overrides: who is asked under which version, once and every week."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers.services import ConflictError
from accounts.surveys.models import Invitation, ProgrammeVersion, SurveyDimension, VersionState
from accounts.surveys.queries.programmes import version_for, versions_for, versions_of_week
from accounts.surveys.services import (
    activate,
    discard_draft,
    end_override,
    make_due_invitations,
    make_invitations,
    name_respondent,
    publish_version,
    save_draft,
    start_draft,
)
from accounts.surveys.standard import STANDARD, DimensionFacts, Words, facts_of
from accounts.surveys.weeks import begins_at, clock_of, first_week_after, monday_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, contact_of, office_of, project_of
from tests.conftest import MONDAY, World

SECOND = dt.timedelta(seconds=1)
TUESDAY = replace(STANDARD, send_weekday=2, close_weekday=4, remind_after_days=1)
WEDNESDAY = dt.datetime(2026, 3, 11, 9, tzinfo=dt.UTC)
"""Of the week after WEEK."""


def weeks_of(project_id: int) -> list[tuple[dt.date, dt.datetime]]:
    asked = Invitation.objects.filter(project=project_id).order_by("week_id")
    return list(asked.values_list("week_id", "due_at"))


def beat(first: dt.datetime, last: dt.datetime, *, every: dt.timedelta = 6 * HOUR) -> None:
    now = first
    while now <= last:
        make_due_invitations(now=now)
        now += every


def test_a_draft_says_what_holds_and_changes_nothing_until_it_is_activated(office: Office) -> None:
    programme, admin = office.version.programme, office.world.admin
    draft = start_draft(programme, author=admin)
    assert (draft.state, draft.number, draft.based_on) == (VersionState.DRAFT, 2, office.version)
    assert facts_of(draft) == STANDARD
    assert start_draft(programme, author=None).pk == draft.pk
    longer = DimensionFacts(code="price", words=Words(name="Price", name_zh_hans="", name_zh_hant=""))
    renamed = replace(
        STANDARD.dimensions[0], words=Words(name="Workmanship", name_zh_hans="做工", name_zh_hant="做工")
    )
    wanted = replace(
        STANDARD, dimensions=(longer, renamed), plan_hours=48, work_weekdays=(1, 2), note="Fewer questions"
    )
    saved = save_draft(draft, facts=wanted, expected_digest=STANDARD.digest)
    assert facts_of(saved) == wanted
    assert office.dimension("quality").name == "Quality"
    assert version_for(office.project.pk, monday=WEEK + 28 * DAY) == office.version
    active = activate(saved, expected_digest=wanted.digest, now=WEDNESDAY)
    assert (active.state, active.activated_at) == (VersionState.ACTIVE, WEDNESDAY)
    office.version.refresh_from_db()
    assert (office.version.state, office.version.retired_at) == (VersionState.RETIRED, WEDNESDAY)
    assert office.dimension("quality").name == "Workmanship"
    assert office.dimension("price").name_in("zh-hans") == "Price"


def test_two_admins_at_one_draft_lose_nothing(office: Office) -> None:
    draft = start_draft(office.version.programme, author=office.world.admin)
    first, second = replace(STANDARD, plan_hours=48), replace(STANDARD, plan_hours=96)
    save_draft(draft, facts=first, expected_digest=STANDARD.digest)
    with pytest.raises(ConflictError):
        save_draft(draft, facts=second, expected_digest=STANDARD.digest)
    with pytest.raises(ConflictError):
        activate(draft, expected_digest=STANDARD.digest, now=WEDNESDAY)
    assert facts_of(ProgrammeVersion.objects.get(pk=draft.pk)) == first
    activate(draft, expected_digest=first.digest, now=WEDNESDAY)
    for attempt in (
        lambda: save_draft(draft, facts=second, expected_digest=first.digest),
        lambda: activate(draft, expected_digest=first.digest, now=WEDNESDAY),
        lambda: discard_draft(draft),
    ):
        with pytest.raises(ValidationError) as refused:
            attempt()
        assert refused.value.error_dict["state"][0].code == "not_a_draft"
    assert facts_of(ProgrammeVersion.objects.get(pk=draft.pk)) == first


def test_a_discarded_draft_leaves_nothing(office: Office) -> None:
    draft = start_draft(office.version.programme, author=None)
    price = DimensionFacts(code="price", words=Words(name="Price", name_zh_hans="", name_zh_hant=""))
    facts = replace(STANDARD, dimensions=(*STANDARD.dimensions, price))
    save_draft(draft, facts=facts, expected_digest=STANDARD.digest)
    assert SurveyDimension.objects.filter(code="price").exists()
    discard_draft(draft)
    discard_draft(draft)
    assert not SurveyDimension.objects.filter(code="price").exists()
    assert ProgrammeVersion.objects.count() == 1
    with pytest.raises(ConflictError):
        save_draft(draft, facts=facts, expected_digest=facts.digest)


@pytest.mark.parametrize(
    ("field", "code", "facts"),
    [
        ("remind_after_days", "week", replace(STANDARD, remind_after_days=7)),
        ("remind_after_days", "week", replace(STANDARD, send_weekday=3, close_weekday=4)),
        ("send_weekday", "week", replace(STANDARD, send_weekday=8)),
        ("plan_hours", "hours", replace(STANDARD, plan_hours=23)),
        ("work_weekdays", "worktime", replace(STANDARD, work_weekdays=())),
        ("work_until", "worktime", replace(STANDARD, work_from=600, work_until=630)),
        ("remind_owner_percent", "percent", replace(STANDARD, remind_owner_percent=0)),
        ("late_days", "late", replace(STANDARD, late_days=90)),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(office: Office, field: str, code: str, facts: object) -> None:
    draft = start_draft(office.version.programme, author=None)
    with pytest.raises(ValidationError) as refused:
        save_draft(draft, facts=facts, expected_digest=STANDARD.digest)  # type: ignore[arg-type]
    assert refused.value.error_dict[field][0].code == code
    assert facts_of(draft) == STANDARD


def test_the_most_specific_version_holds_and_the_week_under_way_stays_as_it_began(
    office: Office, django_assert_num_queries: object
) -> None:
    programme, world = office.version.programme, office.world
    other = project_of(world, "Line 5")
    of_customer = publish_version(
        programme, facts=TUESDAY, author=None, now=MONDAY - 7 * DAY, customer=world.customer
    )
    of_project = publish_version(programme, facts=STANDARD, author=None, now=WEDNESDAY, project=other)
    next_week, later = monday_of(WEDNESDAY.date()), monday_of(WEDNESDAY.date()) + 7 * DAY
    with django_assert_num_queries(2):  # type: ignore[operator]
        held = versions_for([office.project.pk, other.pk], monday=next_week)
    assert held == {office.project.pk: of_customer, other.pk: of_customer}
    assert version_for(other.pk, monday=later) == of_project
    assert versions_of_week(later).general == office.version
    assert first_week_after(WEDNESDAY) == later
    end_override(of_project, now=WEDNESDAY + 14 * DAY)
    end_override(of_project, now=WEDNESDAY + 21 * DAY)
    assert version_for(other.pk, monday=later + 7 * DAY) == of_project
    assert version_for(other.pk, monday=later + 14 * DAY) == of_customer
    with pytest.raises(ValidationError) as refused:
        end_override(office.version, now=WEDNESDAY)
    assert refused.value.error_dict["state"][0].code == "not_an_override"


@given(st.integers(0, 10**7), st.integers(0, 60))
def test_what_is_activated_now_holds_from_the_first_week_that_has_begun_for_nobody(
    seconds: int, days: int
) -> None:
    now = MONDAY + days * DAY + seconds * SECOND
    week = first_week_after(now)
    assert begins_at(week) >= now > begins_at(week - 7 * DAY)


def test_a_project_with_a_weekday_of_its_own_is_asked_on_it(world: World) -> None:
    office = office_of(world)
    other = project_of(world, "Line 5")
    name_respondent(project=other, contact=office.chen, author=None, now=MONDAY - 7 * DAY)
    own = publish_version(
        office.version.programme, facts=TUESDAY, author=None, now=MONDAY - 7 * DAY, project=other
    )
    beat(MONDAY, DUE + HOUR, every=HOUR)
    tuesday = DUE - 3 * DAY
    assert weeks_of(other.pk) == [(WEEK, tuesday)]
    assert set(weeks_of(office.project.pk)) == {(WEEK, DUE)}
    assert Invitation.objects.get(project=other).programme_version == own
    assert Invitation.objects.filter(programme_version=office.version).count() == 2


@pytest.mark.parametrize("hour", [-30, 0, 9, 30, 53, 54, 55, 80])
def test_a_change_of_weekday_in_mid_week_asks_nobody_twice_and_skips_no_week(world: World, hour: int) -> None:
    """On about Wednesday from Friday to Tuesday, and a fortnight later back."""
    office = office_of(world)
    programme, change = office.version.programme, WEDNESDAY + hour * HOUR
    back = change + 14 * DAY
    for first, last, facts in (
        (MONDAY, change, TUESDAY),
        (change, back, STANDARD),
        (back, back + 21 * DAY, STANDARD),
    ):
        beat(first, last)
        publish_version(programme, facts=facts, author=None, now=last)
    begun = [WEEK + week * 7 * DAY for week in range(5)]
    weeks = [week for week, _due in weeks_of(office.project.pk)]
    assert sorted(set(weeks))[:5] == begun
    assert all(weeks.count(week) == 2 for week in begun)
    first_tuesday, first_friday = first_week_after(change), first_week_after(back)
    for week, due in weeks_of(office.project.pk):
        is_tuesday = first_tuesday <= week < first_friday
        assert due.isoweekday() == (2 if is_tuesday else 5)


def test_an_override_that_ends_in_mid_week_leaves_its_week_as_it_began(world: World) -> None:
    office = office_of(world)
    own = publish_version(
        office.version.programme, facts=TUESDAY, author=None, now=MONDAY - 7 * DAY, project=office.project
    )
    beat(MONDAY, WEDNESDAY)
    end_override(own, now=WEDNESDAY)
    beat(WEDNESDAY, WEDNESDAY + 14 * DAY)
    assert [(week, due.isoweekday()) for week, due in weeks_of(office.project.pk)] == [
        (WEEK + week * 7 * DAY, weekday) for week, weekday in ((0, 2), (1, 2), (2, 5)) for _ in "ab"
    ]


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe"]
)
def test_a_year_with_changes_of_the_clocks_is_asked_at_the_same_local_hour(world: World, zone: str) -> None:
    office = office_of(world)
    far = contact_of(world, "Far", time_zone=zone)
    project = project_of(world, "Line 9")
    name_respondent(project=project, contact=far, author=None, now=MONDAY - 7 * DAY)
    facts = replace(STANDARD, send_weekday=7, send_hour=2, close_weekday=6)
    publish_version(office.version.programme, facts=facts, author=None, now=MONDAY - 7 * DAY, project=project)
    beat(MONDAY, MONDAY + 364 * DAY, every=dt.timedelta(days=5, hours=5))
    asked = weeks_of(project.pk)
    assert [week for week, _due in asked] == [WEEK + week * 7 * DAY for week in range(len(asked))]
    assert len(asked) >= 51
    version = version_for(project.pk, monday=WEEK)
    assert len({due.time() for _week, due in asked}) > 1
    assert all(due == clock_of(version, week, zone).due_at for week, due in asked)


def test_overrides_cost_no_queries(world: World, django_assert_num_queries: object) -> None:
    office = office_of(world)
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert make_invitations(WEEK, now=DUE) == 2
    for number in range(30):
        project = project_of(world, f"Line {10 + number}")
        name_respondent(project=project, contact=office.chen, author=None, now=MONDAY)
        publish_version(
            office.version.programme, facts=TUESDAY, author=None, now=MONDAY - 7 * DAY, project=project
        )
    with django_assert_num_queries(9):  # type: ignore[operator]
        assert make_invitations(WEEK, now=DUE - 3 * DAY + HOUR) == 30


@pytest.mark.django_db(transaction=True)
def test_beats_at_once_while_an_admin_activates_make_each_invitation_once(world: World) -> None:
    office = office_of(world)
    for number in range(20):
        name_respondent(
            project=office.project, contact=contact_of(world, f"R{number}"), author=None, now=MONDAY
        )
    draft = start_draft(office.version.programme, author=None)
    save_draft(draft, facts=TUESDAY, expected_digest=STANDARD.digest)
    start, failures = threading.Barrier(4), []

    def together(work: object) -> None:
        try:
            start.wait()
            work()  # type: ignore[operator]
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    works = [lambda: make_due_invitations(now=DUE)] * 3
    works.append(lambda: activate(draft, expected_digest=TUESDAY.digest, now=DUE))  # type: ignore[arg-type, return-value]
    threads = [threading.Thread(target=together, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Invitation.objects.count() == 22
    assert Invitation.objects.filter(programme_version=office.version).count() == 22
