"""Every number opens: tier, score, churn flag, expected value and satisfaction index of a customer."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.access import get_customer_or_404, graded_projects, profit_customers
from accounts.customers.models import Customer
from crm import explaining
from crm.queries.evidence import orders_behind, surveys_behind, talks_behind
from crm.queries.satisfaction import index_behind
from crm.views.request import UserRequest
from scoring.queries import Explanation, explanation_of

TITLES = {
    "score": _("Value score"),
    "tier": _("Value tier"),
    "flag": _("Churn flag"),
    "value": _("Expected future value"),
    "satisfaction": _("Satisfaction index"),
}


@require_safe
@vary_on_headers("HX-Request")
def explanation(request: UserRequest, pk: int, what: str) -> HttpResponse:
    customer = get_customer_or_404(request.user, pk)
    if what not in TITLES:
        raise Http404
    context: dict[str, Any] = {"customer": customer, "what": what, "title": TITLES[what]}
    if what == "satisfaction":
        context["behind"] = index_behind(customer, request.user, as_of=timezone.now())
    else:
        context |= _of_score(request, customer, what)
    is_fragment = request.htmx and not request.htmx.history_restore_request
    template = "explanations/_explanation.html" if is_fragment else "explanations/page.html"
    return render(request, template, context)


def _of_score(request: UserRequest, customer: Customer, what: str) -> dict[str, Any]:
    may_see_profit = profit_customers(request.user).filter(pk=customer.pk).exists()
    if what == "value" and not may_see_profit:
        raise PermissionDenied
    explained = explanation_of(customer)
    context: dict[str, Any] = {
        "explanation": explained,
        "currency": settings.BASE_CURRENCY,
        "may_see_profit": may_see_profit,
    }
    if explained is not None:
        context |= _content(explained, what, may_see_profit=may_see_profit)
        context["orders"] = orders_behind(customer, as_of=explained.score.as_of, zone=settings.TIME_ZONE)
        if what == "flag":
            context["talks"] = talks_behind(customer, as_of=explained.score.as_of)
            context["surveys"] = surveys_behind(
                customer,
                graded_projects(request.user),
                as_of=explained.score.as_of,
                zone=settings.TIME_ZONE,
            )
    return context


def _content(explained: Explanation, what: str, *, may_see_profit: bool) -> dict[str, Any]:
    if what == "flag":
        rows = explaining.signal_rows(explained)
        return {
            "rows": [row for row in rows if row.points > 0],
            "quiet_rows": [row for row in rows if row.points <= 0],
            "opened_by": explaining.opened_by(explained),
            "levels": explaining.level_thresholds(explained),
            "kept": explaining.kept_level(explained),
        }
    if what == "value":
        return {"steps": explaining.purchase_facts(explained), "notes": explaining.model_notes(explained)}
    return {
        "rows": explaining.indicator_rows(explained, may_see_profit=may_see_profit),
        "cuts": explaining.tier_cuts(explained),
    }
