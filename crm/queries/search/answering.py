"""What a search answers: groups of hits, in the order in which somebody looks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F, TextChoices
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.interactions.models import InteractionKind
from accounts.keys import among
from accounts.users.models import User
from crm.queries import keyset
from crm.queries.search import marking
from crm.queries.search.asking import Question
from crm.queries.search.cases import find_case
from crm.queries.search.marking import Part
from crm.queries.search.named import Found, candidates_of, find_alike, find_named
from crm.queries.search.scope import Scope, scope_of
from crm.queries.search.talks import Talk, find_talks

MOST = 200
"""Of one kind. Who does not find it among so many types another word."""


class Kind(TextChoices):
    CUSTOMER = "customer", _("Customers")
    CONTACT = "contact", _("Contacts")
    PROJECT = "project", _("Projects")
    CASE = "case", _("Corrective actions")
    CONTRACT = "contract", _("Contracts")
    ORDER = "order", _("Orders")
    INTERACTION = "interaction", _("Interactions")


NAMED = frozenset({Kind.CUSTOMER, Kind.CONTACT, Kind.PROJECT})


@dataclass(frozen=True)
class Hit:
    """One thing that was found. ``key``: its id, of an interaction its identity. ``other``: by what else."""

    kind: str
    key: str
    customer_id: int
    customer: str
    title: list[Part]
    note: str = ""
    other: list[Part] | None = None
    at: dt.date | dt.datetime | None = None

    @property
    def name(self) -> str:
        return "".join(part.text for part in self.title)

    @property
    def url(self) -> str:
        if self.kind == Kind.ORDER:
            # The page of the customer's orders that begins with this one.
            place = keyset.Place(0, (self.at, int(self.key) + 1))
            return f"{reverse('customer_orders', args=[self.customer_id])}?{urlencode({'after': place})}"
        return reverse(self.kind, args=[self.key])


@dataclass(frozen=True)
class Group:
    """``count`` is exact unless there may be more than were counted."""

    kind: Kind
    hits: list[Hit]
    count: int
    count_is_exact: bool


@dataclass(frozen=True)
class Answer:
    """``is_guess``: nobody is called so, these are called alike."""

    groups: list[Group]
    is_guess: bool = False

    @property
    def hits(self) -> list[Hit]:
        return [hit for group in self.groups for hit in group.hits]


def answer_to(
    question: Question,
    *,
    user: User,
    recent: Sequence[int] = (),
    kinds: Iterable[str] = Kind.values,
    limit: int = 5,
) -> Answer:
    """The best ``limit`` of each kind that ``user`` may see, in two to four statements.

    ``recent``: ids of customers that he opened lately; these and his own come before others that match as
    well. Names are guessed only where nothing at all was found.
    """
    scope = scope_of(user, recent)
    if scope.is_empty:
        return Answer([])
    wanted = frozenset(kinds)
    found = find_named(question, scope, kinds=wanted, limit=limit)
    if Kind.CASE in wanted:
        found += find_case(question, user)
    groups = [_named(kind, found, question, limit) for kind in Kind]
    if Kind.INTERACTION in wanted:
        groups.append(_talked(question, scope, limit))
    groups = [group for group in groups if group.hits]
    if groups or not wanted & NAMED:
        return Answer(groups)
    alike = find_alike(question, scope, kinds=wanted & NAMED, limit=limit)
    guessed = [_named(kind, alike, question, limit) for kind in Kind]
    groups = [group for group in guessed if group.hits]
    return Answer(groups, is_guess=bool(groups))


def recent_hits(entries: Sequence[tuple[str, int]], *, user: User) -> list[Hit]:
    """What somebody opened lately, as far as he sees it still, in this order; three statements at most."""
    hits: dict[tuple[str, int], Hit] = {}
    for kind in (Kind.CUSTOMER, Kind.CONTACT, Kind.PROJECT):
        ids = [pk for of, pk in entries if of == kind]
        for pk, customer_id, title, customer in _named_rows(kind, ids, user) if ids else []:
            parts = [Part(title, is_meant=False)]
            hits[kind, pk] = Hit(kind, str(pk), customer_id, customer or "", parts)
    return [hits[entry] for entry in entries if entry in hits]


def _named_rows(kind: Kind, ids: list[int], user: User) -> Iterable[tuple[int, int, str, str | None]]:
    if kind == Kind.CUSTOMER:
        customers = access.visible_customers(user).filter(pk__in=among(ids))
        return [(pk, pk, name, "") for pk, name in customers.values_list("pk", "short_name")]
    columns = ("pk", "customer_id", "name", F("customer__short_name"))
    if kind == Kind.CONTACT:
        return access.visible_contacts(user).filter(pk__in=among(ids)).values_list(*columns)
    return access.visible_projects(user).filter(pk__in=among(ids)).values_list(*columns)


def _named(kind: Kind, found: Sequence[Found], question: Question, limit: int) -> Group:
    rows = [row for row in found if row.kind == kind]
    count = rows[0].total if rows else 0
    hits = [_hit(row, question) for row in rows]
    return Group(kind, hits, count, count_is_exact=count < candidates_of(limit))


def _hit(row: Found, question: Question) -> Hit:
    """Where the title is not what was found, what was found stands beside it: a former name, an e-mail."""
    title = marking.parts_of(row.title, question)
    meant = next((other for other in row.others if other and _explains(other, question)), "")
    shows_other = meant and meant != row.title and not any(part.is_meant for part in title)
    return Hit(
        kind=row.kind,
        key=str(row.pk),
        customer_id=row.customer_id,
        customer=row.customer or "",
        title=title,
        note="" if row.kind == Kind.ORDER else row.note,
        other=marking.parts_of(meant, question) if shows_other else None,
        at=dt.date.fromisoformat(row.note) if row.kind == Kind.ORDER else None,
    )


def _explains(other: str, question: Question) -> bool:
    if question.digits and question.digits in "".join(c for c in other if c.isdecimal()):
        return True
    return marking.is_in(other, question)


def _talked(question: Question, scope: Scope, limit: int) -> Group:
    talks = find_talks(question, scope, limit=limit + 1)
    hits = [_talk(talk, question) for talk in talks[:limit]]
    return Group(Kind.INTERACTION, hits, len(hits), count_is_exact=len(talks) <= limit)


def _talk(talk: Talk, question: Question) -> Hit:
    return Hit(
        kind=Kind.INTERACTION,
        key=talk.identity,
        customer_id=talk.customer_id,
        customer=talk.customer,
        title=marking.excerpt_of(talk.summary, question),
        note=str(InteractionKind(talk.kind).label),
        at=talk.started_at,
    )
