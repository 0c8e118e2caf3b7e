"""A project with two respondents, its week, and an answer in one line."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.projects.models import Project
from accounts.projects.services import create_project
from accounts.surveys.models import CorrectiveAction, Invitation, ProgrammeVersion, SurveyDimension
from accounts.surveys.services import (
    AnswerFacts,
    Recorded,
    ensure_programme,
    issue_token,
    make_invitations,
    name_respondent,
    record_answer,
)
from tests.conftest import MONDAY, World

WEEK = MONDAY.date()
DUE = dt.datetime(2026, 3, 6, 14, tzinfo=dt.UTC)
"""Friday 14:00 where the respondents are."""
CLOSED = dt.datetime(2026, 3, 13, tzinfo=dt.UTC)
"""The end of the next Thursday."""
EXPIRED = CLOSED + dt.timedelta(days=14)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
_keys = itertools.count()


@dataclass(frozen=True)
class Office:
    world: World
    version: ProgrammeVersion
    project: Project
    chen: Contact
    li: Contact

    def invitation(self, contact: Contact, week: dt.date = WEEK) -> Invitation:
        return Invitation.objects.get(project=self.project, contact=contact, week=week)

    def invite(self, week: dt.date = WEEK) -> None:
        make_invitations(week, now=DUE + (week - WEEK))

    def case(self, dimension: str = "delivery") -> CorrectiveAction:
        return CorrectiveAction.objects.get(project=self.project, dimension__code=dimension)

    def dimension(self, code: str) -> SurveyDimension:
        return SurveyDimension.objects.get(code=code)

    def say(
        self,
        contact: Contact,
        *,
        at: dt.datetime = DUE + HOUR,
        week: dt.date = WEEK,
        key: str | None = None,
        comment: str = "",
        **grades: str,
    ) -> Recorded:
        """An answer through a link of its own; a key of its own unless given."""
        invitation = self.invitation(contact, week)
        token = issue_token(invitation, now=DUE)
        facts = AnswerFacts(grades=grades, comment=comment)
        return record_answer(token=token, facts=facts, idempotency_key=key or f"form-{next(_keys)}", now=at)


def execute(statement: str, *values: object) -> None:
    """Raw SQL, committed as far as a test can: every deferred constraint is checked."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def contact_of(
    world: World, name: str, *, time_zone: str = "UTC", level: Level = Level.SPECIALIST
) -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=level,
        author=world.owner,
        now=MONDAY,
        email=f"{name.lower()}@huaxing.test",
        time_zone=time_zone,
    )


def project_of(world: World, name: str) -> Project:
    return create_project(
        customer=world.customer, name=name, manager=world.manager, started_on=WEEK, now=MONDAY
    )


def office_of(world: World) -> Office:
    """Chen and Li are asked about Line 4 since Monday."""
    project = project_of(world, "Line 4")
    chen, li = contact_of(world, "Chen"), contact_of(world, "Li")
    for contact in (chen, li):
        name_respondent(project=project, contact=contact, author=world.manager, now=MONDAY)
    return Office(world, ensure_programme(now=MONDAY), project, chen, li)
