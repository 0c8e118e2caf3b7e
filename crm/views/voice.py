"""The voice of the customer: note what was said outside the survey, answer it in time, find it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from accounts.facts import AlreadySavedError
from accounts.occasions.models import OccasionInvitation
from accounts.voice import services
from accounts.voice.models import Voice
from crm.forms.voice import AnswerForm, VoiceForm, VoiceListForm
from crm.queries import voice as queries
from crm.queries.occasions import occasion_behind
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import (
    back_or,
    demand,
    page_or_post,
    post_or_back,
    say_with_undo,
    status_of,
    wants_fragment,
)


@require_safe
@vary_on_headers("HX-Request")
def voices(request: UserRequest) -> HttpResponse:
    form = VoiceListForm(request.GET)
    today = company_day(timezone.now())
    found = queries.narrowed(
        access.visible_voices(request.user), request.GET.dict(), user=request.user, today=today
    )
    context = {
        "page": queries.page_of_voices(
            found,
            language=get_language() or "en",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "filters": form,
        "is_filtered": form.is_filtered,
        "kept": [("customer", request.GET["customer"])] if request.GET.get("customer") else [],
        "may_log": access.may_log(request.user),
        "today": today,
    }
    template = "voice/_table.html" if wants_fragment(request) else "voice/list.html"
    return render(request, template, context)


@require_safe
def voices_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter, to its end."""
    found = queries.narrowed(
        access.visible_voices(request.user),
        request.GET.dict(),
        user=request.user,
        today=company_day(timezone.now()),
    )
    return csv_answer(
        "voice-of-the-customer", _export_rows(queries.all_voices(found, language=get_language() or "en"))
    )


@page_or_post
def voice_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    now = timezone.now()
    form = VoiceForm(request.POST or None, user=request.user, customer=customer, today=company_day(now))
    if form.is_valid():
        try:
            added = form.save(
                lambda: services.add_voice(
                    customer=customer,
                    facts=form.facts(),
                    author=request.user,
                    now=now,
                    token=form.cleaned_data["token"],
                )
            )
        except AlreadySavedError:
            messages.info(request, _("This is already saved."))
            return redirect("customer_listening", customer.pk)
        if added is not None:
            messages.success(request, _("Noted."))
            return redirect("voice", added.pk)
    return render(request, "voice/form.html", {"customer": customer, "form": form}, status=status_of(form))


@require_safe
def voice(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_voice_or_404(request.user, pk)
    return render(request, "voice/voice.html", _context(request, found, AnswerForm()))


@page_or_post
def voice_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_voice_or_404(request.user, pk)
    demand(access.changeable_voices(request.user), found)
    now = timezone.now()
    form = VoiceForm(
        request.POST or None,
        user=request.user,
        customer=found.customer,
        today=company_day(now),
        stored=found,
    )
    if form.is_valid():
        changed = form.save(
            lambda: services.change_voice(
                found,
                facts=form.facts(),
                expected_version=form.expected_version,
                by=request.user,
                now=now,
            )
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect("voice", found.pk)
    context = {"customer": found.customer, "voice": found, "form": form}
    return render(request, "voice/form.html", context, status=status_of(form))


@post_or_back("voice")
def voice_answer(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_voice_or_404(request.user, pk)
    demand(access.changeable_voices(request.user), found)
    form = AnswerForm(request.POST)
    if form.is_valid():
        answered = form.save(
            lambda: services.answer_voice(
                found, answer=form.cleaned_data["answer"], by=request.user, now=timezone.now()
            )
        )
        if answered is not None:
            url, here = reverse("voice_reopen", args=[pk]), reverse("voice", args=[pk])
            say_with_undo(request, _("Answered; the clock stands still."), url, {}, next_url=here)
            return redirect(back_or(request, here))
    return render(request, "voice/voice.html", _context(request, found, form), status=status_of(form))


@post_or_back("voice")
def voice_reopen(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_voice_or_404(request.user, pk)
    demand(access.changeable_voices(request.user), found)
    services.reopen_voice(found)
    messages.success(request, _("It waits for an answer again."))
    return redirect(back_or(request, reverse("voice", args=[pk])))


def _context(request: UserRequest, found: Voice, form: AnswerForm) -> dict[str, object]:
    queries.with_words([found], language=get_language() or "en")
    return {
        "voice": found,
        "customer": found.customer,
        "form": form,
        "invitation": _survey_behind(request, found),
        "may_change": access.changeable_voices(request.user).filter(pk=found.pk).exists(),
        "today": company_day(timezone.now()),
    }


def _survey_behind(request: UserRequest, found: Voice) -> OccasionInvitation | None:
    """The answer to a survey that the complaint came of, if he may see it."""
    behind = occasion_behind(found)
    visible = access.visible_occasion_invitations(request.user)
    return behind if behind and visible.filter(pk=behind.pk).exists() else None


def _export_rows(found: Iterable[Voice]) -> Iterator[Iterable[object]]:
    yield (
        _("Heard on"),
        _("Kind"),
        _("Theme"),
        _("Customer"),
        _("Project"),
        _("Who said it"),
        _("How it came"),
        _("What was said"),
        _("Who answers"),
        _("Answer by"),
        _("Answered on"),
        _("What the customer was told"),
    )
    for each in found:
        yield (
            each.heard_on,
            each.get_kind_display(),
            each.get_theme_display(),
            each.customer.short_name,
            each.project.name if each.project else "",
            each.contact.name if each.contact else "",
            each.get_channel_display(),
            each.words,  # type: ignore[attr-defined]
            each.owner.name,
            each.answer_by,
            timezone.localtime(each.answered_at).date() if each.answered_at else "",
            each.answer,
        )
