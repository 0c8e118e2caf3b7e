"""Playbooks: what they say, for whom they would start, and the runs of one customer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.customers.models import Customer
from accounts.playbooks import services
from accounts.playbooks.models import Playbook, PlaybookRun, Trigger
from crm.forms.playbooks import PlaybookForm, StartForm
from crm.queries import playbooks as queries
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of


@require_safe
def playbooks(request: UserRequest) -> HttpResponse:
    context = {
        "rows": queries.playbook_rows(access.visible_playbooks(request.user)),
        "may_keep": access.may_keep_playbooks(request.user),
    }
    return render(request, "playbooks/playbooks.html", context)


@page_or_post
def playbook_new(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_playbooks(request.user))
    return _form(request, None)


@page_or_post
def playbook(request: UserRequest, pk: int) -> HttpResponse:
    """What it says; for who keeps playbooks its form, and for how many customers it would start now."""
    found = access.get_or_404(access.visible_playbooks(request.user), pk)
    if request.method == "POST" or access.may_keep_playbooks(request.user):
        demand(access.manageable_playbooks(request.user), found)
        return _form(request, found)
    context = {
        "playbook": found,
        "starts_by": queries.in_words(found),
        "steps": found.steps.order_by("position"),
    }
    return render(request, "playbooks/steps.html", context)


def _form(request: UserRequest, stored: Playbook | None) -> HttpResponse:
    form = PlaybookForm(request.POST or None, stored=stored)
    if form.is_valid():
        now = timezone.now()
        saved = form.save(
            lambda: services.save_playbook(
                form.facts(), by=request.user, now=now, stored=stored, version=form.expected_version
            )
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("playbook", pk=saved.pk)
    context = {
        "form": form,
        "playbook": stored,
        "starts_by": queries.in_words(stored) if stored else "",
        "would_start": queries.would_start(Trigger(stored.trigger), stored.value) if stored else None,
    }
    return render(request, "playbooks/playbook.html", context, status=status_of(form))


@require_POST
def playbook_switch(request: UserRequest, pk: int) -> HttpResponse:
    """``on``: it starts by itself from now on; without it, its runs stop."""
    found = access.get_or_404(access.visible_playbooks(request.user), pk)
    demand(access.manageable_playbooks(request.user), found)
    is_active = "on" in request.POST
    services.switch_playbook(found, is_active=is_active, now=timezone.now())
    said = _("It starts by itself from now on.") if is_active else _("It is stopped.")
    messages.success(request, said)
    return redirect("playbook", pk=found.pk)


@require_POST
def playbook_start(request: UserRequest, pk: int) -> HttpResponse:
    """Somebody wishes one for a customer."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    form = StartForm(request.POST, customer=customer)
    if not form.is_valid():
        messages.error(request, _("Choose a playbook that is not at work for this customer."))
    elif services.start_runs(
        form.cleaned_data["playbook"], [customer.pk], now=timezone.now(), by=request.user
    ):
        _say_started(request, customer, form.cleaned_data["playbook"])
    else:
        messages.info(request, _("A playbook needs a customer with an owner."))
    return redirect(back_or(request, reverse("customer_actions", args=[customer.pk])))


def _say_started(request: UserRequest, customer: Customer, playbook: Playbook) -> None:
    """With the way back: the run that has begun, stopped."""
    text = _("%(playbook)s has started.") % {"playbook": playbook.name_in(get_language() or "en")}
    run = PlaybookRun.objects.filter(playbook=playbook, customer=customer, closed_at=None).first()
    if run is None:
        messages.success(request, text)
        return
    url = reverse("playbook_stop", args=[customer.pk, run.pk])
    next_url = back_or(request, reverse("customer_actions", args=[customer.pk]))
    say_with_undo(request, text, url, {}, next_url=next_url)


@require_POST
def playbook_stop(request: UserRequest, pk: int, run: int) -> HttpResponse:
    """What nobody has touched of it is dropped."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    found = access.get_or_404(PlaybookRun.objects.filter(customer=customer), run)
    if services.stop_run(found, now=timezone.now()):
        messages.success(request, _("It is stopped."))
    else:
        messages.info(request, _("It has ended already."))
    return redirect(back_or(request, reverse("customer_actions", args=[customer.pk])))
