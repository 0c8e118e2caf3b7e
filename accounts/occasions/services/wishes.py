"""What a contact wants of our letters: none, or some again. It holds for every survey, the weekly one too."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.contacts.models import Contact
from accounts.contacts.services import change_contact
from accounts.customers.services import take_customer
from accounts.notices.services import tell
from accounts.occasions.models import OccasionInvitation

WISH_NOTICE = "survey_wish"


def stop_letters(invitation: OccasionInvitation, *, now: dt.datetime) -> bool:
    """He wants no surveys any more; whether that changed anything. The customer's owner is told."""
    return _set_opted_out(invitation, now=now, opted_out=True)


def resume_letters(invitation: OccasionInvitation, *, now: dt.datetime) -> bool:
    """He wants surveys again; whether that changed anything."""
    return _set_opted_out(invitation, now=now, opted_out=False)


@transaction.atomic
def _set_opted_out(invitation: OccasionInvitation, *, now: dt.datetime, opted_out: bool) -> bool:
    customer = take_customer(invitation.customer_id)  # in the order in which everybody locks
    contact = Contact.objects.select_for_update().get(pk=invitation.contact_id)
    if contact.opted_out == opted_out:
        return False
    change_contact(
        contact,
        expected_version=contact.version,
        changes={"opted_out": opted_out},
        author=None,
        now=now,
    )
    if customer.owner is not None and customer.owner.is_active:
        tell(customer.owner, WISH_NOTICE, {"contact": contact.pk, "is_out": opted_out}, customer)
    return True
