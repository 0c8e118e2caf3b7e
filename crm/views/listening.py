"""Listening: who of a customer speaks to us, whom nobody knows, and what we measure beside what he says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.surveys.models import SurveyDimension
from crm.listening_charts import delivery_chart, quality_chart
from crm.queries.contacts import people_by_level
from crm.queries.listening.coverage import coverage_map
from crm.queries.listening.measured import Measured, measured_of
from crm.queries.listening.overview import ListeningRow, listening_overview
from crm.queries.listening.voices import last_heard_week, voices_of
from crm.queries.satisfaction import Satisfaction
from crm.queries.standing import standing_of
from crm.queries.voice import latest_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer

GAPS = {
    "silent": gettext_lazy("Silent levels"),
    "disagree": gettext_lazy("Levels that disagree"),
    "uncovered": gettext_lazy("Without a counterpart"),
    "unasked": gettext_lazy("Levels not asked"),
}
"""In the order in which a row stands higher: that of `ListeningRow.urgency`."""


@require_safe
def customer_listening(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    now = timezone.now()
    standing = standing_of(found, request.user, now=now)
    measured = _measured(found, standing.satisfaction, now)
    context: dict[str, Any] = {
        "customer": found,
        "standing": standing,
        "tab": "listening",
        "base_currency": settings.BASE_CURRENCY,
        "now": now,
        "coverage": coverage_map(people_by_level(found)),
        "measured": measured,
        "delivery_chart": delivery_chart(measured),
        "quality_chart": quality_chart(measured),
        "told": latest_of(access.visible_voices(request.user), found, language=get_language() or "en"),
        "may_log": access.loggable_customers(request.user).filter(pk=found.pk).exists(),
        "today": company_day(now),
    }
    return render(request, "listening/customer.html", context | _map_of(found, standing.satisfaction, now))


@require_safe
def customer_measured_csv(request: UserRequest, pk: int) -> HttpResponseBase:
    """The months that the page draws."""
    found = access.get_customer_or_404(request.user, pk)
    now = timezone.now()
    said = standing_of(found, request.user, now=now).satisfaction
    return csv_answer(f"perceived-and-measured-{found.pk}", _rows(_measured(found, said, now)))


@require_safe
def listening(request: UserRequest) -> HttpResponse:
    shown = listening_overview(request.user, as_of=timezone.now())
    gap = request.GET.get("gap", "")
    gap = gap if gap in GAPS else ""
    rows = [row for row in shown.rows if not gap or _has(row, gap)]
    gaps = [(code, name, sum(_has(row, code) for row in shown.rows)) for code, name in GAPS.items()]
    context = {"shown": shown, "rows": rows, "gap": gap, "gaps": gaps}
    return render(request, "listening/overview.html", context)


def _has(row: ListeningRow, gap: str) -> bool:
    return bool(dict(zip(GAPS, row.urgency, strict=True))[gap])


def _map_of(found: Customer, said: Satisfaction, now: dt.datetime) -> dict[str, Any]:
    dimensions = SurveyDimension.objects.in_bulk(list(said.picture.dimensions))
    voices = voices_of(
        [found.pk],
        said.project_ids,
        dimensions=list(said.picture.dimensions),
        week=last_heard_week(now),
        as_of=now,
    )[found.pk]
    language = get_language() or "en"
    names = {pk: each.name_in(language) for pk, each in dimensions.items()}
    return {
        "voices": voices,
        "dimension_names": [names[pk] for pk in voices.dimensions],
        "disagreements": [(names[each.dimension_id], each) for each in voices.disagreements],
    }


def _measured(found: Customer, said: Satisfaction, now: dt.datetime) -> Measured:
    return measured_of([found.pk], said.project_ids, day=company_day(now), as_of=now)[found.pk]


def _rows(measured: Measured) -> Iterator[Iterable[object]]:
    yield (
        _("Month"),
        _("Delivery, points"),
        _("Grades"),
        _("On time"),
        _("Orders due"),
        _("Quality, points"),
        _("Grades"),
        _("Returns, share of sales"),
    )
    for month in measured.months:
        yield (
            month.first,
            _rounded(month.delivery.mean, 1),
            month.delivery.grades,
            _rounded(month.on_time.rate, 3),
            int(month.on_time.whole),
            _rounded(month.quality.mean, 1),
            month.quality.grades,
            _rounded(month.returns.rate, 4),
        )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
