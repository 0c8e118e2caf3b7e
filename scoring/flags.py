"""Episodes of churn flags and the log of changes, kept beside the scores by set-wise SQL.

A published run opens, moves and clears flags. A sweep is never a reading: it opens and raises only. That also
holds for customers whose facts changed while the run was counted (stale): their row is older than what a
sweep may already have seen. A flag that rises, or of which there is other news (`scoring.acknowledged`),
waits for somebody again. Whoever owns the customer gets a notice in the same statement when a flag opens or
rises, so there is one for each time, and none without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from scoring.acknowledged import wake

# The rows to act on: customer_id, level, score, may_lower.
_OF_RUN = """
select n.customer_id, n.flag_level as level, n.churn_score as score, i.version = n.input_version as may_lower
from scoring_customer_score n
join customers_customerinput i on i.customer_id = n.customer_id
where n.run_id = %(run_id)s
"""
_OF_CUSTOMERS = """
select n.customer_id, n.flag_level as level, n.churn_score as score, false as may_lower
from scoring_customer_score n
where n.run_id = %(run_id)s and n.customer_id = any(%(ids)s::bigint[])
"""
_CLEAR = """
update scoring_churnflag f set cleared_at = %(at)s
from ({rows}) r
where f.customer_id = r.customer_id and f.cleared_at is null and r.level = 0 and r.may_lower
"""
NOTICE = "churn_flag"
_TELL = """
insert into notices_notice (user_id, kind, customer_id, facts)
select u.id, %(notice)s, t.customer_id,
  jsonb_build_object('flag', t.id, 'level', t.level, 'before', t.before, 'score', t.score)
from told t join customers_customer c on c.id = t.customer_id join users_user u on u.id = c.owner_id
where u.is_active order by t.customer_id
"""
# A statement with an update in it sees the table as it was before: that is where the earlier level is from.
_MOVE = """
with moved as (
  update scoring_churnflag f set level = r.level, score = r.score, run_id = %(run_id)s,
    acknowledged_at = case when r.level > f.level then null else f.acknowledged_at end,
    acknowledged_by_id = case when r.level > f.level then null else f.acknowledged_by_id end
  from ({rows}) r
  where f.customer_id = r.customer_id and f.cleared_at is null and r.level > 0
    and (r.level > f.level or r.may_lower) and (r.level, r.score) is distinct from (f.level, f.score)
  returning f.id, f.customer_id, f.level, f.score
), told as (
  select moved.*, earlier.level as before
  from moved join scoring_churnflag earlier on earlier.id = moved.id where moved.level > earlier.level
)
{tell}
"""
_OPEN = """
with told as (
  insert into scoring_churnflag (customer_id, level, score, run_id, opened_at)
  select r.customer_id, r.level, r.score, %(run_id)s, %(at)s
  from ({rows}) r join customers_customer c on c.id = r.customer_id
  where r.level > 0 and not exists (
    select from scoring_churnflag f where f.customer_id = r.customer_id and f.cleared_at is null)
  order by r.customer_id
  on conflict (customer_id) where cleared_at is null do nothing
  returning id, customer_id, level, score, 0 as before
)
{tell}
"""
_CLEAR_TOMBSTONES = """
update scoring_churnflag f set cleared_at = %(at)s
from customers_customer c
where c.id = f.customer_id and f.cleared_at is null and c.merged_into_id is not null
"""
_CHANGES = """
insert into scoring_scorechange (customer_id, run_id, at, tier_before, tier_after, flag_before, flag_after,
  score_before, score_after, churn_score_before, churn_score_after)
select n.customer_id, n.run_id, %(at)s, coalesce(o.tier, 0), n.tier, coalesce(o.flag_level, 0), n.flag_level,
  o.score, n.score, o.churn_score, n.churn_score
from scoring_customer_score n
join customers_customer c on c.id = n.customer_id
left join scoring_customer_score o on o.run_id = %(old_run_id)s and o.customer_id = n.customer_id
where n.run_id = %(run_id)s
  and (n.tier is distinct from coalesce(o.tier, 0) or n.flag_level is distinct from coalesce(o.flag_level, 0))
order by n.customer_id
"""


def follow_run(run_id: int, at: dt.datetime) -> None:
    """Flags say what the run that just became current says. Needs its transaction."""
    values: dict[str, Any] = {"run_id": run_id, "at": at, "notice": NOTICE}
    with connection.cursor() as cursor:
        for text in (_CLEAR, _MOVE, _OPEN):
            cursor.execute(text.format(rows=_OF_RUN, tell=_TELL), values)
        cursor.execute(_CLEAR_TOMBSTONES, values)
    wake(run_id)


def follow_sweep(run_id: int, flagged: Sequence[int], at: dt.datetime, *, gone: Sequence[int] = ()) -> None:
    """Open and raise flags of rescored customers, of whom only those ``flagged`` have a level above 0; clear
    those of tombstones, who are among the ``gone``. Needs their transaction."""
    values: dict[str, Any] = {"run_id": run_id, "ids": list(flagged), "at": at, "notice": NOTICE}
    with connection.cursor() as cursor:
        if flagged:
            for text in (_MOVE, _OPEN):
                cursor.execute(text.format(rows=_OF_CUSTOMERS, tell=_TELL), values)
            wake(run_id, flagged)
        if gone:
            only: dict[str, Any] = {"ids": list(gone), "at": at}
            cursor.execute(_CLEAR_TOMBSTONES + " and c.id = any(%(ids)s::bigint[])", only)


def log_run_changes(run_id: int, old_run_id: int, at: dt.datetime) -> None:
    """One row per customer whose tier or flag differs between the old current run and the new one."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"run_id": run_id, "old_run_id": old_run_id, "at": at})
