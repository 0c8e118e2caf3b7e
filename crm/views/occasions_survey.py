"""Behind the link of a letter about an occasion: the questions, the thanks, and the end of such letters.

Only a POST records; what every page behind a link has in common is `crm.views.survey_door`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from structlog.contextvars import bind_contextvars

from accounts.customers.services import ConflictError
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries import Asked, asked_of, invitation_by_token
from accounts.occasions.services import answer_survey, resume_letters, stop_letters
from crm.forms.occasions_answer import OccasionForm, letters_in, said_before, typed_before
from crm.queries.occasions_said import said_by
from crm.views.occasions_paper import Address, both, form_context, paper_of
from crm.views.survey_door import (
    View,
    address,
    asked_language,
    colleague_of,
    fingerprint_of,
    guarded,
    has_left,
    in_his_words,
    languages,
    left_page,
    lost,
    of_strangers,
    page,
    redirect,
)
from crm.views.survey_kept import Kept, keep, kept_under
from crm.views.writing import page_or_post
from scoring.services import rescore_soon

ONE_CLICK = ("List-Unsubscribe", "One-Click")


@dataclass(frozen=True)
class OccasionVisit:
    """Somebody who came with a link that is known. ``language``: the one he reads the page in."""

    invitation: OccasionInvitation
    token: str
    language: str
    now: dt.datetime

    @property
    def is_closed(self) -> bool:
        return self.now >= self.invitation.closes_at

    def url(self, **query: object) -> str:
        """The way back to this page; the language is in it where it is not his own."""
        return self._address(reverse("occasion_survey", args=[self.token]), query)

    def stop_url(self, **query: object) -> str:
        return self._address(reverse("occasion_stop", args=[self.token]), query)

    @property
    def place(self) -> Address:
        return Address(self.url(), self.language, self.stop_url(), self.is_closed)

    def _address(self, path: str, query: dict[str, object]) -> str:
        return address(path, query, contact=self.invitation.contact, language=self.language)


def _by_link(view: View) -> View:
    """Give ``view`` the visit of a link that is known, in the language and time of who was asked."""

    @of_strangers
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        invitation = invitation_by_token(token)
        if invitation is None:
            return lost(request, token, name="occasion_survey")
        bind_contextvars(occasion_invitation_id=invitation.pk)
        contact = invitation.contact
        visit = OccasionVisit(invitation, token, asked_language(request, contact), timezone.now())
        return in_his_words(
            contact,
            visit.language,
            lambda: guarded(
                request,
                lambda: view(request, visit),
                link=f"occasion:{invitation.pk}",
                back=visit.url(),
            ),
        )

    return answer


@_by_link
@page_or_post
def occasion_survey(request: HttpRequest, visit: OccasionVisit) -> HttpResponse:
    """The form; what is recorded, with ``done``; a POST records, or shows anew in another language.

    ``kept`` fills in what was typed before the language was changed.
    """
    if has_left(visit.invitation.contact, visit.now):
        return left_page(paper_of(visit.invitation, visit.language).keeper)
    if visit.is_closed:
        context = {"paper": paper_of(visit.invitation, visit.language), "visit": visit.place}
        return page("occasion/expired", context, status=410)
    if request.method == "POST" and "show" not in request.POST:
        return _record(request, visit)
    asked = asked_of(visit.invitation.programme_version_id)
    if request.method == "POST":
        return _show(request, visit, asked)
    kept = kept_under(_link_of(visit), request.GET.get("kept", ""))
    if kept is not None:
        form = OccasionForm(asked, language=visit.language, initial=kept.fields)
        return _form(request, visit, form, said_at=kept.said)
    said = said_by([visit.invitation.pk]).get(visit.invitation.pk)
    if said is not None and "done" in request.GET:
        return _thanks(request, visit)
    filled = said_before(said) | letters_in(request.GET, asked)
    return _form(request, visit, OccasionForm(asked, language=visit.language, initial=filled))


@_by_link
@page_or_post
def occasion_stop(request: HttpRequest, visit: OccasionVisit) -> HttpResponse:
    """Opening it changes nothing. The one POST without a page before it is that of RFC 8058."""
    field, value = ONE_CLICK
    wish = request.POST.get("wish", "")
    if request.method == "POST" and request.POST.get(field) == value:
        stop_letters(visit.invitation, now=visit.now)
        rescore_soon([visit.invitation.customer_id])
        return HttpResponse(_("You get no more letters."), content_type="text/plain; charset=utf-8")
    if request.method == "POST" and wish in {"stop_all", "resume"}:
        write = stop_letters if wish == "stop_all" else resume_letters
        write(visit.invitation, now=visit.now)
        rescore_soon([visit.invitation.customer_id])
        return redirect(visit.stop_url(done=1))
    context = _shared(request, visit, reverse("occasion_stop", args=[visit.token]), {}) | {
        "is_out": visit.invitation.contact.opted_out,
        "done": "done" in request.GET,
    }
    return page("occasion/stop", context, status=422 if request.method == "POST" else 200)


def _show(request: HttpRequest, visit: OccasionVisit, asked: Asked) -> HttpResponse:
    """The form as it was filled in, in another language; nothing is recorded."""
    typed, said = typed_before(request.POST, asked), request.POST.get("said")
    if (key := keep(_link_of(visit), Kept(typed, said))) is not None:
        return redirect(visit.url(kept=key))
    return _form(request, visit, OccasionForm(asked, language=visit.language, initial=typed), said_at=said)


def _record(request: HttpRequest, visit: OccasionVisit) -> HttpResponse:
    asked = asked_of(visit.invitation.programme_version_id)
    form = OccasionForm(asked, language=visit.language, data=request.POST)
    said = request.POST.get("said")
    if not form.is_valid():
        return _form(request, visit, form, said_at=said, status=422)
    try:
        recorded = answer_survey(
            visit.invitation,
            facts=form.occasion_facts(),
            idempotency_key=form.cleaned_data["key"],
            seen=form.seen,
            fingerprint=fingerprint_of(request),
            now=visit.now,
        )
    except ValidationError as error:
        form.refuse(error)
        return _form(request, visit, form, said_at=said, status=422)
    except ConflictError:
        return _both(request, visit, form)
    if recorded.is_new:
        rescore_soon([visit.invitation.customer_id])
    return redirect(visit.url(done=1))


def _both(request: HttpRequest, visit: OccasionVisit, sent: OccasionForm) -> HttpResponse:
    """What was sent from another window since this form was opened, and in the form both together."""
    asked = asked_of(visit.invitation.programme_version_id)
    _since, filled = both(visit.invitation.pk, sent, asked)
    form = OccasionForm(asked, language=visit.language, initial=filled)
    return _form(request, visit, form, is_meanwhile=True, status=409)


def _form(
    request: HttpRequest,
    visit: OccasionVisit,
    form: OccasionForm,
    *,
    is_meanwhile: bool = False,
    said_at: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """``said_at``: over which answer the form was opened, where that is not the current one."""
    asked = asked_of(visit.invitation.programme_version_id)
    said = said_by([visit.invitation.pk]).get(visit.invitation.pk)
    here = reverse("occasion_survey", args=[visit.token])
    shared = _shared(request, visit, here, {})
    paper = shared["paper"]
    context = shared | form_context(paper, visit.place, form, asked, languages=shared["languages"], said=said)
    context |= {
        "takes_draft": request.method != "POST" and said_at is None,
        "chosen": ",".join(letters_in(request.GET, asked)),
        "is_refused": status != 200,
        "is_meanwhile": is_meanwhile,
    }
    if said_at is not None:
        context["said_at"] = said_at
    return page("occasion/form", context, status=status)


def _thanks(request: HttpRequest, visit: OccasionVisit) -> HttpResponse:
    invitation = visit.invitation
    here = reverse("occasion_survey", args=[visit.token])
    context = _shared(request, visit, here, {"done": "1"}) | {
        "said": said_by([invitation.pk])[invitation.pk],
        "is_complaint": invitation.voice_id is not None and invitation.customer.owner is not None,
        "change_url": visit.url(),
    }
    return page("occasion/thanks", context)


def _shared(request: HttpRequest, visit: OccasionVisit, here: str, kept: dict[str, str]) -> dict[str, Any]:
    return {
        "paper": paper_of(visit.invitation, visit.language),
        "visit": visit.place,
        "languages": languages(here, kept),
        "colleague": colleague_of(request),
        "draft_key": _draft_key(visit.invitation),
    }


def _link_of(visit: OccasionVisit) -> str:
    """Under which what is typed waits for its page: that of this invitation alone."""
    return f"occasion:{visit.invitation.pk}"


def _draft_key(invitation: OccasionInvitation) -> str:
    """Under which the browser keeps what is not sent: the invitation's, and no way back to the link."""
    return salted_hmac("occasion.draft", str(invitation.pk), algorithm="sha256").hexdigest()[:24]
