"""The coverage map: a customer's organisational levels x our people, and what is missing in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from accounts.contacts.models import Contact, Level
from accounts.users.models import User
from crm.queries.contacts import LevelGroup

QUIET_DAYS = 90
"""Without an interaction for so long a contact counts as not in touch."""

_COVERED = """
select c.customer_id, c.level, count(*), count(c.counterpart_id), count(*) filter (where exists (
    select from interactions_interactionparticipant p
    where p.contact_id = c.id and p.superseded_at is null and p.started_at > %(since)s
))
from contacts_contact c
where c.customer_id = any(%(customers)s) and (c.left_on is null or c.left_on > %(today)s)
group by 1, 2
"""


class LevelCover(NamedTuple):
    """Contacts present at a level, of them with a counterpart of ours, and in touch in the last 90 days."""

    known: int = 0
    covered: int = 0
    in_touch: int = 0

    @property
    def is_gap(self) -> bool:
        return self.covered == 0


@dataclass(frozen=True)
class CoverRow:
    """``cells``: for each of our people the contacts whose counterpart he is, then those without one."""

    level: Level
    cells: tuple[tuple[Contact, ...], ...]
    alone: tuple[Contact, ...]

    @property
    def known(self) -> int:
        return len(self.alone) + sum(len(cell) for cell in self.cells)

    @property
    def is_gap(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class CoverageMap:
    """``people``: ours, whoever has the most counterparts first."""

    people: tuple[User, ...]
    rows: tuple[CoverRow, ...]

    @property
    def gaps(self) -> tuple[CoverRow, ...]:
        return tuple(row for row in self.rows if row.is_gap)

    @property
    def is_single_threaded(self) -> bool:
        """Everything hangs on one of ours, or on one of theirs."""
        contacts = sum(row.known - len(row.alone) for row in self.rows)
        return contacts == 1 or (len(self.people) == 1 and contacts > 0)


def coverage_map(groups: Sequence[LevelGroup]) -> CoverageMap:
    """Of the people at the four levels. No query."""
    counts: dict[User, int] = {}
    for group in groups:
        for person in group.present:
            if person.counterpart is not None:
                counts[person.counterpart] = counts.get(person.counterpart, 0) + 1
    people = tuple(sorted(counts, key=lambda user: (-counts[user], user.name, user.pk)))
    return CoverageMap(
        people=people,
        rows=tuple(
            CoverRow(
                level=group.level,
                cells=tuple(
                    tuple(one for one in group.present if one.counterpart_id == user.pk) for user in people
                ),
                alone=tuple(one for one in group.present if one.counterpart_id is None),
            )
            for group in groups
        ),
    )


def covered_levels(
    customers: Collection[int], *, today: dt.date, as_of: dt.datetime
) -> dict[int, dict[str, LevelCover]]:
    """By customer and level. One query."""
    found: dict[int, dict[str, LevelCover]] = {pk: {} for pk in customers}
    since = as_of - dt.timedelta(days=QUIET_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, {"customers": list(customers), "today": today, "since": since})
        for customer, level, *counts in cursor.fetchall():
            found[customer][level] = LevelCover(*counts)
    return found
