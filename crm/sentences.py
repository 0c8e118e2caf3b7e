"""Numbers of an explanation in sentences: what was found, and what it was compared with.

Input: the codes and numbers of `scoring.core.explain`, and the state row they come from.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.templatetags.formats import MISSING, money_whole, number, percent, reader_locale, signed
from scoring.core.explain import IndicatorLine, NoDataReason, SignalLine
from scoring.core.fitting import Refusal, RefusalCode
from scoring.core.policy import IndicatorCode, Normalisation, Policy, SignalCode
from scoring.core.satisfaction import LOW_WEEKS
from scoring.core.signals import mean_gap
from scoring.core.state import CustomerState
from scoring.core.types import ContactLevel
from scoring.promised import RISE_DAYS, SPOKEN_DAYS

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Facts:
    """One customer's state row with what it takes to say it: the as-of day, the policy and the currency."""

    state: CustomerState
    as_of_day: float
    policy: Policy
    currency: str

    @property
    def gap(self) -> float | None:
        """Mean days between purchase days."""
        return known(float(mean_gap(self.state)[0]))

    @property
    def waiting(self) -> float | None:
        """Days since the last purchase."""
        return known(self.as_of_day - float(self.state.last_purchase_day[0]))

    @property
    def last_purchase(self) -> str:
        return day_text(float(self.state.last_purchase_day[0]))

    def last_touch(self, level: ContactLevel) -> str:
        return day_text(float(self.state.last_touch_day[0, level]))


def known(value: float) -> float | None:
    return None if math.isnan(value) else value


def day_text(day_number: float) -> str:
    """Days since 1970-01-01 as a date; a dash for never."""
    if math.isnan(day_number):
        return MISSING
    day = EPOCH + dt.timedelta(days=int(day_number))
    return str(format_date(day, format="medium", locale=reader_locale()))


def indicator_input(line: IndicatorLine, currency: str) -> str:
    """The input in its own unit."""
    if line.input is None:
        return MISSING
    if line.code == IndicatorCode.GROSS_MARGIN:
        return percent(line.input, 1)
    if line.code == IndicatorCode.ORDER_CONTINUITY:
        return number(line.input, 2)
    return money_whole(round(line.input), currency)


def indicator_place(line: IndicatorLine) -> str:
    """What the normalised value says."""
    if line.normalised is None:
        return no_data(line)
    share = percent(line.normalised, 1)
    if line.normalisation == Normalisation.PERCENTILE:
        return _("above %(share)s of all customers") % {"share": share}
    if line.normalisation == Normalisation.MIN_MAX:
        return _("%(share)s of the way from the lowest to the highest") % {"share": share}
    return _("%(share)s of a normal distribution lie below") % {"share": share}


def no_data(line: IndicatorLine) -> str:
    """Why an indicator was left out; its weight went to the others."""
    if line.no_data is NoDataReason.MODEL_REFUSED:
        return _("left out: no prediction was possible")
    return _("left out: not recorded")


def refusal(reason: Refusal) -> str:
    """Why a model was not fitted, with what was found and the limit."""
    found, limit = number(reason.found, 2), number(reason.limit, 2)
    texts = {
        RefusalCode.TOO_FEW_REPEAT_CUSTOMERS: _(
            "Too few customers with a repeat purchase: %(found)s, and at least %(limit)s are needed."
        )
        % {"found": number(reason.found), "limit": number(reason.limit)},
        RefusalCode.NO_VARIATION: _("All customers behave the same, so nothing can be learnt from them."),
        RefusalCode.BORDER: _(
            "The fit ran to the border of its space (%(found)s of %(limit)s): the data do not fix it."
        )
        % {"found": found, "limit": limit},
        RefusalCode.NOT_CONVERGED: _("The fit did not settle."),
        RefusalCode.CORRELATED: _(
            "Customers who buy often spend differently (correlation %(found)s, at most %(limit)s is allowed)."
        )
        % {"found": found, "limit": limit},
        RefusalCode.NO_MEAN: _("The order values have no mean under the fitted model."),
    }
    return texts[reason.code]


def signal(line: SignalLine, facts: Facts) -> str:
    """What the signal found, in a sentence; why it found nothing when it does not apply."""
    if line.input is None:
        return _("Does not apply, or not recorded.")
    return _SENTENCES[line.code](line, facts, line.input)


def _rhythm(line: SignalLine, facts: Facts, value: float) -> str:
    return _(
        "Ordered every %(gap)s days on average; the last order was on %(last)s, %(waiting)s days ago. "
        "A pause as long as this happens in %(chance)s of cases."
    ) % {
        "gap": number(facts.gap, 1),
        "last": facts.last_purchase,
        "waiting": number(facts.waiting),
        "chance": _("less than 0.1%") if value < 0.001 else percent(value, 1),
    }


def _missed(line: SignalLine, facts: Facts, value: float) -> str:
    return _("%(count)s purchases were expected since the last one on %(last)s, and none came.") % {
        "count": number(value, 1),
        "last": facts.last_purchase,
    }


def _p_alive(line: SignalLine, facts: Facts, value: float) -> str:
    return _("Still active with a probability of %(chance)s, judged by purchases alone.") % {
        "chance": percent(value, 1)
    }


def _decline(line: SignalLine, facts: Facts, value: float) -> str:
    return _("Sales of the last %(days)s days: %(now)s, against %(then)s a year earlier (%(change)s%%).") % {
        "days": number(facts.policy.recent_days),
        "now": money_whole(round(float(facts.state.recent_sales[0])), facts.currency),
        "then": money_whole(round(float(facts.state.same_months_sales[0])), facts.currency),
        "change": signed(100 * value, 0),
    }


def _one_order(line: SignalLine, facts: Facts, value: float) -> str:
    return _(
        "One order on %(last)s, %(waiting)s days ago. "
        "%(share)s of the customers who order again do so sooner."
    ) % {"last": facts.last_purchase, "waiting": number(facts.waiting), "share": percent(value)}


def _silence(level: ContactLevel) -> Callable[[SignalLine, Facts, float], str]:
    def sentence(line: SignalLine, facts: Facts, value: float) -> str:
        return _("The last contact with this level was on %(last)s, %(days)s days ago.") % {
            "last": facts.last_touch(level),
            "days": number(value),
        }

    return sentence


def _supporter(line: SignalLine, facts: Facts, value: float) -> str:
    return _("A supporter who decided or influenced left on %(day)s, %(days)s days ago.") % {
        "day": day_text(float(facts.state.supporter_left_day[0])),
        "days": number(value),
    }


def _negative(line: SignalLine, facts: Facts, value: float) -> str:
    count = round(value)
    return ngettext(
        "%(count)s interaction of negative sentiment in the last 90 days.",
        "%(count)s interactions of negative sentiment in the last 90 days.",
        count,
    ) % {"count": number(count)}


def _lost(line: SignalLine, facts: Facts, value: float) -> str:
    if not value:
        return _("Not marked as lost.")
    return _("Marked as lost on %(day)s.") % {"day": day_text(float(facts.state.stage_day[0]))}


def _index_low(line: SignalLine, facts: Facts, value: float) -> str:
    age = round(float(facts.state.satisfaction_age[0]))
    if not age:
        return _("Index %(index)s this week.") % {"index": number(value)}
    return ngettext("Index %(index)s, %(weeks)s week ago.", "Index %(index)s, %(weeks)s weeks ago.", age) % {
        "index": number(value),
        "weeks": number(age),
    }


def _index_falling(line: SignalLine, facts: Facts, value: float) -> str:
    words = {
        "index": number(float(facts.state.satisfaction_level[0])),
        "points": number(abs(value), 1),
        "weeks": number(float(facts.state.satisfaction_weeks[0])),
    }
    if value < 0:
        return _("Index %(index)s, falling by %(points)s points a week over %(weeks)s weeks.") % words
    return _("Index %(index)s, rising by %(points)s points a week over %(weeks)s weeks.") % words


def _low_grades(line: SignalLine, facts: Facts, value: float) -> str:
    count = round(value)
    if not count:
        return _("No low grade of the last %(weeks)s weeks waits for a solution.") % {"weeks": LOW_WEEKS}
    return ngettext(
        "%(count)s low grade in the last %(weeks)s weeks, not yet confirmed as solved by the customer.",
        "%(count)s low grades in the last %(weeks)s weeks, not yet confirmed as solved by the customer.",
        count,
    ) % {"count": number(count), "weeks": LOW_WEEKS}


def _unacceptable(line: SignalLine, facts: Facts, value: float) -> str:
    if value >= 0:
        return _("Nothing of the last %(weeks)s weeks is graded as unacceptable.") % {"weeks": LOW_WEEKS}
    return _(
        "Something was graded as unacceptable in the last %(weeks)s weeks; "
        "the customer has not confirmed that it is solved."
    ) % {"weeks": LOW_WEEKS}


def _survey_silence(line: SignalLine, facts: Facts, value: float) -> str:
    weeks = round(value)
    if not weeks:
        return _("The latest survey was answered.")
    return ngettext(
        "Asked in %(weeks)s week, and nobody answered.",
        "Asked in %(weeks)s weeks in a row, and nobody answered.",
        weeks,
    ) % {"weeks": number(weeks)}


def _need(line: SignalLine, facts: Facts, value: float) -> str:
    words = {"day": day_text(float(facts.state.need_due_day[0])), "days": number(value)}
    if value <= 0:
        return _("The next decision or delivery is due on %(day)s.") % words
    return (
        ngettext(
            "A decision or delivery was due on %(day)s, %(days)s day ago.",
            "A decision or delivery was due on %(day)s, %(days)s days ago.",
            round(value),
        )
        % words
    )


def _action(line: SignalLine, facts: Facts, value: float) -> str:
    words = {"day": day_text(float(facts.state.action_due_day[0])), "days": number(value)}
    if value <= 0:
        return _("The next action is due on %(day)s.") % words
    return (
        ngettext(
            "An action was due on %(day)s, %(days)s day ago.",
            "An action was due on %(day)s, %(days)s days ago.",
            round(value),
        )
        % words
    )


def _contract_ending(line: SignalLine, facts: Facts, value: float) -> str:
    return ngettext(
        "The next day of notice, or end without renewal, is %(day)s, in %(days)s day.",
        "The next day of notice, or end without renewal, is %(day)s, in %(days)s days.",
        round(value),
    ) % {"day": day_text(float(facts.state.contract_ending_day[0])), "days": number(value)}


def _contract_ended(line: SignalLine, facts: Facts, value: float) -> str:
    return ngettext(
        "A contract ended on %(day)s, %(days)s day ago, and no other of its kind followed.",
        "A contract ended on %(day)s, %(days)s days ago, and no other of its kind followed.",
        round(value),
    ) % {"day": day_text(float(facts.state.contract_ended_day[0])), "days": number(value)}


def _rising(line: SignalLine, facts: Facts, value: float) -> str:
    if value <= 0:
        return _("No competitor has gained share of supply in %(span)s days.") % {"span": RISE_DAYS}
    return ngettext(
        "Competitors gained %(points)s percentage point of supply in %(span)s days.",
        "Competitors gained %(points)s percentage points of supply in %(span)s days.",
        round(value),
    ) % {"points": number(value), "span": RISE_DAYS}


def _single(line: SignalLine, facts: Facts, value: float) -> str:
    return ngettext(
        "We spoke with %(count)s present contact in %(span)s days; the sales are above the median.",
        "We spoke with %(count)s present contacts in %(span)s days; the sales are above the median.",
        round(value),
    ) % {"count": number(value), "span": SPOKEN_DAYS}


_SENTENCES: dict[SignalCode, Callable[[SignalLine, Facts, float], str]] = {
    SignalCode.RHYTHM_BROKEN: _rhythm,
    SignalCode.EXPECTED_PURCHASES_MISSED: _missed,
    SignalCode.P_ALIVE_LOW: _p_alive,
    SignalCode.SALES_DECLINE: _decline,
    SignalCode.ONE_ORDER: _one_order,
    SignalCode.SILENCE_EXECUTIVE: _silence(ContactLevel.EXECUTIVE),
    SignalCode.SILENCE_MANAGEMENT: _silence(ContactLevel.MANAGEMENT),
    SignalCode.SILENCE_SPECIALIST: _silence(ContactLevel.SPECIALIST),
    SignalCode.SILENCE_OPERATIONAL: _silence(ContactLevel.OPERATIONAL),
    SignalCode.SUPPORTER_LEFT: _supporter,
    SignalCode.NEGATIVE_SENTIMENT: _negative,
    SignalCode.MARKED_LOST: _lost,
    SignalCode.INDEX_LOW: _index_low,
    SignalCode.INDEX_FALLING: _index_falling,
    SignalCode.LOW_GRADES: _low_grades,
    SignalCode.UNACCEPTABLE_GRADE: _unacceptable,
    SignalCode.SURVEY_SILENCE: _survey_silence,
    SignalCode.OVERDUE_NEED: _need,
    SignalCode.OVERDUE_ACTION: _action,
    SignalCode.CONTRACT_ENDING: _contract_ending,
    SignalCode.CONTRACT_ENDED: _contract_ended,
    SignalCode.COMPETITOR_RISING: _rising,
    SignalCode.SINGLE_CONTACT: _single,
}
