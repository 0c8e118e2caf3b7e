"""One state row per customer: everything scoring reads, as of a day, and nothing else."""

from dataclasses import dataclass
from typing import ClassVar, Self

from .columns import Column, Table
from .types import BoolArray, CodeArray, ContactLevel, FloatArray, IntArray

LEVEL_SUFFIXES = tuple(level.name.lower() for level in ContactLevel)

STATE_COLUMNS: tuple[Column, ...] = (
    Column("customer_id", "int64"),
    Column("input_version", "int64"),
    Column("stage", "int8"),
    Column("stage_day", "float64"),
    Column("acquired_day", "float64"),
    Column("purchase_days", "float64"),
    Column("first_purchase_day", "float64"),
    Column("last_purchase_day", "float64"),
    Column("repeat_value", "float64"),
    Column("gap_square_sum", "float64"),
    Column("sales", "float64"),
    Column("direct_cost", "float64"),
    Column("costed_sales", "float64"),
    Column("quantity", "float64"),
    Column("quantified_sales", "float64"),
    Column("batch_count", "float64"),
    Column("batch_sum", "float64"),
    Column("batch_square_sum", "float64"),
    Column("window_gap_count", "float64"),
    Column("window_gap_sum", "float64"),
    Column("window_gap_square_sum", "float64"),
    Column("recent_sales", "float64"),
    Column("same_months_sales", "float64"),
    Column("last_touch_day", "float64", suffixes=LEVEL_SUFFIXES),
    Column("has_contact", "bool", suffixes=LEVEL_SUFFIXES),
    Column("active_contacts", "float64"),
    Column("interactions_365", "float64"),
    Column("negative_90", "float64"),
    Column("supporter_left_day", "float64"),
    Column("satisfaction_level", "float64"),
    Column("satisfaction_age", "float64"),
    Column("satisfaction_slope", "float64"),
    Column("satisfaction_weeks", "float64"),
    Column("low_grades", "float64"),
    Column("lowest_points", "float64"),
    Column("survey_silence", "float64"),
    Column("cost_to_serve", "float64"),
    Column("need_due_day", "float64"),
    Column("action_due_day", "float64"),
    Column("contract_ending_day", "float64"),
    Column("contract_ended_day", "float64"),
    Column("competitor_rise", "float64"),
    Column("spoken_contacts", "float64"),
)


@dataclass(frozen=True)
class CustomerState(Table):
    """n customers as arrays of length n (n x 4 for the organisational levels).

    Units: days since 1970-01-01 for `*_day` (NaN: never), money in integer minor units of the base
    currency held as float64 (exact below 2^53), counts as float64. `as_of_day` is the last day included
    everywhere.

    - A *purchase day* is a distinct day with at least one order that is no credit note, that is, of an amount
      of zero or more (the published CDNOW counts hold zeros); its value is the sum of these amounts on that
      day. Credit notes (amounts below zero) count in every sales and cost sum but never as purchase, gap or
      batch.
    - Whole history: `purchase_days`, `first_purchase_day`, `last_purchase_day`, `repeat_value` (value of
      all purchase days after the first), `gap_square_sum` (squared days between consecutive purchase
      days).
    - Policy window (`Policy.window_days`, as_of_day included): `sales`; `costed_sales` and `direct_cost`
      (orders whose direct cost is known); `quantified_sales` and `quantity` (orders whose quantity is
      known); `window_gap_*` (gaps between consecutive purchase days, both ends inside the window).
    - `batch_*`: one batch per purchase order in the window. Its size is the quantity when every purchase
      order of the customer in the window has one, otherwise the amount (evenness has no unit, mixing
      would).
    - `recent_sales`: sales of the last `Policy.recent_days` days, `same_months_sales`: of the same days a
      year (365 days) earlier.
    - `last_touch_day`: latest interaction with a contact of that level; `has_contact`: an active contact
      exists; `active_contacts`; `interactions_365`, `negative_90`: interactions in the last 365 days, and
      those of negative sentiment in the last 90.
    - `supporter_left_day`: latest day on which a supporter who was decision maker or influencer left.
    - The last 13 rated weeks are that of the as-of day and the 12 before. `satisfaction_level`: index of the
      latest of them that has one, `satisfaction_age` weeks ago (0: this week); `satisfaction_slope`: points
      per week over those that have one, of which there are `satisfaction_weeks`. NaN: none; under 3 weeks.
    - The last 4 rated weeks: `low_grades`: grades whose corrective action is open; `lowest_points`: fewest
      points of any grade, but for those whose corrective action is closed (NaN: no grade).
    - `survey_silence`: weeks invited in a row, up to now, without any answer, of these 13; a week counts when
      it is closed or answered (NaN: none was).
    - `cost_to_serve`: cost of the activities used for him in the policy window; 0 without any. NaN in runs
      older than cost activities.
    - `need_due_day`: earliest day by which a need has to be decided or delivered; `action_due_day`: earliest
      day of an action or follow-up that is still to be done.
    - `contract_ending_day`: next day of notice, or end without renewal, of a contract; `contract_ended_day`:
      latest end of one; neither counts a contract that another of its kind outlasts.
    - `competitor_rise`: percentage points that a competitor's share of supply has risen in 180 days, or ours
      fallen, whichever is more. NaN: said only once.
    - `spoken_contacts`: present contacts who took part in an interaction of the last 180 days.
    - These six are NaN in runs that are older than they.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = STATE_COLUMNS

    customer_id: IntArray
    input_version: IntArray
    stage: CodeArray
    stage_day: FloatArray
    acquired_day: FloatArray
    purchase_days: FloatArray
    first_purchase_day: FloatArray
    last_purchase_day: FloatArray
    repeat_value: FloatArray
    gap_square_sum: FloatArray
    sales: FloatArray
    direct_cost: FloatArray
    costed_sales: FloatArray
    quantity: FloatArray
    quantified_sales: FloatArray
    batch_count: FloatArray
    batch_sum: FloatArray
    batch_square_sum: FloatArray
    window_gap_count: FloatArray
    window_gap_sum: FloatArray
    window_gap_square_sum: FloatArray
    recent_sales: FloatArray
    same_months_sales: FloatArray
    last_touch_day: FloatArray
    has_contact: BoolArray
    active_contacts: FloatArray
    interactions_365: FloatArray
    negative_90: FloatArray
    supporter_left_day: FloatArray
    satisfaction_level: FloatArray
    satisfaction_age: FloatArray
    satisfaction_slope: FloatArray
    satisfaction_weeks: FloatArray
    low_grades: FloatArray
    lowest_points: FloatArray
    survey_silence: FloatArray
    cost_to_serve: FloatArray
    need_due_day: FloatArray
    action_due_day: FloatArray
    contract_ending_day: FloatArray
    contract_ended_day: FloatArray
    competitor_rise: FloatArray
    spoken_contacts: FloatArray

    @classmethod
    def empty(cls) -> Self:
        """A book without customers."""
        return cls.from_columns({name: () for name, _ in cls.flat_columns()})


CustomerState.assert_complete()
