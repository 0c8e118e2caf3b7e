"""Codes of scoring in words. The codes are stored; the words are found when somebody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from scoring.core.policy import IndicatorCode, SignalCode
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
}

SIGNAL_KINDS: dict[str, _StrPromise] = {
    SignalKind.TOLD_US: _("told us"),
    SignalKind.WENT_SILENT: _("went silent"),
}
