"""State columns of the weekly survey: against the index of the core, and what was known when.

Authority: `scoring.core.satisfaction` (docs/scoring.md, section 12), which is tested against fractions.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.projects.models import Project
from accounts.projects.services import create_project
from accounts.surveys.models import AnswerGrade, CorrectiveAction, Invitation
from accounts.surveys.queries.complaints import complains_now
from accounts.surveys.services import (
    AnswerFacts,
    confirm_case,
    ensure_programme,
    issue_token,
    make_invitations,
    name_respondent,
    publish_version,
    record_answer,
    reject_case,
)
from accounts.surveys.standard import STANDARD
from scoring import inputs
from scoring.core.satisfaction import (
    LOW_WEEKS,
    MOST_WEEKS,
    history,
    level_above,
)
from scoring.inputs import Moment, Wanted
from scoring.satisfaction import index_of_projects, read
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK, contact_of, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import make_book, vacuum
from tests.scoring.survey_book import make_surveys
from tests.scoring.test_inputs import POLICY, RUN, states

pytestmark = pytest.mark.django_db

COLUMNS = (
    "satisfaction_level",
    "satisfaction_age",
    "satisfaction_slope",
    "satisfaction_weeks",
    "low_grades",
    "lowest_points",
    "survey_silence",
)
ONE_WEEK = dt.timedelta(weeks=1)


def columns_of(customer: Customer, as_of: dt.datetime) -> dict[str, float]:
    table = states(Moment(as_of, "UTC"), Wanted([customer.pk])).to_columns()
    return {name: float(table[name][0]) for name in COLUMNS}


def by_the_core(customer: Customer, as_of: dt.datetime) -> dict[str, float]:
    """The same columns from what pages read; open cases and grades as they stand in the tables now."""
    week = Moment(as_of, "UTC").week
    weeks = [week - ONE_WEEK * back for back in reversed(range(MOST_WEEKS))]
    place = {monday: position for position, monday in enumerate(weeks)}
    projects = list(Project.objects.filter(customer=customer).values_list("pk", flat=True))
    said = read(projects, week=week, weeks=MOST_WEEKS, as_of=as_of)
    shape = (len(projects), MOST_WEEKS)
    counted = (said.invited - said.waiting).reshape(shape)
    by_project = index_of_projects(said)
    answered = by_project.answered.reshape(shape)
    cell = np.tile(np.arange(MOST_WEEKS), len(projects))
    whole = level_above(by_project, cell, MOST_WEEKS, np.zeros(len(cell)))
    low = np.zeros((1, MOST_WEEKS), dtype=np.int64)
    grades = AnswerGrade.objects.filter(customer=customer, superseded_at=None, week__in=weeks)
    for grade in grades.filter(opens_case=True, case__closed_at=None):
        low[0, place[grade.week_id]] += 1
    past = history(
        whole.index[None, :], low, counted.sum(axis=0)[None], answered.sum(axis=0)[None], low_weeks=LOW_WEEKS
    )
    standing = grades.filter(week__in=weeks[-LOW_WEEKS:]).exclude(case__closed_at__isnull=False)
    points = list(standing.values_list("grade__points", flat=True))
    return {
        "satisfaction_level": float(past.level[0]),
        "satisfaction_age": float(past.level_age[0]),
        "satisfaction_slope": float(past.slope[0]),
        "satisfaction_weeks": float(past.weeks[0]),
        "low_grades": float(past.low_grades[0]),
        "lowest_points": float(min(points, default=np.nan)),
        "survey_silence": float(past.silence[0]) if counted.any() else np.nan,
    }


def assert_equal(found: dict[str, float], expected: dict[str, float], where: object) -> None:
    for name in COLUMNS:
        np.testing.assert_allclose(
            found[name], expected[name], rtol=1e-12, atol=1e-11, err_msg=f"{name} {where}"
        )


@dataclass
class Story:
    """What happens at random in the weeks of a customer, in the order of time."""

    world: World
    rolled: random.Random
    happenings: list[tuple[dt.datetime, Callable[[dt.datetime], None]]] = field(default_factory=list)

    def plan(self, at: dt.datetime, what: Callable[[dt.datetime], None]) -> None:
        self.happenings.append((at, what))

    def happen(self) -> None:
        for at, what in sorted(self.happenings, key=lambda one: one[0]):
            what(at)

    def invite(self, week: dt.date) -> Callable[[dt.datetime], None]:
        return lambda now: void(make_invitations(week, now=now))

    def answer(self, project: Project, contact: Contact, week: dt.date) -> Callable[[dt.datetime], None]:
        def say(now: dt.datetime) -> None:
            invitation = Invitation.objects.get(project=project, contact=contact, week=week)
            letters = [grade.letter for grade in STANDARD.grades]
            chosen = self.rolled.choices(letters, (30, 20, 20, 8, 8, 8, 6), k=5)
            codes = [dimension.code for dimension in STANDARD.dimensions]
            said = {code: letter for code, letter in zip(codes, chosen, strict=True) if self.chance(0.8)}
            facts = AnswerFacts(grades=said, comment="" if said else "No time.")
            token = issue_token(invitation, now=now)
            record_answer(token=token, facts=facts, idempotency_key=f"{now}", now=now)

        return say

    def decide_a_case(self, now: dt.datetime) -> None:
        """A respondent who complained says that one of the cases is solved, or that it is not."""
        cases = list(CorrectiveAction.objects.filter(customer=self.world.customer).order_by("pk"))
        if not cases:
            return
        case = self.rolled.choice(cases)
        grades = case.grades.order_by("pk").select_related("answer__invitation")
        invitations = [grade.answer.invitation for grade in grades]
        same = CorrectiveAction.objects.filter(pk=case.pk)
        invitation = next(
            each for each in invitations if same.filter(complains_now(each.contact_id)).exists()
        )
        if case.closed_at is None:
            confirm_case(case, invitation=invitation, now=now)
        else:
            reject_case(case, invitation=invitation, comment="It came back.", now=now)

    def other_points(self, now: dt.datetime) -> None:
        """From now on dimensions weigh differently and a B is worth less."""
        grades = tuple(
            replace(grade, points={"B": 25, "B-": 7, "D": -90}.get(grade.letter, grade.points))
            for grade in STANDARD.grades
        )
        dimensions = tuple(
            replace(dimension, weight=weight)
            for dimension, weight in zip(STANDARD.dimensions, (30, 25, 20, 15, 7), strict=True)
        )
        programme = ensure_programme(now=now).programme
        facts = replace(STANDARD, grades=grades, dimensions=dimensions)
        publish_version(programme, facts=facts, author=self.world.admin, now=now)

    def chance(self, probability: float) -> bool:
        return self.rolled.random() < probability


def void(_: object) -> None:
    """What a planned call returns is of no use."""


def asked_about(world: World, customer: Customer, name: str, people: list[Contact]) -> Project:
    project = create_project(customer=customer, name=name, manager=world.manager, started_on=WEEK, now=MONDAY)
    for contact in people:
        name_respondent(project=project, contact=contact, author=world.manager, now=MONDAY)
    return project


def planned(world: World, seed: int, weeks: int) -> Story:
    """Two projects with five respondents; nobody answers the weeks 8 to 10, a new version in week 5."""
    story = Story(world, random.Random(seed))
    ensure_programme(now=MONDAY)
    chen, li, wu, sun = (contact_of(world, name) for name in ("Chen", "Li", "Wu", "Sun"))
    asked = {
        asked_about(world, world.customer, "Line 4", [chen, li, wu]): (chen, li, wu),
        asked_about(world, world.customer, "Press shop", [chen, sun]): (chen, sun),
    }
    for number in range(weeks):
        week, due = WEEK + ONE_WEEK * number, DUE + ONE_WEEK * number
        story.plan(due, story.invite(week))
        for project, contact in [(project, one) for project, people in asked.items() for one in people]:
            if number in (8, 9, 10) or not story.chance(0.6):
                continue
            say = story.answer(project, contact, week)
            first = due + HOUR * story.rolled.uniform(1, 17 * 24)
            story.plan(first, say)
            if story.chance(0.4):
                story.plan(first + HOUR * story.rolled.uniform(0, 3 * 24), say)
        for _ in range(2):
            story.plan(due + HOUR * story.rolled.uniform(0, 7 * 24), story.decide_a_case)
    story.plan(DUE + 5 * ONE_WEEK - HOUR, story.other_points)
    return story


@pytest.mark.parametrize("seed", [1, 2])
def test_columns_equal_the_core_as_of_any_instant_also_later(world: World, seed: int) -> None:
    weeks, customer = 18, world.customer
    story = planned(world, seed, weeks)
    seen: dict[dt.datetime, dict[str, float]] = {}

    def look(now: dt.datetime) -> None:
        seen[now] = by_the_core(customer, now)
        assert_equal(columns_of(customer, now), seen[now], now)

    for number in range(-1, 3 * weeks):
        story.plan(DUE + HOUR * (56 * number + story.rolled.uniform(0, 56)), look)
    story.happen()
    for as_of, expected in seen.items():
        assert_equal(columns_of(customer, as_of), expected, as_of)
    table = {name: np.array([row[name] for row in seen.values()]) for name in COLUMNS}
    assert np.isnan(table["satisfaction_level"][0])
    assert np.nanmax(table["survey_silence"]) >= 2 > np.nanmin(table["survey_silence"])
    assert {0.0, 1.0, 2.0} <= set(table["satisfaction_age"])
    assert table["satisfaction_weeks"].max() > 7
    assert len(set(table["low_grades"])) > 4
    assert {-100.0, -90.0} <= set(table["lowest_points"])
    assert CorrectiveAction.objects.filter(times_reopened__gt=0).exists()


def test_a_grade_counts_in_the_second_it_is_given(world: World) -> None:
    office = office_of(world)
    office.invite()
    before = columns_of(world.customer, DUE + HOUR)
    assert np.isnan(before["satisfaction_level"])
    assert before["low_grades"] == 0
    office.say(office.chen, at=DUE + HOUR, delivery="D", quality="A")
    after = columns_of(world.customer, DUE + HOUR)
    assert (after["satisfaction_level"], after["satisfaction_age"], after["satisfaction_weeks"]) == (0, 0, 1)
    assert (after["low_grades"], after["lowest_points"], after["survey_silence"]) == (1, -100, 0)
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="B", quality="A")
    edited = columns_of(world.customer, DUE + 2 * HOUR)
    assert (edited["satisfaction_level"], edited["low_grades"], edited["lowest_points"]) == (70, 0, 40)
    assert_equal(columns_of(world.customer, DUE + HOUR), after, "before the edit")


def test_a_low_grade_stands_while_its_corrective_action_is_open(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, at=DUE + HOUR, delivery="D", quality="B")
    solved, again = DUE + DAY, DUE + 2 * DAY
    invitation = office.invitation(office.chen)
    confirm_case(office.case(), invitation=invitation, now=solved)
    reject_case(office.case(), invitation=invitation, comment="Late again.", now=again)
    confirm_case(office.case(), invitation=invitation, now=again + DAY)
    low = {
        at: (columns_of(world.customer, at)["low_grades"], columns_of(world.customer, at)["lowest_points"])
        for at in (DUE + HOUR, solved - HOUR, solved, again - HOUR, again, again + DAY)
    }
    assert list(low.values()) == [(1, -100), (1, -100), (0, 40), (0, 40), (1, -100), (0, 40)]


def test_low_grades_are_of_four_rated_weeks_and_the_last_late_one_is_among_them(world: World) -> None:
    office = office_of(world)
    office.invite()
    latest = office.invitation(office.chen).expires_at - dt.timedelta(seconds=1)
    office.say(office.chen, at=latest, delivery="C")
    assert columns_of(world.customer, latest)["low_grades"] == 1
    last_sunday = dt.datetime.combine(WEEK, dt.time(), dt.UTC) + 4 * ONE_WEEK - dt.timedelta(seconds=1)
    assert columns_of(world.customer, last_sunday)["low_grades"] == 1
    gone = columns_of(world.customer, last_sunday + DAY)
    assert gone["low_grades"] == 0
    assert np.isnan(gone["lowest_points"])
    assert gone["satisfaction_age"] == 4


def test_who_still_has_time_is_not_silent(world: World) -> None:
    office = office_of(world)
    office.invite()
    assert np.isnan(columns_of(world.customer, CLOSED - HOUR)["survey_silence"])
    assert columns_of(world.customer, CLOSED)["survey_silence"] == 1
    office.invite(WEEK + ONE_WEEK)
    assert columns_of(world.customer, CLOSED + ONE_WEEK - HOUR)["survey_silence"] == 1
    assert columns_of(world.customer, CLOSED + ONE_WEEK)["survey_silence"] == 2
    office.say(office.li, at=CLOSED + ONE_WEEK + HOUR, week=WEEK + ONE_WEEK, comment="Busy.")
    said = columns_of(world.customer, CLOSED + ONE_WEEK + HOUR)
    assert said["survey_silence"] == 0
    assert np.isnan(said["satisfaction_level"])


def surveyed_book(customers: int) -> list[int]:
    ids = make_book(customers, orders_each=6, first=dt.datetime(2025, 1, 1, tzinfo=dt.UTC), days=400)
    make_surveys(ids, last=dt.date(2026, 2, 23))
    return ids


def test_a_list_of_ids_gives_the_same_bits_as_a_range(world: World) -> None:
    ids = surveyed_book(80)
    for text in ("2026-02-03T12:00:00", "2026-03-01T20:00:00"):
        moment = Moment(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC), "UTC")
        by_range = states(moment, Wanted(ids, [1] * len(ids), ids[0], ids[-1] + 1))
        some = ids[3:70:5]
        by_list = states(moment, Wanted(some)).to_columns()
        chosen = by_range.take(np.isin(by_range.customer_id, some)).to_columns()
        for name in COLUMNS:
            np.testing.assert_array_equal(by_list[name], chosen[name], err_msg=name)
        assert len(set(by_range.satisfaction_slope.tolist())) > 40
        assert by_range.low_grades.max() > 0


@pytest.mark.django_db(transaction=True)
def test_grades_and_invitations_are_streamed_from_their_covering_indexes(world: World) -> None:
    with transaction.atomic():
        ids = surveyed_book(1200)
    vacuum()
    moment, shard = Moment(dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC), "UTC"), ids[:600]
    for wanted in (Wanted(shard, [1] * len(shard), shard[0], shard[-1] + 1), Wanted(ids[:1])):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(inputs.STREAMED)
            values = inputs.parameters(RUN, wanted, moment, POLICY)
            cursor.execute("explain " + inputs.statement(wanted), values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        for index in ("answer_grade_features", "invitation_features"):
            assert f"Index Only Scan using {index}" in plan, plan
        for index in ("answer_grade_once", "case_event_in_order"):
            assert f"using {index}" in plan, plan
        assert "Seq Scan" not in plan, plan
