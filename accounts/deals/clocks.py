"""A contract's day is near, or it ended and nobody renewed it: owner and lead hear of it, each day once.

1. Near: within `NEAR_DAYS` is the day of notice, or the end of what is renewed by hand or has no such day.
2. Over: it ended, is renewed by hand, and nobody said what comes of it.
3. The alarm is unique, and it and the notices are one statement: who calls it late, twice, or at the same
   time as another tells nobody twice.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from accounts.customers.services import company_day
from accounts.deals.models import ContractState, Renewal

ENDING_NOTICE = "contract_ending"
OVER_NOTICE = "contract_over"
NEAR_DAYS = 90

RING = """
with due as materialized (
    select c.id, c.customer_id, c.owner_id, day.due_on, day.is_over
    from deals_contract c
    join customers_customer k on k.id = c.customer_id and k.merged_into_id is null
    cross join lateral (
        select c.ends_on as due_on, true as is_over
        where c.renewal = 'by_hand' and c.ends_on < %(today)s
        union all
        select c.notice_on, false where c.notice_on between %(today)s and %(horizon)s
        union all
        select c.ends_on, false
        where c.ends_on between %(today)s and %(horizon)s
          and (c.renewal = 'by_hand' or c.notice_on is null) and c.ends_on is distinct from c.notice_on
    ) day
    where c.state = 'active'
      and not exists (
        select from deals_contractalarm a
        where a.contract_id = c.id and a.due_on = day.due_on and a.is_over = day.is_over
      )
),
alarm as (
    insert into deals_contractalarm (contract_id, due_on, is_over, raised_at)
    select id, due_on, is_over, %(now)s from due order by id
    on conflict do nothing
    returning contract_id, due_on, is_over
),
notice as (
    insert into notices_notice (user_id, kind, customer_id, facts)
    select distinct person, case when due.is_over then %(over)s else %(ending)s end, due.customer_id,
           jsonb_build_object('contract', due.id)
    from due join alarm a on a.contract_id = due.id and a.due_on = due.due_on and a.is_over = due.is_over,
         users_who_hear_for(due.owner_id) as person
)
select count(*) from alarm
"""


def near(today: dt.date) -> Q:
    """Contracts with a day ahead on which somebody has to say whether they go on."""
    span = (today, today + dt.timedelta(days=NEAR_DAYS))
    ends = Q(ends_on__range=span) & (Q(renewal=Renewal.BY_HAND) | Q(notice_on__isnull=True))
    return Q(state=ContractState.ACTIVE) & (Q(notice_on__range=span) | ends)


def over(today: dt.date) -> Q:
    """Contracts that ended, and nobody said what comes of them."""
    return Q(state=ContractState.ACTIVE, renewal=Renewal.BY_HAND, ends_on__lt=today)


@transaction.atomic
def ring_contracts(*, now: dt.datetime) -> int:
    """Tell of contracts whose day is near or over; of how many days that is new. One query."""
    today = company_day(now)
    values: dict[str, Any] = {
        "today": today,
        "horizon": today + dt.timedelta(days=NEAR_DAYS),
        "now": now,
        "ending": ENDING_NOTICE,
        "over": OVER_NOTICE,
    }
    with connection.cursor() as cursor:
        cursor.execute(RING, values)
        (rung,) = cursor.fetchone() or (0,)
    return int(rung)
