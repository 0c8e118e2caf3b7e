"""The list of customers, what narrows it, which columns it has, and its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.fields.models import CustomField
from accounts.keys import among
from accounts.lists.services import keep_columns
from crm.customer_columns import OWN, Column, all_columns, chosen_columns, shows_lowest, shows_money
from crm.customer_values import file_value
from crm.filters.customers import CustomerFilter
from crm.forms.customers_list import CustomerListForm
from crm.queries import customers as queries
from crm.queries.customers_saved import Views, address_query, views_of
from crm.queries.fields import fields_in_use
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer
from crm.views.writing import back_or, page_or_post, wants_fragment

MOST_CHOSEN = 500
MOST_QUERY = 4_000
MOST_IN_A_WORKBOOK = 20_000
"""A workbook is built in memory; of more customers the CSV is sent as it is read."""


@require_safe
@vary_on_headers("HX-Request")
def customers(request: UserRequest) -> HttpResponse:
    views = views_of(request.user)
    wish = _view_to_open(request, views)
    if wish:
        return redirect(f"{request.path}?{wish}")
    columns = columns_of(request.GET, views)
    wanted = _filter(request, request.GET)
    page = queries.page_of_customers(
        wanted.found,
        sort=sort_of(request.GET),
        user=request.user,
        shows_money=shows_money(columns),
        shows_lowest=shows_lowest(columns),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    own = fields_in_use() if any(name.startswith(OWN) for name in request.GET) else ()
    form = CustomerListForm(request.GET, user=request.user, own=own)
    view = views.get(request.GET.get("view", ""))
    context = {
        "page": page,
        "columns": columns,
        "sort": sort_of(request.GET),
        "filters": form,
        "chips": list(form.chips()),
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "is_sorted": bool(request.GET.get("sort")),
        "views": views,
        "view": view,
        "may_change_view": view is not None and view.owner_id == request.user.pk,
        "may_add": access.may_add_customers(request.user),
        "query": _query_of_list(request),
        "now": timezone.now(),
    }
    template = "customers/_table.html" if wants_fragment(request) else "customers/list.html"
    return render(request, template, context)


@require_safe
@vary_on_headers("HX-Request")
def customers_filters(request: UserRequest) -> HttpResponse:
    """Every filter, as a form that leads to the list."""
    form = CustomerListForm(request.GET, user=request.user, own=fields_in_use())
    kept = [(name, request.GET[name]) for name in ("sort", "view") if request.GET.get(name)]
    template = "customers/_filters.html" if wants_fragment(request) else "customers/filters.html"
    return render(request, template, {"form": form, "kept": kept})


@page_or_post
@vary_on_headers("HX-Request")
def customers_columns(request: UserRequest) -> HttpResponse:
    """Which columns he wants to see; they are kept for him."""
    own = fields_in_use()
    offered = all_columns(own)
    if request.method == "POST":
        wanted = set(request.POST.getlist("column"))
        keep_columns(request.user, [column.key for column in offered if column.key in wanted])
        messages.success(request, _("The columns are kept for you."))
        return redirect(back_or(request, reverse("customers")))
    shown = {column.key for column in columns_of(request.GET, views_of(request.user))}
    context = {
        "offered": [(column, column.key in shown) for column in offered],
        "next": f"{reverse('customers')}?{urlencode(_without(request, 'view', 'columns')) or 'all=1'}",
    }
    template = "customers/_columns.html" if wants_fragment(request) else "customers/columns.html"
    return render(request, template, context)


@require_safe
def customers_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter, order and columns, to its end; or the chosen rows."""
    return _nothing_chosen(request) or csv_answer("customers", _file_rows(request))


@require_safe
def customers_xlsx(request: UserRequest) -> HttpResponseBase:
    """The same as a workbook; the CSV where it would be too long."""
    nothing = _nothing_chosen(request)
    if nothing is not None:
        return nothing
    count = _wanted(request).order_by().values("pk")[: MOST_IN_A_WORKBOOK + 1].count()
    if count > MOST_IN_A_WORKBOOK:
        return csv_answer("customers", _file_rows(request))
    return workbook_answer("customers", [Sheet(_("Customers"), _file_rows(request))])


def chosen_ids(asked: QueryDict) -> list[int]:
    """The rows whose checkboxes came with a request, at most `MOST_CHOSEN`."""
    ids = asked.getlist("chosen")[:MOST_CHOSEN]
    return [int(pk) for pk in ids if pk.isascii() and pk.isdigit() and int(pk) < 2**63]


def sort_of(asked: QueryDict) -> str:
    return queries.known_sort(asked.get("sort", "")) or queries.DEFAULT_SORT


def columns_of(asked: QueryDict, views: Views) -> tuple[Column, ...]:
    """Those the address names, else those of the view it names, else his own, else the usual ones."""
    view = views.get(asked.get("view", ""))
    named = tuple(asked.get("columns", "").split(","))
    keys = named if any(named) else tuple(view.columns) if view else views.columns
    own: tuple[CustomField, ...] = ()
    if any(key.startswith(OWN) for key in keys):
        own = fields_in_use()
    return chosen_columns(keys or views.columns, own)


def _view_to_open(request: UserRequest, views: Views) -> str:
    """The address of a view where only the view was named, or nothing at all and he has a first one."""
    if set(request.GET) - {"view"}:
        return ""
    view = views.get(request.GET.get("view", "")) if "view" in request.GET else views.first
    if view is None:
        return ""
    return urlencode(address_query(view))


def _filter(request: UserRequest, asked: QueryDict) -> CustomerFilter:
    return CustomerFilter(asked, queryset=access.visible_customers(request.user))


def _list_asked(request: UserRequest) -> QueryDict:
    """The address of the list that a file is of: its own, or the one that came with the chosen rows."""
    if "list" in request.GET:
        return QueryDict(request.GET["list"][:MOST_QUERY])
    return request.GET


def _wanted(request: UserRequest) -> QuerySet[Customer]:
    """What a file has: all that the list finds, or the chosen rows."""
    if "list" in request.GET:
        return access.visible_customers(request.user).filter(pk__in=among(chosen_ids(request.GET)))
    return _filter(request, request.GET).found


def _nothing_chosen(request: UserRequest) -> HttpResponse | None:
    """The way back to the list where no row was chosen of it."""
    if "list" not in request.GET or chosen_ids(request.GET):
        return None
    messages.info(request, _("Choose customers first."))
    return redirect(f"{reverse('customers')}?{_list_asked(request).urlencode() or 'all=1'}")


def _query_of_list(request: UserRequest) -> str:
    return urlencode(_without(request))


def _without(request: UserRequest, *names: str) -> list[tuple[str, Any]]:
    """The address of the list, without its page and ``names``."""
    gone = {"after", "before", *names}
    return [(name, value) for name, value in request.GET.items() if name not in gone]


def _file_rows(request: UserRequest) -> Iterator[list[object]]:
    asked = _list_asked(request)
    columns = columns_of(asked, views_of(request.user))
    yield [_("Customer number"), _("Customer"), _("Industry"), *_heads(columns)]
    found = queries.all_rows(
        _wanted(request),
        sort=sort_of(asked),
        user=request.user,
        shows_money=shows_money(columns),
        shows_lowest=shows_lowest(columns),
    )
    for row in found:
        cells = [value for column in columns for value in file_value(column, row)]
        yield [row.number, row.name, row.industry, *cells]


def _heads(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        if column.key != "number":
            yield str(column.label)
        if column.key == "flag":
            yield _("Churn score")
