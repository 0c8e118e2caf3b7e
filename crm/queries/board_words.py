"""What was said in a week: behind one cell, and line by line for paper and workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F, OuterRef, Subquery

from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import OPEN, Answer, AnswerGrade, CorrectiveAction, ReviewNote, SurveyDimension

WEEK = dt.timedelta(days=7)


class Voice(NamedTuple):
    """What one respondent said of a dimension. ``before``: his letter of the week before, else empty;
    ``answer``: his words about the week as a whole."""

    name: str
    letter: str
    comment: str
    is_late: bool
    answer: str
    before: str | None


class Line(NamedTuple):
    """Words of a week: a respondent's about a dimension (with its letter) or about the whole week (both
    empty), or a note of ours (``is_ours``)."""

    project_id: int
    dimension_id: int | None
    letter: str
    name: str
    text: str
    is_ours: bool


@dataclass(frozen=True)
class Behind:
    """What stands behind a cell, or behind the whole week (no dimension)."""

    dimension: SurveyDimension | None
    voices: tuple[Voice, ...]
    remarks: tuple[Line, ...]
    case: CorrectiveAction | None
    notes: tuple[ReviewNote, ...]


def behind_cell(project: Project, dimension: SurveyDimension | None, week: dt.date) -> Behind:
    notes = ReviewNote.objects.filter(project=project, week=week, dimension=dimension)
    case = None
    if dimension is not None:
        found = CorrectiveAction.objects.filter(OPEN, project=project, dimension=dimension)
        case = found.filter(opened_by__week__lte=week).select_related("owner", "dimension").first()
    return Behind(
        dimension=dimension,
        voices=_voices(project, dimension, week) if dimension else (),
        remarks=() if dimension else tuple(_remarks([project.pk], week)),
        case=case,
        notes=tuple(notes.select_related("author").order_by("pk")),
    )


def lines_of(project_ids: Sequence[int], week: dt.date) -> tuple[Line, ...]:
    """Every word of the week about these projects. Three queries."""
    grades = AnswerGrade.objects.filter(project__in=among(project_ids), week=week, superseded_at=None)
    said = grades.exclude(comment="").order_by("project", "dimension", "-grade__position", "pk")
    columns = ("project_id", "dimension_id", "grade__letter", "answer__invitation__contact__name", "comment")
    lines = [
        Line(project, dimension, letter, name, text, is_ours=False)
        for project, dimension, letter, name, text in said.values_list(*columns)
    ]
    lines += _remarks(project_ids, week)
    notes = ReviewNote.objects.filter(project__in=among(project_ids), week=week).order_by("project", "pk")
    lines += [
        Line(project, dimension, "", name, text, is_ours=True)
        for project, dimension, name, text in notes.values_list(
            "project_id", "dimension_id", "author__name", "text"
        )
    ]
    return tuple(lines)


def cases_of(project_ids: Sequence[int], week: dt.date) -> tuple[CorrectiveAction, ...]:
    """The open corrective actions of the board, by the clock that runs out first. One query."""
    found = CorrectiveAction.objects.filter(
        OPEN, project__in=among(project_ids), opened_by__week__lte=week
    ).select_related("customer", "project", "dimension", "owner")
    return tuple(
        found.order_by(F("acknowledged_at").asc(nulls_first=True), "acknowledge_by", "plan_by", "pk")
    )


def _voices(project: Project, dimension: SurveyDimension, week: dt.date) -> tuple[Voice, ...]:
    current = AnswerGrade.objects.filter(project=project, dimension=dimension, superseded_at=None)
    before = current.filter(
        week=week - WEEK, answer__invitation__contact=OuterRef("answer__invitation__contact")
    )
    found = (
        current.filter(week=week)
        .annotate(before=Subquery(before.values("grade__letter")[:1]))
        .order_by("-grade__position", "pk")
    )
    columns = ("answer__invitation__contact__name", "grade__letter", "comment", "answer__is_late")
    return tuple(Voice._make(row) for row in found.values_list(*columns, "answer__comment", "before"))


def _remarks(project_ids: Sequence[int], week: dt.date) -> list[Line]:
    answers = Answer.objects.filter(project__in=among(project_ids), week=week, superseded_at=None)
    said = answers.exclude(comment="").order_by("project", "invitation__contact__sort_key", "pk")
    return [
        Line(project, None, "", name, text, is_ours=False)
        for project, name, text in said.values_list("project_id", "invitation__contact__name", "comment")
    ]
