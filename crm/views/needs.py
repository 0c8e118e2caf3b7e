"""Needs as a list, as a board, added up over customers, and those of one customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from accounts.needs.models import Need
from accounts.orders import money
from crm.filters.needs import NeedFilter
from crm.forms.needs import NeedListForm
from crm.queries import needs as queries
from crm.queries.demand import Demand, GroupedBy, demand_of
from crm.queries.standing import standing_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer
from crm.views.writing import wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def needs(request: UserRequest) -> HttpResponse:
    sort = _sort(request)
    wanted = _wanted(request)
    page = queries.page_of_needs(
        wanted.found, sort=sort, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = _bar(request, wanted) | {"page": page, "sort": sort}
    return render(request, "needs/_table.html" if wants_fragment(request) else "needs/list.html", context)


@require_safe
@vary_on_headers("HX-Request")
def need_board(request: UserRequest) -> HttpResponse:
    wanted = _wanted(request)
    context = _bar(request, wanted) | {"columns": queries.board_of(wanted.found)}
    del context["filters"].fields["state"]
    return render(request, "needs/_board.html" if wants_fragment(request) else "needs/board.html", context)


@require_safe
@vary_on_headers("HX-Request")
def need_demand(request: UserRequest) -> HttpResponse:
    wanted, by = _wanted(request), _grouped_by(request)
    context = _bar(request, wanted) | {
        "groups": demand_of(wanted.found, by, today=company_day(timezone.now())),
        "by": by,
        "ways": GroupedBy,
        "base_currency": settings.BASE_CURRENCY,
    }
    context["kept"] = [*context["kept"], ("by", by.value)]
    return render(request, "needs/_demand.html" if wants_fragment(request) else "needs/demand.html", context)


@require_safe
def need_demand_csv(request: UserRequest) -> HttpResponseBase:
    """The table of the page."""
    by = _grouped_by(request)
    groups = demand_of(_wanted(request).found, by, today=company_day(timezone.now()))
    return csv_answer(f"demand-{by}", _demand_rows(groups, by))


@require_safe
def needs_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter and sort, to its end."""
    found = _wanted(request).found
    return csv_answer("needs", _export_rows(queries.all_needs(found, sort=_sort(request))))


@require_safe
def needs_xlsx(request: UserRequest) -> HttpResponse:
    """The same as a workbook."""
    found = queries.all_needs(_wanted(request).found, sort=_sort(request))
    return workbook_answer("needs", [Sheet(_("Needs"), _export_rows(found))])


@require_safe
@vary_on_headers("HX-Request")
def customer_needs(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    now, sort = timezone.now(), _sort(request)
    found = access.visible_needs(request.user).filter(customer=customer)
    page = queries.page_of_needs(
        found, sort=sort, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context: dict[str, Any] = {"page": page, "sort": sort, "today": company_day(now), "customer": customer}
    if wants_fragment(request):
        return render(request, "needs/_table.html", context)
    context |= {
        "standing": standing_of(customer, request.user, now=now),
        "tab": "needs",
        "base_currency": settings.BASE_CURRENCY,
        "now": now,
    }
    return render(request, "customers/needs.html", context)


def _wanted(request: UserRequest) -> NeedFilter:
    return NeedFilter(
        request.GET,
        access.visible_needs(request.user),
        user=request.user,
        today=company_day(timezone.now()),
    )


def _bar(request: UserRequest, wanted: NeedFilter) -> dict[str, Any]:
    """What the three pages have in common."""
    form = NeedListForm(request.GET)
    return {
        "filters": form,
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "kept": form.kept,
        "may_log": access.may_log(request.user),
        "today": company_day(timezone.now()),
    }


def _sort(request: UserRequest) -> str:
    wish = request.GET.get("sort", "")
    return wish if wish in queries.SORTS else queries.DEFAULT_SORT


def _grouped_by(request: UserRequest) -> GroupedBy:
    wish = request.GET.get("by", "")
    return GroupedBy(wish) if wish in GroupedBy.values else GroupedBy.ABOUT


def _demand_rows(groups: Iterable[Demand], by: GroupedBy) -> Iterator[Iterable[object]]:
    yield (
        str(by.label),
        _("Customers"),
        _("Needs"),
        _("Importance"),
        _("Sales of the last year"),
        _("A stretch"),
        _("Beyond us"),
        _("Judged"),
    )
    currency = settings.BASE_CURRENCY
    for group in groups:
        yield (
            group.label,
            group.customers,
            group.needs,
            round(group.importance, 2),
            _major(group.sales_minor, currency),
            group.stretch,
            group.beyond,
            group.judged,
        )


def _major(minor: int | None, currency: str) -> object:
    return "" if minor is None else minor / 10 ** money.exponent(currency)


def _export_rows(found: Iterable[Need]) -> Iterator[Iterable[object]]:
    yield _export_head()
    for each in found:
        yield (
            each.title,
            each.customer.short_name,
            each.contact.name if each.contact else "",
            each.get_about_display(),
            each.get_level_display(),
            each.get_origin_display(),
            each.get_expression_display(),
            each.importance,
            each.product_line.name if each.product_line else "",
            ", ".join(each.tags),
            _major(each.budget_minor, each.currency),
            each.currency,
            each.needed_on,
            each.get_state_display(),
            each.get_capability_display(),
            each.get_fit_display(),
            each.get_decision_display(),
            each.reason,
            each.raised_on,
            each.triage_by,
            each.promised_on,
            each.delivered_on,
            each.confirmed_on,
            each.owner.name,
        )


def _export_head() -> tuple[object, ...]:
    return (
        _("What is needed"),
        _("Customer"),
        _("Raised by"),
        pgettext("what a need is about", "About"),
        _("Level"),
        _("Where it comes from"),
        _("Stated or latent"),
        _("Importance"),
        _("Product line"),
        _("Tags"),
        _("Budget"),
        _("Currency"),
        _("Needed on"),
        pgettext("of a need", "State"),
        _("Our capability"),
        _("Fit with our strategy"),
        _("Decision"),
        _("Reason"),
        _("Raised on"),
        _("Decide by"),
        _("Promised for"),
        _("Delivered on"),
        _("Confirmed on"),
        _("Owner"),
    )
