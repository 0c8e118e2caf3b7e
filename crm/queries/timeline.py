"""What happened with a customer in one stream, newest first: interactions, orders, needs, contracts, files,
stages, owners, scores, people, changed fields; of projects whose grades the reader may see also low grades
and corrective actions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.customers.models import Customer
from accounts.users.models import User
from crm.queries.event_source import Event, Label, page_of_events
from crm.queries.events import sources_of
from crm.queries.keyset import Page
from crm.queries.record_events import worded

EVENTS = 20
KINDS: dict[str, tuple[Label, tuple[str, ...]]] = {
    "talks": (_("Interactions"), ("interaction", "appointment")),
    "grades": (pgettext_lazy("timeline", "Grades"), ("answer", "survey")),
    "cases": (_("Corrective actions"), ("case",)),
    "needs": (_("Needs"), ("need",)),
    "contracts": (_("Contracts"), ("contract",)),
    "orders": (_("Orders"), ("order",)),
    "scores": (_("Scores"), ("score",)),
    "people": (_("People"), ("joined", "left")),
    "files": (_("Files"), ("file",)),
    "records": (_("Record"), ("stage", "owner", "change")),
}
"""What a reader chooses from, and the kinds of event behind it."""


def chosen_kinds(wishes: Iterable[str]) -> list[str]:
    """Those of `KINDS` that were asked for; nothing or nonsense: none, which is all of them."""
    asked = set(wishes)
    return [name for name in KINDS if name in asked]


def events_of(
    customer: Customer, user: User, *, chosen: Collection[str] = (), after: str = "", limit: int = EVENTS
) -> Page[Event]:
    """The newest events of the `chosen_kinds`, or those behind the cursor, two queries at any depth."""
    kinds = {kind for name in chosen for kind in KINDS[name][1]}
    page = page_of_events(sources_of(customer, user), kinds=kinds, after=after, limit=limit)
    return replace(page, rows=worded(page.rows))
