"""An interview: one of ours fills in the respondent's form for a contact who tells him."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.occasions.queries import Asked, asked_of
from accounts.occasions.queries.asking import active_version
from accounts.occasions.services import take_interview
from accounts.surveys.models import SurveyProgramme
from crm.forms.occasions import InterviewForm
from crm.forms.occasions_answer import OccasionForm, said_before, typed_before
from crm.queries.occasions_asking import published
from crm.queries.occasions_said import Said, said_by
from crm.views.occasions_paper import Address, Paper, about_of, both, form_context, opening_of, title_of
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post
from scoring.services import rescore_soon


@page_or_post
def interview_new(request: UserRequest, pk: int) -> HttpResponse:
    """An interview about nothing that happened: with whom and by which survey, then its form."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.askable_customers(request.user), customer)
    form = InterviewForm(
        request.GET if "contact" in request.GET else None, customer=customer, programmes=published()
    )
    if not form.is_valid():
        context = {"customer": customer, "form": form, "has_surveys": published().exists()}
        return render(request, "occasions/interview.html", context, status=422 if form.is_bound else 200)
    programme, contact = form.cleaned_data["programme"], form.cleaned_data["contact"]
    version = active_version(programme)
    access.require(version is not None)
    assert version is not None
    paper = _paper(
        customer,
        contact,
        title=title_of(programme.kind, ""),
        line=programme.title,
        version_id=version.pk,
        back_url=reverse("customer_satisfaction", args=[customer.pk]),
    )
    return _interview(request, paper, contact, asked_of(version.pk), None, programme=programme)


@page_or_post
def occasion_interview(request: UserRequest, pk: int, contact: int) -> HttpResponse:
    """An interview about an occasion, also with somebody who was not asked about it."""
    related = ("programme", "customer", "programme_version")
    found = access.get_or_404(access.visible_occasions(request.user).select_related(*related), pk)
    demand(access.askable_customers(request.user), found.customer)
    person = access.get_or_404(Contact.objects.filter(customer=found.customer_id), contact)
    invitation = OccasionInvitation.objects.filter(occasion=found, contact=person).first()
    said = said_by([invitation.pk]).get(invitation.pk) if invitation else None
    paper = _paper(
        found.customer,
        person,
        title=title_of(found.programme.kind, found.event),
        line=about_of(found),
        version_id=found.programme_version_id,
        back_url=reverse("occasion", args=[found.pk]),
    )
    asked = asked_of(found.programme_version_id)
    return _interview(request, paper, person, asked, said, occasion=found)


def _paper(
    customer: Customer, contact: Contact, *, title: str, line: str, version_id: int, back_url: str
) -> Paper:
    return Paper(
        title=title,
        line=" · ".join(part for part in (line, customer.short_name) if part),
        opening=opening_of(version_id, translation.get_language() or "en"),
        contact_name=contact.name,
        keeper=None,
        is_interview=True,
        back_url=back_url,
        back_label=customer.short_name,
    )


def _interview(
    request: UserRequest,
    paper: Paper,
    contact: Contact,
    asked: Asked,
    said: Said | None,
    *,
    occasion: Occasion | None = None,
    programme: SurveyProgramme | None = None,
) -> HttpResponse:
    """The form in the reader's language, and what is written down in it."""
    language = translation.get_language() or "en"
    is_sent = request.method == "POST" and "show" not in request.POST
    filled = typed_before(request.POST, asked) if request.method == "POST" else said_before(said)
    form = OccasionForm(asked, language=language, data=request.POST if is_sent else None, initial=filled)
    if is_sent and form.is_valid():
        try:
            taken = _take(request, form, contact, occasion, programme)
        except ConflictError:
            return _both(request, paper, contact, asked, form, occasion=occasion)
        if taken is not None:
            return redirect("occasion", taken.pk)
    context = (
        {"said_at": request.POST["said"]} if "said" in request.POST else {}
    )  # still opened over the same
    return _page(
        request, paper, asked, form, said, context | {"is_refused": is_sent}, status=422 if is_sent else 200
    )


def _both(
    request: UserRequest,
    paper: Paper,
    contact: Contact,
    asked: Asked,
    sent: OccasionForm,
    *,
    occasion: Occasion | None,
) -> HttpResponse:
    """What was sent since this form was opened, by the contact or one of ours, and in the form both together.

    An interview about nothing that happened keeps its key: by it what was saved of it is found.
    """
    key = sent.cleaned_data["key"]
    about = Q(occasion=occasion) if occasion else Q(occasion__token=uuid.UUID(key))
    invitation = OccasionInvitation.objects.get(about, contact=contact)
    since, filled = both(invitation.pk, sent, asked)
    form = OccasionForm(asked, language=sent.language, initial=filled)
    context = {"is_meanwhile": True, "is_refused": True} | ({} if occasion else {"key": key})
    return _page(request, paper, asked, form, since, context, status=409)


def _page(
    request: UserRequest,
    paper: Paper,
    asked: Asked,
    form: OccasionForm,
    said: Said | None,
    more: dict[str, object],
    *,
    status: int,
) -> HttpResponse:
    place = Address(request.get_full_path(), form.language)
    context = form_context(paper, place, form, asked, languages=[], said=said)
    context |= {"key": uuid.uuid4().hex, "csrf_token": get_token(request), **more}
    return HttpResponse(render_to_string("survey/occasion/form.html", context), status=status)


def _take(
    request: UserRequest,
    form: OccasionForm,
    contact: Contact,
    occasion: Occasion | None,
    programme: SurveyProgramme | None,
) -> Occasion | None:
    """What it is about; None where it was refused, and then the form says why. Raises ConflictError."""
    try:
        recorded = take_interview(
            contact=contact,
            facts=form.occasion_facts(),
            taken_by=request.user,
            now=timezone.now(),
            token=uuid.UUID(form.cleaned_data["key"]),
            occasion=occasion,
            programme=programme,
            seen=form.seen,
        )
    except ValidationError as refusal:
        form.refuse(refusal)
        return None
    except ValueError:
        form.add_error(None, _("The form is damaged. Open the link again."))
        return None
    rescore_soon([contact.customer_id])
    messages.success(request, _("Written down."))
    return recorded.answer.invitation.occasion
