"""Sixty weeks of grades, and what came of the low ones.

Answers of which nothing comes are written in bulk; the others, and the work on their cases, one after the
other in the order of time, by the services and as of that time.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.customers.services import bump
from accounts.notices.models import Notice
from accounts.surveys.models import Answer, AnswerGrade, CorrectiveAction, Invitation
from accounts.surveys.queries import form_of
from accounts.surveys.services import answer_invitation, ensure_programme, make_invitations
from crm.demo.story.bulk import key_of, write_in_bulk
from crm.demo.story.casework import Deed, cells_of_open, deeds_of_closed, deeds_of_open, opened_cases
from crm.demo.story.complaints import complaints_of
from crm.demo.story.moods import HISTORY_WEEKS, temper_of
from crm.demo.story.respondents import Asked, Calendar, name_everybody, projects_of_the_book
from crm.demo.story.sheets import TOLD_LATELY, Sheet, Writer, cells_of, invitations

ANSWERED = """
update surveys_invitation as invitation set answered_at = answer.known_at
from surveys_answer as answer
where answer.invitation_id = invitation.id and answer.superseded_at is null and invitation.answered_at is null
"""
SENT = """
update surveys_invitation set sent_at = due_at
where sent_at is null and failed_at is null and (closes_at <= %(now)s or answered_at is not null)
"""
REMINDED = """
update surveys_invitation set reminded_at = reminder_at
where reminded_at is null and sent_at is not null and reminder_at <= %(now)s
  and (answered_at is null or answered_at > reminder_at)
"""


@dataclass(frozen=True)
class Told:
    """How many rows there are now."""

    respondents: int
    invitations: int
    answers: int
    grades: int
    cases: int
    open_cases: int


def are_weeks_told() -> bool:
    return Invitation.objects.exists()


@transaction.atomic
def tell_weeks(now: dt.datetime) -> Told:
    """Respondents, invitations, answers and cases of the weeks up to ``now``."""
    projects = projects_of_the_book()
    # The programme is as old as the first week; no week is known before there is a programme.
    calendar = Calendar(ensure_programme(now=now - dt.timedelta(weeks=HISTORY_WEEKS + 2)), now)
    asked = name_everybody(projects, calendar)
    places = invite(asked, calendar)
    temper = temper_of(asked.panel)
    zones = _zones(asked)
    complaints = complaints_of(asked.panel, temper, weeks=HISTORY_WEEKS)
    opened = opened_cases(asked.panel, calendar, zones)
    cells = cells_of(complaints) | cells_of_open(opened, calendar, zones)
    rows = {respondent.pk: row for row, respondent in enumerate(asked.respondents)}
    writer = Writer(asked.panel, temper, calendar, rows, cells)
    sheets = list(writer.sheets(invitations(), places))
    write_in_bulk([sheet for sheet in sheets if not sheet.is_told])
    deeds = [
        *deeds_of_closed(complaints, sheets, projects),
        *deeds_of_open(opened, projects, now),
    ]
    tell_in_order([sheet for sheet in sheets if sheet.is_told], deeds, now)
    mark_letters(now)
    bump(project.customer_id for project in projects)
    return _told(asked)


def mark_letters(now: dt.datetime) -> None:
    """Who answered, and which letters were sent. Those of a week that is open are left to the timetable."""
    with connection.cursor() as cursor:
        for statement in (ANSWERED, SENT, REMINDED):
            cursor.execute(statement, {"now": now})


def invite(asked: Asked, calendar: Calendar) -> dict[tuple[dt.date, str], int]:
    """Make the invitations week by week, as the timetable would have; the place of each week where it is."""
    places = {
        (calendar.monday(week, zone), zone): week
        for week in range(HISTORY_WEEKS)
        for zone in {respondent.contact.time_zone for respondent in asked.respondents}
    }
    hours = sorted((calendar.clock(week, zone).due_at, monday) for (monday, zone), week in places.items())
    changes = list(asked.changes)
    for due_at, monday in hours:
        while changes and changes[0].at < due_at:
            changes.pop(0).make()
        make_invitations(monday, now=due_at)
    for change in changes:
        change.make()
    return places


def tell_in_order(sheets: Iterable[Sheet], deeds: Iterable[Deed], now: dt.datetime) -> None:
    """Answers and work on the cases in the order of time. Only what was told lately is left as a notice."""
    events: list[Sheet | Deed] = sorted([*sheets, *deeds], key=lambda event: event.at)
    lately = now - TOLD_LATELY
    for event in events:
        if event.at <= lately:
            _tell(event)
    Notice.objects.all().delete()
    for event in events:
        if event.at > lately:
            known = _last_notice()
            _tell(event)
            Notice.objects.filter(pk__gt=known).update(created_at=event.at)


def _tell(event: Sheet | Deed) -> None:
    if isinstance(event, Sheet):
        _record(event)
    else:
        event.do()


def _record(sheet: Sheet) -> None:
    """As the page does that his link leads to."""
    invitation = Invitation.objects.get(pk=sheet.invitation.id)
    answer_invitation(
        invitation,
        form_of(invitation.programme_version_id),
        facts=sheet.facts,
        idempotency_key=key_of(sheet),
        now=sheet.at,
    )


def _last_notice() -> int:
    last = Notice.objects.order_by("-pk").values_list("pk", flat=True).first()
    return last or 0


def _zones(asked: Asked) -> dict[int, str]:
    """By the customer's place in the book: his people share a time zone."""
    return {
        int(customer): respondent.contact.time_zone
        for customer, respondent in zip(asked.panel.customer, asked.respondents, strict=True)
    }


def _told(asked: Asked) -> Told:
    cases = CorrectiveAction.objects.all()
    return Told(
        respondents=len(asked.respondents),
        invitations=Invitation.objects.count(),
        answers=Answer.objects.count(),
        grades=AnswerGrade.objects.count(),
        cases=cases.count(),
        open_cases=cases.filter(closed_at=None).count(),
    )
