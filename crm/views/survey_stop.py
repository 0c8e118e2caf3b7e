"""Behind "pause or stop" in every letter: a pause, no more letters, a colleague instead, and the way back.

Opening it changes nothing. The one POST without a page before it is that of RFC 8058: a mail program's own
"unsubscribe" button sends it, and it holds at once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.surveys.services import pause_letters, propose, resume_letters, stop_letters
from crm.forms.survey_wishes import WEEKS, PauseForm, ReferralForm
from crm.queries.survey import Letters
from crm.views.survey_door import Visit, by_any_link, colleague_of, languages, page, redirect
from crm.views.writing import page_or_post
from scoring.services import rescore_soon

ONE_CLICK = ("List-Unsubscribe", "One-Click")


@by_any_link
@page_or_post
def survey_stop(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method != "POST":
        return _choices(request, visit)
    field, value = ONE_CLICK
    if request.POST.get(field) == value:
        return _one_click(visit)
    wish = request.POST.get("wish", "")
    try:
        form = _WISHES[wish](request, visit) if wish in _WISHES else None
    except ValidationError as error:
        form = _refused(request, wish, error)
    if form is not None or wish not in _WISHES:
        return _choices(request, visit, wish=wish, form=form, status=422)
    rescore_soon([visit.invitation.customer_id])
    return redirect(visit.stop_url(done=wish))


def _one_click(visit: Visit) -> HttpResponse:
    """In plain text, since a program reads it; no redirect, which the RFC forbids."""
    stop_letters(visit.invitation, now=visit.now)
    rescore_soon([visit.invitation.customer_id])
    text = _("You get no more letters about %(project)s.") % {"project": visit.invitation.project.name}
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _pause(request: HttpRequest, visit: Visit) -> forms.Form | None:
    form = PauseForm(request.POST)
    if not form.is_valid():
        return form
    pause_letters(visit.invitation, until=form.day(timezone.localdate(visit.now)), now=visit.now)
    return None


def _stop(request: HttpRequest, visit: Visit) -> None:
    stop_letters(visit.invitation, now=visit.now)


def _stop_all(request: HttpRequest, visit: Visit) -> None:
    stop_letters(visit.invitation, now=visit.now, everywhere=True)


def _resume(request: HttpRequest, visit: Visit) -> None:
    resume_letters(visit.invitation, now=visit.now)


def _refer(request: HttpRequest, visit: Visit) -> forms.Form | None:
    form = ReferralForm(request.POST)
    if not form.is_valid():
        return form
    said = form.cleaned_data
    propose(visit.invitation, name=said["name"], email=said["email"], message=said["message"], now=visit.now)
    return None


_WISHES: dict[str, Any] = {
    "pause": _pause,
    "stop": _stop,
    "stop_all": _stop_all,
    "resume": _resume,
    "refer": _refer,
}


def _refused(request: HttpRequest, wish: str, error: ValidationError) -> forms.Form:
    """The form with what the service found."""
    form: forms.Form = PauseForm(request.POST) if wish == "pause" else ReferralForm(request.POST)
    for field, problems in error.error_dict.items():
        form.add_error(field if field in form.fields else None, problems)
    return form


def _choices(
    request: HttpRequest,
    visit: Visit,
    *,
    wish: str = "",
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    done = request.GET.get("done", "")
    here = reverse("survey_stop", args=[visit.token])
    context = {
        "visit": visit,
        "invitation": visit.invitation,
        "manager": visit.invitation.project.manager,
        "letters": Letters(visit.invitation),
        "done": done if done in _WISHES else "",
        "pause": form if wish == "pause" else None,
        "refer": form if wish == "refer" else None,
        "refused": form,
        "is_refused": status != 200,
        "weeks": WEEKS,
        "tomorrow": timezone.localdate(visit.now) + dt.timedelta(days=1),
        "colleague": colleague_of(request),
        "languages": languages(here, {"done": done} if done in _WISHES else {}),
    }
    return page("stop", context, status=status)
