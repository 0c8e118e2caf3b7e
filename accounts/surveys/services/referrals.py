""" "Ask my colleague instead": a respondent proposes, one of ours decides.

Codes, by field: name: blank, too_long; email: blank, himself; message: too_long; state: decided, changed;
contact: other_customer, himself, left, opted_out, no_email; level: required.

Nobody outside is written to by any of this: whoever holds a link could have us write to strangers. The
colleague gets his first letter with the next week, as one whom somebody of ours named.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.services import company_day, refuse
from accounts.notices.services import tell
from accounts.surveys.models import Invitation, Referral, ReferralState, Respondent, RespondentState
from accounts.surveys.services.inviting import change_respondent, name_respondent
from accounts.surveys.services.wishes import people_to_tell
from accounts.users.models import User

REFERRAL_NOTICE = "survey_referral"
MAX_NAME = 120
"""A contact's."""
MAX_MESSAGE = 400


@transaction.atomic
def propose(
    invitation: Invitation, *, name: str, email: str, message: str, now: dt.datetime
) -> tuple[Referral, bool]:
    """The proposal that waits, and whether this call made or changed it: the newest replaces the one before.

    The same again changes nothing and tells nobody.
    """
    name, email, message = " ".join(name.split()), email.strip(), message.strip()
    if not name:
        refuse("name", "blank", _("Say who it is."))
    if len(name) > MAX_NAME:
        refuse("name", "too_long", _("A name has at most 120 characters."))
    if len(message) > MAX_MESSAGE:
        refuse("message", "too_long", _("A message has at most 400 characters."))
    if not email:
        refuse("email", "blank", _("Say to which address we can write."))
    if email.casefold() == invitation.contact.email.casefold():
        refuse("email", "himself", _("This is your own address. Name somebody else."))
    # Two proposals of his at once: the second finds the first.
    Respondent.objects.select_for_update().get(pk=invitation.respondent_id)
    waiting = Referral.objects.filter(
        project=invitation.project_id, contact=invitation.contact_id, state=ReferralState.PROPOSED
    ).first()
    said = {"name": name, "email": email, "message": message}
    if waiting is None:
        referral = Referral.objects.create(
            invitation=invitation,
            customer_id=invitation.customer_id,
            project_id=invitation.project_id,
            contact_id=invitation.contact_id,
            known_at=now,
            **said,
        )
    elif said == {field: getattr(waiting, field) for field in said}:
        return waiting, False
    else:
        Referral.objects.filter(pk=waiting.pk).update(invitation=invitation, known_at=now, **said)
        referral = Referral.objects.get(pk=waiting.pk)
    facts = {"referral": referral.pk, "contact": referral.contact_id, "project": referral.project_id}
    for user in people_to_tell(invitation):
        tell(user, REFERRAL_NOTICE, facts, invitation.customer)
    return referral, True


def contact_meant(referral: Referral) -> Contact | None:
    """The contact of this customer who has the address already; who still works there comes first."""
    same = Contact.objects.filter(customer=referral.customer_id, email__iexact=referral.email)
    still_there_first = F("left_on").desc(nulls_first=True)
    return same.exclude(pk=referral.contact_id).order_by(still_there_first, "pk").first()


@transaction.atomic
def accept_referral(
    referral: Referral,
    *,
    by: User,
    now: dt.datetime,
    contact: Contact | None = None,
    level: Level | None = None,
    department: str = "",
    keeps_proposer: bool = False,
    reason: str = "",
) -> Referral:
    """The colleague is asked from now on: ``contact``, else whoever has the address, else a new contact at
    ``level``. The proposer pauses unless he is kept; ``reason`` is noted with his pause.

    The address that was proposed becomes nobody's who is a contact already: whoever holds a link typed it.
    """
    current = _waiting(referral)
    colleague = contact or contact_meant(current) or _made(current, level, department, by=by, now=now)
    _refuse_wrong(colleague, current, now=now)
    name_respondent(project=current.project, contact=colleague, author=by, now=now)
    if not keeps_proposer:
        proposer = Respondent.objects.get(project=current.project_id, contact=current.contact_id)
        if proposer.state == RespondentState.ACTIVE:
            change_respondent(proposer, state=RespondentState.PAUSED, author=by, now=now, reason=reason)
    return _decided(current, ReferralState.ACCEPTED, by=by, now=now, colleague=colleague)


@transaction.atomic
def decline_referral(referral: Referral, *, by: User, now: dt.datetime) -> Referral:
    """Everything stays as it is; he may propose somebody else."""
    return _decided(_waiting(referral), ReferralState.DECLINED, by=by, now=now)


def _waiting(referral: Referral) -> Referral:
    current = Referral.objects.select_for_update(of=("self",)).select_related("project", "contact")
    found = current.get(pk=referral.pk)
    if found.state != ReferralState.PROPOSED:
        refuse("state", "decided", _("This was decided in the meantime."))
    if found.known_at != referral.known_at:
        refuse("state", "changed", _("Somebody else is proposed since. Look at it again."))
    return found


def _made(referral: Referral, level: Level | None, department: str, *, by: User, now: dt.datetime) -> Contact:
    if level is None:
        refuse("level", "required", _("Say at which level the colleague works."))
    return create_contact(
        customer=referral.contact.customer,
        name=referral.name,
        level=level,
        author=by,
        now=now,
        email=referral.email,
        department=department,
        language=referral.contact.language,
        time_zone=referral.contact.time_zone,
    )


def _refuse_wrong(colleague: Contact, referral: Referral, *, now: dt.datetime) -> None:
    if colleague.customer_id != referral.customer_id:
        refuse("contact", "other_customer", _("This contact belongs to another customer."))
    if colleague.pk == referral.contact_id:
        refuse("contact", "himself", _("This is who proposed it. Choose somebody else."))
    if colleague.left_on is not None and colleague.left_on <= company_day(now):
        refuse("contact", "left", _("This contact has left the company."))
    if colleague.opted_out:
        refuse("contact", "opted_out", _("This contact wants no surveys."))
    if not colleague.email:
        refuse("contact", "no_email", _("This contact has no e-mail address. Add it first."))


def _decided(
    referral: Referral,
    state: ReferralState,
    *,
    by: User,
    now: dt.datetime,
    colleague: Contact | None = None,
) -> Referral:
    referral.state, referral.decided_by, referral.decided_at = state, by, now
    referral.colleague = colleague
    referral.save(update_fields=["state", "decided_by", "decided_at", "colleague"])
    return referral
