"""Books of customers made by set-wise SQL, so that a test can have a million orders in seconds."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import connection

from accounts.orders.models import Order, OrderKind
from accounts.users.models import User
from scoring import recompute
from scoring.models import CustomerScore, RunKind, ScoringRun
from scoring.recompute import Terms

CUSTOMERS = """
insert into customers_customer (known_at, short_name, legal_name, kind, stage, currency, tags, custom_fields,
  version, sort_key, search_text, search_tokens, acquired_on)
select %(first)s, 'Customer ' || n, '', 'company', 'continuing', 'CNY', '{}', '{}', 1, 'customer ' || n,
  'customer ' || n, '{}', %(first)s::timestamptz::date
from generate_series(1, %(customers)s) n
returning id
"""
INPUTS = """
insert into customers_customerinput (customer_id, version)
select id, 1 from customers_customer c
where not exists (select from customers_customerinput i where i.customer_id = c.id)
"""
STAGES = """
insert into customers_customerstage (known_at, customer_id, stage, valid_from, reason)
select %(first)s, id, 'continuing', %(first)s::timestamptz::date, '' from customers_customer c
where not exists (select from customers_customerstage s where s.customer_id = c.id)
"""
# A customer's days follow from his number and the order's by integer arithmetic: no random source, same book.
ORDERS = """
insert into orders_order (known_at, identity, customer_id, number, kind, ordered_on, currency, rate,
  amount_minor, direct_cost_minor, base_amount_minor, base_direct_cost_minor, quantity)
select d.day::timestamptz, 'made:' || c.id || ':' || n, c.id, '', 'order', d.day, 'CNY', 1,
  m.amount, m.amount * (40 + c.id %% 50) / 100, m.amount, m.amount * (40 + c.id %% 50) / 100,
  case when c.id %% 3 > 0 then 1 + (c.id * 7 + n * 13) %% 90 end
from unnest(%(ids)s::bigint[]) as c (id)
cross join generate_series(1, %(each)s) n
cross join lateral (
  select %(first)s::timestamptz::date
    + ((n * %(days)s / %(each)s + (c.id * 31 + n * n * 17) %% (1 + c.id %% 60)) %% %(days)s)::int as day
) d
cross join lateral (select 1000 + (c.id * 7919 + n * n * 104729) %% (1000 * (1 + c.id %% 900)) as amount) m
order by c.id, d.day
"""
CONTACTS = """
insert into contacts_contact (known_at, customer_id, name, title, department, level, decision_role, attitude,
  email, phone, language, time_zone, opted_out, version, sort_key, search_text, search_tokens)
select %(first)s, c.id, 'Contact ' || n, '', '',
  (array['executive', 'management', 'specialist', 'operational'])[1 + (c.id + n) %% 4], 'decision_maker',
  'supporter', '', '', 'en', 'UTC', false, 1, '', '', '{}'
from unnest(%(ids)s::bigint[]) as c (id) cross join generate_series(1, %(each)s) n
"""
INTERACTIONS = """
insert into interactions_interaction (known_at, identity, customer_id, kind, direction, started_at, minutes,
  summary, sentiment, author_id)
select s.at, gen_random_uuid(), c.id, 'call', 'outbound', s.at, 20, '', (c.id + n) %% 3 - 1, %(author)s
from unnest(%(ids)s::bigint[]) as c (id) cross join generate_series(1, %(each)s) n
cross join lateral (
  select %(first)s::timestamptz + make_interval(days => (n * %(days)s / %(each)s)::int) as at
) s
order by c.id, s.at
"""
PARTICIPANTS = """
insert into interactions_interactionparticipant (interaction_id, customer_id, contact_id, level, started_at,
  known_at)
select i.id, i.customer_id, k.id, k.level, i.started_at, i.known_at
from interactions_interaction i
join lateral (
  select id, level from contacts_contact where customer_id = i.customer_id
  order by (id + i.id) %% 3, id limit 1
) k on true
where i.customer_id = any(%(ids)s::bigint[])
"""


def make_book(
    customers: int,
    *,
    orders_each: int = 0,
    interactions_each: int = 0,
    first: dt.datetime,
    days: int = 1000,
) -> list[int]:
    """Customers known from `first` on, with orders and interactions over the `days` after it; their ids."""
    values: dict[str, object] = {"customers": customers, "first": first, "days": days}
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS, values)
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(INPUTS)
        cursor.execute(STAGES, values)
        cursor.execute(ORDERS, {**values, "ids": ids, "each": orders_each})
        if interactions_each:
            author = User.objects.order_by("pk").values_list("pk", flat=True).first()
            more = {**values, "ids": ids, "each": interactions_each, "author": author}
            cursor.execute(CONTACTS, {**more, "each": 3})
            cursor.execute(INTERACTIONS, more)
            cursor.execute(PARTICIPANTS, more)
    return ids


def vacuum() -> None:
    """Index-only scans need the visibility map."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


TERMS = Terms(zone="UTC", lease=dt.timedelta(seconds=30), shard_customers=1000)


def score(as_of: dt.datetime, *, kind: RunKind = RunKind.MANUAL, terms: Terms = TERMS) -> ScoringRun:
    """Open a run and do all its work in this process."""
    run, _ = recompute.open_run(as_of, kind=kind, terms=terms)
    while recompute.work(run.pk, terms=terms):
        pass
    run.refresh_from_db()
    return run


def scores(run: ScoringRun) -> dict[int, CustomerScore]:
    """All rows of a run by customer."""
    return {row.customer_id: row for row in CustomerScore.objects.filter(run_id=run.pk)}


def numbers(row: CustomerScore) -> dict[str, object]:
    """Everything a row says, without which run it is in and when it was written."""
    left_out = {"pk", "run", "run_id", "as_of", "input_version"}
    return {f.name: getattr(row, f.attname) for f in row._meta.fields if f.name not in left_out}


def order(
    customer_id: int, day: str, amount: int = 10_000, *, known: dt.datetime | None = None, **fields: object
) -> Order:
    """A stored order of a customer, known from its own day on unless said otherwise."""
    date = dt.date.fromisoformat(day)
    return Order.objects.create(
        **{
            "identity": f"test:{uuid.uuid4()}",
            "customer_id": customer_id,
            "kind": OrderKind.ORDER if amount >= 0 else OrderKind.CREDIT_NOTE,
            "ordered_on": date,
            "currency": "CNY",
            "amount_minor": amount,
            "base_amount_minor": amount,
            "known_at": known or dt.datetime.combine(date, dt.time(), dt.UTC),
            **fields,
        }
    )
