"""The bench's book of customers, made by set-wise SQL on the product's own schema.

Per customer: 3 contacts, 1 project with a respondent, 100 orders over three years, 100 interactions, 40
usages of activities, 10 weeks of answers with 5 grades each, some of them low with their corrective actions;
and what is promised to them (tests/bench/workspace.py). Everything follows from the customer's number by
integer arithmetic: the same book on every machine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.surveys.packing import packing
from accounts.surveys.services import ensure_programme
from accounts.users.models import Role, Team, TeamMember, User
from accounts.users.services import create_user
from tests.bench import workspace

PASSWORD = "correct horse battery staple"
ORDERS_EACH = 100
INTERACTIONS_EACH = 100
USAGES_EACH = 40
WEEKS = 10
CUSTOMERS_PER_OWNER = 500
PROJECTS_PER_MANAGER = 100
AT_ONCE = 5_000

# Two syllables and a number, so that a part of a name finds some and not all; one in seven is Chinese.
CUSTOMERS = """
with part (stem, trade, han_stem, han_trade) as (values (
  array['Nord','Ost','Huaxing','Linden','Pacific','Orion','Keller','Jade','Delta','Sigma','Falken','Tianhe'],
  array['Pumps','Controls','Medical','Motion','Optics','Power','Sensors','Robotics','Cables','Rail','Foods'],
  array['华星','北方','东海','金辰','长江','泰和','鸿运','明德','瑞丰','新港','南山','天河'],
  array['泵业','自控','医疗','运控','光电','动力','传感','机器人','线缆','轨道','食品']))
insert into customers_customer (known_at, number, short_name, legal_name, kind, stage, currency, tags,
  custom_fields, version, sort_key, search_text, search_tokens, acquired_on, owner_id)
select %(first)s, 'C' || n, named.name, named.name || named.form, 'company', 'continuing', 'CNY', '{}', '{}',
  1, '', '', '{}', %(first)s::timestamptz::date,
  (%(owners)s::bigint[])[1 + (n / %(per_owner)s) %% cardinality(%(owners)s)]
from part, generate_series(%(low)s, %(high)s - 1) n,
  lateral (
    select han_stem[1 + n %% 12] || han_trade[1 + (n / 12) %% 11] || ' ' || n as name, '有限公司' as form
    where n %% 7 = 3
    union all
    select stem[1 + n %% 12] || ' ' || trade[1 + (n / 12) %% 11] || ' ' || n, ' Ltd' where n %% 7 <> 3
  ) named
"""
INPUTS = """
insert into customers_customerinput (customer_id, version)
select id, 1 from customers_customer where id >= %(low)s and id < %(high)s
"""
STAGES = """
insert into customers_customerstage (known_at, customer_id, stage, valid_from, reason)
select %(first)s, id, 'continuing', %(first)s::timestamptz::date, ''
from customers_customer where id >= %(low)s and id < %(high)s
"""
CONTACTS = """
insert into contacts_contact (known_at, customer_id, name, title, department, level, decision_role, attitude,
  email, phone, language, time_zone, opted_out, version, sort_key, search_text, search_tokens)
select %(first)s, c.id, named.name, '', '',
  (array['executive', 'management', 'specialist', 'operational'])[1 + (c.id + k) %% 4],
  case when k = 1 then 'decision_maker' else '' end,
  (array['supporter', 'neutral', 'opponent'])[1 + (c.id + k) %% 3],
  'c' || c.id || '-' || k || '@customers.example', '', 'en', 'Asia/Shanghai', false, 1, '', '', '{}'
from customers_customer c, generate_series(1, 3) k,
  lateral (
    select case when c.id %% 7 = 3
      then (array['王','李','张','刘','陈','杨','黄','赵','吴','周','徐'])[1 + (c.id + k) %% 11]
        || (array['伟','芳','娜','敏','静','丽','强','磊','军','洋','勇','艳','杰'])[1 + (c.id / 7 + k) %% 13]
        || (array['明','华','平'])[k]
      else (array['Anna','Jonas','Mei','Peter','Lars','Wei','Sofia'])[1 + (c.id + k) %% 7] || ' '
        || (array['Berg','Novak','Chen','Walsh','Lund','Vogel'])[1 + (c.id / 7 + k) %% 6] || ' ' || c.id
    end as name
  ) named
where c.id >= %(low)s and c.id < %(high)s
"""
PROJECTS = """
insert into projects_project (known_at, customer_id, name, started_on, version, manager_id)
select %(first)s, id, 'Line ' || id, %(first)s::timestamptz::date, 1,
  (%(managers)s::bigint[])[1 + (id / %(per_manager)s) %% cardinality(%(managers)s)]
from customers_customer where id >= %(low)s and id < %(high)s
"""
ORDERS = """
insert into orders_order (known_at, identity, customer_id, number, kind, ordered_on, currency, rate,
  amount_minor, direct_cost_minor, base_amount_minor, base_direct_cost_minor, quantity)
select d.day::timestamptz, 'made:' || c.id || ':' || n, c.id, 'SO' || c.id || '-' || n, 'order', d.day,
  'CNY', 1,
  m.amount, m.amount * (40 + c.id %% 50) / 100, m.amount, m.amount * (40 + c.id %% 50) / 100,
  case when c.id %% 3 > 0 then 1 + (c.id * 7 + n * 13) %% 90 end
from generate_series(%(low)s, %(high)s - 1) as c (id)
cross join generate_series(1, %(orders)s) n
cross join lateral (
  select %(first)s::timestamptz::date
    + ((n * %(days)s / %(orders)s + (c.id * 31 + n * n * 17) %% (1 + c.id %% 60)) %% %(days)s)::int as day
) d
cross join lateral (
  select 1000 + (c.id * 7919::bigint + n * n * 104729) %% (100000 * (1 + c.id %% 900)) as amount
) m
order by c.id, d.day
"""
INTERACTIONS = """
insert into interactions_interaction (known_at, identity, customer_id, kind, direction, started_at, minutes,
  summary, sentiment, author_id, follow_up_on, follow_up_by_id)
select s.at, gen_random_uuid(), c.id, (array['call', 'visit', 'email', 'meeting'])[1 + n %% 4], 'outbound',
  s.at,
  10 + n %% 50, 'Went through open orders and dates.', (c.id + n) %% 3 - 1, c.owner_id,
  promised.by_day, case when promised.by_day is not null then c.owner_id end
from customers_customer c cross join generate_series(1, %(interactions)s) n
cross join lateral (
  select %(first)s::timestamptz + make_interval(days => (n * %(days)s / %(interactions)s)::int) as at
) s
cross join lateral (
  select case when n = %(interactions)s and c.id %% 10 = 0 then s.at::date + 1 + c.id::int %% 30 end as by_day
) promised
where c.id >= %(low)s and c.id < %(high)s
order by c.id, s.at
"""
PARTICIPANTS = """
insert into interactions_interactionparticipant (interaction_id, customer_id, contact_id, level, started_at,
  known_at)
select i.id, i.customer_id, k.ids[1 + i.id %% 3], k.levels[1 + i.id %% 3], i.started_at, i.known_at
from interactions_interaction i
join (select customer_id, array_agg(id order by id) as ids, array_agg(level order by id) as levels
  from contacts_contact where customer_id >= %(low)s and customer_id < %(high)s group by 1
) k using (customer_id)
where i.customer_id >= %(low)s and i.customer_id < %(high)s
order by i.customer_id, i.started_at
"""
# One per pool, at a rate that rises once a year.
ACTIVITIES = """
insert into costs_activity (known_at, code, name, pool, driver, is_value_adding, is_active, version)
select %(first)s, 'A' || n, 'Activity ' || n, pool, 'minutes', true, true, 1
from unnest(array['presales', 'production', 'sales', 'after_sales']) with ordinality as given (pool, n)
"""
RATES = """
insert into costs_activityrate (known_at, activity_id, valid_from, rate_minor)
select %(first)s, a.id, %(first)s::timestamptz::date + 365 * year, 150 + 25 * a.id + 10 * year
from costs_activity a, generate_series(0, 3) year
"""
USAGES = """
insert into costs_activityusage (known_at, identity, customer_id, activity_id, reference, used_on, quantity,
  base_cost_minor, source)
select d.day::timestamptz, 'made:' || c.id || ':' || n, c.id, a.id, '', d.day, d.minutes,
  round(d.minutes * r.rate_minor), 'imported'
from generate_series(%(low)s, %(high)s - 1) as c (id)
cross join generate_series(1, %(usages)s) n
cross join lateral (
  select %(first)s::timestamptz::date + (n * %(days)s / %(usages)s)::int as day,
    15 + (c.id + n) %% 240 as minutes
) d
join costs_activity a on a.code = 'A' || (1 + (c.id + n) %% 4)
join lateral (
  select rate_minor from costs_activityrate
  where activity_id = a.id and valid_from <= d.day order by valid_from desc limit 1
) r on true
order by c.id, d.day
"""
WEEK_ROWS = """
insert into surveys_week (monday)
select %(monday)s::date - 7 * w from generate_series(0, %(weeks)s - 1) w
on conflict do nothing
"""
RESPONDENTS = """
with named as (
  insert into surveys_respondent (known_at, customer_id, project_id, contact_id, state)
  select %(first)s, p.customer_id, p.id, min(k.id), 'active'
  from projects_project p join contacts_contact k on k.customer_id = p.customer_id
  where p.customer_id >= %(low)s and p.customer_id < %(high)s group by p.id
  returning id
)
insert into surveys_respondentchange (known_at, respondent_id, state, reason)
select %(first)s, id, 'active', '' from named
"""
# 23 of 25 answer; the others are silent.
INVITATIONS = """
insert into surveys_invitation (known_at, customer_id, project_id, contact_id, respondent_id, week_id,
  programme_version_id, level, due_at, reminder_at, closes_at, expires_at, sent_at, answered_at, failure)
select w.due, r.customer_id, r.project_id, r.contact_id, r.id, w.monday, %(version)s, k.level, w.due,
  w.due + interval '4 days', w.due + interval '6 days', w.due + interval '20 days', w.due,
  case when (r.customer_id + w.n) %% 25 > 1 then w.due + interval '5 hours' end, ''
from surveys_respondent r join contacts_contact k on k.id = r.contact_id
cross join (
  select n, (%(monday)s::date - 7 * n) as monday,
    (%(monday)s::date - 7 * n + 4) + time '06:00' at time zone 'UTC' as due
  from generate_series(0, %(weeks)s - 1) n
) w
where r.customer_id >= %(low)s and r.customer_id < %(high)s
order by r.customer_id, w.monday
"""
ANSWERS = """
insert into surveys_answer (known_at, invitation_id, customer_id, project_id, week_id, programme_version_id,
  comment, is_late, idempotency_key, digest, fingerprint)
select i.answered_at, i.id, i.customer_id, i.project_id, i.week_id, i.programme_version_id,
  case when i.id %% 10 = 0 then 'Two shipments came late this week.' else '' end, false, 'made-' || i.id,
  'made', ''
from surveys_invitation i
where i.customer_id >= %(low)s and i.customer_id < %(high)s and i.answered_at is not null
order by i.customer_id, i.week_id
"""
# One project in 20 gave its second dimension a C in one week; half of these cases are closed.
CASES = """
insert into surveys_correctiveaction (known_at, customer_id, project_id, dimension_id, programme_version_id,
  opened_by_id, owner_id, state, opened_at, acknowledge_by, plan_by, acknowledged_at, closed_at,
  times_reopened)
select a.known_at, a.customer_id, a.project_id, d.dimension_id, a.programme_version_id, a.id, p.manager_id,
  case when a.customer_id %% 40 = 0 then 'confirmed' else 'open' end, a.known_at,
  a.known_at + interval '1 day',
  a.known_at + interval '3 days', case when a.customer_id %% 40 = 0 then a.known_at + interval '2 hours' end,
  case when a.customer_id %% 40 = 0 then a.known_at + interval '7 days' end, 0
from surveys_answer a join projects_project p on p.id = a.project_id
join surveys_programmedimension d on d.version_id = a.programme_version_id and d.position = 1
where a.customer_id >= %(low)s and a.customer_id < %(high)s
  and a.customer_id %% 20 = 0 and a.week_id = %(low_week)s
"""
GRADES = """
insert into surveys_answergrade (known_at, answer_id, customer_id, project_id, week_id, programme_version_id,
  dimension_id, grade_id, opens_case, case_id, comment)
select a.known_at, a.id, a.customer_id, a.project_id, a.week_id, a.programme_version_id, d.dimension_id, g.id,
  g.opens_case, k.id, ''
from surveys_answer a
join surveys_programmedimension d on d.version_id = a.programme_version_id
left join surveys_correctiveaction k on k.opened_by_id = a.id and k.dimension_id = d.dimension_id
join surveys_programmegrade g on g.version_id = a.programme_version_id
  and g.position = case when k.id is not null then 5 else (a.customer_id + a.id + d.position) %% 4 end
where a.customer_id >= %(low)s and a.customer_id < %(high)s
order by a.customer_id, a.week_id
"""
PACKED = packing(
    "(select * from surveys_answergrade where customer_id >= %(low)s and customer_id < %(high)s)"
)
STATEMENTS = (
    CUSTOMERS,
    INPUTS,
    STAGES,
    CONTACTS,
    PROJECTS,
    ORDERS,
    INTERACTIONS,
    PARTICIPANTS,
    USAGES,
    RESPONDENTS,
    INVITATIONS,
    ANSWERS,
    CASES,
    GRADES,
    *workspace.STATEMENTS,
)


@dataclass(frozen=True)
class Book:
    """What the measurements need to know of it. ``monday``: of the latest rated week."""

    customers: int
    first: dt.datetime
    now: dt.datetime
    monday: dt.date

    @classmethod
    def at(cls, customers: int, now: dt.datetime) -> Book:
        day = now.astimezone(dt.UTC).date()
        monday = day - dt.timedelta(days=day.weekday() + 7)
        first = dt.datetime.combine(day, dt.time(), dt.UTC) - dt.timedelta(days=1100)
        return cls(customers, first, now, monday)


def generate(book: Book, *, say: Callable[[str], None], is_checked: bool = False) -> None:
    """Fill an empty, migrated database; customers have the ids 1 to ``book.customers``.

    The keys hold by how the rows are made; checking 40 million one by one would take an hour. ``is_checked``
    lets the database check them.
    """
    with transaction.atomic():
        values = _people(book) | _times(book) | {"version": ensure_programme(now=book.first).pk}
        with connection.cursor() as cursor:
            for statement in (WEEK_ROWS, ACTIVITIES, RATES):
                cursor.execute(statement, values)
    with workspace.without_slow_indexes():
        _load(book, values, say=say, is_checked=is_checked)


def _load(book: Book, values: dict[str, object], *, say: Callable[[str], None], is_checked: bool) -> None:
    for low in range(1, book.customers + 1, AT_ONCE):
        high = min(low + AT_ONCE, book.customers + 1)
        with transaction.atomic(), connection.cursor() as cursor:
            if not is_checked:
                cursor.execute("set local session_replication_role = replica")
            # Nothing is checked, and no trigger writes what follows from what is written.
            for statement in STATEMENTS if is_checked else (*STATEMENTS, PACKED, workspace.LAST_CONTACTS):
                cursor.execute(statement, values | {"low": low, "high": high})
            workspace.write_keys(cursor, low, high)
        say(f"{high - 1:,} of {book.customers:,} customers")


def _times(book: Book) -> dict[str, object]:
    return {
        "first": book.first,
        "days": 1099,
        "monday": book.monday,
        "low_week": book.monday - dt.timedelta(weeks=2),
        "weeks": WEEKS,
        "today": book.now.astimezone(dt.UTC).date(),
        "orders": ORDERS_EACH,
        "interactions": INTERACTIONS_EACH,
        "usages": USAGES_EACH,
        "per_owner": CUSTOMERS_PER_OWNER,
        "per_manager": PROJECTS_PER_MANAGER,
    }


def _people(book: Book) -> dict[str, object]:
    """Account managers with 500 customers each, project managers with 100 projects each, and one per role."""
    owners = max(2, book.customers // CUSTOMERS_PER_OWNER)
    managers = max(2, book.customers // PROJECTS_PER_MANAGER)
    people = {
        role: [_person(f"{role}{number}", role) for number in range(count)]
        for role, count in {
            Role.ACCOUNT_MANAGER: owners,
            Role.PROJECT_MANAGER: managers,
            Role.EXECUTIVE: 1,
            Role.ADMIN: 1,
        }.items()
    }
    team = Team.objects.create(name="All", lead=people[Role.EXECUTIVE][0])
    TeamMember.objects.bulk_create(TeamMember(team=team, user=user) for user in people[Role.ACCOUNT_MANAGER])
    return {
        "owners": [user.pk for user in people[Role.ACCOUNT_MANAGER]],
        "managers": [user.pk for user in people[Role.PROJECT_MANAGER]],
    }


def _person(name: str, role: str) -> User:
    return create_user(email=f"{name}@bench.example", name=name, role=role, password=PASSWORD)
