"""How the demo's project managers work on the corrective actions that the complaints open."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.customers.services import company_day
from accounts.projects.models import FunctionalRole, Project
from accounts.surveys.models import OPEN as IS_OPEN
from accounts.surveys.models import CaseState, CorrectiveAction
from accounts.surveys.services import (
    acknowledge_case,
    advance_case,
    assign_case,
    comment_case,
    plan_case,
)
from accounts.users.models import User
from crm.demo.story.complaints import OPEN, Complaint, OpenComplaint, Step, is_low
from crm.demo.story.moods import NOW_WEEK, Panel
from crm.demo.story.plots import STORIES
from crm.demo.story.remedies import remedy, word
from crm.demo.story.respondents import Calendar
from crm.demo.story.sheets import Cell, Cells, Sheet

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
AFTERWARDS = ("C", "B-", "B", "B-", "B")
"""Letters of the weeks after the one that opened a case which is still open."""
TOGETHER = 35 * dt.timedelta(minutes=1)
WELL_KNOWN_WEEKS = 13
BRIEFLY = frozenset({"acknowledged", "planned", "corrected"})
"""What is told of cases older than that: each step takes ten milliseconds of the first start."""
_IN_CHARGE = {
    "quality": FunctionalRole.QUALITY,
    "delivery": FunctionalRole.PLANNING,
    "communication": FunctionalRole.SALES,
    "service": FunctionalRole.PRODUCTION,
    "support": FunctionalRole.ENGINEERING,
}


@dataclass(frozen=True)
class Deed:
    """Something that one of ours does about the open case of a project and theme; ``draw`` in 0..1."""

    at: dt.datetime
    project: Project
    theme: str
    what: str
    solve_by: dt.date | None
    draw: float

    def do(self) -> None:
        case = CorrectiveAction.objects.select_related("owner").get(
            IS_OPEN, project=self.project, dimension__code=self.theme
        )
        by = case.owner
        is_chinese = by.language.startswith("zh")
        words = remedy(self.theme, is_chinese=is_chinese, draw=self.draw)
        if self.what == "acknowledged":
            acknowledge_case(case, by=by, now=self.at)
        elif self.what == "assigned":
            assign_case(case, owner=_in_charge(self.project, self.theme), by=by, now=self.at)
        elif self.what == "planned":
            solve_by = max(self.solve_by or company_day(self.at + 10 * DAY), company_day(self.at))
            plan_case(case, by=by, plan=words.plan, solve_by=solve_by, now=self.at)
        elif self.what == "commented":
            comment_case(case, by=by, comment=word(is_chinese=is_chinese, draw=self.draw), now=self.at)
        else:
            comment = getattr(words, self.what)
            advance_case(case, to=CaseState(self.what), by=by, comment=comment, now=self.at)


def _in_charge(project: Project, theme: str) -> User:
    """Who fills the role in the team; nobody: the project manager keeps it."""
    members = project.members.filter(functional_role=_IN_CHARGE[theme]).select_related("user")
    member = members.first()
    return member.user if member else project.manager


@dataclass(frozen=True)
class Opened:
    """A complaint whose case is open at the first start, and when it came."""

    story: OpenComplaint
    complaint: Complaint
    at: dt.datetime


def opened_cases(panel: Panel, calendar: Calendar, zones: dict[int, str]) -> list[Opened]:
    """``zones``: time zone by the customer's place in the book; a short book has fewer."""
    opened = []
    for story in OPEN:
        respondents = panel.of(story.customer)[-story.people :] if story.customer in zones else []
        if not respondents:
            continue
        zone = zones[story.customer]
        week, at = calendar.answerable(calendar.now - story.hours_ago * HOUR, zone)
        if story.is_of_now_week and week < NOW_WEEK:
            due_at = calendar.clock(NOW_WEEK, zone).due_at
            week, at = NOW_WEEK, due_at + (calendar.now - due_at) / 2
        letters = (story.letter, *AFTERWARDS)[: NOW_WEEK - week + 1]
        draws = (story.customer / 150, 0.5, 0.5, 0.5)
        complaint = Complaint(story.customer, (story.theme,), week, letters, tuple(respondents), draws)
        opened.append(Opened(story, complaint, at))
    return opened


def cells_of_open(opened: Iterable[Opened], calendar: Calendar, zones: dict[int, str]) -> Cells:
    """Who complained has not answered yet in the week that is open, unless it is that of his complaint."""
    cells: Cells = {}
    for each in opened:
        closes_at = calendar.clock(NOW_WEEK, zones[each.story.customer]).closes_at
        for place, row in enumerate(each.complaint.respondents):
            for step, letter in enumerate(each.complaint.letters):
                week = each.complaint.start + step
                letters = {each.story.theme: letter}
                if step == 0:
                    cells[row, week] = Cell(letters, at=each.at + place * TOGETHER)
                elif week == NOW_WEEK and closes_at > calendar.now:
                    cells[row, week] = Cell({})
                else:
                    cells[row, week] = Cell(letters)
    return cells


def deeds_of_open(opened: Iterable[Opened], projects: list[Project], now: dt.datetime) -> Iterator[Deed]:
    for each in opened:
        days = each.story.solve_in_days
        solve_by = None if days is None else company_day(now) + days * DAY
        for step in each.story.steps:
            yield Deed(
                at=each.at + step.hours * HOUR,
                project=projects[each.story.customer],
                theme=each.story.theme,
                what=step.what,
                solve_by=solve_by,
                draw=each.complaint.draws[0],
            )


def deeds_of_closed(
    complaints: Iterable[Complaint], sheets: Iterable[Sheet], projects: list[Project]
) -> Iterator[Deed]:
    """From the first low grade that was really given to the grade that confirms."""
    at = {(sheet.row, sheet.week): sheet.at for sheet in sheets}
    for complaint in complaints:
        project = projects[complaint.customer]
        weeks = [complaint.start + step for step, letter in enumerate(complaint.letters) if is_low(letter)]
        low = [at[row, week] for row in complaint.respondents for week in weeks if (row, week) in at]
        end = complaint.last_week
        last = [at[row, end] for row in complaint.respondents if (row, end) in at]
        if not low or not last:
            continue
        for theme in complaint.themes:
            for step in _steps(complaint, (min(last) - min(low)) / HOUR):
                yield Deed(
                    at=min(low) + step.hours * HOUR,
                    project=project,
                    theme=theme,
                    what=step.what,
                    solve_by=None,
                    draw=complaint.draws[0],
                )


def _steps(complaint: Complaint, hours: float) -> Iterator[Step]:
    """Most are in time: seen within hours or on the next morning, planned within three days.

    What would come after the customer's confirmation, ``hours`` after the complaint, does not happen.
    """
    _words, seen, planned, who = complaint.draws
    first = 0.4 + 4 * seen if seen < 0.6 else 14 + 8 * (seen - 0.6) if seen < 0.9 else 26 + 200 * (seen - 0.9)
    plan = first + (4 + 30 * planned if planned < 0.9 else 60 + 200 * (planned - 0.9))
    steps = [Step(first, "acknowledged")]
    steps += [Step(first + 0.7, "assigned")] if who < 0.4 else []
    steps += [Step(plan, "planned")]
    steps += [Step(max(plan + 6, 0.35 * hours), "contained")]
    steps += [Step(max(plan + 12, 0.5 * hours), "commented")] if 0.3 < who < 0.55 else []
    steps += [
        Step(max(plan + 24, 0.6 * hours), "cause_found"),
        Step(max(plan + 36, 0.85 * hours), "corrected"),
    ]
    is_long_ago = complaint.last_week < NOW_WEEK - WELL_KNOWN_WEEKS and complaint.customer >= len(STORIES)
    kept = BRIEFLY if is_long_ago else {step.what for step in steps}
    return (step for step in steps if step.hours < hours - 1 and step.what in kept)
