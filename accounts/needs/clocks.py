"""The clocks of a need run out: its owner and who leads him hear of it, each missed day once.

1. Nobody decided about a need by ``triage_by``; or what was promised for ``promised_on`` is not delivered.
2. The alarm is unique, and it and the notices are one statement: who calls it late, twice, or at the same
   time as another tells nobody twice.
3. Where owner and leads have left the admins hear: a promise is never broken in silence.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from accounts.customers.services import company_day

UNDECIDED_NOTICE = "need_undecided"
BROKEN_NOTICE = "need_broken_promise"

RING = """
with due as materialized (
    select n.id, n.customer_id, n.owner_id, clock.name, clock.due_on
    from needs_need n
    join customers_customer c on c.id = n.customer_id and c.merged_into_id is null
    cross join lateral (
        select case n.state when 'raised' then 'triage' else 'promise' end as name,
               case n.state when 'raised' then n.triage_by else n.promised_on end as due_on
    ) clock
    where ((n.state = 'raised' and n.triage_by < %(today)s)
           or (n.state = 'promised' and n.promised_on < %(today)s))
      and not exists (
        select from needs_needalarm a
        where a.need_id = n.id and a.clock = clock.name and a.due_on = clock.due_on
      )
),
alarm as (
    insert into needs_needalarm (need_id, clock, due_on, raised_at)
    select id, name, due_on, %(now)s from due order by id
    on conflict do nothing
    returning need_id
),
notice as (
    insert into notices_notice (user_id, kind, customer_id, facts)
    select person, case due.name when 'triage' then %(undecided)s else %(broken)s end, due.customer_id,
           jsonb_build_object('need', due.id)
    from due join alarm on alarm.need_id = due.id, users_who_hear_for(due.owner_id) as person
    order by person, due.id
)
select count(*) from alarm
"""


@transaction.atomic
def ring_needs(*, now: dt.datetime) -> int:
    """Tell of what was to be decided or delivered before today and is not; of how many that is new."""
    values: dict[str, Any] = {
        "today": company_day(now),
        "now": now,
        "undecided": UNDECIDED_NOTICE,
        "broken": BROKEN_NOTICE,
    }
    with connection.cursor() as cursor:
        cursor.execute(RING, values)
        (rung,) = cursor.fetchone() or (0,)
    return int(rung)
