"""The survey programme, for admins: what holds, drafts, overrides and who heads which function."""

from __future__ import annotations

import datetime as dt
from itertools import zip_longest
from typing import Any

from babel.dates import format_date
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.projects.models import Project
from accounts.projects.services import set_functional_managers
from accounts.surveys import services
from accounts.surveys.models import ProgrammeVersion, VersionState
from accounts.surveys.standard import VersionFacts, facts_of, facts_of_all
from accounts.surveys.weeks import first_week_after
from crm.forms.functional_managers import FunctionalManagersForm
from crm.forms.programmes import Draft
from crm.programme_preview import effects, last_week
from crm.programme_words import Change, changes, clocks_in_days, is_asked_early, rated_week, rhythm
from crm.queries import programmes as queries
from crm.templatetags.formats import reader_locale
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, status_of, wants_fragment

SCALE_POINTS = 100
"""Charts, bands and flags read an index between -100 and 100."""


@require_safe
def programme(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_programme(request.user))
    now = timezone.now()
    services.ensure_programme(now=now)
    found = queries.overview(access.manageable_versions(request.user), now=now)
    context = {"overview": found, "version": found.general, **_shown(found.general)}
    context["lines"] = _lines(found.versions, now)
    context["held"] = queries.held_by(found.versions, now=now)[found.general.pk]
    return render(request, "programmes/programme.html", context)


@require_safe
def programme_version(request: UserRequest, pk: int) -> HttpResponse:
    version = _version_or_404(request, pk)
    if version.state == VersionState.DRAFT:
        return redirect("programme_draft", version.pk)
    before = queries.predecessor(version)
    context = {
        "version": version,
        "held": _held(request, version, timezone.now()),
        "before": before,
        "changes": _changed(before, version),
        **_shown(version),
    }
    return render(request, "programmes/version.html", context)


@require_safe
def customer_programme(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.customers_with_programme(request.user), customer)
    return _scope_page(request, customer=customer)


@require_safe
def project_programme(request: UserRequest, pk: int) -> HttpResponse:
    project = access.get_project_or_404(request.user, pk)
    demand(access.projects_with_programme(request.user), project)
    return _scope_page(request, project=project)


@require_POST
def programme_draft_new(request: UserRequest) -> HttpResponse:
    """A draft of the general programme, or of the ``customer`` or ``project`` that the form names."""
    access.require(access.may_keep_programme(request.user))
    customer = project = None
    if "project" in request.POST:
        project = access.get_project_or_404(request.user, request.POST["project"])
    elif "customer" in request.POST:
        customer = access.get_customer_or_404(request.user, request.POST["customer"])
    general = services.ensure_programme(now=timezone.now())
    draft = services.start_draft(general.programme, author=request.user, customer=customer, project=project)
    return redirect("programme_draft", draft.pk)


@page_or_post
@vary_on_headers("HX-Request")
def programme_draft(request: UserRequest, pk: int) -> HttpResponse:
    """The draft's form; with ``preview`` nothing is saved."""
    draft = _version_or_404(request, pk)
    if draft.state != VersionState.DRAFT:
        messages.info(request, _("This draft has been activated in the meantime."))
        return redirect("programme_version", draft.pk)
    stored = facts_of(draft)
    posted = request.POST if request.method == "POST" else None
    form = Draft(posted, stored=stored, user=request.user, fixed_names=_names_fixed_for(draft))
    is_valid = form.is_valid()
    if "preview" in request.POST:
        return _preview(request, draft, form, form.facts if is_valid else None)
    if is_valid and _save(draft, form):
        messages.success(request, _("The draft is saved."))
        return redirect("programme_activate" if "review" in request.POST else "programme_draft", draft.pk)
    if form.is_bound and not is_valid:
        return _draft_page(request, draft, form, None)
    typed = form.facts if is_valid else None
    mine = changes(facts_of(draft), typed, queries.calendar_names()) if typed else ()
    return _draft_page(request, draft, form, typed or stored, mine)


@page_or_post
def programme_activate(request: UserRequest, pk: int) -> HttpResponse:
    """Says what changes and from when, and asks; what was confirmed is what is activated."""
    draft = _version_or_404(request, pk)
    if draft.state != VersionState.DRAFT:
        messages.info(request, _("This version is active or was: nothing is left to activate."))
        return redirect("programme_version", draft.pk)
    now = timezone.now()
    if request.method == "POST" and _activate(request, draft, now):
        return redirect("programme_version", draft.pk)
    facts = facts_of(draft)
    before = _present(draft)
    held = _held(request, before, now) if before else None
    context = {
        "version": draft,
        "before": before,
        "before_from": _day(held.first) if held and held.is_next else "",
        "changes": _changed(before, draft),
        "digest": facts.digest,
        "holds_from": first_week_after(now),
        **_effects_of(draft, facts),
        **_shown(draft),
    }
    return render(request, "programmes/activate.html", context)


@require_POST
def programme_discard(request: UserRequest, pk: int) -> HttpResponse:
    draft = _version_or_404(request, pk)
    try:
        services.discard_draft(draft)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("programme_version", draft.pk)
    messages.success(request, _("The draft is discarded."))
    return redirect("programme")


@require_POST
def programme_end(request: UserRequest, pk: int) -> HttpResponse:
    version = _version_or_404(request, pk)
    try:
        now = timezone.now()
        services.end_override(version, now=now)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        words = _("Ended. From Monday, %(day)s, the more general programme holds.")
        messages.success(request, words % {"day": _day(first_week_after(now))})
    return redirect("programme")


@page_or_post
def functional_managers(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_programme(request.user))
    heads = queries.functional_managers()
    present = {each.role.value: each.user.pk for each in heads if each.user is not None}
    typed = request.POST if request.method == "POST" else None
    form = FunctionalManagersForm(typed, user=request.user, heads=present)
    if form.is_valid():
        set_functional_managers(form.heads)
        messages.success(request, _("Saved."))
        return redirect("functional_managers")
    context = {"form": form, "gaps": [each.role for each in heads if each.user is None]}
    return render(request, "programmes/functional_managers.html", context, status=status_of(form))


def _version_or_404(request: UserRequest, pk: int) -> ProgrammeVersion:
    return access.get_or_404(queries.with_people(access.manageable_versions(request.user)), pk)


def _present(draft: ProgrammeVersion) -> ProgrammeVersion | None:
    """What is active where the draft would be: its scope's own version, else the one above it."""
    active = ProgrammeVersion.objects.filter(programme=draft.programme_id, state=VersionState.ACTIVE)
    above = draft.project.customer_id if draft.project else draft.customer_id
    scopes = ((draft.customer_id, draft.project_id), (above, None), (None, None))
    found = (active.filter(customer=customer, project=project).first() for customer, project in scopes)
    return next((each for each in found if each is not None), draft.based_on)


def _names_fixed_for(draft: ProgrammeVersion) -> dict[str, Any]:
    """Only the general programme renames what others ask for too."""
    if queries.is_general(draft) or draft.based_on is None:
        return {}
    return {each.code: each.words for each in facts_of(draft.based_on).dimensions}


def _save(draft: ProgrammeVersion, form: Draft) -> bool:
    try:
        services.save_draft(draft, facts=form.facts, expected_digest=form.expected_digest)
    except ConflictError:
        form.read_again(facts_of(access.get_or_404(ProgrammeVersion.objects.all(), draft.pk)))
        return False
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    return True


def _activate(request: UserRequest, draft: ProgrammeVersion, now: dt.datetime) -> bool:
    try:
        services.activate(draft, expected_digest=request.POST.get("digest", ""), now=now)
    except ConflictError:
        messages.error(
            request,
            _("Somebody changed the draft since you read it. Nothing was activated: read it again."),
        )
        return False
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    words = _("The version is active. It holds for every week from Monday, %(day)s.")
    messages.success(request, words % {"day": _day(first_week_after(now))})
    return True


def _draft_page(
    request: UserRequest,
    draft: ProgrammeVersion,
    form: Draft,
    facts: VersionFacts | None,
    mine: tuple[Change, ...] = (),
) -> HttpResponse:
    """``facts``: what the numbers of the preview are of; None: what is typed is refused, and has none."""
    form.point_out()
    context = {"version": draft, "draft": form, "mine": mine, **_numbers_of(draft, facts)}
    return render(request, "programmes/draft.html", context, status=422 if form.is_bound else 200)


def _preview(
    request: UserRequest, draft: ProgrammeVersion, form: Draft, facts: VersionFacts | None
) -> HttpResponse:
    is_part = wants_fragment(request)
    if not is_part:
        form.point_out()
    context = {"version": draft, "draft": form, **_numbers_of(draft, facts)}
    return render(request, "programmes/_preview.html" if is_part else "programmes/draft.html", context)


def _numbers_of(draft: ProgrammeVersion, facts: VersionFacts | None) -> dict[str, Any]:
    return {"is_incomplete": True} if facts is None else _effects_of(draft, facts)


def _effects_of(draft: ProgrammeVersion, facts: VersionFacts) -> dict[str, Any]:
    before = _present(draft)
    now = facts_of(before) if before else facts
    said = queries.grades_of_last_week(timezone.now()) if queries.is_general(draft) else None
    return {
        "before": before,
        "effects": effects(now, facts),
        "untold": [
            words.name
            for words in [*(each.words for each in facts.dimensions), *(each.words for each in facts.grades)]
            if not (words.name_zh_hans and words.name_zh_hant)
        ],
        "is_off_scale": any(abs(each.points) > SCALE_POINTS for each in facts.grades),
        "clocks": clocks_in_days(facts),
        "early_words": rated_week(facts) if is_asked_early(facts) else "",
        "last_week": last_week(now, facts, said) if said else None,
        "week": said.week if said else None,
    }


def _shown(version: ProgrammeVersion) -> dict[str, Any]:
    facts = facts_of(version)
    return {"facts": facts, "rhythm": rhythm(facts)}


def _changed(before: ProgrammeVersion | None, version: ProgrammeVersion) -> tuple[Change, ...]:
    if before is None:
        return ()
    facts = facts_of_all([before, version])
    return changes(facts[before.pk], facts[version.pk], queries.calendar_names())


def _held(request: UserRequest, version: ProgrammeVersion, now: dt.datetime) -> queries.Held:
    """The weeks for which it holds; of a general one it matters whether it is the first."""
    kin = access.manageable_versions(request.user).filter(customer=None, project=None)
    known = [version, *kin.exclude(state=VersionState.DRAFT)] if queries.is_general(version) else [version]
    return queries.held_by(known, now=now)[version.pk]


def _day(day: dt.date) -> str:
    return format_date(day, "medium", locale=reader_locale())


def _lines(
    versions: tuple[ProgrammeVersion, ...], now: dt.datetime
) -> list[tuple[ProgrammeVersion, queries.Held, tuple[Change, ...]]]:
    """Each version with its weeks and what it changed against the one before it; of the first nothing."""
    held = queries.held_by(versions, now=now)
    facts, calendars = facts_of_all(versions), queries.calendar_names()
    pairs = zip_longest(versions, versions[1:])
    return [
        (
            version,
            held[version.pk],
            changes(facts[before.pk], facts[version.pk], calendars) if before else (),
        )
        for version, before in pairs
    ]


def _scope_page(
    request: UserRequest, *, customer: Customer | None = None, project: Project | None = None
) -> HttpResponse:
    versions, now = access.manageable_versions(request.user), timezone.now()
    services.ensure_programme(now=now)
    own = queries.of_scope(versions, customer=customer, project=project)
    draft = next((each for each in own if each.state == VersionState.DRAFT), None)
    active = next((each for each in own if each.state == VersionState.ACTIVE), None)
    held = queries.held_by([each for each in own if each.activated_at], now=now)
    holding = next((each for each in own if each.pk in held and held[each.pk].is_now), None)
    monday = first_week_after(now) - queries.WEEK
    shown = holding or queries.above(versions, project.customer if project else None, monday=monday)
    context = {
        "customer": customer,
        "project": project,
        "draft": draft,
        "active": active,
        "holding": holding,
        "held": held[holding.pk] if holding else None,
        "follows": held[active.pk] if active and active != holding else None,
        "version": shown,
        "lines": _lines(tuple(each for each in own if each.state != VersionState.DRAFT), now),
        **_shown(shown),
    }
    return render(request, "programmes/scope.html", context)
