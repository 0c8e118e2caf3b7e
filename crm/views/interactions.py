"""Interactions: log one, correct it, delete it and undo that."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.interactions import services
from accounts.surveys.models import CorrectiveAction
from accounts.surveys.services import link_interaction
from crm.forms.interactions import InteractionForm
from crm.queries import interactions as queries
from crm.queries.timeline import events_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, status_of, wants_fragment
from scoring.services import rescore_soon


@page_or_post
@vary_on_headers("HX-Request")
def interaction_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    now = timezone.now()
    case = _case_of(request, customer)
    form = InteractionForm(request.POST or None, user=request.user, customer=customer, now=now)
    form.initial["contacts"] = request.GET.getlist("contact")
    form.initial["project"] = request.GET.get("project")
    is_inline = wants_fragment(request)
    if is_inline:
        form.fields["summary"].widget.attrs["autofocus"] = True
    if form.is_valid() and _log(request, customer, form, now, case=case):
        if case is not None:
            return redirect("case", case.pk)
        if is_inline:
            context = {"customer": customer, "events": events_of(customer, request.user), "may_log": True}
            return render(request, "interactions/_logged.html", context)
        return redirect(back_or(request, reverse("customer", args=[customer.pk])))
    template = "interactions/_quick.html" if is_inline else "interactions/form.html"
    context = {"customer": customer, "form": form, "next": request.POST.get("next", request.GET.get("next"))}
    return render(request, template, context, status=status_of(form))


def _case_of(request: UserRequest, customer: Customer) -> CorrectiveAction | None:
    """The corrective action that it is logged about (``?case=``)."""
    if not request.GET.get("case"):
        return None
    case = access.get_case_or_404(request.user, request.GET["case"])
    access.require(case.customer_id == customer.pk)
    demand(access.workable_cases(request.user), case)
    return case


def _log(
    request: UserRequest,
    customer: Customer,
    form: InteractionForm,
    now: dt.datetime,
    *,
    case: CorrectiveAction | None,
) -> bool:
    """Whether it is logged now, by this request or by the same form before."""
    try:
        logged = form.save(
            lambda: services.log_interaction(
                customer=customer,
                facts=form.facts(),
                contacts=form.contact_ids,
                users=form.user_ids,
                author=request.user,
                now=now,
                identity=form.cleaned_data["token"],
            )
        )
    except AlreadySavedError:
        messages.info(request, _("This interaction is already saved."))
        return True
    if logged is None:
        return False
    if case is not None:
        link_interaction(case, interaction=logged, by=request.user, now=now)
    rescore_soon([customer.pk])
    messages.success(request, _("Logged."))
    return True


@require_safe
def interaction(request: UserRequest, identity: uuid.UUID) -> HttpResponse:
    found = access.get_interaction_or_404(request.user, identity)
    may_change = access.changeable_interactions(request.user).filter(pk=found.pk).exists()
    context = {
        "interaction": found,
        "customer": found.customer,
        "people": queries.people_in(found),
        "versions": queries.versions_of(found),
        "may_change": may_change,
        "may_ask": access.may_ask(request.user, found.customer),
        "may_finish": may_change or found.follow_up_by_id == request.user.pk,
    }
    return render(request, "interactions/interaction.html", context)


@page_or_post
def interaction_edit(request: UserRequest, identity: uuid.UUID) -> HttpResponse:
    found = access.get_interaction_or_404(request.user, identity)
    demand(access.changeable_interactions(request.user), found)
    now = timezone.now()
    form = InteractionForm(
        request.POST or None, user=request.user, customer=found.customer, now=now, stored=found
    )
    if form.is_valid():
        corrected = form.save(lambda: form.correct(found, by=request.user, now=now))
        if corrected is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return redirect("interaction", found.identity)
    context = {"customer": found.customer, "interaction": found, "form": form}
    return render(request, "interactions/form.html", context, status=status_of(form))


@require_POST
def interaction_delete(request: UserRequest, identity: uuid.UUID) -> HttpResponse:
    found = access.get_interaction_or_404(request.user, identity)
    demand(access.changeable_interactions(request.user), found)
    try:
        services.delete_interaction(found, deleted_by=request.user, now=timezone.now())
    except ConflictError:
        messages.error(request, _("Somebody else changed it at this moment. Nothing was deleted."))
        return redirect("interaction", identity)
    rescore_soon([found.customer_id])
    undo = reverse("interaction_deleted", args=[found.customer_id, identity])
    text = format_html('{} <a href="{}">{}</a>', _("Deleted."), undo, _("Undo"))
    messages.success(request, text)
    return redirect("customer", found.customer_id)


@page_or_post
def interaction_deleted(request: UserRequest, pk: int, identity: uuid.UUID) -> HttpResponse:
    """What he deleted, and the button that brings it back."""
    customer = access.get_customer_or_404(request.user, pk)
    deleted = queries.deleted_by(request.user, customer, identity)
    if deleted is None:
        raise Http404
    if request.method == "POST":
        services.restore_interaction(deleted, now=timezone.now())
        rescore_soon([customer.pk])
        messages.success(request, _("It is back."))
        return redirect("interaction", identity)
    return render(request, "interactions/deleted.html", {"customer": customer, "interaction": deleted})
