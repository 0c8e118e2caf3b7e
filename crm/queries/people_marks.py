"""What is missing among a customer's people: levels nobody of us covers, one contact who carries everything,
executives we no longer meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.interactions.models import InteractionParticipant
from crm.queries.contacts import LevelGroup
from crm.queries.listening.coverage import QUIET_DAYS


@dataclass(frozen=True)
class Gap:
    """A level without a counterpart of ours; ``person``: somebody there who could get one."""

    level: Level
    person: Contact | None


@dataclass(frozen=True)
class Carrier:
    """The one contact in all ``talks`` of the last 90 days; ``others``: how many more work there."""

    person: Contact
    talks: int
    others: int


@dataclass(frozen=True)
class Marks:
    """``executive_days``: since an executive took part in anything, None: never. ``is_silent``: longer than
    90 days; ``executive``: whom to see."""

    gaps: tuple[Gap, ...]
    levels: int
    carrier: Carrier | None
    executive_days: int | None
    is_silent: bool
    executive: Contact | None

    @property
    def is_clear(self) -> bool:
        return not (self.gaps or self.carrier or self.is_silent)


def marks_of(customer: Customer, groups: Sequence[LevelGroup], *, now: dt.datetime) -> Marks:
    """Of the people at the four levels; one query."""
    quiet = now - dt.timedelta(days=QUIET_DAYS)
    took_part = InteractionParticipant.objects.filter(
        customer=customer, contact__isnull=False, superseded_at=None, started_at__lte=now
    )
    rows = list(
        took_part.order_by()
        .values("contact")
        .annotate(
            recent=Count("pk", filter=Q(started_at__gt=quiet)),
            met_executive=Max("started_at", filter=Q(level=Level.EXECUTIVE)),
        )
        .values_list("contact", "recent", "met_executive")
    )
    met = max((row[2] for row in rows if row[2] is not None), default=None)
    days = None if met is None else (now - met).days
    executives = next(group for group in groups if group.level == Level.EXECUTIVE)
    return Marks(
        gaps=tuple(_gap(group) for group in groups if group.is_gap),
        levels=len(groups),
        carrier=_carrier(groups, [(pk, recent) for pk, recent, _met in rows if recent]),
        executive_days=days,
        is_silent=days is None or days > QUIET_DAYS,
        executive=next(iter(executives.present), None),
    )


def _gap(group: LevelGroup) -> Gap:
    return Gap(group.level, next(iter(group.present), None))


def _carrier(groups: Sequence[LevelGroup], recent: Sequence[tuple[int, int]]) -> Carrier | None:
    if len(recent) != 1:
        return None
    present = {person.pk: person for group in groups for person in group.present}
    pk, talks = recent[0]
    return Carrier(present[pk], talks, len(present) - 1) if pk in present else None
