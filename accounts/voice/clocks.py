"""The clock of a voice runs out: its owner and who leads him hear of it, each promised day once.

The alarm is unique, and it and the notices are one statement: who calls it late, twice, or at the same time
as another tells nobody twice. Where all of them have left the admins hear: a complaint is never silent.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from accounts.customers.services import company_day

OVERDUE_NOTICE = "voice_overdue"

RING = """
with due as materialized (
    select v.id, v.customer_id, v.owner_id, v.answer_by
    from voice_voice v
    join customers_customer c on c.id = v.customer_id and c.merged_into_id is null
    where v.answered_at is null and v.answer_by < %(today)s
      and not exists (
        select from voice_voicealarm a where a.voice_id = v.id and a.answer_by = v.answer_by
      )
),
alarm as (
    insert into voice_voicealarm (voice_id, answer_by, raised_at)
    select id, answer_by, %(now)s from due order by id
    on conflict do nothing
    returning voice_id
),
notice as (
    insert into notices_notice (user_id, kind, customer_id, facts)
    select person, %(kind)s, due.customer_id, jsonb_build_object('voice', due.id)
    from due join alarm on alarm.voice_id = due.id, users_who_hear_for(due.owner_id) as person
    order by person, due.id
)
select count(*) from alarm
"""


@transaction.atomic
def ring_voices(*, now: dt.datetime) -> int:
    """Tell of what was to be answered before today and is not; of how many that is new. One query."""
    values: dict[str, Any] = {"today": company_day(now), "now": now, "kind": OVERDUE_NOTICE}
    with connection.cursor() as cursor:
        cursor.execute(RING, values)
        (rung,) = cursor.fetchone() or (0,)
    return int(rung)
