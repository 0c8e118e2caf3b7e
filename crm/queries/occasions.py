"""Reads of occasions: those of a customer, and one with everybody who was asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from accounts.customers.models import Customer
from accounts.occasions.models import Occasion, OccasionGrade, OccasionInvitation
from accounts.voice.models import Voice
from crm.queries.occasions_said import Said, said_by
from crm.queries.wording import in_my_language

if TYPE_CHECKING:
    from typing import TypedDict

    from django_stubs_ext import WithAnnotations

    class Counts(TypedDict):
        asked: int
        answered: int
        low: list[dict[str, str]]

    CountedOccasion = WithAnnotations[Occasion, Counts]

SHOWN = 10


@dataclass(frozen=True)
class Asked:
    """One who was asked, how far his letter is (``state``), and what he said, if he has."""

    invitation: OccasionInvitation
    said: Said | None
    state: str

    @property
    def may_be_cancelled(self) -> bool:
        return self.state == "waits"


def occasions_of(customer: Customer, visible: QuerySet[Occasion]) -> list[CountedOccasion]:
    """The latest of a customer, with how many were asked and answered, and the low grades. One query."""
    grades = OccasionGrade.objects.filter(
        answer__invitation__occasion=OuterRef("pk"), answer__superseded_at=None, grade__warns=True
    )
    low = JSONObject(letter="grade__letter", dimension=in_my_language("dimension"))
    found = visible.filter(customer=customer).annotate(
        asked=Count("invitations"),
        answered=Count("invitations", filter=Q(invitations__answered_at__isnull=False)),
        low=ArraySubquery(grades.order_by("-grade__position", "pk").values(line=low)),
    )
    return list(found.select_related("programme", "project").order_by("-happened_on", "-pk")[:SHOWN])


def asked_about(occasion: Occasion, *, now: dt.datetime) -> list[Asked]:
    """Everybody who was asked about it, by name. Six queries, however many."""
    found = list(
        OccasionInvitation.objects.filter(occasion=occasion)
        .select_related("contact", "voice__owner", "voice__answered_by")
        .order_by("contact__sort_key", "pk")
    )
    said = said_by([each.pk for each in found])
    return [Asked(each, said.get(each.pk), _state(each, said.get(each.pk), now)) for each in found]


def occasion_behind(voice: Voice) -> OccasionInvitation | None:
    """The invitation whose low grade became this complaint."""
    found = OccasionInvitation.objects.filter(voice=voice.pk)
    return found.select_related("occasion__programme").first()


def _state(invitation: OccasionInvitation, said: Said | None, now: dt.datetime) -> str:
    if said is not None:
        return "interviewed" if said.answer.taken_by_id is not None else "answered"
    if invitation.failed_at is not None:
        return "failed"
    if now >= invitation.closes_at:
        return "closed"
    return "waits" if invitation.sent_at is None else "sent"
