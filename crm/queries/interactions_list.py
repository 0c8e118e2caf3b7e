"""Interactions over all customers somebody sees: narrowed, page by page, and to the end for a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.interactions.models import Interaction, InteractionKind, InteractionParticipant, Sentiment
from accounts.keys import among
from crm.queries import keyset

ORDER = ("-started_at", "-pk")
EXPORTED_AT_ONCE = 500


class FollowUp(TextChoices):
    OPEN = "open", _("Follow-up to be done")
    ANY = "any", _("With a follow-up")
    NONE = "none", _("Without a follow-up")


class Took(TextChoices):
    SOMEBODY = "somebody", _("With a person")
    NOBODY = "nobody", _("Without a person")


def narrowed(
    found: QuerySet[Interaction], wishes: Mapping[str, Any], *, zone: dt.tzinfo
) -> QuerySet[Interaction]:
    """``wishes``: the cleaned values of the form above the list; days are those of ``zone``."""
    conditions = Q()
    for name in ("kind", "customer", "project", "sentiment", "author"):
        if wishes.get(name):
            conditions &= Q((name, wishes[name]))
    if wishes.get("contact"):
        took = InteractionParticipant.objects.filter(interaction=OuterRef("pk"), contact=wishes["contact"])
        conditions &= Q(Exists(took))
    if wishes.get("people"):
        anybody = Exists(InteractionParticipant.objects.filter(interaction=OuterRef("pk"), contact__gt=0))
        conditions &= Q(anybody) if wishes["people"] == Took.SOMEBODY else ~Q(anybody)
    conditions &= {
        FollowUp.OPEN.value: Q(follow_up_on__isnull=False, follow_up_done_at=None),
        FollowUp.ANY.value: Q(follow_up_on__isnull=False),
        FollowUp.NONE.value: Q(follow_up_on=None),
    }.get(wishes.get("follow_up", ""), Q())
    if wishes.get("since"):
        conditions &= Q(started_at__gte=dt.datetime.combine(wishes["since"], dt.time(), zone))
    if wishes.get("until"):
        following = wishes["until"] + dt.timedelta(days=1)
        conditions &= Q(started_at__lt=dt.datetime.combine(following, dt.time(), zone))
    return found.filter(conditions)


def page_of(found: QuerySet[Interaction], *, after: str = "", before: str = "") -> keyset.Page[Interaction]:
    """The latest first; each with ``people``, the contacts who took part."""
    page = keyset.page_or_first([_part(found)], after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(_rows(page.rows), page.newer, page.older, count, is_exact)


def all_of(found: QuerySet[Interaction]) -> Iterator[Interaction]:
    """Everything found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    after = ""
    while True:
        page = keyset.page_of_ids([_part(found)], after=after, limit=EXPORTED_AT_ONCE)
        yield from _rows(page.rows)
        if page.older is None:
            return
        after = page.older


def kinds() -> list[tuple[str, Any]]:
    return [("", _("Any kind")), *InteractionKind.choices]


def sentiments() -> list[tuple[Any, Any]]:
    """Neutral is 0, which a form must not take for nothing said: so they are texts."""
    return [("", _("Any sentiment")), *((str(value), label) for value, label in Sentiment.choices)]


def _part(found: QuerySet[Interaction]) -> keyset.Part:
    return keyset.Part(found, ORDER, (dt.datetime, int))


def _rows(ids: list[int]) -> list[Interaction]:
    contacts = InteractionParticipant.objects.filter(contact__isnull=False).select_related("contact")
    people = Prefetch("participants", queryset=contacts.order_by("id"), to_attr="people")
    rows = Interaction.objects.filter(pk__in=among(ids)).select_related(
        "customer", "project", "author", "follow_up_by"
    )
    return list(rows.prefetch_related(people).order_by(*ORDER))
