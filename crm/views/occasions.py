"""Ask a customer's contacts about something, or interview one of them; and what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.facts import AlreadySavedError
from accounts.occasions.models import Occasion
from accounts.occasions.queries.asking import active_version
from accounts.occasions.services import ask_about, cancel_invitation
from accounts.surveys.models import SurveyProgramme
from crm.forms.occasions import AskForm
from crm.queries import occasions as queries
from crm.queries.occasions_asking import About, about_interaction, about_order, lines_of, published
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, status_of


@page_or_post
def occasion_new(request: UserRequest, pk: int) -> HttpResponse:
    """Whom we ask about what: first by which survey, where there are several, then the form."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.askable_customers(request.user), customer)
    about = _about(request, customer)
    programmes = list(published())
    programme = _chosen(request, programmes)
    context = {"customer": customer, "programmes": programmes, "about": about, "kept": _kept(about)}
    if programme is None:
        return render(request, "occasions/choose.html", context)
    now = timezone.now()
    form = _form(request, customer, programme, about, now)
    if form.is_valid():
        occasion = _ask(request, customer, programme, about, form, now)
        if occasion is not None:
            return redirect("occasion", occasion.pk)
    context |= {"programme": programme, "form": form}
    return render(request, "occasions/ask.html", context, status=status_of(form))


@require_safe
def occasion(request: UserRequest, pk: int) -> HttpResponse:
    """Who was asked about it, when, and what everybody said."""
    found = _occasion_or_404(request, pk)
    now = timezone.now()
    context = {
        "occasion": found,
        "customer": found.customer,
        "asked": queries.asked_about(found, now=now),
        "may_ask": access.may_ask(request.user, found.customer),
        "now": now,
    }
    return render(request, "occasions/occasion.html", context)


@require_POST
def occasion_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Take back a letter that has not gone out."""
    related = ("occasion", "customer", "contact")
    visible = access.visible_occasion_invitations(request.user).select_related(*related)
    invitation = access.get_or_404(visible, pk)
    demand(access.askable_customers(request.user), invitation.customer)
    name = invitation.contact.name
    if cancel_invitation(invitation):
        messages.success(request, _("%(name)s is not asked.") % {"name": name})
    else:
        messages.error(request, _("The letter to %(name)s has gone out already.") % {"name": name})
    page = reverse("customer_satisfaction", args=[invitation.customer_id])
    if Occasion.objects.filter(pk=invitation.occasion_id).exists():
        page = reverse("occasion", args=[invitation.occasion_id])
    return redirect(back_or(request, page))


def _occasion_or_404(request: UserRequest, pk: int) -> Occasion:
    related = ("programme", "programme_version", "customer__owner", "project", "interaction", "author")
    return access.get_or_404(access.visible_occasions(request.user).select_related(*related), pk)


def _about(request: UserRequest, customer: Customer) -> About:
    """What it is about: an order's row or an interaction's page may have led here."""
    if "order" in request.GET:
        order = access.get_current_order_or_404(request.user, request.GET["order"])
        access.require(order.customer_id == customer.pk)
        return about_order(order)
    if "interaction" in request.GET:
        talk = access.get_interaction_or_404(request.user, request.GET["interaction"])
        access.require(talk.customer_id == customer.pk)
        return about_interaction(talk)
    return About()


def _kept(about: About) -> list[tuple[str, object]]:
    """What the next page has to know of it, as a query."""
    if about.order is not None:
        return [("order", about.order.pk)]
    return [("interaction", about.interaction.identity)] if about.interaction is not None else []


def _chosen(request: UserRequest, programmes: list[SurveyProgramme]) -> SurveyProgramme | None:
    """The survey that is named; the only one that there is; else none yet."""
    wish = request.GET.get("programme", "")
    named = next((each for each in programmes if str(each.pk) == wish), None)
    access.require(not wish or named is not None)
    return named or (programmes[0] if len(programmes) == 1 else None)


def _form(
    request: UserRequest, customer: Customer, programme: SurveyProgramme, about: About, now: dt.datetime
) -> AskForm:
    version = active_version(programme)
    access.require(version is not None)
    assert version is not None
    today = company_day(now)
    return AskForm(
        request.POST if request.method == "POST" else None,
        version=version,
        customer=customer,
        lines=lines_of(version, customer, about, day=about.day or today, now=now),
        about=about,
        today=today,
    )


def _ask(
    request: UserRequest,
    customer: Customer,
    programme: SurveyProgramme,
    about: About,
    form: AskForm,
    now: dt.datetime,
) -> Occasion | None:
    """The occasion, also where the same form was saved before; None where it was refused."""
    facts: dict[str, Any] = form.facts()
    try:
        asked = ask_about(
            programme=programme,
            customer=customer,
            order_identity=about.order.identity if about.order is not None else "",
            interaction=about.interaction,
            author=request.user,
            now=now,
            **facts,
        )
    except AlreadySavedError:
        messages.info(request, _("They have been asked already."))
        return Occasion.objects.get(token=facts["token"])
    except ValidationError as refusal:
        form.refuse(refusal)
        return None
    count = len(facts["contacts"])
    words = ngettext("%(count)s letter will go out.", "%(count)s letters will go out.", count)
    messages.success(request, words % {"count": count})
    return asked
