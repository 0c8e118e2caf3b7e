"""Contracts and opportunities over all customers somebody sees, as lists and as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

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
from accounts.deals.models import Contract, Opportunity
from accounts.orders import money
from crm.filters.deals import ContractListFilter, ListFilter, OpportunityListFilter
from crm.forms.deals_list import ContractListForm, DealListForm, OpportunityListForm
from crm.queries import deals_list as queries
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer
from crm.views.writing import wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def contracts(request: UserRequest) -> HttpResponse:
    visible = access.visible_contracts(request.user)
    wanted, sort = _contracts_wanted(request), _sort(request, queries.CONTRACT_SORTS)
    context = _context(request, wanted, ContractListForm(request.GET, deals=visible)) | {
        "page": queries.page_of_contracts(wanted.found, sort=sort, **_place(request)),
        "sort": sort,
    }
    template = "deals/_contracts.html" if wants_fragment(request) else "deals/contracts.html"
    return render(request, template, context)


@require_safe
@vary_on_headers("HX-Request")
def opportunities(request: UserRequest) -> HttpResponse:
    visible = access.visible_opportunities(request.user)
    wanted, sort = _opportunities_wanted(request), _sort(request, queries.OPPORTUNITY_SORTS)
    context = _context(request, wanted, OpportunityListForm(request.GET, deals=visible)) | {
        "page": queries.page_of_opportunities(wanted.found, sort=sort, **_place(request)),
        "sort": sort,
    }
    template = "deals/_opportunities.html" if wants_fragment(request) else "deals/opportunities.html"
    return render(request, template, context)


@require_safe
def contracts_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter and sort, to its end."""
    return csv_answer("contracts", _contract_rows(request))


@require_safe
def contracts_xlsx(request: UserRequest) -> HttpResponse:
    """The same as a workbook."""
    return workbook_answer("contracts", [Sheet(_("Contracts"), _contract_rows(request))])


@require_safe
def opportunities_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter and sort, to its end."""
    return csv_answer("opportunities", _opportunity_rows(request))


@require_safe
def opportunities_xlsx(request: UserRequest) -> HttpResponse:
    """The same as a workbook."""
    return workbook_answer("opportunities", [Sheet(_("Opportunities"), _opportunity_rows(request))])


def _contracts_wanted(request: UserRequest) -> ContractListFilter:
    today = company_day(timezone.now())
    return ContractListFilter(request.GET, access.visible_contracts(request.user), today=today)


def _opportunities_wanted(request: UserRequest) -> OpportunityListFilter:
    today = company_day(timezone.now())
    return OpportunityListFilter(request.GET, access.visible_opportunities(request.user), today=today)


def _context(request: UserRequest, wanted: ListFilter, form: DealListForm) -> dict[str, Any]:
    return {
        "filters": form,
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "kept": form.kept,
        "today": wanted.today,
    }


def _sort(request: UserRequest, sorts: tuple[str, ...]) -> str:
    """The first of them where the address names none."""
    wish = request.GET.get("sort", "")
    return wish if wish in sorts else sorts[0]


def _place(request: UserRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("after", "before")}


def _contract_rows(request: UserRequest) -> Iterator[Iterable[object]]:
    yield (
        _("Contract"),
        _("Contract number"),
        _("Customer"),
        _("Kind"),
        pgettext("of a contract", "State"),
        _("Starts on"),
        _("Ends on"),
        _("Renewal"),
        _("Notice by"),
        _("Value of a year"),
        _("Currency"),
        _("Owner"),
        _("Ended on"),
        _("Why it ended"),
    )
    found: Iterable[Contract] = queries.all_contracts(
        _contracts_wanted(request).found, sort=_sort(request, queries.CONTRACT_SORTS)
    )
    for each in found:
        yield (
            each.title,
            each.number,
            each.customer.short_name,
            each.get_kind_display(),
            each.get_state_display(),
            each.starts_on,
            each.ends_on,
            each.get_renewal_display(),
            each.notice_on,
            _major(each),
            each.currency,
            each.owner.name,
            each.ended_on,
            each.reason,
        )


def _opportunity_rows(request: UserRequest) -> Iterator[Iterable[object]]:
    yield (
        _("Opportunity"),
        _("Customer"),
        pgettext("of an opportunity", "Stage"),
        _("Expected value"),
        _("Currency"),
        _("Probability, percent"),
        _("Expected on"),
        _("The need behind it"),
        _("Owner"),
        _("Closed on"),
        _("Order"),
        _("Why it was lost"),
    )
    found: Iterable[Opportunity] = queries.all_opportunities(
        _opportunities_wanted(request).found, sort=_sort(request, queries.OPPORTUNITY_SORTS)
    )
    for each in found:
        yield (
            each.title,
            each.customer.short_name,
            each.get_stage_display(),
            _major(each),
            each.currency,
            each.probability,
            each.expected_on,
            each.need.title if each.need else "",
            each.owner.name,
            each.closed_on,
            each.order_number,
            each.lost_reason,
        )


def _major(deal: Contract | Opportunity) -> float | None:
    if deal.value_minor is None:
        return None
    units: float = deal.value_minor / 10 ** money.exponent(deal.currency)
    return units
