"""What is read for an index: grades in the order of their version, and who was asked, as of an instant."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeKind, SurveyProgramme
from accounts.surveys.queries import scales_of
from accounts.surveys.services import mark_failed, name_respondent
from scoring.satisfaction.reading import LEVELS, Answers, Asked, rows_of, unpacked
from tests.accounts.surveys.office import (
    CLOSED,
    DAY,
    DUE,
    HOUR,
    WEEK,
    Office,
    contact_of,
    office_of,
    project_of,
)
from tests.conftest import MONDAY, World

NEXT = WEEK + 7 * DAY
LATER = DUE + 30 * DAY


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def read(
    project: Project, *, week: dt.date = WEEK, as_of: dt.datetime = LATER, with_levels: bool = False
) -> tuple[Answers, Asked]:
    answers, asked, customers = rows_of(
        [project.pk], first=week, last=week, as_of=as_of, with_levels=with_levels
    )
    assert customers.tolist() == [project.customer_id]
    return answers, asked


def grades(answers: Answers) -> list[list[int]]:
    return sorted(unpacked(answers.packed, 5).tolist(), reverse=True)


def test_grades_are_positions_in_the_order_of_the_version(office: Office) -> None:
    office.say(office.chen, quality="A", delivery="D")
    office.say(office.li, support="B+")
    answers, _asked = read(office.project)
    assert grades(answers) == [[0, 6, -1, -1, -1], [-1, -1, -1, -1, 2]]
    assert set(answers.version.tolist()) == {office.version.pk}
    scale = scales_of([office.version.pk])[office.version.pk]
    assert scale.points == (100.0, 80.0, 60.0, 40.0, 20.0, 0.0, -100.0)
    assert scale.weights == (1.0,) * 5
    assert scale.letters == ("A", "A-", "B+", "B", "B-", "C", "D")
    assert scale.dimensions == tuple(
        part.dimension_id for part in office.version.dimensions.order_by("position")
    )
    assert scale.response_threshold_percent == 70


def test_as_of_an_earlier_instant_it_is_what_was_said_then(office: Office) -> None:
    office.say(office.chen, at=DUE + HOUR, quality="D")
    office.say(office.chen, at=DUE + 3 * HOUR, quality="A")

    def as_of(instant: dt.datetime) -> list[int]:
        answers, _asked = read(office.project, as_of=instant)
        return [each[0] for each in grades(answers)]

    assert as_of(DUE) == []
    assert as_of(DUE + 2 * HOUR) == [6]
    assert as_of(DUE + 3 * HOUR) == [0]


def test_response_counts_who_has_answered_and_whose_week_is_closed(office: Office) -> None:
    office.say(office.chen, quality="B")

    def as_of(instant: dt.datetime) -> list[bool]:
        _answers, asked = read(office.project, as_of=instant)
        return sorted(asked.is_counted.tolist())

    assert as_of(DUE - DAY) == []
    assert as_of(DUE) == [False, False]
    assert as_of(DUE + HOUR) == [False, True]
    assert as_of(CLOSED) == [True, True]


def test_whom_no_letter_reached_was_not_asked(office: Office) -> None:
    office.say(office.chen, quality="B")
    mark_failed(office.invitation(office.li).pk, reason="No such mailbox", now=DUE + 2 * HOUR)

    def as_of(instant: dt.datetime) -> list[bool]:
        _answers, asked = read(office.project, as_of=instant)
        return sorted(asked.is_counted.tolist())

    assert as_of(DUE + HOUR) == [False, True]
    assert as_of(CLOSED) == [True]


@pytest.mark.parametrize("letter", ["A", "C"])
def test_weeks_outside_the_span_and_other_projects_are_left_out(office: Office, letter: str) -> None:
    other = project_of(office.world, "Line 5")
    name_respondent(project=other, contact=contact_of(office.world, "Wang"), author=None, now=MONDAY)
    office.invite(NEXT)
    office.say(office.chen, quality=letter)
    answers, asked = read(office.project, week=NEXT)
    assert len(answers) == 0
    assert (asked.project.tolist(), asked.week.tolist()) == ([office.project.pk] * 2, [0, 0])


def test_levels_are_those_of_the_invitation(office: Office) -> None:
    office.say(office.chen, quality="B")
    answers, asked = read(office.project, with_levels=True)
    level = LEVELS.index(office.invitation(office.chen).level)
    assert answers.level.tolist() == [level]
    assert sorted(LEVELS[code] for code in asked.level) == sorted(
        office.invitation(each).level for each in (office.chen, office.li)
    )


def test_another_programme_is_no_part_of_the_week(office: Office) -> None:
    office.say(office.chen, quality="B")
    SurveyProgramme.objects.update(kind=ProgrammeKind.ANY_TIME)
    assert [len(rows) for rows in read(office.project)] == [0, 0]
