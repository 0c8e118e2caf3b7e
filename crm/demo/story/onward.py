"""The story goes on: what was open is answered, a further week is asked, and people work on what it brings.

Numbers follow from the same functions as those of the weeks before the first start. What is told here depends
on what is in the database, because people may have worked on the corrective actions themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from django.db import transaction

from accounts.customers.services import bump
from accounts.surveys.models import OPEN, CaseState, CorrectiveAction, Invitation
from accounts.surveys.services import make_invitations
from crm.demo.story import complaints
from crm.demo.story.bulk import write_in_bulk
from crm.demo.story.casework import HOUR, Deed
from crm.demo.story.complaints import Complaint, complaints_of, is_low
from crm.demo.story.costs import use_onward
from crm.demo.story.moods import B_MINUS, LETTERS, NOW_WEEK, THEMES, Panel, WeekDraws, temper_of
from crm.demo.story.plots import STORIES
from crm.demo.story.reread import Standing, relations, standing
from crm.demo.story.respondents import WEEK
from crm.demo.story.sheets import (
    LATE_DAYS,
    Cell,
    Cells,
    Invited,
    Sheet,
    Writer,
    as_asked,
    invitations,
    usual_answer,
)
from crm.demo.story.talks import Span
from crm.demo.story.trade import Traded, trade
from crm.demo.story.weeks import mark_letters, tell_in_order

SEED = 20_260_104
SLOW = 0.4
"""Share of the open corrective actions with which nobody hurries in a week."""
IN_CHARGE = 0.3
# What follows on each state, and least and most hours after what was before.
NEXT = {
    CaseState.OPEN: (CaseState.ACKNOWLEDGED, 1, 20),
    CaseState.ACKNOWLEDGED: (CaseState.PLANNED, 3, 40),
    CaseState.PLANNED: (CaseState.CONTAINED, 5, 30),
    CaseState.CONTAINED: (CaseState.CAUSE_FOUND, 30, 80),
    CaseState.CAUSE_FOUND: (CaseState.CORRECTED, 40, 110),
}
# What a complainant says of a week before the correction, and of one after it.
UNSOLVED = ("B-", "B-", "B", "B-", "C")
SOLVED = ("B+", "A-", "B+", "B", "B+", "A-")


@dataclass(frozen=True)
class Onward:
    """What the week brought."""

    week: int
    traded: Traded
    usages: int
    invitations: int
    answers: int
    deeds: int
    opened: int
    closed: int


@dataclass(frozen=True)
class Move(Deed):
    """A deed that is done only if it is still the next one when its time has come."""

    def do(self) -> None:
        found = CorrectiveAction.objects.filter(
            OPEN, project=self.project, dimension__code=self.theme
        ).first()
        if found is not None and (self.what == "assigned" or NEXT.get(_state(found), ("",))[0] == self.what):
            super().do()


@dataclass(frozen=True)
class LaterWriter(Writer):
    """Fills in the sheets of what is not answered yet, in the time after ``since``."""

    since: dt.datetime

    def answered_at(
        self, invitation: Invited, row: int, draws: WeekDraws, cell: Cell | None
    ) -> dt.datetime | None:
        place, now = float(draws.place[row]), self.calendar.now
        if cell is not None and cell.at is not None:
            return cell.at
        if invitation.closes_at > self.since and (cell is not None or draws.is_answered[row]):
            if invitation.closes_at > now:
                return super().answered_at(invitation, row, draws, cell)
            if cell is not None or not draws.is_late[row]:
                at = usual_answer(invitation, place)
                rest = invitation.closes_at - max(self.since, invitation.due_at)
                return at if at > self.since else invitation.closes_at - rest * (1 - place * 0.9)
        if cell is None and draws.is_answered[row] and draws.is_late[row]:
            at = invitation.closes_at + place * dt.timedelta(days=LATE_DAYS)
            return at if self.since < at < min(now, invitation.expires_at) else None
        return None


@transaction.atomic
def go_on(span: Span) -> Onward:
    """Tell the time after ``span.since``, to which everything that is there belongs. Raises NoStoryError."""
    now = span.until
    there = standing(now)
    told_of = relations()
    traded = trade(told_of, span, there.now_week)
    usages = use_onward(told_of, span, there.now_week)
    cases = _open_cases(there)
    made = _invite(there)
    asked, places = _waiting(there, span)
    moves = [move for case in cases for move in _moves(case, there, span)]
    cells = _joined(
        _cells_of_cases(cases, moves, there, asked, places),
        _cells_of_complaints(_complaints(there, asked, places), there, asked, places),
    )
    rows = {respondent.pk: row for row, respondent in enumerate(there.respondents)}
    temper = temper_of(there.panel)
    writer = LaterWriter(there.panel, temper, there.calendar, rows, cells, span.since)
    sheets = list(as_asked(writer.sheets(asked, places)))
    write_in_bulk([sheet for sheet in sheets if not sheet.is_told])
    told = [sheet for sheet in sheets if sheet.is_told]
    moves += [move for sheet in told for move in _first_moves(sheet, there, cases, span)]
    tell_in_order(told, moves, now)
    mark_letters(now)
    bump({invitation.customer_id for invitation in asked})
    happened = CorrectiveAction.objects.filter(known_at__gt=span.since)
    return Onward(
        week=there.now_week,
        traded=traded,
        usages=usages,
        invitations=made,
        answers=len(sheets),
        deeds=len(moves),
        opened=happened.count(),
        closed=CorrectiveAction.objects.filter(closed_at__gt=span.since).count(),
    )


def _state(case: CorrectiveAction) -> CaseState:
    return CaseState(case.state)


def _open_cases(there: Standing) -> list[CorrectiveAction]:
    """Those about what the story knows; a dimension that an admin added is people's."""
    cases = CorrectiveAction.objects.filter(
        OPEN, project__in=there.projects.values(), dimension__code__in=THEMES
    )
    return list(cases.select_related("dimension").order_by("project", "dimension"))


def _invite(there: Standing) -> int:
    """The weeks since the latest that was asked about, as the timetable would have; how many invitations."""
    asked = Invitation.objects.order_by().filter(respondent__in=there.respondents)
    hours = set()
    for zone in there.first:
        latest = asked.filter(contact__time_zone=zone).order_by("-week").values_list("week", flat=True)[0]
        current = there.calendar.monday(NOW_WEEK, zone)
        for back in range((current - latest) // WEEK):
            week = NOW_WEEK - back
            hours.add((there.calendar.clock(week, zone).due_at, there.calendar.monday(week, zone)))
    return sum(make_invitations(monday, now=due_at) for due_at, monday in sorted(hours))


def _waiting(there: Standing, span: Span) -> tuple[list[Invited], dict[tuple[dt.date, str], int]]:
    """Whom the story may let answer, in the order of time, and the place of their weeks."""
    ours = {respondent.pk for respondent in there.respondents}
    unanswered = Invitation.objects.filter(answered_at=None, failed_at=None, expires_at__gt=span.since)
    asked = [each for each in invitations(unanswered) if each.respondent_id in ours]
    places = {(each.week_id, each.time_zone): there.week(each.week_id, each.time_zone) for each in asked}
    return asked, places


def _moves(case: CorrectiveAction, there: Standing, span: Span) -> Iterator[Move]:
    """The work of the week on a case that is open at its begin."""
    place = next(place for place, project in there.projects.items() if project.pk == case.project_id)
    reached = (case.acknowledged_at, case.planned_at, case.contained_at, case.cause_found_at)
    last = max([case.opened_at, *(at for at in reached if at)])
    yield from _worked(_state(case), max(last, span.since), (place, case.dimension.code), there, span)


def _first_moves(sheet: Sheet, there: Standing, cases: list[CorrectiveAction], span: Span) -> Iterator[Move]:
    """The work on a case that this sheet opens."""
    place = int(there.panel.customer[sheet.row])
    there_before = {(case.project_id, case.dimension.code) for case in cases}
    for theme, letter in sheet.facts.grades.items():
        if is_low(letter) and (there.projects[place].pk, theme) not in there_before:
            yield from _worked(CaseState.OPEN, sheet.at, (place, theme), there, span)


def _worked(
    state: CaseState, at: dt.datetime, about: tuple[int, str], there: Standing, span: Span
) -> Iterator[Move]:
    place, theme = about
    random = np.random.default_rng([SEED, 0, there.now_week, place, THEMES.index(theme)])
    slow, who, words = random.random(3).tolist()
    pace = 5 if slow < SLOW else 1
    shares = iter(random.random(len(NEXT)).tolist())
    while state in NEXT:
        what, least, most = NEXT[state]
        at += pace * (least + (most - least) * next(shares)) * HOUR
        if at > span.until:
            return
        yield Move(at, there.projects[place], theme, what.value, None, words)
        if what == CaseState.ACKNOWLEDGED and who < IN_CHARGE and at + HOUR <= span.until:
            yield Move(at + HOUR, there.projects[place], theme, "assigned", None, words)
        state = what


def _complaints(
    there: Standing, asked: list[Invited], places: Mapping[tuple[dt.date, str], int]
) -> list[Complaint]:
    """Those of the weeks after the first start; one of each week is about something unacceptable."""
    weeks = {places[each.week_id, each.time_zone] for each in asked}
    new = sorted(week for week in weeks if week > NOW_WEEK)
    if not new:
        return []
    drawn = complaints_of(there.panel, temper_of(there.panel), weeks=new[-1] + 1)
    severe = [complaint for week in new for complaint in _severe(there.panel, week)]
    return [*severe, *(each for each in drawn if each.start in new)]


def _severe(panel: Panel, week: int) -> Iterator[Complaint]:
    """Ordinary customers take turns."""
    told = {each.customer for each in complaints.OPEN}
    places = [place for place in range(len(STORIES), len(panel.moods)) if panel.of(place)]
    free = [place for place in places if place not in told] or places
    if free:
        place = np.random.default_rng([SEED, 1]).permutation(free)[(week - NOW_WEEK) % len(free)]
        random = np.random.default_rng([SEED, 2, week])
        theme = THEMES[random.integers(len(THEMES))]
        row = panel.of(int(place))[-1]
        yield Complaint(int(place), (theme,), week, ("D",), (row,), (0.5, 0.5, 0.5, 0.5))


def _cells_of_complaints(
    begun: list[Complaint],
    there: Standing,
    asked: list[Invited],
    places: Mapping[tuple[dt.date, str], int],
) -> Cells:
    """The letter that opens the case, and that nothing is better a week later."""
    rows = {respondent.pk: row for row, respondent in enumerate(there.respondents)}
    of_key = {(rows[each.respondent_id], places[each.week_id, each.time_zone]): each for each in asked}
    cells: Cells = {}
    for complaint in begun:
        for row in complaint.respondents:
            first, second = (row, complaint.start), (row, complaint.start + 1)
            letter = complaint.letters[0]
            at = _soon(of_key[first], there.calendar.now) if letter == "D" and first in of_key else None
            cells.setdefault(first, Cell(dict.fromkeys(complaint.themes, letter), at=at))
            cells.setdefault(second, Cell(dict.fromkeys(complaint.themes, LETTERS[B_MINUS])))
    return {key: cell for key, cell in cells.items() if key in of_key}


def _joined(of_cases: Cells, of_complaints: Cells) -> Cells:
    """A new complaint is added to what he says of an old one; else what he says of the old one counts."""
    cells = of_complaints | of_cases
    for key in of_complaints.keys() & of_cases.keys():
        new, old = of_complaints[key], of_cases[key]
        if any(map(is_low, new.letters.values())):
            cells[key] = Cell(old.letters | new.letters, at=new.at, is_last=True)
    return cells


def _soon(invitation: Invited, now: dt.datetime) -> dt.datetime:
    """Half way through the time that he has had."""
    return invitation.due_at + (min(now, invitation.closes_at) - invitation.due_at) / 2


def _cells_of_cases(
    cases: list[CorrectiveAction],
    moves: list[Move],
    there: Standing,
    asked: list[Invited],
    places: Mapping[tuple[dt.date, str], int],
) -> Cells:
    """What complainants say of the theme of a case that is open; good only of a week after the correction."""
    corrected = {(each.project.pk, each.theme): each.at for each in moves if each.what == CaseState.CORRECTED}
    complained = _complainants(cases)
    rows = {respondent.pk: row for row, respondent in enumerate(there.respondents)}
    cells: Cells = {}
    for each in asked:
        row, week = rows[each.respondent_id], places[each.week_id, each.time_zone]
        letters: dict[str, str] = {}
        for case in complained.get((each.project_id, there.respondents[row].contact_id), ()):
            theme = case.dimension.code
            done = case.corrected_at or corrected.get((case.project_id, theme))
            said = SOLVED if done is not None and done < each.due_at else UNSOLVED
            random = np.random.default_rng([SEED, 3, week, row, THEMES.index(theme)])
            letters[theme] = said[random.integers(len(said))]
        if letters:
            cells[row, week] = Cell(letters, is_last=True)
    return cells


def _complainants(cases: list[CorrectiveAction]) -> dict[tuple[int, int], list[CorrectiveAction]]:
    """By project and contact."""
    by_id = {case.pk: case for case in cases}
    found: dict[tuple[int, int], list[CorrectiveAction]] = {}
    grades = (
        CorrectiveAction.objects.filter(pk__in=by_id)
        .order_by("pk")
        .values_list("pk", "project", "grades__answer__invitation__contact")
    )
    for pk, project, contact in grades.distinct():
        found.setdefault((project, contact), []).append(by_id[pk])
    return found
