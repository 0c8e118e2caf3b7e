"""What scoring reads: one set-wise statement gives one state row per customer, as of an instant.

The same text serves a range of ids (a shard of a run) and a list of ids (a sweep), so that a customer who is
rescored alone gets what a full run would give him. Columns and units: `scoring.core.state.CustomerState`.

1. A fact is visible when `known_at` <= as_of and it was not superseded by then; dated facts also need a day
   <= the as-of day. Dated records (stage, level, attitude) count by their latest row of that kind.
2. Customers come first and everything else is joined to the left: without orders he is still scored.
3. Facts stream from covering indexes in the order of customer_id and are grouped by that column.
4. Every order is a purchase, one of amount zero as well (the published summaries of CDNOW count them), and
   several on a day are one; a credit note never is, but counts in every sum of money.
5. Money stays bigint or numeric until it is summed; a sum becomes a float at the very end, so a sum below
   2^53 is exact and none overflows. So do means of grades: no order of rows changes a bit.
6. A grade counts as soon as it is given, also in a week that is still open. A low grade stands while its
   corrective action is open: as of then, by the last word of its log on that. The log is read in the order of
   ids, which is that of the action's own row lock; instants of two writers may cross.
7. What is changed in place (needs, actions, contracts) counts as it was then: see `scoring.promised`.

A tombstone (`merged_into`) has no state whatever the as-of: its facts are the winner's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg import Cursor

from scoring import promised
from scoring.core.policy import Policy
from scoring.core.satisfaction import LEAST_SLOPE_WEEKS, LOW_WEEKS, MOST_WEEKS
from scoring.core.state import CustomerState
from scoring.core.types import ContactLevel, Stage
from scoring.expressions import VISIBLE, days, known, less, more, number
from scoring.promised import JOINS, PROMISED, VALUES

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Moment:
    """An instant and the company's time zone, which says what day it is and where days begin."""

    as_of: dt.datetime
    zone: str

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of must be aware.")

    @property
    def day(self) -> dt.date:
        """The as-of day; the last day that counts."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    @property
    def day_number(self) -> float:
        """The as-of day in days since 1970-01-01, as the core counts."""
        return float((self.day - EPOCH).days)

    @property
    def week(self) -> dt.date:
        """The Monday of the as-of day's week; the last rated week that counts."""
        return self.day - dt.timedelta(days=self.day.weekday())

    def start_of(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), ZoneInfo(self.zone))


@dataclass(frozen=True)
class Wanted:
    """Whose states are wanted: customers `low` <= id < `high`, or those of `ids`.

    `ids` and `versions` (of customer_input, same length) were read when the run was opened; without
    `versions` they are read in the same statement, hence in the same snapshot, as the facts.
    """

    ids: Sequence[int]
    versions: Sequence[int] | None = None
    low: int | None = None
    high: int | None = None


FLAT_COLUMNS = tuple(name for name, _ in CustomerState.flat_columns())

_STAGE_CODES = " ".join(f"when '{stage.name.lower()}' then {stage.value}" for stage in Stage)
_LEVELS = tuple(level.name.lower() for level in ContactLevel)
_TOUCHES = ",\n".join(
    f"max(p.started_at) filter (where p.level = '{level}') as touch_{level}" for level in _LEVELS
)
_LAST_TOUCH_DAYS = ",\n".join(
    f"coalesce(((t.touch_{level} at time zone %(zone)s)::date - date '1970-01-01')::float8, 'NaN')"
    for level in _LEVELS
)
_HAS_LEVELS = ",\n".join(
    f"coalesce(bool_or(k.level = '{level}') filter (where k.left_on is null), false) as has_{level}"
    for level in _LEVELS
)
_HAS_CONTACTS = ",\n".join(f"coalesce(k.has_{level}, false)" for level in _LEVELS)

# Squares of amounts up to 3,037,000,499 fit a bigint, whose sum is exact and fast; larger ones go by numeric.
_LARGEST_FAST_SQUARE = 3_037_000_499

# Every sum of lines takes its time of every order. So what is rare is summed (credit notes, orders before the
# window, without cost or quantity) and the rest follows from it; the value of the first day is looked up.
# Only constants of this module are put into the text; values travel as parameters.
_STATES = f"""
with wanted as materialized ({{wanted}}),
stage as (
  select distinct on (s.customer_id) s.customer_id, s.stage, s.valid_from
  from customers_customerstage s
  where {{in_s}} and s.valid_from <= %(day)s and s.known_at <= %(as_of)s
  order by s.customer_id, s.valid_from desc, s.id desc
),
lines as (
  select o.customer_id, o.ordered_on, o.base_amount_minor as amount, o.base_direct_cost_minor as cost,
    o.quantity, o.kind = 'order' as is_purchase, o.ordered_on >= %(window_from)s as in_window,
    max(o.ordered_on) filter (where o.kind = 'order') over before as earlier_day
  from orders_order o
  where {{in_o}} and o.ordered_on <= %(day)s and {VISIBLE.format("o")}
  window before as (
    partition by o.customer_id order by o.ordered_on rows between unbounded preceding and 1 preceding
  )
),
sums as (
  select customer_id,
    count(*) filter (where is_purchase and (earlier_day is null or ordered_on > earlier_day))
      as purchase_days,
    min(ordered_on) filter (where is_purchase) as first_day,
    max(ordered_on) filter (where is_purchase) as last_day,
    sum((ordered_on - earlier_day)::bigint * (ordered_on - earlier_day)) filter (where is_purchase)
      as gap_square_sum,
    sum(amount) filter (where is_purchase and not in_window) as old_value,
    sum(amount) filter (where in_window and not is_purchase) as credit,
    sum(cost) filter (where in_window) as direct_cost,
    sum(amount) filter (where in_window and cost is null) as uncosted,
    sum(quantity) filter (where in_window and not is_purchase) as credit_quantity,
    sum(amount) filter (where in_window and quantity is null) as unquantified,
    count(*) filter (where is_purchase and in_window) as batches,
    sum(amount) filter (where is_purchase and in_window) as batch_sum,
    coalesce(sum(amount * amount) filter (
      where is_purchase and in_window and amount <= {_LARGEST_FAST_SQUARE}), 0)
    + coalesce(sum(amount::numeric * amount) filter (
      where is_purchase and in_window and amount > {_LARGEST_FAST_SQUARE}), 0) as batch_square_sum,
    count(*) filter (where is_purchase and in_window and quantity is null) as unsized,
    sum(quantity) filter (where is_purchase and in_window) as sized_sum,
    sum(quantity * quantity) filter (where is_purchase and in_window) as sized_square_sum,
    count(*) filter (where is_purchase and ordered_on > earlier_day and earlier_day < %(window_from)s)
      as old_gap_count,
    sum(ordered_on - earlier_day) filter (where is_purchase and earlier_day < %(window_from)s)
      as old_gap_sum,
    sum((ordered_on - earlier_day)::bigint * (ordered_on - earlier_day))
      filter (where is_purchase and earlier_day < %(window_from)s) as old_gap_square_sum,
    sum(amount) filter (where ordered_on >= %(recent_from)s) as recent_sales,
    sum(amount) filter (where ordered_on >= %(same_from)s and ordered_on <= %(same_to)s) as same_sales
  from lines group by customer_id
),
orders as (
  select x.*, coalesce(batch_sum, 0) + coalesce(credit, 0) as sales,
    coalesce(batch_sum, 0) + coalesce(old_value, 0) - (
      select sum(o.base_amount_minor) from orders_order o
      where o.customer_id = x.customer_id and o.ordered_on = x.first_day and o.kind = 'order'
        and {VISIBLE.format("o")}
    ) as repeat_value,
    greatest(purchase_days - 1, 0) - old_gap_count as window_gap_count,
    last_day - first_day - coalesce(old_gap_sum, 0) as window_gap_sum,
    gap_square_sum - coalesce(old_gap_square_sum, 0) as window_gap_square_sum
  from sums x
),
touches as (
  select p.customer_id, {_TOUCHES}
  from interactions_interactionparticipant p
  where {{in_p}} and p.contact_id is not null and p.started_at < %(day_ends)s and {VISIBLE.format("p")}
  group by p.customer_id
),
contacts as (
  select k.customer_id, {_HAS_LEVELS}, count(*) filter (where k.left_on is null) as active,
    max(k.left_on) filter (where k.was_supporter) as supporter_left_on
  from (
    select c.customer_id, coalesce(l.level, c.level) as level, d.left_on, a.was_supporter
    from contacts_contact c
    left join lateral (
      select level from contacts_contactlevel
      where contact_id = c.id and valid_from <= %(day)s and known_at <= %(as_of)s
      order by valid_from desc, id desc limit 1
    ) l on true
    left join lateral (
      select max(x.left_on) as left_on from contacts_contactdeparture x
      where x.contact_id = c.id and x.left_on <= %(day)s and {VISIBLE.format("x")}
    ) d on true
    left join lateral (
      select attitude = 'supporter' and decision_role in ('decision_maker', 'influencer') as was_supporter
      from contacts_contactattitude
      where contact_id = c.id and stated_on <= d.left_on and known_at <= %(as_of)s
      order by stated_on desc, id desc limit 1
    ) a on true
    where {{in_c}} and c.known_at <= %(as_of)s
  ) k
  group by k.customer_id
),
talks as (
  select i.customer_id, count(*) as in_365,
    count(*) filter (where i.sentiment < 0 and i.started_at >= %(quarter_from)s) as negative_90
  from interactions_interaction i
  where {{in_i}} and i.started_at >= %(year_from)s and i.started_at < %(day_ends)s and {VISIBLE.format("i")}
  group by i.customer_id
),
scale as materialized (
  select g.id as grade_id, d.dimension_id, g.points, d.weight
  from surveys_programmegrade g join surveys_programmedimension d on d.version_id = g.version_id
),
grades as (
  select g.customer_id, g.week_id, g.project_id, g.answer_id, g.opens_case, z.points, z.weight,
    g.week_id >= %(low_from)s and case when g.opens_case then coalesce((
      select e.kind <> 'closed' from surveys_caseevent e
      where e.case_id = (
        select x.case_id from surveys_answergrade x
        where x.answer_id = g.answer_id and x.dimension_id = g.dimension_id
      ) and e.kind in ('opened', 'reopened', 'rejected', 'closed') and e.known_at <= %(as_of)s
      order by e.id desc limit 1
    ), true) else true end as stands
  from surveys_answergrade g
  join scale z on z.grade_id = g.grade_id and z.dimension_id = g.dimension_id
  where {{in_g}} and g.week_id >= %(weeks_from)s and g.week_id <= %(week)s and {VISIBLE.format("g")}
),
answers as (
  select customer_id, week_id, project_id, sum(weight::bigint * points) / sum(weight) as index,
    count(*) filter (where stands and opens_case) as low, min(points) filter (where stands) as lowest
  from grades group by customer_id, week_id, project_id, answer_id
),
project_weeks as (
  select customer_id, week_id, avg(index) as index, sum(low) as low, min(lowest) as lowest
  from answers group by customer_id, week_id, project_id
),
weeks as (
  select customer_id, week_id, (week_id - %(weeks_from)s) / 7 as t, avg(index) as index,
    sum(low) as low, min(lowest) as lowest
  from project_weeks group by customer_id, week_id
),
satisfaction as (
  select customer_id, (array_agg(index order by week_id desc))[1] as level, max(t) as latest,
    count(*) as weeks, sum(low) as low, min(lowest) as lowest,
    case when count(*) >= {LEAST_SLOPE_WEEKS} then
      (count(*) * sum(t * index) - sum(t) * sum(index)) / (count(*) * sum(t * t) - sum(t) * sum(t))
    end as slope
  from weeks group by customer_id
),
asked as (
  select v.customer_id, v.week_id,
    max(v.week_id) filter (where v.answered_at <= %(as_of)s) over (partition by v.customer_id) as answered
  from surveys_invitation v
  where {{in_v}} and v.week_id >= %(weeks_from)s and v.week_id <= %(week)s and v.known_at <= %(as_of)s
    and (v.answered_at <= %(as_of)s
      or (v.closes_at <= %(as_of)s and (v.failed_at is null or v.failed_at > %(as_of)s)))
),
silence as (
  select customer_id,
    count(distinct week_id) filter (where week_id > coalesce(answered, '-infinity')) as weeks
  from asked group by customer_id
),
usages as (
  select a.customer_id, sum(a.base_cost_minor) as cost
  from costs_activityusage a
  where {{in_a}} and a.used_on >= %(window_from)s and a.used_on <= %(day)s and {VISIBLE.format("a")}
  group by a.customer_id
),
{PROMISED}
insert into scoring_customer_state (run_id, {", ".join(FLAT_COLUMNS)})
select %(run_id)s, u.id, coalesce(w.version, 0),
  case coalesce(s.stage, 'prospect') {_STAGE_CODES} end, {days("s.valid_from")},
  {days("case when u.acquired_on <= %(day)s then u.acquired_on end")},
  {number("o.purchase_days")}, {days("o.first_day")}, {days("o.last_day")},
  {number("o.repeat_value")}, {number("o.gap_square_sum")},
  {number("o.sales")}, {number("o.direct_cost")}, {less("o.sales", "o.uncosted")},
  {more("o.sized_sum", "o.credit_quantity")}, {less("o.sales", "o.unquantified")}, {number("o.batches")},
  {number("case when o.unsized = 0 then o.sized_sum else o.batch_sum end")},
  {number("case when o.unsized = 0 then o.sized_square_sum else o.batch_square_sum end")},
  {number("o.window_gap_count")}, {number("o.window_gap_sum")}, {number("o.window_gap_square_sum")},
  {number("o.recent_sales")}, {number("o.same_sales")},
  {_LAST_TOUCH_DAYS},
  {_HAS_CONTACTS},
  {number("k.active")}, {number("i.in_365")}, {number("i.negative_90")}, {days("k.supporter_left_on")},
  {known("q.level")}, {known(f"{MOST_WEEKS - 1} - q.latest")}, {known("q.slope")}, {number("q.weeks")},
  {number("q.low")}, {known("q.lowest")}, {known("y.weeks")}, {number("a.cost")},
  {VALUES}
from wanted w
join customers_customer u on u.id = w.customer_id
left join stage s on s.customer_id = u.id
left join orders o on o.customer_id = u.id
left join touches t on t.customer_id = u.id
left join contacts k on k.customer_id = u.id
left join talks i on i.customer_id = u.id
left join satisfaction q on q.customer_id = u.id
left join silence y on y.customer_id = u.id
left join usages a on a.customer_id = u.id
{JOINS}where {{in_u}} and u.known_at <= %(as_of)s and u.merged_into_id is null
"""  # noqa: S608
_VERSIONS_GIVEN = (
    "select * from unnest(%(ids)s::bigint[], %(versions)s::bigint[]) as x (customer_id, version)"
)
_VERSIONS_NOW = (
    "select customer_id, version from customers_customerinput where customer_id = any(%(ids)s::bigint[])"
)
_FACTS = {
    "in_s": "s",
    "in_o": "o",
    "in_p": "p",
    "in_c": "c",
    "in_i": "i",
    "in_g": "g",
    "in_v": "v",
    "in_a": "a",
} | promised.FACTS

# Left alone the planner reads whole tables and hashes them (4 to 6 times slower), and joins groups by nested
# loops while a freshly loaded table has no statistics (quadratic in the shard). Compiling a statement that
# runs for milliseconds costs more than it saves.
STREAMED = """
set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_hashagg = off;
set local enable_nestloop = off; set local jit = off
"""
# A range of ids: the grades of a shard with ten respondents a project are sorted in 120 MB, else on disk.
ROOMY = "; set local work_mem = '160MB'"
# A list of ids.
KEPT = "; set local plan_cache_mode = force_generic_plan"


def statement(wanted: Wanted) -> str:
    """The text that inserts the states of `wanted`; the same but for how customers are named."""
    is_range = wanted.low is not None
    condition = "{0} >= %(low)s and {0} < %(high)s" if is_range else "{0} = any(%(ids)s::bigint[])"
    chosen = {key: condition.format(f"{alias}.customer_id") for key, alias in _FACTS.items()}
    chosen["in_u"] = condition.format("u.id")
    return _STATES.format(wanted=_VERSIONS_NOW if wanted.versions is None else _VERSIONS_GIVEN, **chosen)


def parameters(run_id: int, wanted: Wanted, moment: Moment, policy: Policy) -> dict[str, Any]:
    """Everything `statement` needs: the moment, and the spans of the policy."""
    day, one = moment.day, dt.timedelta(days=1)
    week = moment.week
    recent_from = day - policy.recent_days * one + one
    # A window may reach further back than the calendar of the database driver.
    window_days = min(policy.window_days, (day - dt.date.min).days)
    return {
        "run_id": run_id,
        "ids": list(wanted.ids),
        "versions": None if wanted.versions is None else list(wanted.versions),
        "low": wanted.low,
        "high": wanted.high,
        "as_of": moment.as_of,
        "day": day,
        "zone": moment.zone,
        "day_ends": moment.start_of(day + one),
        "year_from": moment.start_of(day - 364 * one),
        "quarter_from": moment.start_of(day - 89 * one),
        "window_from": day - window_days * one + one,
        "recent_from": recent_from,
        "same_from": recent_from - 365 * one,
        "same_to": day - 365 * one,
        "week": week,
        "weeks_from": week - (MOST_WEEKS - 1) * 7 * one,
        "low_from": week - (LOW_WEEKS - 1) * 7 * one,
        **promised.spans(day, moment.start_of(day - (promised.SPOKEN_DAYS - 1) * one)),
    }


def insert_states(run_id: int, wanted: Wanted, moment: Moment, policy: Policy) -> int:
    """Write the states of `wanted` into the run's partition; returns how many. Needs a transaction.

    The settings of the planner stay until the transaction ends. For one customer planning takes five times
    as long as the rest, so for a list of ids each connection keeps one plan for whatever values.
    """
    is_kept = wanted.low is None
    with connection.cursor() as cursor:
        cursor.execute(STREAMED + (KEPT if is_kept else ROOMY))
    values = parameters(run_id, wanted, moment, policy)
    with connection.wrap_database_errors, Cursor(connection.connection) as prepared:
        prepared.execute(statement(wanted), values, prepare=is_kept)
        return prepared.rowcount
