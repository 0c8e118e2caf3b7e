"""Cost activities and their rates, for admins; and what serving a customer costs, for who sees profit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.costs import services
from accounts.costs.models import Activity, ActivityRate, ActivityUsage, CostPool, Driver
from accounts.costs.services import Repriced
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, company_day
from crm.costing import cost_chart, cost_finding, cost_rows
from crm.forms.costs import ActivityForm, RateForm
from crm.queries import costs as queries
from crm.queries.playbooks import advised
from crm.queries.standing import standing_of
from crm.templatetags import costs as written
from crm.templatetags.formats import in_words, number
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of, wants_fragment
from crm.wording import QUADRANTS
from scoring.policy import active_policy, policy_of
from scoring.quadrants import place_of
from scoring.services import rescore_soon


@require_safe
def costs(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_costs(request.user))
    context = {
        "pools": queries.activities_by_pool(company_day(timezone.now())),
        "base_currency": settings.BASE_CURRENCY,
    }
    return render(request, "costs/costs.html", context)


@page_or_post
def activity_new(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_costs(request.user))
    form = ActivityForm(request.POST or None)
    if form.is_valid():
        values = form.cleaned_data
        added = form.save(
            lambda: services.add_activity(
                code=values["code"],
                name=values["name"],
                pool=CostPool(values["pool"]),
                driver=Driver(values["driver"]),
                is_value_adding=values["is_value_adding"],
                now=timezone.now(),
            )
        )
        if added is not None:
            messages.success(request, _("The activity was added. Say now what it costs."))
            return redirect("activity", added.pk)
    return render(request, "costs/new.html", {"form": form}, status=status_of(form))


@page_or_post
def activity(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_activities(request.user), pk)
    form = ActivityForm(request.POST or None, stored=found)
    if form.is_valid():
        changed = form.save(
            lambda: services.change_activity(
                found, expected_version=form.expected_version, changes=form.changes()
            )
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("costs")
    return _activity_page(request, found, form=form)


@page_or_post
def activity_rate(request: UserRequest, pk: int) -> HttpResponse:
    """Set a rate; a GET, say of a reload after an error, leads to the activity."""
    found = access.get_or_404(access.manageable_activities(request.user), pk)
    if request.method != "POST":
        return redirect("activity", found.pk)
    now = timezone.now()
    form = RateForm(request.POST, activity=found, today=company_day(now))
    if form.is_valid():
        done = form.save(
            lambda: services.set_rate(
                activity=found,
                valid_from=form.cleaned_data["valid_from"],
                rate_minor=form.rate_minor,
                author=request.user,
                now=now,
            )
        )
        if done is not None:
            rescore_soon(done.customers)
            messages.success(
                request, f"{_rate_set(done, form.cleaned_data['valid_from'])} {_priced_anew(done)}"
            )
            return redirect("activity", found.pk)
    return _activity_page(request, found, rate_form=form)


@require_POST
def rate_withdraw(request: UserRequest, pk: int, rate: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_activities(request.user), pk)
    withdrawn = access.get_or_404(ActivityRate.objects.filter(activity=found), rate)
    try:
        done = services.withdraw_rate(withdrawn, now=timezone.now())
    except ConflictError:
        messages.info(request, _("This rate was replaced or withdrawn before."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        rescore_soon(done.customers)
        messages.success(request, f"{_('The rate is withdrawn.')} {_priced_anew(done)}")
    return redirect("activity", found.pk)


@require_safe
@vary_on_headers("HX-Request")
def customer_costs(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    demand(access.profit_customers(request.user), found)
    chosen = request.GET.get("activity", "")
    only = Activity.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    context: dict[str, Any] = {
        "customer": found,
        "keeps_costs": access.may_keep_costs(request.user),
        "base_currency": settings.BASE_CURRENCY,
        "only": only,
        "page": queries.page_of_usages(
            found, only, after=request.GET.get("after", ""), before=request.GET.get("before", "")
        ),
    }
    if wants_fragment(request):
        return render(request, "costs/_usages.html", context)
    now, shown = timezone.now(), _costs_of(found)
    context |= {
        "standing": standing_of(found, request.user, now=now),
        "tab": "costs",
        "quadrant": _quadrant(request, found),
        "now": now,
        "costs": shown,
        "finding": cost_finding(shown, settings.BASE_CURRENCY),
        "chart": cost_chart(shown, settings.BASE_CURRENCY),
    }
    return render(request, "costs/customer.html", context)


def _quadrant(request: UserRequest, customer: Customer) -> dict[str, Any] | None:
    """Where the customer stands by profit and cost to serve, and which playbooks are for that."""
    place = place_of(customer)
    if place is None:
        return None
    may_start = access.changeable_customers(request.user).filter(pk=customer.pk).exists()
    return {
        "place": place,
        "words": QUADRANTS[place.quadrant],
        "playbooks": advised(customer, place.quadrant) if may_start else (),
    }


@require_safe
def customer_costs_csv(request: UserRequest, pk: int) -> HttpResponseBase:
    found = access.get_customer_or_404(request.user, pk)
    demand(access.profit_customers(request.user), found)
    name = f"cost-to-serve-{slugify(found.number or '') or found.pk}"
    return csv_answer(name, cost_rows(_costs_of(found), settings.BASE_CURRENCY))


@require_POST
def usage_remove(request: UserRequest, pk: int, usage: int) -> HttpResponse:
    """What was entered wrongly counts no more; ``undo`` brings it back."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.customers_with_kept_costs(request.user), customer)
    found = access.get_or_404(ActivityUsage.objects.filter(customer=customer), usage)
    here = back_or(request, reverse("customer_costs", args=[customer.pk]) + "#usages")
    try:
        if "undo" in request.POST:
            services.restore_usage(found, now=timezone.now())
            messages.success(request, _("It is back."))
        else:
            services.remove_usage(found, now=timezone.now())
            url = reverse("usage_remove", args=[customer.pk, found.pk])
            say_with_undo(request, _("The usage was removed."), url, {"undo": "1"}, next_url=here)
    except ConflictError:
        messages.info(request, _("This usage was removed or priced anew before."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        rescore_soon([customer.pk])
    return redirect(here)


def _costs_of(customer: Customer) -> queries.CostToServe:
    window = policy_of(active_policy()).window_days
    return queries.cost_to_serve_of(customer, last=company_day(timezone.now()), window_days=window)


def _activity_page(
    request: UserRequest,
    found: Activity,
    *,
    form: ActivityForm | None = None,
    rate_form: RateForm | None = None,
) -> HttpResponse:
    today = company_day(timezone.now())
    context = {
        "activity": found,
        "form": form or ActivityForm(stored=found),
        "rate_form": rate_form or RateForm(activity=found, today=today),
        "rates": queries.rates_of(found, today),
        "old_rates": queries.old_rates_of(found),
        "rate_now": services.rate_on(found, today),
        "rate_next_from": services.following_rate(found, today),
        "base_currency": settings.BASE_CURRENCY,
    }
    bound = [one for one in (form, rate_form) if one is not None]
    return render(request, "costs/activity.html", context, status=status_of(bound[0]))


def _rate_set(done: Repriced, valid_from: dt.date) -> str:
    if done.replaced is None:
        return _("The rate is set.")
    replaced = {"rate": written.rate(done.replaced, settings.BASE_CURRENCY), "day": in_words(valid_from)}
    return _("The rate is set; it replaced %(rate)s from %(day)s.") % replaced


def _priced_anew(done: Repriced) -> str:
    if not done.usages:
        return _("No usage was priced anew.")
    customers = ngettext("%(count)s customer", "%(count)s customers", len(done.customers))
    text = ngettext(
        "%(count)s usage of %(customers)s was priced anew.",
        "%(count)s usages of %(customers)s were priced anew.",
        done.usages,
    )
    words = customers % {"count": number(len(done.customers))}
    return text % {"count": number(done.usages), "customers": words}
