"""A survey that is published, and somebody of the world's customer who is asked by it now."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.urls import reverse
from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.occasions.facts import SurveyFacts, survey_facts_of
from accounts.occasions.models import OccasionInvitation, OccasionToken
from accounts.occasions.services import ask_about, create_programme, draft_survey, publish_survey
from accounts.occasions.standard import DELIVERY
from accounts.surveys.links import hashed, new_token
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme
from accounts.users.models import User

DAY = dt.timedelta(days=1)
BY_HAND = replace(DELIVERY, rules=replace(DELIVERY.rules, asks_deliveries=False, asked_levels=()))


def survey(
    facts: SurveyFacts = BY_HAND,
    *,
    kind: ProgrammeKind = ProgrammeKind.EVENT,
    name: str = "After a delivery",
) -> SurveyProgramme:
    """Published a week ago; the one of this name that is there already, if any."""
    known = SurveyProgramme.objects.filter(name=name).first()
    if known is not None:
        return known
    at = timezone.now() - 7 * DAY
    programme = create_programme(name=name, kind=kind, facts=facts, author=None, now=at)
    draft = draft_survey(programme, author=None, now=at)
    publish_survey(draft, expected_digest=survey_facts_of(draft).digest, now=at)
    return programme


def draft_of(programme: SurveyProgramme) -> ProgrammeVersion:
    return draft_survey(programme, author=None, now=timezone.now())


def person(customer: Customer, name: str = "Wu", *, language: str = "en") -> Contact:
    known = Contact.objects.filter(customer=customer, name=name).first()
    return known or Contact.objects.create(
        customer=customer,
        name=name,
        level=Level.OPERATIONAL,
        email=f"{name.lower()}@huaxing.test",
        language=language,
        sort_key=name.lower(),
        known_at=timezone.now() - 90 * DAY,
    )


def asked(contact: Contact, by: User, programme: SurveyProgramme | None = None) -> OccasionInvitation:
    """About a delivery of yesterday; his letter has not gone out yet."""
    now = timezone.now()
    occasion = ask_about(
        programme=programme or survey(),
        customer=contact.customer,
        contacts=[contact],
        event="delivery",
        happened_on=timezone.localdate(now) - DAY,
        about="O-4711",
        author=by,
        now=now,
        even_if_rested=True,
    )
    return OccasionInvitation.objects.get(occasion=occasion)


def token_of(invitation: OccasionInvitation) -> str:
    token = new_token()
    OccasionToken.objects.create(sha256=hashed(token), invitation=invitation, issued_at=timezone.now())
    return token


def link_of(invitation: OccasionInvitation) -> str:
    return reverse("occasion_survey", args=[token_of(invitation)])
