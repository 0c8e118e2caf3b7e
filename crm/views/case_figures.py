"""Corrective actions as a board, and how fast they are answered."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from crm.filters.cases import CaseFilter
from crm.forms.cases import CaseListForm
from crm.queries import case_figures as queries
from crm.queries.case_figures import By, CaseFigures, Measure, Quarter
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import wants_fragment

QUARTERS = 8
GROUPS = {
    By.OWNER: gettext_lazy("Owner"),
    By.MANAGER: gettext_lazy("Project manager"),
    By.TEAM: gettext_lazy("Team"),
    By.DIMENSION: gettext_lazy("Dimension"),
    By.MONTH: gettext_lazy("Month"),
}


@require_safe
@vary_on_headers("HX-Request")
def case_board(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    wanted = CaseFilter(request.GET, access.visible_cases(request.user), user=request.user, now=now)
    form = CaseListForm(request.GET)
    del form.fields["state"]
    context = {
        "columns": queries.board_of(wanted.found),
        "filters": form,
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "now": now,
    }
    template = "cases/_board.html" if wants_fragment(request) else "cases/board.html"
    return render(request, template, context)


@require_safe
def case_figures(request: UserRequest) -> HttpResponse:
    figures, by = _figures(request)
    latest = Quarter.of(company_day(timezone.now()))
    context = {
        "figures": figures,
        "by": by,
        "groups": GROUPS.items(),
        "group": GROUPS[by],
        "quarters": [str(latest.back(number)) for number in range(QUARTERS)],
        "quarter": str(figures.quarter),
    }
    return render(request, "cases/figures.html", context)


@require_safe
def case_figures_csv(request: UserRequest) -> HttpResponseBase:
    """The table of the page."""
    figures, by = _figures(request)
    return csv_answer(f"corrective-actions-{figures.quarter}-{by}", _export(figures, by))


def _figures(request: UserRequest) -> tuple[CaseFigures, By]:
    now = timezone.now()
    wish = request.GET.get("by", "")
    by = By(wish) if wish in {*By} else By.OWNER
    quarter = Quarter.named(request.GET.get("quarter", "")) or Quarter.of(company_day(now))
    visible = access.visible_cases(request.user)
    language = get_language() or "en"
    return queries.figures_of(visible, quarter, by, language=language, now=now), by


def _export(figures: CaseFigures, by: By) -> Iterator[tuple[object, ...]]:
    steps = (_("Acknowledge"), _("Plan"), _("Solve"))
    names = (
        _("median hours"),
        _("done"),
        _("share in time"),
        _("decided"),
        _("median hours, quarter before"),
        _("share in time, quarter before"),
    )
    yield (GROUPS[by], _("Cases"), *(f"{step}: {name}" for step in steps for name in names))
    for line in (figures.everything, *figures.lines):
        measures = (line.acknowledge, line.plan, line.solve)
        yield (line.label or _("All"), line.cases, *(cell for each in measures for cell in _cells(each)))


def _cells(measure: Measure) -> tuple[object, ...]:
    now, before = measure.now, measure.before
    return (
        _rounded(now.median),
        now.done,
        _rounded(now.share),
        now.decided,
        _rounded(before.median),
        _rounded(before.share),
    )


def _rounded(value: float | None) -> object:
    return "" if value is None else round(value, 4)
