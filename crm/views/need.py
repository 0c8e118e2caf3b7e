"""One need: noted, corrected, decided about, promised, delivered, confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from accounts.facts import AlreadySavedError
from accounts.interactions.models import Interaction
from accounts.needs import services
from accounts.needs.models import Need, NeedState
from crm.forms.needs import ConfirmForm, DeliverForm, NeedForm, PromiseForm, TriageForm
from crm.forms.records import RecordForm
from crm.queries.history import changes_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, post_or_back, status_of
from scoring.services import rescore_soon


@page_or_post
def need_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    now = timezone.now()
    talk = _talk(request, customer)
    form = NeedForm(
        request.POST or None, user=request.user, customer=customer, today=company_day(now), talk=talk
    )
    if form.is_valid():
        try:
            added = form.save(
                lambda: services.add_need(
                    customer=customer,
                    facts=form.facts(),
                    author=request.user,
                    now=now,
                    interaction=talk.identity if talk else None,
                    token=form.cleaned_data["token"],
                )
            )
        except AlreadySavedError:
            messages.info(request, _("This is already saved."))
            return redirect("customer_needs", customer.pk)
        if added is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("Noted."))
            return redirect("need", added.pk)
    context = {"customer": customer, "form": form, "talk": talk}
    return render(request, "needs/form.html", context, status=status_of(form))


@require_safe
def need(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    return render(request, "needs/need.html", _context(request, found))


@page_or_post
def need_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    now = timezone.now()
    form = NeedForm(
        request.POST or None,
        user=request.user,
        customer=found.customer,
        today=company_day(now),
        stored=found,
    )
    if form.is_valid():
        changed = form.save(
            lambda: services.change_need(
                found,
                facts=form.facts(),
                expected_version=form.expected_version,
                by=request.user,
                now=now,
            )
        )
        if changed is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return redirect("need", found.pk)
    context = {"customer": found.customer, "need": found, "form": form}
    return render(request, "needs/form.html", context, status=status_of(form))


@post_or_back("need")
def need_triage(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    form = TriageForm(request.POST, stored=found)
    return _stepped(
        request,
        found,
        "triage",
        form,
        lambda: services.triage_need(
            found,
            triage=form.triage(),
            expected_version=form.expected_version,
            by=request.user,
            now=timezone.now(),
        ),
        _("Decided."),
    )


@post_or_back("need")
def need_promise(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    form = PromiseForm(request.POST)
    return _stepped(
        request,
        found,
        "promise",
        form,
        lambda: services.promise_need(found, on=form.cleaned_data["promised_on"], now=timezone.now()),
        _("Promised."),
    )


@post_or_back("need")
def need_deliver(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    form = DeliverForm(request.POST)
    return _stepped(
        request,
        found,
        "deliver",
        form,
        lambda: services.deliver_need(found, on=form.cleaned_data["delivered_on"], now=timezone.now()),
        _("Delivered: now ask the customer whether it is what was needed."),
    )


@post_or_back("need")
def need_confirm(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    form = ConfirmForm(request.POST, customer=found.customer)
    return _stepped(
        request,
        found,
        "confirm",
        form,
        lambda: services.confirm_need(
            found,
            on=form.cleaned_data["confirmed_on"],
            contact_id=getattr(form.cleaned_data["confirmed_by"], "pk", None),
            now=timezone.now(),
        ),
        _("The customer has what was needed."),
    )


@post_or_back("need")
def need_back(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_need_or_404(request.user, pk)
    demand(access.changeable_needs(request.user), found)
    services.step_back(found, now=timezone.now())
    rescore_soon([found.customer_id])
    messages.success(request, _("The last step is taken back."))
    return redirect(back_or(request, reverse("need", args=[pk])))


def _stepped(
    request: UserRequest, found: Need, name: str, form: RecordForm, step: Callable[[], Need], done: str
) -> HttpResponse:
    """Back to the page of the need; with the form, where it was refused."""
    if form.is_valid() and form.save(step) is not None:
        rescore_soon([found.customer_id])
        messages.success(request, done)
        return redirect(back_or(request, reverse("need", args=[found.pk])))
    found.refresh_from_db()
    return render(request, "needs/need.html", _context(request, found, {name: form}), status=status_of(form))


def _context(request: UserRequest, found: Need, sent: dict[str, RecordForm] | None = None) -> dict[str, Any]:
    """``sent``: the form that was refused, in the place of the fresh one."""
    today = company_day(timezone.now())
    customer = found.customer
    may_change = access.changeable_needs(request.user).filter(pk=found.pk).exists()
    forms: dict[str, RecordForm] = {}
    if may_change and found.state not in services.JUDGED_FOR_GOOD:
        forms["triage"] = TriageForm(stored=found)
    if may_change and found.state in {NeedState.ACCEPTED, NeedState.PROMISED}:
        forms["promise"] = PromiseForm(initial={"promised_on": found.promised_on or found.needed_on})
        forms["deliver"] = DeliverForm(initial={"delivered_on": today})
    if may_change and found.state == NeedState.DELIVERED:
        start = {"confirmed_on": today, "confirmed_by": found.contact_id}
        forms["confirm"] = ConfirmForm(customer=customer, initial=start)
    return {
        "need": found,
        "customer": customer,
        "forms": forms | (sent or {}),
        "may_change": may_change,
        "talk": _heard_in(request, found),
        "entries": changes_of(found),
        "like": _like(request, found),
        "today": today,
    }


def _heard_in(request: UserRequest, found: Need) -> Interaction | None:
    visible = access.visible_interactions(request.user)
    return visible.filter(identity=found.interaction).first() if found.interaction else None


def _like(request: UserRequest, found: Need) -> int:
    """How many other customers want something about the same."""
    others = access.visible_needs(request.user).exclude(customer=found.customer_id)
    return others.filter(about=found.about).values("customer").distinct().count()


def _talk(request: UserRequest, customer: Customer) -> Interaction | None:
    """The talk that a need is made of (``?interaction=``), one of this customer."""
    wish = request.GET.get("interaction", "")
    if not wish:
        return None
    talk = access.get_interaction_or_404(request.user, wish)
    access.require(talk.customer_id == customer.pk)
    return talk
