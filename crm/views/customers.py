"""Customers: the list, the page of one, and its form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers import services
from accounts.customers.models import Customer
from crm import findings
from crm.forms.customers import CustomerForm, FormerNameForm
from crm.forms.history import HistoryForm
from crm.queries import contacts as people_queries
from crm.queries import customers as queries
from crm.queries import projects as project_queries
from crm.queries import satisfaction as satisfaction_queries
from crm.queries.history_stream import history_page
from crm.queries.occasions import occasions_of
from crm.queries.orders import page_of_orders
from crm.queries.org_chart import org_chart_of
from crm.queries.people_marks import marks_of
from crm.queries.sales_trend import sales_trend_of
from crm.queries.standing import standing_of
from crm.queries.timeline import KINDS, chosen_kinds, events_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import demand, page_or_post, status_of, wants_fragment
from scoring.services import rescore_soon

OPTIONS_SHOWN = 20
RECENT_DAYS = 90


@require_safe
def customer_options(request: UserRequest) -> JsonResponse:
    """Customers for a picker, as one types."""
    visible = access.visible_customers(request.user)
    text = request.GET.get("q", "")[:200].strip()
    found = visible.filter(queries.matching(text)).order_by("sort_key", "pk") if text else visible.none()
    rows = found.values_list("pk", "short_name")[:OPTIONS_SHOWN]
    return JsonResponse({"results": [{"value": pk, "text": name} for pk, name in rows]})


@require_safe
def customer_standing(request: UserRequest, pk: int) -> HttpResponse:
    """The head of the page once more, while a new score is on its way."""
    found = access.get_customer_or_404(request.user, pk)
    return render(request, "customers/_standing.html", _head(request, found, ""))


@require_safe
@vary_on_headers("HX-Request")
def customer(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    if found.pk != pk:
        messages.info(request, _("The customer of this address was merged into %(name)s.") % {"name": found})
        return redirect("customer", found.pk)
    chosen = chosen_kinds(request.GET.getlist("kind"))
    events = events_of(found, request.user, chosen=chosen, after=request.GET.get("after", ""))
    context = {
        "customer": found,
        "events": events,
        "kinds": [(name, label, name in chosen) for name, (label, _kinds) in KINDS.items()],
        "kept": urlencode([("kind", name) for name in chosen]),
    }
    if wants_fragment(request):
        is_more = "after" in request.GET
        return render(request, "customers/_events.html" if is_more else "customers/_stream.html", context)
    context |= _head(request, found, "overview")
    return render(request, "customers/overview.html", context)


@require_safe
def customer_people(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    levels = people_queries.people_by_level(found)
    context = _head(request, found, "people") | {"levels": levels, "chart": org_chart_of(levels)}
    context["nobody"] = not any(group.people for group in levels)
    context["marks"] = marks_of(found, levels, now=context["now"])
    return render(request, "customers/people.html", context)


@require_safe
def customer_projects(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    rows = project_queries.projects_of(found.pk)
    return render(request, "customers/projects.html", _head(request, found, "projects") | {"rows": rows})


@require_safe
@vary_on_headers("HX-Request")
def customer_orders(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    page = page_of_orders(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = _head(request, found, "orders") | {
        "page": page,
        "may_ask": access.may_ask(request.user, found),
    }
    if wants_fragment(request):
        return render(request, "customers/_orders.html", context)
    context["trend"] = sales_trend_of(found, timezone.localdate(), days=RECENT_DAYS)
    return render(request, "customers/orders.html", context)


@require_safe
@vary_on_headers("HX-Request")
def customer_satisfaction(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    context = _head(request, found, "satisfaction")
    said = context["standing"].satisfaction
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    context["comments"] = satisfaction_queries.comments_of(
        found, said.project_ids, after=after, before=before
    )
    if wants_fragment(request):
        return render(request, "customers/_comments.html", context)
    context |= {
        "finding": findings.index_finding(said),
        "rows": satisfaction_queries.heat_map(said.picture),
        "chart": findings.index_chart(said.weeks, satisfaction_queries.marks_of(said.picture.first_weeks)),
        "cases": satisfaction_queries.cases_of(found, request.user),
        "respondents": satisfaction_queries.respondents_of(found, request.user),
        "occasions": occasions_of(found, access.visible_occasions(request.user)),
        "may_ask": access.may_ask(request.user, found),
    }
    return render(request, "customers/satisfaction.html", context)


@require_safe
def customer_satisfaction_csv(request: UserRequest, pk: int) -> HttpResponseBase:
    """The weeks that the page draws."""
    found = access.get_customer_or_404(request.user, pk)
    said = satisfaction_queries.satisfaction_of(found, request.user, as_of=timezone.now())
    rows = findings.index_rows(said.weeks, satisfaction_queries.heat_map(said.picture))
    return csv_answer(f"satisfaction-{found.pk}", rows)


@require_safe
@vary_on_headers("HX-Request")
def customer_history(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    context = _head(request, found, "history")
    sees_profit = context["standing"].sees_profit
    form = HistoryForm(request.GET, customer=found, sees_profit=sees_profit)
    page = history_page(found, sees_profit=sees_profit, wish=form.wish, after=request.GET.get("after", ""))
    kept = {name: request.GET[name] for name in form.fields if request.GET.get(name)}
    context |= {"form": form, "entries": page.rows, "older": page.older, "kept": urlencode(kept)}
    template = "customers/_history.html" if wants_fragment(request) else "customers/history.html"
    return render(request, template, context)


@page_or_post
def customer_new(request: UserRequest) -> HttpResponse:
    if not access.may_add_customers(request.user):
        raise PermissionDenied
    form = CustomerForm(request.POST or None, user=request.user, sees_profit=True)
    if form.is_valid():
        fields = {"owner": request.user} | form.changes()
        added = form.save(lambda: services.create_customer(**fields, author=request.user, now=timezone.now()))
        if added is not None:
            rescore_soon([added.pk])
            messages.success(request, _("%(name)s was added.") % {"name": added.short_name})
            return redirect("customer", added.pk)
    return render(request, "customers/new.html", {"form": form}, status=status_of(form))


@page_or_post
def customer_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), found)
    sees_profit = access.profit_customers(request.user).filter(pk=found.pk).exists()
    form = CustomerForm(request.POST or None, user=request.user, sees_profit=sees_profit, stored=found)
    if form.is_valid():
        changed = form.save(
            lambda: services.change_customer(
                found,
                expected_version=form.expected_version,
                changes=form.changes(),
                author=request.user,
                now=timezone.now(),
                keep_former_name=form.cleaned_data["keep_former_name"],
            )
        )
        if changed is not None:
            rescore_soon([found.pk])
            messages.success(request, _("Saved."))
            return _to_page_or_list(request, found.pk)
    context = {"customer": found, "form": form, "former_names": found.former_names.order_by("-id")}
    return render(request, "customers/edit.html", context, status=status_of(form))


@page_or_post
def former_name_new(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), found)
    form = FormerNameForm(request.POST or None)
    if form.is_valid():
        services.add_former_name(found, **form.cleaned_data, now=timezone.now())
        messages.success(request, _("The customer is now found by its former name as well."))
        return redirect("customer_edit", found.pk)
    return render(
        request, "customers/former_name.html", {"customer": found, "form": form}, status=status_of(form)
    )


def _to_page_or_list(request: UserRequest, pk: int) -> HttpResponse:
    """Whoever gave the customer away may no longer see it."""
    if access.visible_customers(request.user).filter(pk=pk).exists():
        return redirect("customer", pk)
    return redirect("customers")


def _head(request: UserRequest, found: Customer, tab: str) -> dict[str, Any]:
    now = timezone.now()
    return {
        "customer": found,
        "standing": standing_of(found, request.user, now=now),
        "tab": tab,
        "base_currency": settings.BASE_CURRENCY,
        "now": now,
    }
