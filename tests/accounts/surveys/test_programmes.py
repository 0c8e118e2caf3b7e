"""The programme: the product's own, its versions, and that a used one stays as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.surveys.models import ProgrammeGrade, ProgrammeVersion, VersionState
from accounts.surveys.services import ensure_programme, publish_version
from accounts.surveys.standard import STANDARD
from tests.accounts.surveys.office import Office
from tests.conftest import MONDAY


def test_the_product_asks_five_dimensions_with_seven_grades(db: None) -> None:
    version = ensure_programme(now=MONDAY)
    parts = version.dimensions.order_by("position").values_list("dimension__code", "weight")
    assert list(parts) == [
        ("quality", 1),
        ("delivery", 1),
        ("communication", 1),
        ("service", 1),
        ("support", 1),
    ]
    grades = version.grades.order_by("position").values_list("letter", "points", "warns", "opens_case")
    assert list(grades) == [
        ("A", 100, False, False),
        ("A-", 80, False, False),
        ("B+", 60, False, False),
        ("B", 40, False, False),
        ("B-", 20, True, False),
        ("C", 0, True, True),
        ("D", -100, True, True),
    ]
    assert (version.acknowledge_hours, version.plan_hours, version.late_days) == (24, 72, 14)
    assert version.response_threshold_percent == 70


def test_asked_again_it_is_the_same_version(db: None) -> None:
    assert ensure_programme(now=MONDAY) == ensure_programme(now=MONDAY)
    assert ProgrammeVersion.objects.count() == 1


def test_words_are_found_by_language(db: None) -> None:
    delivery = ensure_programme(now=MONDAY).dimensions.get(dimension__code="delivery").dimension
    assert delivery.name_in("zh-hans") == "按时交货"
    assert delivery.name_in("zh-hant") == "準時交貨"
    assert delivery.name_in("en") == delivery.name_in("fr") == "On-time delivery"


def test_a_new_version_retires_the_old_one_and_keeps_its_dimensions(office: Office) -> None:
    programme = office.version.programme
    facts = replace(STANDARD, dimensions=STANDARD.dimensions[:2], acknowledge_hours=8)
    version = publish_version(programme, facts=facts, author=office.world.admin, now=MONDAY)
    assert (version.number, version.state) == (2, VersionState.ACTIVE)
    office.version.refresh_from_db()
    assert office.version.state == VersionState.RETIRED
    assert ensure_programme(now=MONDAY) == version
    assert programme.dimensions.count() == 5
    assert office.invitation(office.chen).programme_version == office.version


TAMPERING = [
    "update surveys_programmeversion set acknowledge_hours = 99",
    "update surveys_programmeversion set state = 'draft'",
    "delete from surveys_programmeversion",
    "update surveys_programmegrade set opens_case = false where letter = 'D'",
    "update surveys_programmegrade set points = 100 where letter = 'D'",
    "delete from surveys_programmegrade where letter = 'A'",
    "insert into surveys_programmegrade (version_id, letter, position, points, warns, opens_case, "
    "confirms_case, name, name_zh_hans, name_zh_hant) "
    "select id, 'E', 9, -200, true, true, false, 'E', 'E', 'E' from surveys_programmeversion",
    "update surveys_programmedimension set weight = 9",
    "delete from surveys_programmedimension",
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_a_version_in_use_cannot_be_changed_by_any_statement(office: Office, statement: str) -> None:
    before = list(ProgrammeGrade.objects.order_by("pk").values_list("letter", "points", "opens_case"))
    with (
        pytest.raises(DatabaseError, match="in use and cannot be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(ProgrammeGrade.objects.order_by("pk").values_list("letter", "points", "opens_case")) == before


def test_a_draft_that_somebody_used_cannot_be_changed_either(office: Office) -> None:
    draft = ProgrammeVersion.objects.create(programme=office.version.programme, number=2)
    draft.plan_hours = 1
    draft.save()
    with connection.cursor() as cursor:
        cursor.execute(
            "update surveys_invitation set programme_version_id = %s where contact_id = %s",
            [draft.pk, office.chen.pk],
        )
    draft.plan_hours = 2
    with pytest.raises(DatabaseError, match="in use"), transaction.atomic():
        draft.save()


A, A_MINUS, B_PLUS, B, B_MINUS, C, D = STANDARD.grades


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(STANDARD, dimensions=()), "dimensions"),
        (replace(STANDARD, dimensions=STANDARD.dimensions[:1] * 2), "dimensions"),
        (replace(STANDARD, dimensions=(replace(STANDARD.dimensions[0], weight=0),)), "weight"),
        (replace(STANDARD, dimensions=(replace(STANDARD.dimensions[0], code="week"),)), "code"),
        (replace(STANDARD, grades=(A,)), "grades"),
        (replace(STANDARD, grades=(A, D, D)), "letter"),
        (replace(STANDARD, grades=(replace(A, points=70), A_MINUS, C)), "points"),
        (replace(STANDARD, grades=(A, C, replace(D, opens_case=False))), "marks"),
        (replace(STANDARD, grades=(A, B, replace(C, warns=False))), "marks"),
        (
            replace(
                STANDARD, grades=(A, replace(B_MINUS, confirms_case=True), replace(B_PLUS, points=10), D)
            ),
            "marks",
        ),
        (
            replace(STANDARD, grades=(B, replace(C, warns=False, opens_case=False, confirms_case=True), D)),
            "marks",
        ),
        (replace(STANDARD, grades=(A, B_PLUS, B_MINUS)), "opens"),
        (replace(STANDARD, grades=(B, B_MINUS, D)), "confirms"),
    ],
)
def test_a_version_that_makes_no_sense_is_refused(office: Office, facts: object, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        publish_version(office.version.programme, facts=facts, author=None, now=MONDAY)  # type: ignore[arg-type]
    assert [error.code for errors in refused.value.error_dict.values() for error in errors] == [code]
    assert ProgrammeVersion.objects.count() == 1


def test_all_that_is_refused_is_said_at_once_and_by_name(office: Office) -> None:
    facts = replace(
        STANDARD,
        dimensions=(replace(STANDARD.dimensions[0], weight=0), *STANDARD.dimensions[1:]),
        grades=(A, replace(A_MINUS, points=120), B, B_MINUS),
        plan_hours=12,
        work_until=0,
    )
    with pytest.raises(ValidationError) as refused:
        publish_version(office.version.programme, facts=facts, author=None, now=MONDAY)
    said = {field: [error.code for error in errors] for field, errors in refused.value.error_dict.items()}
    assert said == {
        "dimensions": ["weight"],
        "grades": ["points", "opens"],
        "plan_hours": ["hours"],
        "work_until": ["worktime"],
    }
    (points, opens) = refused.value.error_dict["grades"]
    assert points.message == "A worse grade has fewer points: A- needs fewer than A."
    assert (points.place, opens.place) == (1, 3)  # type: ignore[attr-defined]
