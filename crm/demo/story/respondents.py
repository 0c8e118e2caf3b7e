"""Whom the demo asks every week: two or three people per project, some of them not any more."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from accounts.contacts.models import Contact, Level
from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeVersion, Respondent, RespondentState
from accounts.surveys.services import change_respondent, name_respondent
from accounts.surveys.weeks import Clock, clock_of, monday_of
from accounts.users.models import User
from crm.demo.story.moods import NOW_WEEK, SEED, Panel
from crm.demo.story.plots import STORIES, mood_of

WEEK = dt.timedelta(days=7)
UNASKED = 9
"""The place in the book of the project that nobody is asked about: a gap to find."""
OPTED_OUT = 10
PAUSED_EVERY = 25
PAUSED_AT = 13
RESUMED = 38


@dataclass(frozen=True)
class Calendar:
    """Which week is rated where: on a Friday it is a later one in the east."""

    version: ProgrammeVersion
    now: dt.datetime

    def monday(self, week: int, time_zone: str) -> dt.date:
        """The Monday of the week at a place, as in `moods`: `NOW_WEEK` is the latest that has been sent."""
        latest = monday_of(self.now.date()) + WEEK
        while clock_of(self.version, latest, time_zone).due_at > self.now:
            latest -= WEEK
        return latest - (NOW_WEEK - week) * WEEK

    def clock(self, week: int, time_zone: str) -> Clock:
        return clock_of(self.version, self.monday(week, time_zone), time_zone)

    def answerable(self, instant: dt.datetime, time_zone: str) -> tuple[int, dt.datetime]:
        """The week that was open at an instant, and the instant; between two weeks the end of the earlier."""
        week = NOW_WEEK
        while self.clock(week, time_zone).due_at > instant:
            week -= 1
        closed = self.clock(week, time_zone).closes_at - dt.timedelta(minutes=20)
        return week, min(instant, closed)


@dataclass(frozen=True)
class Change:
    """A respondent is paused, asked again or opts out (then nobody of ours is the ``author``)."""

    at: dt.datetime
    respondent: Respondent
    state: RespondentState
    author: User | None
    reason: str

    def make(self) -> None:
        change_respondent(
            self.respondent, state=self.state, author=self.author, reason=self.reason, now=self.at
        )


@dataclass(frozen=True)
class Asked:
    """Rows in the order of the panel; ``projects`` in the order of the book; ``changes`` by time."""

    respondents: list[Respondent]
    projects: list[Project]
    panel: Panel
    changes: list[Change]


def projects_of_the_book() -> list[Project]:
    """One per customer, in the order in which the book was written."""
    return list(Project.objects.select_related("customer__owner", "manager").order_by("customer__number"))


def name_everybody(projects: list[Project], calendar: Calendar) -> Asked:
    """Name the respondents since the first week that is told, or since we know them."""
    people = _people(projects)
    respondents, customers, levels = [], [], []
    for place, project in enumerate(projects):
        for contact in _chosen(people[project.customer_id], place):
            first = calendar.clock(0, contact.time_zone).due_at - dt.timedelta(days=2)
            respondent = name_respondent(
                project=project,
                contact=contact,
                author=project.manager,
                now=max(first, contact.known_at, project.known_at),
            )
            respondents.append(respondent)
            customers.append(place)
            levels.append(contact.level)
    changes = _changes(projects, respondents, customers, calendar)
    unsteady = {change.respondent.pk for change in changes}
    unsteady |= {each.pk for each in respondents if each.contact.left_on}
    panel = Panel(
        customer=np.array(customers),
        levels=tuple(levels),
        is_steady=np.array([respondent.pk not in unsteady for respondent in respondents]),
        moods=tuple(mood_of(place) for place in range(len(projects))),
    )
    return Asked(respondents, projects, panel, sorted(changes, key=lambda change: change.at))


def _people(projects: list[Project]) -> dict[int, list[Contact]]:
    people: dict[int, list[Contact]] = {project.customer_id: [] for project in projects}
    for contact in Contact.objects.filter(customer__in=people).order_by("pk"):
        people[contact.customer_id].append(contact)
    return people


def _chosen(contacts: list[Contact], place: int) -> list[Contact]:
    """Somebody of the management and of the operational level, often a third; three levels of the stories."""
    if place == UNASKED:
        return []
    third, executive, *which = np.random.default_rng([SEED, 3, place]).random(5)
    wanted = [Level.MANAGEMENT, Level.OPERATIONAL]
    is_story = place < len(STORIES)
    if is_story or third < 0.55:
        wanted.insert(0, Level.EXECUTIVE if is_story or executive < 0.6 else Level.SPECIALIST)
    chosen = []
    for level, draw in zip(wanted, which, strict=False):
        staying = [each for each in contacts if each.level == level and each.left_on is None]
        chosen.append(staying[int(draw * len(staying))])
    return chosen + [each for each in contacts if each.left_on is not None]


def _changes(
    projects: list[Project], respondents: list[Respondent], customers: list[int], calendar: Calendar
) -> list[Change]:
    by_place: dict[int, list[Respondent]] = {}
    for place, respondent in zip(customers, respondents, strict=True):
        by_place.setdefault(place, []).append(respondent)
    changes = []
    for place, asked in by_place.items():
        owner, now = projects[place].customer.owner, calendar.now
        if place < len(STORIES) and STORIES[place].is_lost:
            at = now - dt.timedelta(days=20)
            reason = "The customer has left us."
            changes += [Change(at, each, RespondentState.PAUSED, owner, reason) for each in asked]
        if place % PAUSED_EVERY == PAUSED_AT:
            reason = "On leave, his deputy answers."
            at = now - 9 * WEEK
            changes.append(Change(at, asked[0], RespondentState.PAUSED, owner, reason))
        if place == RESUMED:
            changes.append(Change(now - 4 * WEEK, asked[0], RespondentState.ACTIVE, owner, "Back again."))
        if place == OPTED_OUT:
            reason = "Too many mails."
            changes.append(Change(now - 14 * WEEK, asked[-1], RespondentState.OPTED_OUT, None, reason))
    return changes
