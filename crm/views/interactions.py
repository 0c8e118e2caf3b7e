"""Interactions: log one, correct it, delete it and undo that."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.interactions import services
from accounts.interactions.models import Interaction
from accounts.surveys.models import CorrectiveAction
from accounts.surveys.services import link_interaction
from crm.forms.interaction_templates import USE
from crm.forms.interactions import InteractionForm
from crm.queries import interactions as queries
from crm.queries.files import files_of_interaction
from crm.queries.timeline import events_of
from crm.views.files import upload_context
from crm.views.quick_log import came_from
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of, wants_fragment
from scoring.services import rescore_soon

PANEL, INLINE = "panel-body", "quick-log"
"""Which element the form stands in, where it is no page of its own."""


@page_or_post
@vary_on_headers("HX-Request", "HX-Target")
def interaction_new(request: UserRequest, pk: int) -> HttpResponse:
    """The form as a page, in the panel over any page, or on the customer's page."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    now = timezone.now()
    case = _case_of(request, customer)
    form = InteractionForm(request.POST or None, user=request.user, customer=customer, now=now)
    form.initial["contacts"] = request.GET.getlist("contact")
    form.initial["project"] = request.GET.get("project") or form.initial.get("project")
    is_fragment = wants_fragment(request)
    target = PANEL if is_fragment and request.htmx.target == PANEL else INLINE
    if is_fragment:
        form.fields["summary"].widget.attrs["autofocus"] = True
    if target == PANEL:
        form.auto_id = "log-%s"
    back = came_from(request)
    if USE in request.POST:
        form.take_template()
    elif form.is_valid() and _log(request, customer, form, now, case=case, back=back):
        if case is not None:
            return redirect("case", case.pk)
        if is_fragment:
            return _logged(request, customer, target)
        return redirect(back_or(request, reverse("customer", args=[customer.pk])))
    template = "interactions/_quick.html" if is_fragment else "interactions/form.html"
    context = {
        "customer": customer,
        "form": form,
        "next": back,
        "target": target,
        "kept": _kept(request, customer.pk),
    }
    return render(request, template, context, status=200 if USE in request.POST else status_of(form))


def _logged(request: UserRequest, customer: Customer, target: str) -> HttpResponse:
    """On the customer's page the timeline is new; over any other page the panel closes. A message says so."""
    if target == PANEL:
        answer = render(request, "interactions/_logged.html", {})
        answer["HX-Trigger"] = "logged"
        return answer
    context = {"customer": customer, "events": events_of(customer, request.user), "may_log": True}
    return render(request, "interactions/_logged.html", context)


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
    back: str,
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
    _say_logged(request, logged, back)
    return True


def _say_logged(request: UserRequest, logged: Interaction, back: str) -> None:
    say_with_undo(
        request,
        _("Logged."),
        reverse("interaction_delete", args=[logged.identity]),
        {},
        next_url=back or reverse("customer", args=[logged.customer_id]),
        open_url=reverse("interaction", args=[logged.identity]),
        kept=_kept(request, logged.customer_id),
    )


def _kept(request: UserRequest, customer_id: int) -> str:
    """Under which name a browser, which several may use, keeps what is not sent."""
    return f"log.{request.user.pk}.{customer_id}"


@require_safe
def interaction(request: UserRequest, identity: uuid.UUID) -> HttpResponse:
    found = access.get_interaction_or_404(request.user, identity)
    may_change = access.changeable_interactions(request.user).filter(pk=found.pk).exists()
    files = list(files_of_interaction(identity, found.customer))
    context = upload_context(request, found.customer, files) | {
        "files": files,
        "here": reverse("interaction", args=[identity]),
        "interaction": found,
        "customer": found.customer,
        "people": queries.people_in(found),
        "versions": queries.versions_of(found),
        "may_change": may_change,
        "may_ask": access.may_ask(request.user, found.customer),
        "may_log": access.loggable_customers(request.user).filter(pk=found.customer_id).exists(),
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
    if USE in request.POST:
        form.take_template()
    elif form.is_valid():
        corrected = form.save(lambda: form.correct(found, by=request.user, now=now))
        if corrected is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return redirect("interaction", found.identity)
    context = {"customer": found.customer, "interaction": found, "form": form}
    status = 200 if USE in request.POST else status_of(form)
    return render(request, "interactions/form.html", context, status=status)


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
    # The page of what is gone leads nowhere.
    customer_url = reverse("customer", args=[found.customer_id])
    back = back_or(request, customer_url)
    back = customer_url if back.startswith(reverse("interaction", args=[identity])) else back
    undo = reverse("interaction_deleted", args=[found.customer_id, identity])
    say_with_undo(request, _("Deleted."), undo, {}, next_url=reverse("interaction", args=[identity]))
    return redirect(back)


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
        return redirect(back_or(request, reverse("interaction", args=[identity])))
    return render(request, "interactions/deleted.html", {"customer": customer, "interaction": deleted})
