"""What a further week brings beside the grades: orders, deliveries, talks, promises kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from django.db import connection
from django.db.models import Max

from accounts.customers.services import company_day
from accounts.facts import CURRENT
from accounts.interactions.models import Interaction
from accounts.interactions.services import complete_follow_up
from accounts.orders.models import Order, OrderKind, ProductLine
from accounts.orders.services import OrderFacts, add_order, correct_order
from accounts.orders.services import facts_of as facts_of_order
from crm.demo.story import companies
from crm.demo.story.moods import NOW_WEEK
from crm.demo.story.plots import Plot
from crm.demo.story.talks import Relation, Span, write_later_talks

SEED = 20_260_103
DAY = dt.timedelta(days=1)
PREFIX = "SO"
OF_PROJECTS = """
update orders_order set project_id = project.id
from (select distinct on (customer_id) customer_id, id from projects_project order by customer_id, id) project
where orders_order.customer_id = project.customer_id and orders_order.project_id is null
"""
KEPT = 0.6
"""Share of the promises that are due which are kept within the week."""


def name_projects() -> None:
    """Give every order the project of its customer: the file of orders names none."""
    with connection.cursor() as cursor:
        cursor.execute(OF_PROJECTS)


@dataclass(frozen=True)
class Traded:
    """How many of each the week brought."""

    orders: int
    delivered: int
    talks: int
    follow_ups_done: int


def trade(relations: list[Relation], span: Span, week: int) -> Traded:
    """Write the span of a week; the same ``week`` (its place, as in `moods`) draws the same."""
    done = _keep_promises(relations, span, week)
    talks = write_later_talks(relations, span, np.random.default_rng([SEED, 0, week]))
    delivered = _deliver(relations, span)
    return Traded(_order(relations, span, week), delivered, talks, done)


def _order(relations: list[Relation], span: Span, week: int) -> int:
    ids = [relation.customer.pk for relation in relations]
    orders = Order.objects.filter(CURRENT, customer__in=ids, kind=OrderKind.ORDER)
    last = dict(orders.order_by().values_list("customer").annotate(Max("ordered_on")))
    lines = {line.name: line.pk for line in ProductLine.objects.filter(name__in=companies.PRODUCT_LINES)}
    wanted: list[tuple[dt.datetime, Relation, OrderFacts]] = []
    for relation in relations:
        random = np.random.default_rng([SEED, 1, week, _number(relation)])
        for at in _instants(relation.plot, last.get(relation.customer.pk), span, random):
            wanted.append((at, relation, _facts(relation, at, lines, week, random)))
    number = _last_number()
    for count, (at, relation, facts) in enumerate(sorted(wanted, key=lambda each: each[0]), start=1):
        add_order(
            customer=relation.customer, facts=replace(facts, number=f"{PREFIX}{number + count:06}"), now=at
        )
    return len(wanted)


def _instants(
    plot: Plot, last: dt.date | None, span: Span, random: np.random.Generator
) -> Iterator[dt.datetime]:
    """When he orders, by his rhythm. Who stopped or bought once does not."""
    if last is None or plot.single_order or plot.stops_before or plot.is_lost:
        return
    shape = 1 / plot.gap_spread**2
    at = (
        dt.datetime.combine(last, dt.time(3), tzinfo=dt.UTC)
        + random.gamma(shape, plot.gap_days / shape) * DAY
    )
    if at <= span.since:
        at = span.since + (span.until - span.since) * random.uniform(0.02, 0.98)
    while at <= span.until:
        yield at
        at += random.gamma(shape, plot.gap_days / shape) * DAY


def _facts(
    relation: Relation, at: dt.datetime, lines: dict[str, int], week: int, random: np.random.Generator
) -> OrderFacts:
    plot, day = relation.plot, company_day(at)
    years = plot.starts_before / 365 + (week - NOW_WEEK) / 52
    amount = plot.amount * plot.growth**years * float(np.exp(random.normal(0, 0.3)))
    cost = amount * (1 - plot.margin) * float(np.exp(random.normal(0, 0.04)))
    line = companies.PRODUCT_LINES[random.integers(len(companies.PRODUCT_LINES))]
    return OrderFacts(
        ordered_on=day,
        amount_minor=round(amount * 100),
        direct_cost_minor=round(cost * 100),
        currency="CNY",
        product_line_id=lines.get(line),
        project_id=relation.project.pk if relation.project else None,
        promised_on=day + int(random.integers(15, 35)) * DAY,
        quantity=Decimal(max(1, int(amount / random.uniform(30, 90)))),
    )


def _deliver(relations: list[Relation], span: Span) -> int:
    """What was promised comes, most of it in time; it is entered on the day."""
    first, today = company_day(span.since) + DAY, company_day(span.until)
    ids = [relation.customer.pk for relation in relations]
    waiting = Order.objects.filter(
        CURRENT,
        customer__in=ids,
        kind=OrderKind.ORDER,
        delivered_on=None,
        promised_on__lte=today,
        number__regex=rf"^{PREFIX}\d+$",
    )
    count = 0
    for order in waiting.order_by("number"):
        number = int(order.number.removeprefix(PREFIX))
        if order.promised_on is None:
            continue
        late = int(max(0, np.random.default_rng([SEED, 2, number]).normal(-1, 3)))
        day = max(order.promised_on + late * DAY, first + number % 5 * DAY, order.ordered_on)
        if day <= today:
            at = min(dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC), span.until)
            correct_order(order=order, facts=replace(facts_of_order(order), delivered_on=day), now=at)
            count += 1
    return count


def _keep_promises(relations: list[Relation], span: Span, week: int) -> int:
    """Most follow-ups that are due are done, on their day or after; the others are overdue."""
    ids = [relation.customer.pk for relation in relations]
    due = Interaction.objects.filter(
        CURRENT,
        customer__in=ids,
        follow_up_on__lte=company_day(span.until),
        follow_up_done_at=None,
        follow_up_by__isnull=False,
    ).select_related("follow_up_by")
    random = np.random.default_rng([SEED, 3, week])
    count = 0
    for promise in due.order_by("follow_up_on", "customer__number", "started_at", "pk"):
        wish, share = random.random(2)
        if wish < KEPT and promise.follow_up_on and promise.follow_up_by:
            day = dt.datetime.combine(promise.follow_up_on, dt.time(1), tzinfo=dt.UTC)
            first = min(max(day, span.since), span.until)
            at = first + (span.until - first) * float(share)
            count += complete_follow_up(promise, by=promise.follow_up_by, now=at)
    return count


def _number(relation: Relation) -> int:
    return int((relation.customer.number or "").removeprefix("C"))


def _last_number() -> int:
    numbers = Order.objects.filter(number__regex=rf"^{PREFIX}\d{{6,}}$")
    return max(
        (int(each.removeprefix(PREFIX)) for each in numbers.values_list("number", flat=True)), default=0
    )
