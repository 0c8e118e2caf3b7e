"""The number on an answer says what its grades say, whoever writes them."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeVersion,
    SurveyDimension,
)
from accounts.surveys.packing import BITS, MOST_DIMENSIONS, MOST_GRADES
from tests.accounts.surveys.office import DUE, HOUR, Office, office_of
from tests.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    return found


def execute(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def packed() -> list[int]:
    return list(Answer.objects.order_by("pk").values_list("packed_grades", flat=True))


def number(*positions: int | None) -> int:
    """Of grades in the order of the dimensions, worked out by hand."""
    return sum((each + 1) << (BITS * place) for place, each in enumerate(positions) if each is not None)


def test_every_version_of_an_answer_carries_its_own_grades(office: Office) -> None:
    office.say(office.chen, at=DUE + HOUR, quality="A", delivery="D")
    office.say(office.chen, at=DUE + 2 * HOUR, quality="A-", support="B+")
    assert packed() == [number(0, 6), number(1, None, None, None, 2)]


def test_grades_may_come_one_by_one_and_go(office: Office) -> None:
    office.say(office.chen, quality="A", delivery="B", communication="B-")
    rows = list(AnswerGrade.objects.order_by("dimension__code"))
    AnswerGrade.objects.all().delete()
    assert packed() == [0]
    for row in rows:
        AnswerGrade.objects.bulk_create([row])
    assert packed() == [number(0, 3, 4)]
    AnswerGrade.objects.filter(dimension__code="delivery").delete()
    assert packed() == [number(0, None, 4)]


def test_a_grade_that_was_given_cannot_be_changed(office: Office) -> None:
    office.say(office.chen, quality="A")
    worse = ProgrammeGrade.objects.get(version=office.version, letter="B")
    with pytest.raises(IntegrityError, match="cannot be changed"):
        execute("update surveys_answergrade set grade_id = %s", worse.pk)


def test_no_version_has_more_than_fits(office: Office) -> None:
    draft = ProgrammeVersion.objects.create(programme=office.version.programme, number=99)
    quality = SurveyDimension.objects.get(code="quality")
    with pytest.raises(IntegrityError, match="programme_dimension_packs"), transaction.atomic():
        ProgrammeDimension.objects.create(
            version=draft, dimension=quality, weight=1, position=MOST_DIMENSIONS
        )
    with pytest.raises(IntegrityError, match="grade_packs"), transaction.atomic():
        ProgrammeGrade.objects.create(version=draft, letter="Z", points=0, position=MOST_GRADES)
