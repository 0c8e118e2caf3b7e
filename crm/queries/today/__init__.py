"""Today: what needs whom, why, how much money is in it, and what to do. One queue per kind of item."""

from crm.queries.today.items import Item, Section
from crm.queries.today.page import QUEUES, Today, find, today_of
from crm.queries.today.pulse import digest_of, pulse_of
from crm.queries.today.scope import Scope, scope_of

__all__ = [
    "QUEUES",
    "Item",
    "Scope",
    "Section",
    "Today",
    "digest_of",
    "find",
    "pulse_of",
    "scope_of",
    "today_of",
]
