"""The part of the states' statement that reads needs, actions, contracts, shares, and whom we spoke with.

Needs, actions and contracts are changed in place: what they said at the instant comes from their old versions
(`accounts.facts.Changed`). What is due, near and over is what `accounts/needs/clocks.py` and
`accounts/deals/clocks.py` ring for.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from scoring.expressions import VISIBLE, as_it_was, days, known

RISE_DAYS = 180
SPOKEN_DAYS = 180

# A contract holds until its end, or for ever when it has none or goes on by itself after it.
PROMISED = f"""
needs as (
  select n.customer_id,
    min(case n_was.state when 'raised' then n_was.triage_by when 'promised' then n_was.promised_on end)
      as due_on
  from needs_need n
  {as_it_was("n", "needs_needevent", "state", "triage_by", "promised_on")}
  where {{in_n}} and n.known_at <= %(as_of)s
  group by n.customer_id
),
actions as (
  select t.customer_id,
    min(t_was.due_on) filter (where t_was.done_at is null and t_was.dropped_at is null) as due_on
  from actions_action t
  {as_it_was("t", "actions_actionevent", "due_on", "done_at", "dropped_at")}
  where {{in_t}} and t.known_at <= %(as_of)s
  group by t.customer_id
),
follow_ups as (
  select f.customer_id, min(f.follow_up_on) as due_on
  from interactions_interaction f
  where {{in_f}} and f.follow_up_on is not null and {VISIBLE.format("f")}
    and (f.follow_up_done_at is null or f.follow_up_done_at > %(as_of)s)
  group by f.customer_id
),
contracts as (
  select d.id, d.customer_id, d.kind, d_was.*,
    case when d_was.ends_on is null or (d_was.renewal = 'automatic' and d_was.ends_on < %(day)s)
      then 'infinity' else d_was.ends_on end as holds_until
  from deals_contract d
  {as_it_was("d", "deals_contractevent", "state", "ends_on", "notice_on", "renewal", "ended_on")}
  where {{in_d}} and d.known_at <= %(as_of)s and d_was.state in ('active', 'ended')
),
ends as (
  select x.customer_id,
    min(least(
      case when x.notice_on >= %(day)s then x.notice_on end,
      case when x.ends_on >= %(day)s and (x.renewal = 'by_hand' or x.notice_on is null) then x.ends_on end
    )) filter (where x.state = 'active') as ending_on,
    max(case when x.state = 'ended' then x.ended_on when x.renewal = 'by_hand' then x.ends_on end)
      filter (where coalesce(x.ended_on, x.ends_on + 1) <= %(day)s) as ended_on
  from contracts x
  where not exists (
    select from contracts other
    where other.customer_id = x.customer_id and other.kind = x.kind and other.state = 'active'
      and other.holds_until >= %(day)s and other.holds_until > coalesce(x.ended_on, x.ends_on, 'infinity')
  )
  group by x.customer_id
),
shares as (
  select h.customer_id, case when h.competitor_id is null then -1 else 1 end as sign,
    (array_agg(h.share order by h.valid_on desc))[1] as latest,
    coalesce(
      (array_agg(h.share order by h.valid_on desc) filter (where h.valid_on <= %(rise_from)s))[1],
      (array_agg(h.share order by h.valid_on))[1]
    ) as earlier
  from deals_supplyshare h
  where {{in_h}} and h.valid_on <= %(day)s and {VISIBLE.format("h")}
  group by h.customer_id, h.competitor_id
  having count(*) > 1
),
rises as (select customer_id, max(sign * (latest - earlier)) as rise from shares group by customer_id),
partners as (
  select distinct r.customer_id, r.contact_id
  from interactions_interactionparticipant r
  where {{in_r}} and r.contact_id is not null and r.started_at >= %(spoken_from)s
    and r.started_at < %(day_ends)s and {VISIBLE.format("r")}
),
spoken as (
  select r.customer_id, count(*) as contacts
  from partners r
  where not exists (
    select from contacts_contactdeparture x
    where x.contact_id = r.contact_id and x.left_on <= %(day)s and {VISIBLE.format("x")}
  )
  group by r.customer_id
)
"""  # noqa: S608
FACTS = {"in_n": "n", "in_t": "t", "in_f": "f", "in_d": "d", "in_h": "h", "in_r": "r"}
JOINS = """
left join needs n on n.customer_id = u.id
left join actions b on b.customer_id = u.id
left join follow_ups f on f.customer_id = u.id
left join ends e on e.customer_id = u.id
left join rises h on h.customer_id = u.id
left join spoken r on r.customer_id = u.id
"""
VALUES = ", ".join(
    (
        days("n.due_on"),
        days("least(b.due_on, f.due_on)"),
        days("e.ending_on"),
        days("e.ended_on"),
        known("h.rise"),
        "coalesce(r.contacts::float8, 0)",
    )
)


def spans(day: dt.date, start_of_spoken: dt.datetime) -> dict[str, Any]:
    """The parameters that nothing else needs. ``start_of_spoken``: of the first day of `SPOKEN_DAYS`."""
    return {"rise_from": day - dt.timedelta(days=RISE_DAYS), "spoken_from": start_of_spoken}
