"""Contracts, opportunities and supply shares of one customer, and each of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.deals import services
from accounts.deals.models import Contract, ContractState
from accounts.facts import AlreadySavedError
from crm.forms.deals import ContractForm, EndForm, OpportunityForm, SharesForm
from crm.queries import deals as queries
from crm.queries.history import changes_of
from crm.queries.standing import standing_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, post_or_back, status_of
from scoring.services import rescore_soon


@require_safe
def customer_deals(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_customer_or_404(request.user, pk)
    now = timezone.now()
    standing = standing_of(found, request.user, now=now)
    context = {
        "customer": found,
        "standing": standing,
        "tab": "deals",
        "base_currency": settings.BASE_CURRENCY,
        "now": now,
        "today": company_day(now),
        "far": queries.FAR,
        "deals": queries.deals_of(found, request.user),
    }
    return render(request, "customers/deals.html", context)


@page_or_post
def contract_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    before = _before(request, customer)
    start = ContractForm.present(before) | {"starts_on": before.ends_on} if before else None
    if start is not None:
        start |= {"ends_on": None, "notice_on": None, "is_draft": False}
    form = ContractForm(request.POST or None, user=request.user, customer=customer, start=start)
    if form.is_valid():
        try:
            added = form.save(
                lambda: services.add_contract(
                    customer=customer,
                    facts=form.facts(),
                    author=request.user,
                    now=timezone.now(),
                    token=form.cleaned_data["token"],
                    renews=before,
                )
            )
        except AlreadySavedError:
            messages.info(request, _("This is already saved."))
            return redirect("customer_deals", customer.pk)
        if added is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("Renewed.") if before else _("Saved."))
            return redirect("contract", added.pk)
    context = {"customer": customer, "form": form, "before": before}
    return render(request, "deals/contract_form.html", context, status=status_of(form))


def _before(request: UserRequest, customer: Customer) -> Contract | None:
    """The contract that the new one goes on from (``?renews=``), one of this customer that holds."""
    wish = request.GET.get("renews", "")
    if not wish:
        return None
    before = access.get_contract_or_404(request.user, wish)
    access.require(before.customer_id == customer.pk)
    return before if before.state == ContractState.ACTIVE else None


@require_safe
def contract(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contract_or_404(request.user, pk)
    return render(request, "deals/contract.html", _context(request, found, None))


@page_or_post
def contract_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contract_or_404(request.user, pk)
    demand(access.changeable_contracts(request.user), found)
    form = ContractForm(request.POST or None, user=request.user, customer=found.customer, stored=found)
    if form.is_valid():
        version = form.expected_version
        changed = form.save(
            lambda: services.change_contract(
                found, facts=form.facts(), expected_version=version, now=timezone.now()
            )
        )
        if changed is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return redirect("contract", found.pk)
    context = {"customer": found.customer, "contract": found, "form": form}
    return render(request, "deals/contract_form.html", context, status=status_of(form))


@post_or_back("contract")
def contract_end(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contract_or_404(request.user, pk)
    demand(access.changeable_contracts(request.user), found)
    form = EndForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        ended = form.save(
            lambda: services.end_contract(
                found, on=said["ended_on"], reason=said["reason"], now=timezone.now()
            )
        )
        if ended is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("The contract is over."))
            return redirect(back_or(request, reverse("contract", args=[pk])))
    found.refresh_from_db()
    return render(request, "deals/contract.html", _context(request, found, form), status=status_of(form))


def _context(request: UserRequest, found: Contract, form: EndForm | None) -> dict[str, Any]:
    today = company_day(timezone.now())
    may_change = access.changeable_contracts(request.user).filter(pk=found.pk).exists()
    may_add = access.changeable_customers(request.user).filter(pk=found.customer_id).exists()
    holds = found.state == ContractState.ACTIVE
    may_end = may_change and found.state in {ContractState.ACTIVE, ContractState.DRAFT}
    return {
        "contract": found,
        "customer": found.customer,
        "may_change": may_change,
        "may_renew": may_add and holds,
        "form": (form or EndForm(initial={"ended_on": today})) if may_end else None,
        "entries": changes_of(found),
        "renewed_by": Contract.objects.filter(renews=found).first(),
        "today": today,
    }


@page_or_post
def opportunity_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    start = {"need": request.GET.get("need")}
    form = OpportunityForm(request.POST or None, user=request.user, customer=customer, start=start)
    if form.is_valid():
        try:
            added = form.save(
                lambda: services.add_opportunity(
                    customer=customer,
                    facts=form.facts(),
                    author=request.user,
                    now=timezone.now(),
                    token=form.cleaned_data["token"],
                )
            )
        except AlreadySavedError:
            messages.info(request, _("This is already saved."))
            return redirect("customer_deals", customer.pk)
        if added is not None:
            messages.success(request, _("Saved."))
            return redirect("customer_deals", customer.pk)
    context = {"customer": customer, "form": form}
    return render(request, "deals/opportunity.html", context, status=status_of(form))


@page_or_post
def opportunity(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_opportunity_or_404(request.user, pk)
    may_change = access.changeable_opportunities(request.user).filter(pk=found.pk).exists()
    if request.method == "POST":
        demand(access.changeable_opportunities(request.user), found)
    form = OpportunityForm(request.POST or None, user=request.user, customer=found.customer, stored=found)
    if form.is_valid():
        changed = form.save(
            lambda: services.change_opportunity(
                found,
                facts=form.facts(),
                expected_version=form.expected_version,
                now=timezone.now(),
            )
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect(back_or(request, reverse("opportunity", args=[pk])))
    context = {
        "customer": found.customer,
        "opportunity": found,
        "form": form if may_change else None,
        "entries": changes_of(found),
    }
    return render(request, "deals/opportunity.html", context, status=status_of(form))


@page_or_post
def supply_say(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    now = timezone.now()
    supply = queries.supply_of(access.visible_shares(request.user).filter(customer=customer))
    form = SharesForm(request.POST or None, supply=supply, today=company_day(now))
    if form.is_valid():
        said = form.cleaned_data
        rows = form.save(
            lambda: services.say_shares(
                customer=customer,
                on=said["valid_on"],
                ours=said["ours"],
                theirs=said["theirs"],
                author=request.user,
                now=now,
            )
        )
        if rows is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("Saved."))
            return redirect("customer_deals", customer.pk)
    context = {"customer": customer, "form": form}
    return render(request, "deals/shares.html", context, status=status_of(form))
