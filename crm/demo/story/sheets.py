"""Answers of the demo: the numbers of `moods` and the complaints, put on the invitations."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from django.db.models import QuerySet

from accounts.surveys.models import Invitation
from accounts.surveys.queries import Form, form_of
from accounts.surveys.services import AnswerFacts
from accounts.surveys.standard import STANDARD
from crm.demo.story.comments import overall_remark, remark
from crm.demo.story.complaints import Complaint, is_low
from crm.demo.story.moods import B_MINUS, LETTERS, NOT_GRADED, THEMES, Panel, Temper, WeekDraws, week_of
from crm.demo.story.respondents import Calendar

HOUR = dt.timedelta(hours=1)
TOLD_LATELY = dt.timedelta(days=7)
ANSWERED_OF_OPEN = 0.6
"""Share of those who will answer that have done so in the week that is open."""
LATE_DAYS = 8
OVERALL = 0.04
# Share of all answers and hours after the letter: Friday afternoon, the weekend, Monday to Thursday.
_SHARES = (0, 0.45, 0.4501, 0.5, 0.5001, 0.75, 0.7501, 0.88, 0.8801, 0.95, 0.9501, 1)
_HOURS = (0.1, 4, 5, 32, 66, 76, 90, 100, 114, 124, 138, 148)


class Invited(NamedTuple):
    """An invitation with what its answer needs; the time zone and language are the contact's."""

    id: int
    respondent_id: int
    customer_id: int
    project_id: int
    week_id: dt.date
    programme_version_id: int
    due_at: dt.datetime
    closes_at: dt.datetime
    expires_at: dt.datetime
    time_zone: str
    language: str


@dataclass(frozen=True)
class Sheet:
    """An answer to be written, by row of the panel and week. ``is_told``: something comes of it (a case, a
    confirmation, a notice)."""

    row: int
    week: int
    invitation: Invited
    at: dt.datetime
    is_late: bool
    facts: AnswerFacts
    is_told: bool


@dataclass(frozen=True)
class Cell:
    """What a complaint makes of a respondent's week. ``letters`` by theme; none: he does not answer."""

    letters: dict[str, str]
    at: dt.datetime | None = None
    is_last: bool = False


Cells = dict[tuple[int, int], Cell]


def invitations(found: QuerySet[Invitation] | None = None) -> list[Invited]:
    """Of all weeks that are told, or those ``found``, in the order of time."""
    wanted = Invitation.objects.all() if found is None else found
    rows = wanted.order_by("due_at", "pk").values_list(
        "id",
        "respondent_id",
        "customer_id",
        "project_id",
        "week_id",
        "programme_version_id",
        "due_at",
        "closes_at",
        "expires_at",
        "contact__time_zone",
        "contact__language",
    )
    return [Invited(*row) for row in rows]


def usual_answer(invitation: Invited, place: float) -> dt.datetime:
    """When he answers who is at this ``place`` (0..1) among all who do."""
    return invitation.due_at + float(np.interp(place, _SHARES, _HOURS)) * HOUR


def as_asked(sheets: Iterable[Sheet]) -> Iterator[Sheet]:
    """Only what each was asked under his version; nobody of whose answer nothing remains.

    Where grades do something else than the product's own, whatever he says is told.
    """
    forms: dict[int, Form] = {}
    for sheet in sheets:
        version = sheet.invitation.programme_version_id
        if version not in forms:
            forms[version] = form_of(version)
        facts = _asked_facts(sheet.facts, forms[version])
        if facts.grades or facts.not_applicable or facts.comment:
            yield replace(sheet, facts=facts, is_told=sheet.is_told or _has_own_grades(forms[version]))


def _asked_facts(facts: AnswerFacts, form: Form) -> AnswerFacts:
    codes = {line.dimension.code for line in form.dimensions}
    letters = {grade.letter for grade in form.grades}
    grades = {code: letter for code, letter in facts.grades.items() if code in codes and letter in letters}
    words = {code: text for code, text in facts.dimension_comments.items() if code in grades}
    return replace(
        facts, grades=grades, not_applicable=facts.not_applicable & codes, dimension_comments=words
    )


def _has_own_grades(form: Form) -> bool:
    marks, usual = (
        [(each.letter, each.warns, each.opens_case, each.confirms_case) for each in grades]
        for grades in (form.grades, STANDARD.grades)
    )
    return marks != usual


def cells_of(complaints: Iterable[Complaint]) -> Cells:
    """By row of the panel and week."""
    return {
        (row, complaint.start + step): Cell(
            letters=dict.fromkeys(complaint.themes, letter),
            is_last=complaint.start + step == complaint.last_week,
        )
        for complaint in complaints
        for row in complaint.respondents
        for step, letter in enumerate(complaint.letters)
    }


@dataclass(frozen=True)
class Writer:
    """Fills in the sheets of some weeks; ``rows``: place in the panel by respondent's id."""

    panel: Panel
    temper: Temper
    calendar: Calendar
    rows: dict[int, int]
    cells: Cells

    def sheets(self, invited: Iterable[Invited], places: dict[tuple[dt.date, str], int]) -> Iterator[Sheet]:
        """Of those who answer; ``places``: the week's place by Monday and time zone."""
        drawn: dict[int, WeekDraws] = {}
        for invitation in invited:
            week = places[invitation.week_id, invitation.time_zone]
            if week not in drawn:
                drawn[week] = week_of(self.panel, self.temper, week)
            row = self.rows[invitation.respondent_id]
            cell = self.cells.get((row, week))
            at = self.answered_at(invitation, row, drawn[week], cell)
            if at is not None:
                yield self._sheet(invitation, (row, week), at, drawn[week], cell)

    def answered_at(
        self, invitation: Invited, row: int, draws: WeekDraws, cell: Cell | None
    ) -> dt.datetime | None:
        """None: he does not, or not yet."""
        now, place = self.calendar.now, float(draws.place[row])
        if cell is not None and not cell.letters:
            return None
        if cell is not None and cell.at is not None:
            return cell.at
        if not draws.is_answered[row] and cell is None:
            return None
        if invitation.closes_at > now:
            share = place / ANSWERED_OF_OPEN
            return invitation.due_at + (now - invitation.due_at) * share if share < 1 else None
        if draws.is_late[row] and cell is None:
            at = invitation.closes_at + place * dt.timedelta(days=LATE_DAYS)
            return at if at < now else None
        return usual_answer(invitation, place)

    def _sheet(
        self,
        invitation: Invited,
        key: tuple[int, int],
        at: dt.datetime,
        draws: WeekDraws,
        cell: Cell | None,
    ) -> Sheet:
        row, week = key
        grades = {
            theme: LETTERS[position]
            for theme, position in zip(THEMES, draws.grades[row].tolist(), strict=True)
            if position != NOT_GRADED
        }
        grades |= cell.letters if cell else {}
        if not grades:
            grades = {THEMES[0]: LETTERS[1]}
        is_warning = any(LETTERS.index(letter) >= B_MINUS for letter in grades.values())
        return Sheet(
            row=row,
            week=week,
            invitation=invitation,
            at=at,
            is_late=at >= invitation.closes_at,
            facts=_facts(grades, is_chinese=invitation.language.startswith("zh"), draws=draws.draws[row]),
            is_told=any(map(is_low, grades.values()))
            or bool(cell and cell.is_last)
            or (is_warning and at > self.calendar.now - TOLD_LATELY),
        )


def _facts(grades: dict[str, str], *, is_chinese: bool, draws: np.ndarray) -> AnswerFacts:
    said = {}
    for theme, (wish, choice) in zip(THEMES, draws[: len(THEMES)].tolist(), strict=True):
        position = LETTERS.index(grades[theme]) if theme in grades else NOT_GRADED
        if wish < _wish(position):
            is_poor = position >= LETTERS.index("B")
            said[theme] = remark(theme, is_chinese=is_chinese, is_poor=is_poor, draw=choice)
    wish, choice = draws[-1].tolist()
    return AnswerFacts(
        grades=grades,
        not_applicable=frozenset(theme for theme in THEMES if theme not in grades),
        comment=overall_remark(is_chinese=is_chinese, draw=choice) if wish < OVERALL and not said else "",
        dimension_comments=said,
    )


def _wish(position: int) -> float:
    """How often he writes something beside such a grade: the worse, the more."""
    if position == NOT_GRADED:
        return 0.0
    return (0.02, 0.012, 0.0, 0.04, 0.45, 0.85, 1.0)[position]
