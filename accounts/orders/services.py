"""Every write of an order. A correction is a new version; a deleted order is superseded by nothing.

Each is one transaction and says to scoring that the customer's facts changed. What is wrong is raised as a
ValidationError by field, with the codes: future, before_ordered, sign, currency, rate, number_taken,
project_of_another, too_large.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump
from accounts.orders import money
from accounts.orders.models import Order, OrderKind
from accounts.projects.models import Project

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_BASE_MINOR = 10**13
MAX_MINOR = 10**15


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What an order says. Money in minor units of ``currency``; ``rate``: price of one unit in the base."""

    ordered_on: dt.date
    amount_minor: int
    currency: str
    kind: OrderKind = OrderKind.ORDER
    rate: Decimal = Decimal(1)
    number: str = ""
    project_id: int | None = None
    product_line_id: int | None = None
    promised_on: dt.date | None = None
    delivered_on: dt.date | None = None
    quantity: Decimal | None = None
    direct_cost_minor: int | None = None


@transaction.atomic
def add_order(*, customer: Customer, facts: OrderFacts, now: dt.datetime) -> Order:
    """A new order. Without a number its identity is a random one."""
    order = _version(facts, customer.pk, identity=facts.number or f"typed:{uuid.uuid4()}", now=now)
    _insert(order)
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


def _insert(order: Order) -> None:
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        if "order_one_current" not in str(error):
            raise
        _refuse("number", "number_taken", _("Another order has this number."))


def _version(facts: OrderFacts, customer_id: int, *, identity: str, now: dt.datetime) -> Order:
    _check_dates(facts, now)
    _check_money(facts)
    if facts.project_id and not Project.objects.filter(pk=facts.project_id, customer=customer_id).exists():
        _refuse("project", "project_of_another", _("This project belongs to another customer."))
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
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if facts.ordered_on > today:
        _refuse("ordered_on", "future", _("An order cannot be dated in the future."))
    if facts.delivered_on and facts.delivered_on < facts.ordered_on:
        _refuse("delivered_on", "before_ordered", _("Delivered before it was ordered."))


def _check_money(facts: OrderFacts) -> None:
    if facts.currency not in money.CURRENCIES:
        _refuse("currency", "currency", _("This is no currency code, such as CNY or EUR."))
    if facts.rate <= 0 or (facts.currency == settings.BASE_CURRENCY and facts.rate != 1):
        _refuse("rate", "rate", _("The rate must be above zero, and 1 for the company's own currency."))
    if facts.kind == OrderKind.ORDER and facts.amount_minor < 0:
        _refuse("amount", "sign", _("An order's amount is not negative; a credit note's is."))
    if facts.kind == OrderKind.CREDIT_NOTE and facts.amount_minor > 0:
        _refuse("amount", "sign", _("A credit note's amount is negative."))
    for field, minor in (("amount", facts.amount_minor), ("direct_cost", facts.direct_cost_minor or 0)):
        if abs(minor) > MAX_MINOR or abs(_in_base(minor, facts)) > MAX_BASE_MINOR:
            _refuse(field, "too_large", _("This amount is larger than an order can be."))


def _in_base(minor: int, facts: OrderFacts) -> int:
    return money.to_base(minor, currency=facts.currency, base=settings.BASE_CURRENCY, rate=facts.rate)


def _refuse(field: str, code: str, message: _StrPromise) -> None:
    raise ValidationError({field: ValidationError(message, code=code)})
