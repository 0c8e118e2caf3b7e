"""Which version of a survey holds, and which contacts can be asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.occasions.models import OccasionInvitation
from accounts.surveys.models import ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.weeks import DAY

LEFT, NO_ADDRESS, OPTED_OUT, RESTED = "left", "no_address", "opted_out", "rested"


@dataclass(frozen=True)
class Candidate:
    """A contact of a customer, and what stands in the way of asking him: a code, or empty.

    ``last_asked_at``: when he was or will be written to for this survey; ``is_usual``: of the levels it asks.
    """

    contact: Contact
    last_asked_at: dt.datetime | None
    obstacle: str
    is_usual: bool


def active_version(programme: SurveyProgramme) -> ProgrammeVersion | None:
    """The version under which the survey asks today, with its rules; None before it is published and after
    it is withdrawn."""
    found = ProgrammeVersion.objects.filter(programme=programme, state=VersionState.ACTIVE)
    return found.select_related("rules", "programme").first()


def asked_by(programme_id: int) -> QuerySet[OccasionInvitation]:
    """Whom this survey asked or is about to ask; not those whose letter failed."""
    return OccasionInvitation.objects.filter(occasion__programme=programme_id, failed_at=None)


def candidates(version: ProgrammeVersion, customer: Customer, *, now: dt.datetime) -> list[Candidate]:
    """Every contact of the customer by name, those who left last. Two queries."""
    contacts = Contact.objects.filter(customer=customer).order_by("left_on", "sort_key", "pk")
    found = list(contacts)
    found.sort(key=lambda each: each.left_on is not None)
    return candidates_among(version, found, now=now)


def candidates_among(
    version: ProgrammeVersion, contacts: list[Contact], *, now: dt.datetime
) -> list[Candidate]:
    """The same for these contacts, in their order. One query."""
    asked = asked_by(version.programme_id).filter(contact__in=[each.pk for each in contacts])
    last = dict(asked.values_list("contact").annotate(last=Max("due_at")))
    return [_candidate(version, each, last.get(each.pk), now) for each in contacts]


def reachable(today: dt.date) -> Q:
    """Contacts who can be written to about a survey on this day."""
    is_here = Q(contact__left_on=None) | Q(contact__left_on__gt=today)
    return is_here & Q(contact__opted_out=False, customer__merged_into=None) & ~Q(contact__email="")


def _candidate(
    version: ProgrammeVersion, contact: Contact, last: dt.datetime | None, now: dt.datetime
) -> Candidate:
    rules = version.rules
    is_usual = not rules.asked_levels or contact.level in rules.asked_levels
    obstacle = ""
    if contact.left_on is not None and contact.left_on <= company_day(now):
        obstacle = LEFT
    elif not contact.email:
        obstacle = NO_ADDRESS
    elif contact.opted_out:
        obstacle = OPTED_OUT
    elif last is not None and last > now - rules.rest_days * DAY:
        obstacle = RESTED
    return Candidate(contact, last, obstacle, is_usual)
