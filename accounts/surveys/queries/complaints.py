"""Whose complaint a corrective action is about, and whether he can be asked if it is solved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.contacts.models import Contact, Level
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


SILENT = (Reach.LEFT, Reach.OPTED_OUT)
"""Who cannot say any more whether it is solved; an address can be added."""


@dataclass(frozen=True)
class Complainant:
    """A respondent whose complaint in the present round stands: he has not said since that it is solved.

    ``invitation``: id of the one that his latest low grade in the case was given to.
    """

    contact: Contact
    invitation: int
    reach: Reach


def nobody_can_speak(complainants: Sequence[Complainant]) -> bool:
    """Whether complaints stand and everybody whose they are has left or wants no letters."""
    return bool(complainants) and all(each.reach in SILENT for each in complainants)


def stand_ins_for(
    case: CorrectiveAction, complainants: Sequence[Complainant], *, now: dt.datetime
) -> QuerySet[Contact]:
    """Who may be asked instead of them: respondents of the project, and contacts at the level of the highest
    of them or above; who works there, has an address and is not against letters."""
    order = list(Level)
    highest = min((order.index(Level(each.contact.level)) for each in complainants), default=-1)
    there = Q(left_on=None) | Q(left_on__gt=company_day(now))
    of_project = Respondent.objects.filter(project=case.project_id)
    out = of_project.filter(state=RespondentState.OPTED_OUT).values("contact")
    fits = Q(pk__in=of_project.values("contact")) | Q(level__in=order[: highest + 1])
    return (
        Contact.objects.filter(there, fits, customer=case.customer_id, opted_out=False)
        .exclude(email="")
        .exclude(pk__in=out)
        .exclude(pk__in=[each.contact.pk for each in complainants])
    )


def stands_in(case: CorrectiveAction, contact_id: int) -> bool:
    """Whether he was asked in this round instead of somebody who complained."""
    asked = ConfirmationRequest.objects.filter(case=case, contact=contact_id, round=case.times_reopened)
    return asked.exclude(invitation__contact=contact_id).exists()


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
    """By name. Five queries however many they are."""
    grades = case.grades.order_by("pk").values_list(
        "answer__invitation__contact", "answer__invitation", "known_at"
    )
    # Who stood in for one who complained and said that it is not solved has no grade of his own in the case.
    asked = ConfirmationRequest.objects.filter(case=case).order_by("pk")
    invitations: dict[int, int] = dict(asked.values_list("contact", "invitation"))
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
