"""The reasons of a churn flag: what happened, since when, who it was, and the page where one sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.contacts.models import Attitude, ContactDeparture, DecisionRole
from accounts.facts import CURRENT
from crm.queries.today.items import Reason
from crm.wording import SIGNALS
from scoring.core.policy import Policy, SignalCode

STRONGEST = 2
DECIDING = (DecisionRole.DECISION_MAKER, DecisionRole.INFLUENCER)
_SILENT_DAYS = {
    SignalCode.SILENCE_EXECUTIVE,
    SignalCode.SILENCE_MANAGEMENT,
    SignalCode.SILENCE_SPECIALIST,
    SignalCode.SILENCE_OPERATIONAL,
}
_LASTING = _SILENT_DAYS | {SignalCode.OVERDUE_NEED, SignalCode.OVERDUE_ACTION}
_PAGES = {
    **dict.fromkeys((*_SILENT_DAYS, SignalCode.SUPPORTER_LEFT, SignalCode.SINGLE_CONTACT), "customer_people"),
    **dict.fromkeys(
        (SignalCode.CONTRACT_ENDING, SignalCode.CONTRACT_ENDED, SignalCode.COMPETITOR_RISING),
        "customer_deals",
    ),
    SignalCode.OVERDUE_NEED: "customer_needs",
    SignalCode.OVERDUE_ACTION: "customer_actions",
    **dict.fromkeys(
        (
            SignalCode.RHYTHM_BROKEN,
            SignalCode.EXPECTED_PURCHASES_MISSED,
            SignalCode.P_ALIVE_LOW,
            SignalCode.SALES_DECLINE,
            SignalCode.ONE_ORDER,
        ),
        "customer_orders",
    ),
    **dict.fromkeys(
        (
            SignalCode.INDEX_LOW,
            SignalCode.INDEX_FALLING,
            SignalCode.LOW_GRADES,
            SignalCode.UNACCEPTABLE_GRADE,
            SignalCode.SURVEY_SILENCE,
        ),
        "customer_satisfaction",
    ),
    SignalCode.MARKED_LOST: "customer_history",
}


def reasons_of(row: Any, policy: Policy | None, departure: ContactDeparture | None) -> tuple[Reason, ...]:
    """The strongest of a flag with the ``points`` and ``inputs`` of its score."""
    return tuple(
        Reason(
            label=SIGNALS[code],
            points=points,
            page=_PAGES.get(code, "customer"),
            days=round(value) if code in _LASTING else None,
            ago_days=round(value) if code == SignalCode.CONTRACT_ENDED else None,
            left_days=round(value) if code == SignalCode.CONTRACT_ENDING else None,
            weeks=round(value) if code == SignalCode.SURVEY_SILENCE else None,
            who=departure.contact.name if departure and code == SignalCode.SUPPORTER_LEFT else "",
            on=departure.left_on if departure and code == SignalCode.SUPPORTER_LEFT else None,
        )
        for code, points, value in _strongest(row, policy)
    )


def other_points_of(row: Any, policy: Policy | None) -> float:
    """What the reasons beside the strongest add to the score."""
    return sum(row.points or ()) - sum(points for _code, points, _value in _strongest(row, policy))


def departures_of(rows: Sequence[Any], policy: Policy | None) -> dict[int, ContactDeparture]:
    """By customer: who of those that decided in our favour left last, where that is a reason. One query at
    most."""
    ids = [
        row.customer_id
        for row in rows
        if any(code == SignalCode.SUPPORTER_LEFT for code, _points, _value in _strongest(row, policy))
    ]
    if not ids:
        return {}
    left = ContactDeparture.objects.filter(
        CURRENT,
        contact__customer__in=ids,
        contact__attitude=Attitude.SUPPORTER,
        contact__decision_role__in=DECIDING,
    ).select_related("contact")
    latest = left.order_by("contact__customer", "-left_on", "pk").distinct("contact__customer")
    return {departure.contact.customer_id: departure for departure in latest}


def _strongest(row: Any, policy: Policy | None) -> list[tuple[SignalCode, float, float]]:
    """Code, points and input; a signal that has points has an input."""
    if policy is None or not row.points:
        return []
    codes = (signal.code for signal in policy.churn.signals)
    named = sorted(zip(codes, row.points, row.inputs, strict=True), key=lambda each: -each[1])
    return [each for each in named[:STRONGEST] if each[1] > 0]
