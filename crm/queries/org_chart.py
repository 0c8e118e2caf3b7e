"""Who reports to whom at a customer, drawn with the organisational levels as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.contacts.models import Contact, Level
from crm.queries.contacts import LevelGroup

MOST_PEOPLE = 60
MOST_ROWS = 8
"""A larger organisation is read as a list: nobody sees a line that is three screens long."""
_LEVELS = list(Level)


@dataclass(frozen=True)
class Node:
    """A person and those who report to him. ``down``: how many rows further down he stands than right below
    his superior; of somebody without one, than the top."""

    person: Contact
    down: int
    reports: tuple[Node, ...]


@dataclass(frozen=True)
class Row:
    """A level and how many rows it takes: several where people report to somebody of their own level."""

    group: LevelGroup
    height: int


@dataclass(frozen=True)
class OrgChart:
    rows: tuple[Row, ...]
    tops: tuple[Node, ...]


def org_chart_of(groups: Sequence[LevelGroup]) -> OrgChart | None:
    """Of the people of all four levels; None where nobody reports to anybody, or there are too many to draw.

    No query. A superior at a lower level than his people has no line: the list names him.
    """
    people = [person for group in groups for person in group.people]
    known = {person.pk: person for person in people}
    superior = {person.pk: above for person in people if (above := _superior(person, known)) is not None}
    if not superior or len(people) > MOST_PEOPLE:
        return None
    steps = {person.pk: _steps_in_level(person, superior) for person in people}
    heights = [1 + max((steps[one.pk] for one in group.people), default=0) for group in groups]
    if sum(heights) > MOST_ROWS:
        return None
    first = {group.level: sum(heights[:place]) for place, group in enumerate(groups)}
    row = {person.pk: first[Level(person.level)] + steps[person.pk] for person in people}
    below: dict[int, list[Contact]] = {}
    for person in people:
        if person.pk in superior:
            below.setdefault(superior[person.pk].pk, []).append(person)

    def node(person: Contact, top: int) -> Node:
        reports = tuple(node(one, row[person.pk] + 1) for one in below.get(person.pk, ()))
        return Node(person, row[person.pk] - top, reports)

    return OrgChart(
        rows=tuple(Row(group, height) for group, height in zip(groups, heights, strict=True)),
        tops=tuple(node(person, 0) for person in people if person.pk not in superior),
    )


def _superior(person: Contact, known: dict[int, Contact]) -> Contact | None:
    """To whom a line leads."""
    above = known.get(person.reports_to_id or 0)
    if above is None or _LEVELS.index(Level(above.level)) > _LEVELS.index(Level(person.level)):
        return None
    return above


def _steps_in_level(person: Contact, superior: dict[int, Contact]) -> int:
    """How many superiors of his own level stand above him. No write can close a loop, so it ends."""
    steps = 0
    while (above := superior.get(person.pk)) is not None and above.level == person.level:
        person, steps = above, steps + 1
    return steps
