"""The satisfaction index at every level, its files, and what a number is made of."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.conf import settings
from django.db.models import TextChoices
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from crm import index_charts
from crm.forms.satisfaction_index import WEEKS, IndexForm
from crm.queries.keyset import PAGE_ROWS, Page
from crm.queries.satisfaction_index import Cut, IndexPage, NoUnitError, Wish, index_page
from crm.queries.satisfaction_index_behind import parts_behind
from crm.queries.satisfaction_index_members import Level, Scope
from crm.queries.satisfaction_index_ranking import SORTS, Ranked, Ranking
from crm.queries.satisfaction_index_retention import retention_for
from crm.retention_words import parts_of, retention_finding, retention_rows
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer
from crm.views.writing import wants_fragment

C = TypeVar("C", bound=TextChoices)

DEFAULT_SORT = "slope"
"""What falls fastest stands first."""


FINER: dict[Level, Level] = {
    Level.COMPANY: Level.TEAM,
    Level.TEAM: Level.ACCOUNT_MANAGER,
    Level.CUSTOMER: Level.PROJECT,
    Level.PROJECT: Level.PROJECT,
}
"""What a unit of the list is opened into; of people and categories their customers."""


@require_safe
@vary_on_headers("HX-Request")
def satisfaction_index(request: UserRequest) -> HttpResponse:
    page = _page(request)
    sort = _sort(request)
    context = {
        "index": page,
        "sort": sort,
        "page": _rows(page.ranked, sort, request.GET.get("after", "")),
        "filters": IndexForm(page.wish),
        "hidden": [("of", page.wish.scope.code)] if page.wish.scope.code else [],
        "finding": index_charts.finding(page),
        "chart": index_charts.index_chart(page),
        "heat": index_charts.heat_of(page),
        "finer": FINER.get(page.wish.level, Level.CUSTOMER),
    }
    fragment = "satisfaction_index/_index.html"
    return render(request, fragment if wants_fragment(request) else "satisfaction_index/page.html", context)


@require_safe
def satisfaction_index_csv(request: UserRequest) -> HttpResponseBase:
    """The weeks of the picture; with ?rows=list what stands in the list, to its end."""
    if request.GET.get("rows") == "list":
        page = _page(request)
        rows = page.ranked.rows(_sort(request))
        return csv_answer("satisfaction-index-list", index_charts.list_rows(page, rows))
    page = _page(request, with_revenue=True)
    return csv_answer("satisfaction-index", index_charts.index_rows(page))


@require_safe
def satisfaction_index_xlsx(request: UserRequest) -> HttpResponse:
    page = _page(request, with_revenue=True)
    sheets = [
        Sheet(_("Weeks"), index_charts.index_rows(page)),
        Sheet(str(page.wish.level.label), index_charts.list_rows(page, page.ranked.rows(_sort(request)))),
    ]
    return workbook_answer("satisfaction-index", sheets)


@require_safe
@vary_on_headers("HX-Request")
def satisfaction_index_behind(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    try:
        found = parts_behind(_scope(request), request.user, week=_week(request), as_of=now)
    except NoUnitError as error:
        raise Http404 from error
    fragment = "satisfaction_index/_behind.html"
    template = fragment if wants_fragment(request) else "satisfaction_index/behind.html"
    return render(request, template, {"behind": found, "base_currency": settings.BASE_CURRENCY})


@require_safe
def satisfaction_retention(request: UserRequest) -> HttpResponse:
    found = retention_for(request.user, as_of=timezone.now())
    context = {"found": found, "parts": parts_of(found), "finding": retention_finding(found)}
    return render(request, "satisfaction_index/retention.html", context)


@require_safe
def satisfaction_retention_csv(request: UserRequest) -> HttpResponseBase:
    found = retention_for(request.user, as_of=timezone.now())
    return csv_answer("customer-retention", retention_rows(found))


def _page(request: UserRequest, *, with_revenue: bool = False) -> IndexPage:
    weeks = request.GET.get("weeks", "")
    wish = Wish(
        scope=_scope(request),
        level=_choice(request, "level", Level, Level.CUSTOMER),
        cut=_choice(request, "cut", Cut, Cut.WHOLE),
        weeks=next((each for each in WEEKS if str(each) == weeks), WEEKS[0]),
        is_weighted=request.GET.get("mean") == "revenue",
    )
    try:
        return index_page(
            wish,
            request.user,
            language=get_language() or "en",
            as_of=timezone.now(),
            with_revenue=with_revenue,
        )
    except NoUnitError as error:
        raise Http404 from error


def _scope(request: UserRequest) -> Scope:
    """Of ?of=customer-12; the company without one. What is none of these is no page."""
    code = request.GET.get("of", "")
    if not code:
        return Scope()
    level, _dash, number = code.rpartition("-")
    if level not in Level.values or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise Http404
    scope = Scope(Level(level), int(number))
    if scope.level == Level.COMPANY and scope != Scope():
        raise Http404
    return scope


def _week(request: UserRequest) -> dt.date:
    try:
        week = dt.date.fromisoformat(request.GET.get("week", ""))
    except ValueError as error:
        raise Http404 from error
    if week.weekday():
        raise Http404
    return week


def _choice(request: UserRequest, name: str, choices: type[C], default: C) -> C:
    wish = request.GET.get(name, "")
    return choices(wish) if wish in choices.values else default


def _sort(request: UserRequest) -> str:
    sort = request.GET.get("sort", "")
    return sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT


def _rows(ranked: Ranking, sort: str, after: str) -> Page[Ranked]:
    """A page of what is computed as a whole anyway: its cursor is a place."""
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else 0
    return Page(
        rows=ranked.rows(sort, start=start, count=PAGE_ROWS),
        newer=None,
        older=str(start + PAGE_ROWS) if start + PAGE_ROWS < len(ranked) else None,
        count=len(ranked),
    )
