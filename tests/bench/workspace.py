"""The part of the bench's book that the account managers write: needs, deals, actions, files; and what the
product derives of every row when it writes it: keys of names and last contacts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts import names

# Every second customer has one, in every state; of those that nobody decided about, half are late.
NEEDS = """
insert into needs_need (known_at, customer_id, contact_id, title, text, origin, expression, level, about,
  tags, budget_minor, currency, run_by, must_fit, importance, raised_on, triage_by, owner_id, author_id,
  state, fit, capability, decision, reason, decided_by_id, decided_at, promised_on, delivered_on,
  confirmed_on, version)
select %(today)s::date - s.age, c.id, (select min(id) from contacts_contact where customer_id = c.id),
  (array['Shorter lead time','A second source','Parts without coating','Weekly report'])[1 + c.id %% 4],
  '', 'organisation', 'stated', (array['basic','beyond','shared_view','success'])[1 + c.id %% 4],
  (array['price','quality','delivery','technology','service'])[1 + c.id %% 5], '{}', 1000 * (c.id %% 9000),
  'CNY', '', '', 1 + c.id %% 5, %(today)s::date - s.age, %(today)s::date - s.age + 14, c.owner_id, c.owner_id,
  s.state,
  case when s.decision > '' then 'good' else '' end, case when s.decision > '' then 'within' else '' end,
  s.decision, case when s.decision > '' then 'What others of the branch ask for as well.' else '' end,
  case when s.decision > '' then c.owner_id end,
  case when s.decision > '' then %(today)s::timestamptz - make_interval(days => s.age - 3) end,
  case when s.state in ('promised', 'delivered', 'confirmed') then %(today)s::date + 40 - s.age end,
  case when s.state in ('delivered', 'confirmed') then %(today)s::date - 2 end,
  case when s.state = 'confirmed' then %(today)s::date - 1 end, 1
from customers_customer c
cross join lateral (
  select (c.id / 2) %% 10 as which, 5 + (c.id / 20) %% 60 as old
) n
cross join lateral (
  select case when which = 0 then old %% 28 else old end::int as age,
    (array['raised','promised','negotiating','accepted','confirmed','confirmed','confirmed','declined',
      'parked','delivered'])[1 + which] as state,
    (array['','accept','negotiate','accept','accept','accept','accept','decline','park','accept'])[1 + which]
      as decision
) s
where c.id >= %(low)s and c.id < %(high)s and c.id %% 2 = 0
"""
CONTRACTS = """
insert into deals_contract (known_at, customer_id, number, title, kind, starts_on, ends_on, renewal,
  notice_on, value_minor, currency, owner_id, state, reason, author_id, version)
select %(first)s, c.id, 'K' || c.id, 'Supply of parts', 'supply', %(first)s::timestamptz::date, s.ends_on,
  'by_hand', s.ends_on - 90, 100000 * (c.id %% 900), 'CNY', c.owner_id, 'active', '', c.owner_id, 1
from customers_customer c
cross join lateral (select %(today)s::date - 10 + (c.id::int * 37) %% 1000 as ends_on) s
where c.id >= %(low)s and c.id < %(high)s and c.id %% 4 > 0
"""
OPPORTUNITIES = """
insert into deals_opportunity (known_at, customer_id, title, stage, value_minor, currency, probability,
  expected_on, lost_reason, order_number, owner_id, author_id, version)
select %(first)s, c.id, 'Second line', (array['lead','qualified','proposal','negotiation'])[1 + c.id %% 4],
  100000 * (c.id %% 700), 'CNY', 20 + c.id %% 60, %(today)s::date - 5 + c.id::int %% 180, '', '', c.owner_id,
  c.owner_id, 1
from customers_customer c
where c.id >= %(low)s and c.id < %(high)s and c.id %% 5 = 0
"""
# One done by everybody, and one in ten still to do, some of them late.
ACTIONS = """
insert into actions_action (known_at, customer_id, title, note, owner_id, due_on, done_at, done_by_id,
  drop_reason, repeat_unit, author_id, version)
select %(today)s::timestamptz - interval '60 days', c.id,
  (array['Send the drawings','Ask for the forecast','Agree the prices'])[1 + c.id %% 3], '', c.owner_id,
  case when n = 1 then %(today)s::date - 30 else %(today)s::date - 10 + (c.id::int / 10) %% 40 end,
  case when n = 1 then %(today)s::timestamptz - interval '31 days' end, case when n = 1 then c.owner_id end,
  '', '', c.owner_id, 1
from customers_customer c cross join generate_series(1, 2) n
where c.id >= %(low)s and c.id < %(high)s and (n = 1 or c.id %% 10 = 0)
"""
FILES = """
insert into files_attachment (known_at, customer_id, interaction, name, path, bytes, sha256, type,
  uploaded_by_id)
select i.started_at, i.customer_id, i.identity, 'Minutes of ' || i.started_at::date || '.pdf',
  'made/' || i.identity, 40000, md5(i.id::text) || md5(i.id::text), 'application/pdf', i.author_id
from interactions_interaction i
where i.customer_id >= %(low)s and i.customer_id < %(high)s and i.id %% 50 = 0
"""
STATEMENTS = (NEEDS, CONTRACTS, OPPORTUNITIES, ACTIONS, FILES)
LAST_CONTACTS = "select lists_read_last_contacts(array(select generate_series(%(low)s, %(high)s - 1)))"

# Of whom, what is found by it, and the name that it sorts by, if it has a place for that.
NAMED = (
    ("customers_customer", "id", "array[short_name, legal_name, coalesce(number, '')]", "short_name"),
    ("contacts_contact", "customer_id", "array[name, email::text]", "name"),
    ("projects_project", "customer_id", "array[name]", "''"),
)
LOADED = (
    "orders_order",
    "interactions_interaction",
    "interactions_interactionparticipant",
    "costs_activityusage",
    "surveys_invitation",
    "surveys_answer",
    "surveys_answergrade",
    "customers_customer",
    "contacts_contact",
)


def write_keys(cursor: Any, low: int, high: int) -> None:
    """What customers, contacts and projects from ``low`` to below ``high`` sort by and are found by."""
    cursor.execute(
        "create temp table if not exists made_keys (id bigint, sort_key text, search_text text,"
        " search_tokens text[]) on commit drop"
    )
    for table, customer, spoken, sorts in NAMED:
        cursor.execute(
            f"select id, {spoken}, {sorts} from {table} where {customer} >= %s and {customer} < %s",
            [low, high],
        )
        rows = cursor.fetchall()
        cursor.execute("truncate made_keys")
        with cursor.copy("copy made_keys from stdin") as copy:
            for pk, said, name in rows:
                copy.write_row(
                    (pk, names.sort_key(name), names.search_text(*said), names.search_tokens(*said))
                )
        cursor.execute(
            f"update {table} named set {'sort_key = k.sort_key,' if sorts.isidentifier() else ''}"
            " search_text = k.search_text, search_tokens = k.search_tokens"
            " from made_keys k where k.id = named.id"
        )


@contextmanager
def without_slow_indexes() -> Iterator[None]:
    """Indexes that nothing needs while rows are loaded, built at once over all of them at the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
            from pg_index i
            where i.indrelid = any(%s::regclass[]) and pg_get_indexdef(i.indexrelid) !~ '\\(customer_id, '
              and not exists (select from pg_constraint where conindid = i.indexrelid)
            """,
            [list(LOADED)],
        )
        slow: Sequence[tuple[str, str]] = cursor.fetchall()
        for name, _definition in slow:
            cursor.execute(f"drop index {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _name, definition in slow:
                cursor.execute(definition)
