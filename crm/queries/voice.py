"""Reads of the voice of the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.keys import among
from accounts.users.models import User
from accounts.voice.models import UNANSWERED, Voice, VoiceKind, VoiceTheme
from crm.queries import keyset
from crm.queries.voice_words import told_in

ORDER = ("-heard_on", "-pk")
EXPORTED_AT_ONCE = 500
LATEST_SHOWN = 5
RELATED = ("customer", "project", "contact", "owner")


class VoiceState(TextChoices):
    OPEN = "open", _("Not answered")
    OVERDUE = "overdue", _("Overdue")
    ANSWERED = "answered", _("Answered")


def narrowed(
    found: QuerySet[Voice], wishes: Mapping[str, str], *, user: User, today: dt.date
) -> QuerySet[Voice]:
    """By kind, theme, state, whose and customer; nothing where a wish is none that there is."""
    conditions = Q()
    for name, values in (("kind", VoiceKind.values), ("theme", VoiceTheme.values)):
        if wish := wishes.get(name, ""):
            conditions &= Q((name, wish)) if wish in values else Q(pk__in=[])
    states = {
        "": Q(),
        VoiceState.OPEN.value: UNANSWERED,
        VoiceState.OVERDUE.value: overdue(today),
        VoiceState.ANSWERED.value: ~UNANSWERED,
    }
    conditions &= states.get(wishes.get("state", ""), Q(pk__in=[]))
    if wishes.get("whose") == "mine":
        conditions &= Q(owner=user.pk)
    if customer := wishes.get("customer", ""):
        conditions &= Q(customer=customer) if customer.isdecimal() and len(customer) < 19 else Q(pk__in=[])
    return found.filter(conditions)


def overdue(today: dt.date) -> Q:
    """Not answered by the day that was promised."""
    return UNANSWERED & Q(answer_by__lt=today)


def page_of_voices(
    found: QuerySet[Voice], *, language: str, after: str = "", before: str = ""
) -> keyset.Page[Voice]:
    """The latest first, `with_words`."""
    page = keyset.page_or_first([_part(found)], after=after, before=before)
    count, is_exact = keyset.count_of(found)
    rows = with_words(_rows(page.rows), language=language)
    return keyset.Page(rows, page.newer, page.older, count, is_exact)


def all_voices(found: QuerySet[Voice], *, language: str) -> Iterator[Voice]:
    """Everything found, in the order of the list and `with_words`, read `EXPORTED_AT_ONCE` at a time."""
    after = ""
    while True:
        page = keyset.page_of_ids([_part(found)], after=after, limit=EXPORTED_AT_ONCE)
        yield from with_words(_rows(page.rows), language=language)
        if page.older is None:
            return
        after = page.older


def latest_of(found: QuerySet[Voice], customer: Customer, *, language: str) -> list[Voice]:
    """What he said last, `with_words`, for his page."""
    told = found.filter(customer=customer).select_related(*RELATED).order_by(*ORDER)[:LATEST_SHOWN]
    return with_words(list(told), language=language)


def with_words(voices: list[Voice], *, language: str) -> list[Voice]:
    """The same, each with its text as it is told in ``language``, as ``words``."""
    words = told_in(language, voices)
    for voice in voices:
        voice.words = words[voice.pk]  # type: ignore[attr-defined]
    return voices


def _part(found: QuerySet[Voice]) -> keyset.Part:
    return keyset.Part(found, ORDER, (dt.date, int))


def _rows(ids: list[int]) -> list[Voice]:
    return list(Voice.objects.select_related(*RELATED).filter(pk__in=among(ids)).order_by(*ORDER))
