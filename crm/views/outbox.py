"""The Outbox: each letter to a respondent and its fate; in demo and test the letters themselves."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from crm.forms.outbox import OutboxFilter, SurveyLettersFilter
from crm.mail import delivery, folder
from crm.queries import outbox as queries
from crm.queries.letter_story import story_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, wants_fragment

# A letter's own styles are let in here and nowhere else; it runs nothing, and its links open beside it.
LETTER_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
)
LINKS_BESIDE = '<base target="_blank">'


@require_safe
@vary_on_headers("HX-Request")
def outbox(request: UserRequest) -> HttpResponse:
    access.require(access.may_see_outbox(request.user))
    now = timezone.now()
    context = {
        "unreachable": queries.unreachable(now=now),
        "keeps_letters": folder.is_readable(),
        "tab": "week",
    }
    if weeks := queries.weeks_with_letters():
        form = OutboxFilter(request.GET, weeks=weeks)
        found = queries.found_by(request.user, week=form.chosen_week, text=form.text)
        page = queries.page_of_outbox(
            found,
            state=form.chosen_state,
            now=now,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
        context |= {"filters": form, "page": page, "counts": queries.counts_of(found)}
    template = "outbox/_outbox.html" if wants_fragment(request) else "outbox/outbox.html"
    return render(request, template, context)


@require_safe
@vary_on_headers("HX-Request")
def about_occasions(request: UserRequest) -> HttpResponse:
    """The letters of the surveys beside the weekly one."""
    access.require(access.may_see_outbox(request.user))
    context: dict[str, object] = {"keeps_letters": folder.is_readable(), "tab": "surveys"}
    if surveys := queries.surveys_with_letters():
        form = SurveyLettersFilter(request.GET, surveys=surveys)
        now = timezone.now()
        found = queries.found_about_occasions(
            request.user, programme_id=form.chosen_survey, text=form.text, now=now
        )
        page = queries.page_of_outbox(
            found,
            state=form.chosen_state,
            now=now,
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        )
        context |= {"filters": form, "page": page, "counts": queries.counts_of(found)}
    template = "outbox/_outbox.html" if wants_fragment(request) else "outbox/outbox.html"
    return render(request, template, context)


@require_safe
def message(request: UserRequest, pk: int) -> HttpResponse:
    """The story of one letter."""
    access.require(access.may_see_outbox(request.user))
    invitation = access.get_or_404(access.visible_invitations(request.user), pk)
    now = timezone.now()
    row = queries.row_of(invitation, now=now)
    context = {"row": row, "story": story_of(row.invitation, now=now), "now": now}
    return render(request, "outbox/message.html", context)


@require_safe
def message_about_occasion(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_see_outbox(request.user))
    invitation = access.get_or_404(access.visible_occasion_invitations(request.user), pk)
    now = timezone.now()
    row = queries.row_of(invitation, now=now)
    context = {"row": row, "story": story_of(row.invitation, now=now), "now": now}
    return render(request, "outbox/message.html", context)


@require_POST
def send_again_about_occasion(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_see_outbox(request.user))
    invitation = access.get_or_404(access.visible_occasion_invitations(request.user), pk)
    if delivery.send_survey_again(invitation.pk, now=timezone.now()):
        messages.success(request, _("It goes out again with the next letters, within a minute or two."))
    else:
        messages.info(request, _("Nothing was sent: it has not failed, or its survey is closed."))
    return redirect(back_or(request, reverse("outbox_surveys")))


@require_POST
def send_again(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_see_outbox(request.user))
    invitation = access.get_or_404(access.visible_invitations(request.user), pk)
    if delivery.send_again(invitation.pk, now=timezone.now()):
        messages.success(request, _("It goes out again with the next letters, within a minute or two."))
    else:
        messages.info(request, _("Nothing was sent: it has not failed, or its week is closed."))
    return redirect(back_or(request, reverse("outbox")))


@require_safe
@vary_on_headers("HX-Request")
def letters(request: UserRequest) -> HttpResponse:
    """Every letter of the folder, those about log-ins as well."""
    access.require(access.may_see_outbox(request.user) and folder.is_readable())
    page = folder.page_of_letters(after=request.GET.get("after", ""))
    template = "outbox/_letters.html" if wants_fragment(request) else "outbox/letters.html"
    return render(request, template, {"page": page})


@require_safe
def letter(request: UserRequest, name: str) -> HttpResponse:
    access.require(access.may_see_outbox(request.user) and folder.is_readable())
    return render(request, "outbox/letter.html", {"letter": _letter_or_404(name)})


@require_safe
def letter_html(request: UserRequest, name: str) -> HttpResponse:
    """The HTML part as it is, for the frame on the letter's page."""
    access.require(access.may_see_outbox(request.user) and folder.is_readable())
    found = _letter_or_404(name)
    if not found.html:
        raise Http404
    response = HttpResponse(found.html.replace("<head>", f"<head>{LINKS_BESIDE}", 1))
    response["Content-Security-Policy"] = LETTER_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _letter_or_404(name: str) -> folder.Letter:
    if (found := folder.letter_of(name)) is None:
        raise Http404
    return found
