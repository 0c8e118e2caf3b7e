"""Surveys beside the weekly one and their versions: create, draft, publish, withdraw.

Codes: those of `rules`, and not_a_draft. What somebody else changed in the meantime raises a ConflictError.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import ConflictError, refuse
from accounts.occasions.facts import SurveyFacts, survey_facts_of, write_survey_parts
from accounts.occasions.services.rules import check_survey
from accounts.occasions.standard import STANDARD_SURVEYS
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.services.programmes import locked, make_active, new_draft, rewrite
from accounts.users.models import User

MAX_NAME = 120


@transaction.atomic
def create_programme(
    *, name: str, kind: ProgrammeKind, facts: SurveyFacts, author: User | None, now: dt.datetime
) -> SurveyProgramme:
    """A survey with its first draft, of ``now``; nobody is asked before it is published."""
    if kind not in ProgrammeKind.values or kind == ProgrammeKind.WEEKLY:
        refuse("kind", "kind_weekly", _("There is one weekly survey, and this is another kind."))
    check_survey(facts, kind)
    name = _checked(name)
    try:
        with transaction.atomic():
            programme = SurveyProgramme.objects.create(name=name, kind=kind)
    except IntegrityError:
        refuse("name", "name_taken", _("There is a survey of this name."))
    draft = new_draft(programme, facts.version, author, based_on=None)
    ProgrammeVersion.objects.filter(pk=draft.pk).update(created_at=now)
    write_survey_parts(draft, facts)
    return programme


def ensure_standard_programmes(now: dt.datetime) -> list[SurveyProgramme]:
    """The product's own surveys as drafts, each where there is none of its kind yet; those made now."""
    with transaction.atomic():
        known = set(SurveyProgramme.objects.values_list("kind", flat=True))
        names = set(SurveyProgramme.objects.values_list("name", flat=True))
        return [
            create_programme(name=each.name, kind=each.kind, facts=each.facts, author=None, now=now)
            for each in STANDARD_SURVEYS
            if each.kind not in known and each.name not in names
        ]


@transaction.atomic
def rename_programme(programme: SurveyProgramme, *, name: str) -> SurveyProgramme:
    """What we call it among ourselves; the respondent reads the opening words."""
    current = locked(programme)
    current.name = _checked(name)
    try:
        with transaction.atomic():
            current.save(update_fields=["name"])
    except IntegrityError:
        refuse("name", "name_taken", _("There is a survey of this name."))
    return current


@transaction.atomic
def draft_survey(programme: SurveyProgramme, *, author: User | None, now: dt.datetime) -> ProgrammeVersion:
    """A draft that says what holds now, or held last; the one that is there already, if any.

    Where nothing ever held it says what the product's own survey of this kind says.
    """
    locked(programme)
    versions = ProgrammeVersion.objects.filter(programme=programme).order_by("-number")
    if draft := versions.filter(state=VersionState.DRAFT).first():
        return draft
    base = versions.filter(state=VersionState.ACTIVE).first() or versions.first()
    if base is None:
        facts = next(each.facts for each in STANDARD_SURVEYS if each.kind == programme.kind)
    else:
        facts = survey_facts_of(base)
        facts = replace(facts, version=replace(facts.version, note=""))
    draft = new_draft(programme, facts.version, author, based_on=base)
    ProgrammeVersion.objects.filter(pk=draft.pk).update(created_at=now)
    write_survey_parts(draft, facts)
    return draft


@transaction.atomic
def save_draft(draft: ProgrammeVersion, *, facts: SurveyFacts, expected_digest: str) -> ProgrammeVersion:
    """What the draft says from now on.

    Raises ConflictError when it no longer says what was read (``SurveyFacts.digest``).
    """
    current = _taken(draft, expected_digest)
    check_survey(facts, current.programme.kind)
    rewrite(current, facts.version)
    write_survey_parts(current, facts)
    return current


@transaction.atomic
def publish_survey(draft: ProgrammeVersion, *, expected_digest: str, now: dt.datetime) -> ProgrammeVersion:
    """The draft holds for everybody who is asked from now on, and retires the version before it.

    Raises ConflictError when it no longer says what was read and confirmed.
    """
    locked(draft.programme)
    current = _taken(draft, expected_digest)
    check_survey(survey_facts_of(current), current.programme.kind)
    return make_active(current, now)


@transaction.atomic
def withdraw_programme(programme: SurveyProgramme, *, now: dt.datetime) -> bool:
    """Nobody is asked any more, and letters that wait are not sent; whether it was asked until now.

    What was sent can still be answered. A draft of it can be published again.
    """
    locked(programme)
    active = ProgrammeVersion.objects.filter(programme=programme, state=VersionState.ACTIVE)
    return bool(active.update(state=VersionState.RETIRED, retired_at=now))


def _checked(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > MAX_NAME:
        refuse("name", "blank", _("A survey has a name, of at most 120 characters."))
    return name


def _taken(draft: ProgrammeVersion, expected_digest: str) -> ProgrammeVersion:
    """The draft, locked, as it was read."""
    found = ProgrammeVersion.objects.select_for_update(of=("self",)).select_related("programme")
    current = found.filter(pk=draft.pk).first()
    if current is None:
        raise ConflictError(draft.pk)
    if current.state != VersionState.DRAFT:
        refuse("state", "not_a_draft", _("Somebody published this draft in the meantime."))
    if survey_facts_of(current).digest != expected_digest:
        raise ConflictError(draft.pk)
    return current
