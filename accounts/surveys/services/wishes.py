"""What a respondent wants of our letters, said by his link. Codes: until: past, too_far.

His word holds at once and needs nobody's leave; the project manager and the customer's owner are told.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.contacts.services import change_contact
from accounts.customers.services import company_day, refuse, take_customer
from accounts.notices.services import tell
from accounts.surveys.models import ConfirmationRequest, Invitation, Respondent, RespondentState
from accounts.surveys.services.inviting import change_respondent
from accounts.users.models import User

WISH_NOTICE = "survey_respondent_wish"
LONGEST_PAUSE = dt.timedelta(days=366)


class Wish(StrEnum):
    PAUSED = "paused"
    STOPPED = "stopped"
    STOPPED_ALL = "stopped_all"
    RESUMED = "resumed"


@transaction.atomic
def pause_letters(invitation: Invitation, *, until: dt.date, now: dt.datetime) -> bool:
    """No letters about this project before the day ``until``; whether that changed anything."""
    today = company_day(now)
    if until <= today:
        refuse("until", "past", _("Choose a day that is still to come."))
    if until > today + LONGEST_PAUSE:
        refuse("until", "too_far", _("A pause lasts a year at most. To get no more letters, stop them."))
    if not _set_state(invitation, RespondentState.PAUSED, until=until, now=now):
        return False
    _tell(invitation, Wish.PAUSED, until=until)
    return True


@transaction.atomic
def stop_letters(invitation: Invitation, *, now: dt.datetime, everywhere: bool = False) -> bool:
    """No more letters about this project, or with ``everywhere`` about any; whether that changed anything."""
    if everywhere:
        changed = _set_opted_out(invitation.contact, now=now, opted_out=True)
    else:
        changed = _set_state(invitation, RespondentState.OPTED_OUT, now=now)
    if changed:
        _tell(invitation, Wish.STOPPED_ALL if everywhere else Wish.STOPPED)
    return changed


@transaction.atomic
def resume_letters(invitation: Invitation, *, now: dt.datetime) -> bool:
    """He wants to be asked about this project again; whether that changed anything."""
    was_out = _set_opted_out(invitation.contact, now=now, opted_out=False)
    was_resting = _set_state(invitation, RespondentState.ACTIVE, now=now)
    if was_out or was_resting:
        _tell(invitation, Wish.RESUMED)
    return was_out or was_resting


@transaction.atomic
def stop_questions(asked: ConfirmationRequest, *, now: dt.datetime) -> bool:
    """No more letters to who is asked whether it is solved: about the project; to who stands in for somebody
    else, about any. Whether that changed anything."""
    if not asked.stands_in:
        return stop_letters(asked.invitation, now=now)
    changed = _set_opted_out(asked.contact, now=now, opted_out=True)
    if changed:
        _tell(asked.invitation, Wish.STOPPED_ALL, contact_id=asked.contact_id)
    return changed


@transaction.atomic
def resume_questions(asked: ConfirmationRequest, *, now: dt.datetime) -> bool:
    """He wants them again; whether that changed anything."""
    if not asked.stands_in:
        return resume_letters(asked.invitation, now=now)
    changed = _set_opted_out(asked.contact, now=now, opted_out=False)
    if changed:
        _tell(asked.invitation, Wish.RESUMED, contact_id=asked.contact_id)
    return changed


def people_to_tell(invitation: Invitation) -> list[User]:
    """The project manager and the customer's owner, each once, if they still work here."""
    people = (invitation.project.manager, invitation.customer.owner)
    return list({each.pk: each for each in people if each is not None and each.is_active}.values())


def _set_state(
    invitation: Invitation, state: RespondentState, *, now: dt.datetime, until: dt.date | None = None
) -> bool:
    before = Respondent.objects.select_for_update().get(pk=invitation.respondent_id)
    change_respondent(before, state=state, author=None, now=now, until=until)
    return (before.state, before.paused_until) != (state, until)


def _set_opted_out(who: Contact, *, now: dt.datetime, opted_out: bool) -> bool:
    take_customer(who.customer_id)  # the order in which everybody locks: customer, then contact
    contact = Contact.objects.select_for_update().get(pk=who.pk)
    if contact.opted_out == opted_out:
        return False
    change_contact(
        contact,
        expected_version=contact.version,
        changes={"opted_out": opted_out},
        author=None,
        now=now,
    )
    return True


def _tell(
    invitation: Invitation, wish: Wish, *, until: dt.date | None = None, contact_id: int | None = None
) -> None:
    facts = {
        "wish": wish.value,
        "contact": contact_id or invitation.contact_id,
        "project": invitation.project_id,
        "until": until.isoformat() if until else None,
    }
    for user in people_to_tell(invitation):
        tell(user, WISH_NOTICE, facts, invitation.customer)
