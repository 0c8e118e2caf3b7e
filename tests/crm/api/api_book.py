"""Records of every kind for a customer, and a scoring run in the test's own process."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.costs.models import CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.customers.models import Customer
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import FunctionalRole
from accounts.projects.services import Membership, create_project
from scoring import recompute
from scoring.models import RunKind
from scoring.recompute import Terms

DAY = dt.date(2026, 2, 1)
NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
TERMS = Terms(zone="UTC", lease=dt.timedelta(minutes=5), shard_customers=1000)


def fill(world: Any, customer: Customer, *, manager: Any, members: Any = ()) -> None:
    """A project with its team, a contact, an interaction with him and an order with its cost."""
    team = [Membership(user=user, functional_role=FunctionalRole.QUALITY) for user in members]
    create_project(customer=customer, name="Line 4", manager=manager, started_on=DAY, now=NOW, members=team)
    contact = create_contact(
        customer=customer, name="Li Na", level=Level.MANAGEMENT, author=world.admin, now=NOW
    )
    log_interaction(
        customer=customer,
        facts=InteractionFacts(kind=InteractionKind.CALL, started_at=NOW - dt.timedelta(days=1)),
        contacts=[contact.pk],
        users=[],
        author=world.admin,
        now=NOW,
    )
    facts = OrderFacts(ordered_on=DAY, amount_minor=10_000, currency="CNY", direct_cost_minor=7_000)
    add_order(customer=customer, facts=facts, now=NOW)
    use_activity(customer)


def use_activity(customer: Customer) -> None:
    """One usage of an activity of its own."""
    activity = add_activity(
        code=f"V{customer.pk}",
        name=f"Visit {customer.pk}",
        pool=CostPool.SALES,
        driver=Driver.VISITS,
        now=NOW,
    )
    set_rate(activity=activity, valid_from=DAY, rate_minor=Decimal(80_000), author=None, now=NOW)
    facts = UsageFacts(activity=activity, used_on=DAY, quantity=Decimal(2))
    add_usage(customer=customer, facts=facts, now=NOW)


def run_scoring(as_of: dt.datetime) -> None:
    """Everybody, as of then; the run is the current one afterwards."""
    run, _is_new = recompute.open_run(as_of, kind=RunKind.NIGHTLY, terms=TERMS)
    while recompute.work(run.pk, terms=TERMS):
        pass
