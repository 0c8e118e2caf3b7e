"""What a churn flag was like when somebody took note of it, and what is news after that.

A flag that was noted stays away until it rises, gets a reason it had not, or puts clearly more money at risk.
The reasons are kept by their codes: the next policy version may have them in another order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

LEAST_POINTS = 1
"""What adds less to a score is no reason to bring a flag back."""
MORE_MONEY = 1.2
LEAST_MORE_MINOR = 1_000_000
"""Both have to be reached before more money at risk is news."""

_SIGNALS = """
signals as materialized (
  select x.signal ->> 'code' as code, x.place
  from scoring_scoringrun r
  join scoring_policyversion v on v.id = r.policy_id
  cross join jsonb_array_elements(v."values" -> 'churn' -> 'signals') with ordinality x (signal, place)
  where r.id = %(run_id)s
)"""
_REASONS = f"""
  select s.code from unnest(n.churn_points) with ordinality p (points, place)
  join signals s on s.place = p.place where p.points >= {LEAST_POINTS}"""  # noqa: S608 -- a constant
_NOTE = f"""
with {_SIGNALS}
update scoring_churnflag f set acknowledged_at = %(at)s, acknowledged_by_id = %(user)s,
  acknowledged_reasons = case when n.run_id is not null then array({_REASONS}) end,
  acknowledged_money_minor = n.money_at_risk_minor
from scoring_churnflag noted
left join scoring_customer_score n on n.run_id = %(run_id)s and n.customer_id = noted.customer_id
where noted.id = %(flag)s and f.id = noted.id and f.cleared_at is null and f.acknowledged_at is null
"""  # noqa: S608 -- constants
_WAKE = f"""
with {_SIGNALS}
update scoring_churnflag f set acknowledged_at = null, acknowledged_by_id = null
from scoring_customer_score n
join customers_customerinput i on i.customer_id = n.customer_id and i.version = n.input_version
where n.run_id = %(run_id)s and n.customer_id = f.customer_id and {{of}}
  and f.cleared_at is null and f.acknowledged_at is not null
  and (
    exists (select from ({_REASONS}) reason where reason.code <> all (f.acknowledged_reasons))
    or n.money_at_risk_minor >= f.acknowledged_money_minor + {LEAST_MORE_MINOR}
      and n.money_at_risk_minor >= f.acknowledged_money_minor * {MORE_MONEY}
  )
"""  # noqa: S608 -- constants


def take_note(flag_id: int, *, user_id: int, run_id: int | None, at: dt.datetime) -> bool:
    """Notes the open flag as it is in the run; False when it is cleared or was noted before."""
    values = {"flag": flag_id, "user": user_id, "run_id": run_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)
        return bool(cursor.rowcount)


def wake(run_id: int, customer_ids: Sequence[int] | None = None) -> None:
    """Noted flags about which the run has news wait for somebody again: of these customers, or of all.

    Whose facts have changed since is left to the sweep: his row may still have a reason that is gone.
    """
    of = "true" if customer_ids is None else "f.customer_id = any(%(ids)s::bigint[])"
    values: dict[str, Any] = {"run_id": run_id, "ids": list(customer_ids or ())}
    with connection.cursor() as cursor:
        cursor.execute(_WAKE.format(of=of), values)
