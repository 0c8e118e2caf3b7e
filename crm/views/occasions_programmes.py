"""The surveys beside the weekly one: which there are for everybody, and their drafts for admins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.customers.services import ConflictError, company_day
from accounts.occasions.facts import survey_facts_of, survey_facts_of_all
from accounts.occasions.models import EventKind
from accounts.occasions.queries import asked_of
from accounts.occasions.services import surveys as services
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.services import discard_draft, ensure_programme
from crm.forms.occasions_answer import OccasionForm
from crm.forms.occasions_programmes import NameForm, NewSurveyForm, SurveyDraftForm
from crm.queries import occasions_programmes as queries
from crm.survey_words import survey_changes
from crm.views.occasions_paper import Address, form_context, preview_paper
from crm.views.request import UserRequest
from crm.views.survey_door import languages
from crm.views.writing import page_or_post, status_of


@require_safe
def surveys(request: UserRequest) -> HttpResponse:
    """All programmes; whoever does not keep them sees those that ask or asked."""
    now = timezone.now()
    may_manage = access.may_manage_surveys(request.user)
    ensure_programme(now=now)
    if may_manage:
        services.ensure_standard_programmes(now)
    rows = queries.programme_rows(
        access.visible_occasion_invitations(request.user),
        access.visible_invitations(request.user),
        now=now,
    )
    shown = [row for row in rows if may_manage or row.state != "draft"]
    return render(request, "occasions/surveys.html", {"rows": shown, "may_manage": may_manage})


@page_or_post
def survey_new(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_surveys(request.user))
    form = NewSurveyForm(request.POST or None)
    if form.is_valid():
        try:
            programme = services.create_programme(
                name=form.cleaned_data["name"],
                kind=form.kind,
                facts=form.facts,
                author=request.user,
                now=timezone.now(),
            )
        except ValidationError as refusal:
            _refuse(form, refusal)
        else:
            draft = services.draft_survey(programme, author=request.user, now=timezone.now())
            return redirect("survey_draft", draft.pk)
    return render(request, "occasions/new_survey.html", {"form": form}, status=status_of(form))


@page_or_post
def survey_programme(request: UserRequest, pk: int) -> HttpResponse:
    """What the survey asks now, its versions, and its name."""
    programme = _programme_or_404(request, pk)
    form = NameForm(request.POST or None, initial={"name": programme.name})
    if form.is_valid():
        try:
            services.rename_programme(programme, name=form.cleaned_data["name"])
        except ValidationError as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("survey_programme", pk)
    versions = queries.versions_of(programme)
    active = queries.version_in(versions, VersionState.ACTIVE)
    draft = queries.version_in(versions, VersionState.DRAFT)
    shown = active or draft or versions[0]
    facts = survey_facts_of_all(versions)
    context = {
        "programme": programme,
        "form": form,
        "active": active,
        "draft": draft,
        "version": shown,
        "facts": facts[shown.pk],
        "lines": [
            (each, _changed(queries.predecessor(each, versions), each, facts))
            for each in versions
            if each.state != VersionState.DRAFT
        ],
    }
    return render(request, "occasions/programme.html", context, status=status_of(form))


@require_POST
def survey_draft_new(request: UserRequest, pk: int) -> HttpResponse:
    programme = _programme_or_404(request, pk)
    draft = services.draft_survey(programme, author=request.user, now=timezone.now())
    return redirect("survey_draft", draft.pk)


@require_POST
def survey_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    programme = _programme_or_404(request, pk)
    services.withdraw_programme(programme, now=timezone.now())
    messages.success(request, _("Withdrawn: nobody is asked any more. What was sent can still be answered."))
    return redirect("survey_programme", pk)


@page_or_post
def survey_draft(request: UserRequest, pk: int) -> HttpResponse:
    """The draft's form. ``do`` moves, adds or removes a line of what is typed and saves nothing."""
    draft = _version_or_404(request, pk)
    if draft.state != VersionState.DRAFT:
        messages.info(request, _("This draft has been published in the meantime."))
        return redirect("survey_version", draft.pk)
    stored = survey_facts_of(draft)
    posted = request.POST if request.method == "POST" else None
    form = SurveyDraftForm(posted, stored=stored, kind=draft.programme.kind)
    if "do" in request.POST:
        return _draft_page(request, draft, form.moved(request.POST["do"]))
    if form.is_valid() and _save(draft, form):
        if "review" in request.POST:
            return redirect("survey_publish", draft.pk)
        if "preview" in request.POST:
            return redirect("survey_preview", draft.pk)
        messages.success(request, _("The draft is saved."))
        return redirect("survey_draft", draft.pk)
    return _draft_page(request, draft, form)


@page_or_post
def survey_publish(request: UserRequest, pk: int) -> HttpResponse:
    """Says what changes, and asks; what was confirmed is what is published."""
    draft = _version_or_404(request, pk)
    if draft.state != VersionState.DRAFT:
        messages.info(request, _("This version is published or was: nothing is left to publish."))
        return redirect("survey_version", draft.pk)
    if request.method == "POST" and _publish(request, draft):
        return redirect("survey_programme", draft.programme_id)
    before = queries.version_in(queries.versions_of(draft.programme), VersionState.ACTIVE)
    facts = survey_facts_of_all([each for each in (before, draft) if each is not None])
    context = {
        "version": draft,
        "programme": draft.programme,
        "before": before,
        "changes": _changed(before, draft, facts),
        "facts": facts[draft.pk],
        "digest": facts[draft.pk].digest,
    }
    return render(request, "occasions/publish.html", context)


@require_POST
def survey_discard(request: UserRequest, pk: int) -> HttpResponse:
    draft = _version_or_404(request, pk)
    try:
        discard_draft(draft)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("survey_version", draft.pk)
    messages.success(request, _("The draft is discarded."))
    is_empty = not draft.programme.versions.exists()
    return redirect("surveys") if is_empty else redirect("survey_programme", draft.programme_id)


@require_safe
def survey_version(request: UserRequest, pk: int) -> HttpResponse:
    version = _version_or_404(request, pk)
    if version.state == VersionState.DRAFT:
        return redirect("survey_draft", version.pk)
    versions = queries.versions_of(version.programme)
    before = queries.predecessor(version, versions)
    facts = survey_facts_of_all([each for each in (before, version) if each is not None])
    context = {
        "version": version,
        "programme": version.programme,
        "before": before,
        "changes": _changed(before, version, facts),
        "facts": facts[version.pk],
    }
    return render(request, "occasions/version.html", context)


@require_safe
def survey_preview(request: UserRequest, pk: int) -> HttpResponse:
    """The respondent's page of any version, also of a draft, in any of the three languages."""
    version = _version_or_404(request, pk)
    asked_for = request.GET.get("lang", "")
    known = {code for code, *_rest in languages("", {})}
    language = asked_for if asked_for in known else translation.get_language() or "en"
    with translation.override(language):
        return HttpResponse(_preview(request, version, language))


def _preview(request: UserRequest, version: ProgrammeVersion, language: str) -> str:
    asked, kind = asked_of(version.pk), version.programme.kind
    paper = preview_paper(
        kind,
        event=EventKind.DELIVERY.value if kind == ProgrammeKind.EVENT else "",
        opening=version.rules.opening_in(language),
        keeper=request.user,
        day=company_day(timezone.now()),
    )
    is_draft = version.state == VersionState.DRAFT
    paper = replace(
        paper,
        back_url=reverse("survey_draft" if is_draft else "survey_version", args=[version.pk]),
        back_label=_("Back to version %(number)s") % {"number": version.number},
    )
    form = OccasionForm(asked, language=language)
    here = reverse("survey_preview", args=[version.pk])
    context = form_context(paper, Address(here, language), form, asked, languages=languages(here, {}))
    return render_to_string("survey/occasion/form.html", context)


def _programme_or_404(request: UserRequest, pk: int) -> SurveyProgramme:
    access.require(access.may_manage_surveys(request.user))
    return access.get_or_404(queries.occasional(), pk)


def _version_or_404(request: UserRequest, pk: int) -> ProgrammeVersion:
    access.require(access.may_manage_surveys(request.user))
    found = ProgrammeVersion.objects.exclude(programme__is_weekly=True)
    return access.get_or_404(found.select_related("programme", "created_by", "based_on", "rules"), pk)


def _save(draft: ProgrammeVersion, form: SurveyDraftForm) -> bool:
    try:
        services.save_draft(draft, facts=form.facts, expected_digest=form.expected_digest)
    except ConflictError:
        form.read_again(survey_facts_of(draft))
        return False
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    return True


def _publish(request: UserRequest, draft: ProgrammeVersion) -> bool:
    digest = request.POST.get("digest", "")
    try:
        services.publish_survey(draft, expected_digest=digest, now=timezone.now())
    except ConflictError:
        words = _("Somebody changed the draft since you read it. Nothing was published: read it again.")
        messages.error(request, words)
        return False
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    messages.success(request, _("Published: from now on this version asks."))
    return True


def _draft_page(request: UserRequest, draft: ProgrammeVersion, form: SurveyDraftForm) -> HttpResponse:
    context = {"version": draft, "programme": draft.programme, "draft": form}
    return render(request, "occasions/draft.html", context, status=422 if form.is_bound else 200)


def _changed(before: ProgrammeVersion | None, version: ProgrammeVersion, facts: dict[int, Any]) -> Any:
    return survey_changes(facts[before.pk], facts[version.pk]) if before else ()


def _refuse(form: NewSurveyForm | NameForm, refusal: ValidationError) -> None:
    for field, errors in refusal.error_dict.items():
        form.add_error(field if field in form.fields else None, errors)
