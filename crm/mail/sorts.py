"""The sorts of letters to respondents: which are due, what stands in their way, how they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from accounts.appointments import mailing as of_meetings
from accounts.appointments.models import AppointmentLetter
from accounts.contacts.models import Contact
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries import active_version
from accounts.occasions.queries import mailing as of_occasions
from accounts.occasions.services.mailing import issue_token as issue_token_about
from accounts.surveys.models import ConfirmationRequest, Invitation, LetterKind, Respondent, RespondentState
from accounts.surveys.queries.mailing import to_ask, to_remind, to_send
from accounts.surveys.services import issue_confirmation_token, issue_token
from crm.mail import meetings, occasions, questions, surveys

NO_ADDRESS = gettext_noop("The contact has no e-mail address.")
BAD_ADDRESS = gettext_noop("The contact's e-mail address is not valid.")
LEFT = gettext_noop("The contact has left the company.")
NOT_ASKED = gettext_noop("The contact is no longer asked.")
ENDED = gettext_noop("The project had ended.")
CLOSED = gettext_noop("The week closed before the letter could be sent.")
WITHDRAWN = gettext_noop("The survey was withdrawn.")
NO_LETTERS = gettext_noop("The contact wants no letters.")
WORKS_NO_LONGER = gettext_noop("This person no longer works here.")
MEETING_BEGAN = gettext_noop("The meeting began before the letter could be sent.")
SURVEY_CLOSED = gettext_noop("The survey closed before the letter could be sent.")


@dataclass(frozen=True)
class Sort:
    """``due`` rows come with what ``related`` names; ``obstacle`` is a reason or empty."""

    due: Callable[..., QuerySet[Any]]
    related: tuple[str, ...]
    obstacle: Callable[[Any, dt.date], str]
    write: Callable[..., EmailMultiAlternatives]


def obstacle_to(invitation: Invitation, today: dt.date) -> str:
    """Why an invitation that is due is not sent all the same, or empty; reminders are not due then."""
    contact, project = invitation.contact, invitation.project
    if reason := _unreachable(contact, today):
        return reason
    if contact.opted_out or invitation.respondent.state != RespondentState.ACTIVE:
        return NOT_ASKED
    if project.ended_on is not None and project.ended_on < invitation.week_id:
        return ENDED
    if invitation.customer.merged_into_id is not None:
        return NOT_ASKED
    return ""


def obstacle_to_question(request: ConfirmationRequest, today: dt.date) -> str:
    """The same for a question; who paused is asked all the same, since it is his own complaint."""
    if reason := _unreachable(request.contact, today):
        return reason
    if request.contact.opted_out:
        return NOT_ASKED
    if request.stands_in:
        out = Respondent.objects.filter(project=request.case.project_id, state=RespondentState.OPTED_OUT)
        return NOT_ASKED if out.filter(contact=request.contact_id).exists() else ""
    return NOT_ASKED if request.invitation.respondent.state == RespondentState.OPTED_OUT else ""


def obstacle_to_survey(invitation: OccasionInvitation, today: dt.date) -> str:
    """The same for a survey beside the weekly one."""
    if reason := _unreachable(invitation.contact, today):
        return reason
    if invitation.contact.opted_out or invitation.customer.merged_into_id is not None:
        return NOT_ASKED
    return WITHDRAWN if active_version(invitation.occasion.programme) is None else ""


def obstacle_to_meeting(letter: AppointmentLetter, today: dt.date) -> str:
    """The same for a letter about a meeting, which may go to one of ours."""
    if letter.guest.user is not None:
        return "" if letter.guest.user.is_active else WORKS_NO_LONGER
    contact = letter.guest.contact
    return obstacle_to_contact(contact, today) if contact is not None else NO_ADDRESS


def obstacle_to_contact(contact: Contact, today: dt.date) -> str:
    """Why somebody is not invited to a meeting by a letter, or empty."""
    if reason := _unreachable(contact, today):
        return reason
    return NO_LETTERS if contact.opted_out else ""


def _unreachable(contact: Contact, today: dt.date) -> str:
    if contact.left_on is not None and contact.left_on <= today:
        return LEFT
    return "" if contact.email else NO_ADDRESS


def _invitation(row: Invitation, *, now: dt.datetime) -> EmailMultiAlternatives:
    return surveys.write(row, LetterKind.INVITATION, token=issue_token(row, now=now))


def _reminder(row: Invitation, *, now: dt.datetime) -> EmailMultiAlternatives:
    return surveys.write(row, LetterKind.REMINDER, token=issue_token(row, now=now))


def _question(row: ConfirmationRequest, *, now: dt.datetime) -> EmailMultiAlternatives:
    return questions.write(row, token=issue_confirmation_token(row, now=now))


def _survey(row: OccasionInvitation, *, now: dt.datetime) -> EmailMultiAlternatives:
    return occasions.write(row, LetterKind.SURVEY, token=issue_token_about(row, now=now))


def _survey_reminder(row: OccasionInvitation, *, now: dt.datetime) -> EmailMultiAlternatives:
    return occasions.write(row, LetterKind.SURVEY_REMINDER, token=issue_token_about(row, now=now))


def _meeting(row: AppointmentLetter, *, now: dt.datetime) -> EmailMultiAlternatives:
    return meetings.write(row)


_OF_INVITATION = ("contact", "project__manager", "customer", "respondent")
SORTS = {
    LetterKind.CONFIRMATION: Sort(
        to_ask, (*questions.RELATED, "invitation__respondent"), obstacle_to_question, _question
    ),
    LetterKind.MEETING: Sort(of_meetings.to_send, meetings.RELATED, obstacle_to_meeting, _meeting),
    LetterKind.INVITATION: Sort(to_send, _OF_INVITATION, obstacle_to, _invitation),
    LetterKind.REMINDER: Sort(to_remind, _OF_INVITATION, obstacle_to, _reminder),
    LetterKind.SURVEY: Sort(of_occasions.to_send, occasions.RELATED, obstacle_to_survey, _survey),
    LetterKind.SURVEY_REMINDER: Sort(
        of_occasions.to_remind, occasions.RELATED, obstacle_to_survey, _survey_reminder
    ),
}
"""Questions and meetings first: they are few, and somebody waits; then the week, whose hour presses."""
