"""Corrective actions: asking the customer, prevention, interactions that belong to one, and its 8D report."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts import access
from accounts.surveys import services
from crm.forms.cases import AskForm, FillInForm, PreventForm
from crm.queries import cases as queries
from crm.queries.case_work import report_of, work_of
from crm.views.cases import written
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, post_or_back


@post_or_back("case")
def case_ask(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    now = timezone.now()
    form = AskForm(request.POST, case=found, now=now)
    return written(
        request,
        found,
        form,
        lambda: services.ask_customer(
            found,
            message=form.cleaned_data["comment"],
            contacts=list(form.cleaned_data["contacts"]),
            by=request.user,
            now=now,
            token=form.cleaned_data["token"],
        ),
        ngettext(
            "The question goes out within a minute.",
            "The questions go out within a minute.",
            len(request.POST.getlist("contacts")),
        ),
    )


@post_or_back("case")
def case_prevent(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    form = PreventForm(request.POST)
    return written(
        request,
        found,
        form,
        lambda: services.prevent_case(
            found,
            by=request.user,
            comment=form.cleaned_data["comment"],
            now=timezone.now(),
            token=form.cleaned_data["token"],
        ),
        _("The prevention is saved."),
    )


@post_or_back("case")
def case_fill(request: UserRequest, pk: int) -> HttpResponse:
    """A step that was passed over is said afterwards."""
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    now = timezone.now()
    form = FillInForm(request.POST, case=found, now=now)
    return written(
        request,
        found,
        form,
        lambda: services.fill_in_step(
            found,
            step=form.cleaned_data["step"],
            happened_on=form.cleaned_data["happened_on"],
            by=request.user,
            comment=form.cleaned_data["comment"],
            now=now,
            token=form.cleaned_data["token"],
        ),
        _("The step is filled in."),
    )


@post_or_back("case")
def case_link(request: UserRequest, pk: int) -> HttpResponse:
    """An interaction belongs to it; with ``undo`` it does not."""
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    interaction = access.get_interaction_or_404(request.user, request.POST.get("interaction", ""))
    if interaction.customer_id != found.customer_id:
        access.require(allowed=False)
    if "undo" in request.POST:
        services.unlink_interaction(found, identity=interaction.identity)
        messages.success(request, _("It is no longer linked."))
    elif services.link_interaction(found, interaction=interaction, by=request.user, now=timezone.now()):
        messages.success(request, _("It is linked."))
    else:
        messages.info(request, _("It was linked before."))
    return redirect(back_or(request, reverse("case", args=[found.pk])))


@require_safe
def case_report(request: UserRequest, pk: int) -> HttpResponse:
    """The 8D report, for paper."""
    found = access.get_case_or_404(request.user, pk)
    now = timezone.now()
    record = queries.record_of(found, request.user)
    context = {
        "case": found,
        "record": record,
        "sees_customer": record.sees_customer,
        "work": work_of(found, request.user, now=now),
        "report": report_of(found),
        "now": now,
    }
    return render(request, "cases/report.html", context)
