"""Whom we ask about a project: the page, naming people, pausing one, and colleagues who are proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext
from django.views.decorators.http import require_POST

from accounts import access
from accounts.actions.services import add_action
from accounts.contacts.models import Contact, Level
from accounts.customers.services import company_day
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.surveys.models import Referral, ReferralState, Respondent, RespondentState
from accounts.surveys.services import (
    accept_referral,
    change_respondent,
    contact_meant,
    decline_referral,
    name_respondent,
)
from accounts.users.models import User
from crm.forms.respondents import NamingForm, ReferralForm, RespondentStateForm
from crm.queries import respondents as queries
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, status_of
from scoring.services import rescore_soon

WEEK = dt.timedelta(days=7)


@page_or_post
def project_respondents(request: UserRequest, pk: int) -> HttpResponse:
    related = access.graded_projects(request.user).select_related("customer__owner")
    found = access.get_or_404(related, pk)
    now = timezone.now()
    today = company_day(now)
    may_change = access.changeable_projects(request.user).filter(pk=found.pk).exists()
    if request.method == "POST":
        demand(access.changeable_projects(request.user), found)
    form = NamingForm(request.POST or None, contacts=queries.askable_contacts(found, today=today))
    if request.method == "POST" and form.is_valid():
        named = list(form.cleaned_data["contacts"])
        _name(found, named, author=request.user, now=now)
        text = ngettext("%(names)s is asked from now on.", "%(names)s are asked from now on.", len(named))
        messages.success(
            request, text % {"names": pgettext("list", ", ").join(contact.name for contact in named)}
        )
        return redirect(back_or(request, reverse("project_respondents", args=[found.pk])))
    candidates = queries.candidates_for(found, today=today)
    context = {
        "project": found,
        "respondents": queries.respondents_of(found, now=now),
        "is_over": queries.is_over(found, now=now),
        "proposals": queries.proposals_for(found, today=today),
        "askable": queries.askable_contacts(found, today=today).order_by("sort_key", "pk"),
        "levels": Level.choices,
        "candidates": candidates,
        "has_askable": any(not candidate.obstacle for candidate in candidates),
        "form": form,
        "may_change": may_change,
        "may_edit_contacts": access.changeable_customers(request.user).filter(pk=found.customer_id).exists(),
        "now": now,
    }
    return render(request, "respondents/project.html", context, status=status_of(form))


@require_POST
def respondent_change(request: UserRequest, pk: int) -> HttpResponse:
    related = access.visible_respondents(request.user).select_related("contact", "project")
    found = access.get_or_404(related, pk)
    demand(access.changeable_respondents(request.user), found)
    form = RespondentStateForm(request.POST)
    if form.is_valid():
        state = RespondentState(form.cleaned_data["state"])
        reason = form.cleaned_data["reason"]
        change_respondent(found, state=state, author=request.user, now=timezone.now(), reason=reason)
        messages.success(request, _said(found, state))
    else:
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect(back_or(request, reverse("project_respondents", args=[found.project_id])))


@require_POST
def referral_accept(request: UserRequest, pk: int) -> HttpResponse:
    found = _referral_to_decide(request, pk)
    now = timezone.now()
    contacts = queries.askable_contacts(found.project, today=company_day(now))
    form = ReferralForm(request.POST, referral=found, contacts=contacts)
    if not form.is_valid():
        return _to_respondents(request, found, form.errors)
    contact = form.cleaned_data["contact"]
    if contact is None and contact_meant(found) is None:
        demand(access.changeable_customers(request.user), found.customer)
    try:
        accepted = accept_referral(
            found,
            by=request.user,
            now=now,
            contact=contact,
            level=form.level_chosen,
            department=form.cleaned_data["department"],
            keeps_proposer=form.keeps_proposer,
            reason=_("A colleague answers instead."),
        )
    except ValidationError as error:
        return _to_respondents(request, found, error.message_dict)
    rescore_soon([found.customer_id])
    messages.success(request, _("%(name)s is asked from now on.") % {"name": accepted.colleague})
    return _to_respondents(request, found, {})


@require_POST
def referral_order(request: UserRequest, pk: int) -> HttpResponse:
    """Who may not add contacts asks the customer's owner to, once for each proposal."""
    found = _referral_to_decide(request, pk)
    owner = found.customer.owner
    is_waiting = found.state == ReferralState.PROPOSED and contact_meant(found) is None
    if owner is None or not owner.is_active or not is_waiting:
        messages.error(request, _("This has changed in the meantime. Look at it again."))
        return _to_respondents(request, found, {})
    now = timezone.now()
    with override(owner.language):
        title = _("Add %(name)s as a contact") % {"name": found.name}
        note = _("%(who)s proposes to ask %(name)s instead: %(email)s") % {
            "who": found.contact.name,
            "name": found.name,
            "email": found.email,
        }
    try:
        add_action(
            title=title,
            note=note,
            owner=owner,
            author=request.user,
            now=now,
            due_on=company_day(now) + WEEK,
            project=found.project,
            token=queries.order_of(found),
        )
    except AlreadySavedError:
        messages.info(request, _("%(owner)s was asked already.") % {"owner": owner})
    else:
        rescore_soon([found.project.customer_id])
        messages.success(request, _("%(owner)s was asked to add the contact.") % {"owner": owner})
    return _to_respondents(request, found, {})


@require_POST
def referral_decline(request: UserRequest, pk: int) -> HttpResponse:
    found = _referral_to_decide(request, pk)
    try:
        decline_referral(found, by=request.user, now=timezone.now())
    except ValidationError as error:
        return _to_respondents(request, found, error.message_dict)
    messages.success(request, _("%(name)s is not asked.") % {"name": found.name})
    return _to_respondents(request, found, {})


def _referral_to_decide(request: UserRequest, pk: int) -> Referral:
    related = access.visible_referrals(request.user).select_related("project", "customer__owner", "contact")
    found = access.get_or_404(related, pk)
    demand(access.changeable_referrals(request.user), found)
    return found


def _to_respondents(
    request: UserRequest, referral: Referral, errors: Mapping[str, Sequence[object]]
) -> HttpResponse:
    for problems in errors.values():
        messages.error(request, str(problems[0]))
    return redirect(back_or(request, reverse("project_respondents", args=[referral.project_id])))


@transaction.atomic
def _name(project: Project, contacts: list[Contact], *, author: User, now: dt.datetime) -> None:
    for contact in contacts:
        name_respondent(project=project, contact=contact, author=author, now=now)


def _said(respondent: Respondent, state: RespondentState) -> str:
    text = {
        RespondentState.ACTIVE: _("%(name)s is asked again."),
        RespondentState.PAUSED: _("%(name)s gets no letters about %(project)s until you resume."),
        RespondentState.OPTED_OUT: _("%(name)s gets no more letters about %(project)s."),
    }[state]
    return text % {"name": respondent.contact.name, "project": respondent.project.name}
