"""Codes of scoring in words. The codes are stored; the words are found when somebody reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.core.policy import IndicatorCode, SignalCode
from scoring.core.quadrants import Quadrant
from scoring.core.signals import SignalKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INDICATORS: dict[str, _StrPromise] = {
    IndicatorCode.TOTAL_SALES: _("Total sales"),
    IndicatorCode.GROSS_PROFIT: _("Gross profit"),
    IndicatorCode.CUSTOMER_PROFIT: _("Customer profit"),
    IndicatorCode.GROSS_MARGIN: _("Gross margin"),
    IndicatorCode.AVERAGE_PRICE: _("Average price"),
    IndicatorCode.ORDER_CONTINUITY: _("Order continuity"),
    IndicatorCode.EXPECTED_VALUE: _("Expected future value"),
}

# What the number is, for somebody who has never seen it.
INDICATOR_MEANINGS: dict[str, _StrPromise] = {
    IndicatorCode.TOTAL_SALES: _("Orders less credit notes in the window."),
    IndicatorCode.GROSS_PROFIT: _("Sales less direct cost, of orders whose direct cost is known."),
    IndicatorCode.CUSTOMER_PROFIT: _("Gross profit less what it costs to serve the customer."),
    IndicatorCode.GROSS_MARGIN: _("Gross profit as a share of the sales it comes from."),
    IndicatorCode.AVERAGE_PRICE: _("Sales per unit."),
    IndicatorCode.ORDER_CONTINUITY: _("How even the gaps between orders and the batch sizes are; 1 is even."),
    IndicatorCode.EXPECTED_VALUE: _("Discounted margin of the purchases expected in the coming year."),
}

SIGNALS: dict[str, _StrPromise] = {
    SignalCode.RHYTHM_BROKEN: _("Own order rhythm broken"),
    SignalCode.EXPECTED_PURCHASES_MISSED: _("Expected purchases missed"),
    SignalCode.P_ALIVE_LOW: _("Probably no longer active"),
    SignalCode.SALES_DECLINE: _("Sales below the same months last year"),
    SignalCode.ONE_ORDER: _("One order, and no second one"),
    SignalCode.SILENCE_EXECUTIVE: _("No contact with executives"),
    SignalCode.SILENCE_MANAGEMENT: _("No contact with management"),
    SignalCode.SILENCE_SPECIALIST: _("No contact with specialists"),
    SignalCode.SILENCE_OPERATIONAL: _("No contact with operations"),
    SignalCode.SUPPORTER_LEFT: _("A supporter has left"),
    SignalCode.NEGATIVE_SENTIMENT: _("Negative conversations"),
    SignalCode.MARKED_LOST: _("Marked as lost"),
    SignalCode.INDEX_LOW: _("Low satisfaction index"),
    SignalCode.INDEX_FALLING: _("Satisfaction index falling"),
    SignalCode.LOW_GRADES: _("Low grades not yet solved"),
    SignalCode.UNACCEPTABLE_GRADE: _("Graded as unacceptable"),
    SignalCode.SURVEY_SILENCE: _("No answer to the survey"),
    SignalCode.OVERDUE_NEED: _("Need overdue"),
    SignalCode.OVERDUE_ACTION: _("Action overdue"),
    SignalCode.CONTRACT_ENDING: _("Contract ends"),
    SignalCode.CONTRACT_ENDED: _("Contract ended"),
    SignalCode.COMPETITOR_RISING: _("Competitor gains share"),
    SignalCode.SINGLE_CONTACT: _("Single contact"),
}

SIGNAL_KINDS: dict[str, _StrPromise] = {
    SignalKind.TOLD_US: _("told us"),
    SignalKind.WENT_SILENT: _("went silent"),
}


@dataclass(frozen=True)
class QuadrantWords:
    """``advice``: what is to be done, in its order."""

    name: _StrPromise
    advice: _StrPromise


QUADRANTS: dict[Quadrant, QuadrantWords] = {
    Quadrant.PROTECT: QuadrantWords(
        pgettext_lazy("quadrant", "Protect"),
        _("Earns well and costs little to serve: competitors want this customer. Watch closely."),
    ),
    Quadrant.STREAMLINE: QuadrantWords(
        pgettext_lazy("quadrant", "Streamline"),
        _("Earns well and costs much to serve: make the process lighter for both."),
    ),
    Quadrant.GROW: QuadrantWords(
        pgettext_lazy("quadrant", "Grow"),
        _("Costs little to serve and earns little: sell more of what earns."),
    ),
    Quadrant.REDUCE: QuadrantWords(
        pgettext_lazy("quadrant", "Reduce the effort"),
        _(
            "Earns little and costs much to serve. First improve our process, then save activities together"
            " with the customer, then correct price, discount or surcharge."
        ),
    ),
    Quadrant.INVEST: QuadrantWords(
        pgettext_lazy("quadrant", "Investment"),
        _("A loss in the first two years: an investment. Watch whether it pays."),
    ),
    Quadrant.WITHDRAW: QuadrantWords(
        pgettext_lazy("quadrant", "Last plan"),
        _(
            "A loss for longer than two years: one last plan, then withdraw step by step and use the hours"
            " elsewhere."
        ),
    ),
}
