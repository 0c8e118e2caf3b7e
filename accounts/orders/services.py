"""Every write of an order. A correction is a new version; a deleted order is superseded by nothing.

Each is one transaction and says to scoring that the customer's facts changed. What is wrong is raised as a
ValidationError by field, with the codes: too_old, future, before_ordered, sign, quantity, currency,
rate_missing, rate, number_taken, project_of_another, too_large.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.orders import money
from accounts.orders.models import Order, OrderKind
from accounts.projects.models import Project

MAX_BASE_MINOR = 10**13
MAX_MINOR = 10**15
FIRST_DAY = dt.date(1970, 1, 1)
"""Scores count days from here; an older date is a typing error."""


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What an order says. Money in minor units of ``currency``; ``rate``: price of one unit in the base.

    Only the company's own currency needs no rate: it is 1.
    """

    ordered_on: dt.date
    amount_minor: int
    currency: str
    kind: OrderKind = OrderKind.ORDER
    rate: Decimal | None = None
    number: str = ""
    project_id: int | None = None
    product_line_id: int | None = None
    promised_on: dt.date | None = None
    delivered_on: dt.date | None = None
    quantity: Decimal | None = None
    direct_cost_minor: int | None = None


@transaction.atomic
def add_order(
    *, customer: Customer, facts: OrderFacts, now: dt.datetime, token: uuid.UUID | None = None
) -> Order:
    """A new order. Without a number ``token``, which names the form it was typed into, is its identity.

    Raises AlreadySavedError when that form was saved before, be it at this moment.
    """
    typed = f"typed:{token or uuid.uuid4()}"
    order = _version(facts, customer.pk, identity=facts.number or typed, now=now)
    if token and Order.objects.filter(identity=typed, superseded_at=None).exists():
        raise AlreadySavedError
    try:
        _insert(order)
    except ValidationError:
        if token and _is_saved(order):
            raise AlreadySavedError from None
        raise
    bump([customer.pk])
    return order


@transaction.atomic
def correct_order(
    *, order: Order, facts: OrderFacts, now: dt.datetime, customer: Customer | None = None
) -> Order:
    """A new version that supersedes ``order``; ``customer`` moves it to another one.

    Its identity stays, and follows the number when that changes, so that a file finds it by its number.
    """
    customer_id = customer.pk if customer else order.customer_id
    identity = facts.number if facts.number and facts.number != order.number else order.identity
    version = _version(facts, customer_id, identity=identity, now=now)
    _supersede(order, now)
    _insert(version)
    bump({order.customer_id, customer_id})
    return version


@transaction.atomic
def delete_order(*, order: Order, now: dt.datetime) -> None:
    """No longer believed from ``now`` on; what was believed before stays readable."""
    _supersede(order, now)
    bump([order.customer_id])


def _supersede(order: Order, now: dt.datetime) -> None:
    ended = Order.objects.filter(pk=order.pk, superseded_at=None).update(superseded_at=now)
    if not ended:
        raise ConflictError(order.pk)


def current_version_of(order: Order) -> Order | None:
    """The version believed now, followed through corrections of its number; None when it was deleted."""
    version: Order | None = order
    while version is not None and version.superseded_at is not None:
        version = (
            Order.objects.filter(identity=version.identity, superseded_at=None).first()
            or Order.objects.filter(customer=version.customer_id, known_at=version.superseded_at)
            .exclude(identity=version.identity)
            .filter(import_id=None)
            .first()
        )
    return version


def facts_of(order: Order) -> OrderFacts:
    """What a version says, for a next one that says something else."""
    return OrderFacts(**{column.name: getattr(order, column.name) for column in fields(OrderFacts)})


def _is_saved(order: Order) -> bool:
    """Whether what has its identity now is the same order of the same customer."""
    present = Order.objects.filter(identity=order.identity, superseded_at=None).first()
    return (
        present is not None
        and present.customer_id == order.customer_id
        and (present.identity.startswith("typed:") or facts_of(present) == facts_of(order))
    )


def _insert(order: Order) -> None:
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        if "order_one_current" not in str(error):
            raise
        refuse("number", "number_taken", _("Another order has this number."))


def _version(facts: OrderFacts, customer_id: int, *, identity: str, now: dt.datetime) -> Order:
    facts = replace(facts, rate=_rate(facts))
    _check_dates(facts, now)
    _check_signs(facts)
    _check_sizes(facts)
    if facts.project_id and not Project.objects.filter(pk=facts.project_id, customer=customer_id).exists():
        refuse("project", "project_of_another", _("This project belongs to another customer."))
    return Order(
        **asdict(facts),
        identity=identity,
        customer_id=customer_id,
        known_at=now,
        base_amount_minor=_in_base(facts.amount_minor, facts),
        base_direct_cost_minor=(
            None if facts.direct_cost_minor is None else _in_base(facts.direct_cost_minor, facts)
        ),
    )


def _check_dates(facts: OrderFacts, now: dt.datetime) -> None:
    today = company_day(now)
    if facts.ordered_on < FIRST_DAY:
        refuse("ordered_on", "too_old", _("An order cannot be older than 1970."))
    if facts.ordered_on > today:
        refuse("ordered_on", "future", _("An order cannot be dated in the future."))
    if facts.promised_on and facts.promised_on < facts.ordered_on:
        refuse("promised_on", "before_ordered", _("Promised before it was ordered."))
    if facts.delivered_on and facts.delivered_on < facts.ordered_on:
        refuse("delivered_on", "before_ordered", _("Delivered before it was ordered."))
    if facts.delivered_on and facts.delivered_on > today:
        refuse("delivered_on", "future", _("A delivery is entered when it has happened."))


def _rate(facts: OrderFacts) -> Decimal:
    base = settings.BASE_CURRENCY
    if facts.currency not in money.CURRENCIES:
        refuse("currency", "currency", _("Unknown currency. Use three letters, such as CNY or EUR."))
    if facts.rate is None:
        if facts.currency != base:
            message = _("Enter the exchange rate: what one %(currency)s costs in %(base)s.")
            refuse("rate", "rate_missing", message % {"currency": facts.currency, "base": base})
        return Decimal(1)
    if facts.rate <= 0 or (facts.currency == base and facts.rate != 1):
        refuse("rate", "rate", _("The rate must be above zero, and 1 for the company's own currency."))
    return facts.rate


def _check_signs(facts: OrderFacts) -> None:
    cost = facts.direct_cost_minor or 0
    if facts.kind == OrderKind.CREDIT_NOTE:
        if facts.amount_minor > 0:
            refuse("amount", "sign", _("A credit note's amount is negative."))
        if cost > 0:
            refuse("direct_cost", "sign", _("A credit note's direct cost is negative."))
        return
    if facts.amount_minor < 0:
        refuse("amount", "sign", _("An order's amount is not negative; a credit note's is."))
    if cost < 0:
        refuse("direct_cost", "sign", _("An order's direct cost is not negative; a credit note's is."))
    if facts.quantity is not None and facts.quantity <= 0:
        refuse("quantity", "quantity", _("An order's quantity is above zero."))


def _check_sizes(facts: OrderFacts) -> None:
    for field, minor in (("amount", facts.amount_minor), ("direct_cost", facts.direct_cost_minor or 0)):
        if abs(minor) > MAX_MINOR or abs(_in_base(minor, facts)) > MAX_BASE_MINOR:
            refuse(field, "too_large", _("This amount is larger than an order can be."))


def _in_base(minor: int, facts: OrderFacts) -> int:
    rate = facts.rate or Decimal(1)
    return money.to_base(minor, currency=facts.currency, base=settings.BASE_CURRENCY, rate=rate)
