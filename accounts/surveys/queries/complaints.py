"""Whose complaint a corrective action is about, and whether he can be asked if it is solved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.contacts.models import Contact
from accounts.customers.services import company_day
from accounts.surveys.models import (
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    ConfirmationRequest,
    CorrectiveAction,
    Respondent,
    RespondentState,
)

WORDS = (CaseEventKind.CONFIRMED, CaseEventKind.REJECTED)


class Reach(StrEnum):
    """Whether a letter may go to somebody, and if not, why."""

    YES = "yes"
    NO_ADDRESS = "no_address"
    LEFT = "left"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Complainant:
    """A respondent whose complaint in the present round stands: he has not said since that it is solved.

    ``invitation``: id of the one that his latest low grade in the case was given to.
    """

    contact: Contact
    invitation: int
    reach: Reach


def complains_now(contact_id: int) -> Q:
    """Corrective actions whose present round is his: by a low grade, or by his word that it is not solved."""
    grade = AnswerGrade.objects.filter(
        case=OuterRef("pk"), known_at__gte=OuterRef("opened_at"), answer__invitation__contact=contact_id
    )
    word = CaseEvent.objects.filter(
        case=OuterRef("pk"),
        known_at__gte=OuterRef("opened_at"),
        contact=contact_id,
        kind=CaseEventKind.REJECTED,
    )
    return Q(Exists(grade)) | Q(Exists(word))


def complainants_of(case: CorrectiveAction, *, now: dt.datetime) -> list[Complainant]:
    """By name. Four queries however many they are."""
    grades = case.grades.order_by("pk").values_list(
        "answer__invitation__contact", "answer__invitation", "known_at"
    )
    invitations: dict[int, int] = {}
    last: dict[int, tuple[dt.datetime, bool]] = {}
    for contact, invitation, at in grades:
        invitations[contact] = invitation
        if at >= case.opened_at:
            last[contact] = (at, True)
    words = case.log.filter(kind__in=WORDS, contact__isnull=False, known_at__gte=case.opened_at)
    for contact, at, kind in words.order_by("pk").values_list("contact", "known_at", "kind"):
        if contact is not None and (contact not in last or at >= last[contact][0]):
            last[contact] = (at, kind == CaseEventKind.REJECTED)
    standing = [contact for contact, (_at, complains) in last.items() if complains]
    contacts = Contact.objects.filter(pk__in=standing).order_by("sort_key", "pk")
    out = set(
        Respondent.objects.filter(
            project=case.project_id, contact__in=standing, state=RespondentState.OPTED_OUT
        ).values_list("contact", flat=True)
    )
    today = company_day(now)
    return [
        Complainant(contact, invitations[contact.pk], _reach(contact, today, is_out=contact.pk in out))
        for contact in contacts
    ]


def still_asked(*, now: dt.datetime) -> QuerySet[ConfirmationRequest]:
    """Requests that wait for a word: of the present round of an open case, not answered, not expired."""
    return ConfirmationRequest.objects.filter(
        answered_at=None, expires_at__gt=now, case__closed_at=None, round=F("case__times_reopened")
    )


def _reach(contact: Contact, today: dt.date, *, is_out: bool) -> Reach:
    if contact.left_on is not None and contact.left_on <= today:
        return Reach.LEFT
    if contact.opted_out or is_out:
        return Reach.OPTED_OUT
    return Reach.YES if contact.email else Reach.NO_ADDRESS
