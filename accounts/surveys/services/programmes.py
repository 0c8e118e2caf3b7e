"""Programmes and their versions: draft, activate, end. Codes: those of programme_rules, and not_a_draft,
not_an_override, scope. What somebody else changed in the meantime raises a ConflictError."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace

from django.db import connection, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, refuse
from accounts.projects.models import Project
from accounts.surveys.models import (
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeKind,
    ProgrammeVersion,
    SurveyDimension,
    SurveyProgramme,
    VersionState,
)
from accounts.surveys.services.programme_rules import check_facts
from accounts.surveys.standard import STANDARD, GradeFacts, VersionFacts, columns_of, facts_of
from accounts.users.models import User

WEEKLY = "Weekly satisfaction"

# Only the general programme names a dimension that others ask for; a new one is named by whoever adds it.
NAME_DIMENSIONS = """
update surveys_surveydimension dimension
set name = part.name, name_zh_hans = part.name_zh_hans, name_zh_hant = part.name_zh_hant
from surveys_programmedimension part
where part.version_id = %(version)s and part.dimension_id = dimension.id and part.name <> ''
  and (%(is_general)s or not exists (
    select from surveys_programmedimension other
    where other.dimension_id = dimension.id and other.version_id <> part.version_id
  ))
"""
# A draft that is changed or discarded leaves no dimension behind that nobody ever asked for.
DROP_UNASKED = """
delete from surveys_surveydimension dimension
where programme_id = %(programme)s
  and not exists (select from surveys_programmedimension part where part.dimension_id = dimension.id)
"""


@transaction.atomic
def ensure_programme(*, now: dt.datetime) -> ProgrammeVersion:
    """The active general version of the weekly programme; the product's own when there is none yet."""
    active = ProgrammeVersion.objects.filter(
        programme__is_weekly=True, state=VersionState.ACTIVE, customer=None, project=None
    )
    if version := active.select_related("programme").first():
        return version
    weekly = SurveyProgramme(name=WEEKLY, kind=ProgrammeKind.WEEKLY)
    SurveyProgramme.objects.bulk_create([weekly], ignore_conflicts=True)
    programme = SurveyProgramme.objects.select_for_update().get(is_weekly=True)
    return active.select_related("programme").first() or publish_version(
        programme, facts=STANDARD, author=None, now=now
    )


@transaction.atomic
def publish_version(
    programme: SurveyProgramme,
    *,
    facts: VersionFacts,
    author: User | None,
    now: dt.datetime,
    customer: Customer | None = None,
    project: Project | None = None,
) -> ProgrammeVersion:
    """A new version, active from now on. Invitations made before keep the version they were made under."""
    check_facts(facts)
    locked(programme)
    base = _active(programme, customer, project).first()
    draft = new_draft(programme, facts, author, based_on=base, customer=customer, project=project)
    return make_active(draft, now)


@transaction.atomic
def start_draft(
    programme: SurveyProgramme,
    *,
    author: User | None,
    customer: Customer | None = None,
    project: Project | None = None,
) -> ProgrammeVersion:
    """A draft that says what holds now; the one that is there already, if any.

    Of a project it starts from the project's version, else from its customer's, else from the general one.
    """
    if customer is not None and project is not None:
        refuse("project", "scope", _("A programme of its own is a customer's or a project's."))
    locked(programme)
    drafts = ProgrammeVersion.objects.filter(
        programme=programme, state=VersionState.DRAFT, customer=customer, project=project
    )
    if draft := drafts.first():
        return draft
    above = project.customer if project is not None else customer
    base = (
        _active(programme, customer, project).first()
        or _active(programme, above, None).first()
        or _active(programme, None, None).get()
    )
    facts = replace(facts_of(base), note="")
    return new_draft(programme, facts, author, based_on=base, customer=customer, project=project)


@transaction.atomic
def save_draft(draft: ProgrammeVersion, *, facts: VersionFacts, expected_digest: str) -> ProgrammeVersion:
    """What the draft says from now on.

    Raises ConflictError when it no longer says what was read (``VersionFacts.digest``).
    """
    check_facts(facts)
    current = _taken(draft, expected_digest)
    rewrite(current, facts)
    return current


@transaction.atomic
def activate(draft: ProgrammeVersion, *, expected_digest: str, now: dt.datetime) -> ProgrammeVersion:
    """The draft holds for every week that begins from now on, and retires the version before it.

    Raises ConflictError when it no longer says what was read and confirmed.
    """
    locked(draft.programme)
    current = _taken(draft, expected_digest)
    check_facts(facts_of(current))
    return make_active(current, now)


@transaction.atomic
def discard_draft(draft: ProgrammeVersion) -> None:
    """Nothing remains of it; once more is no error."""
    found = ProgrammeVersion.objects.select_for_update().filter(pk=draft.pk)
    if current := found.first():
        if current.state != VersionState.DRAFT:
            refuse("state", "not_a_draft", _("This version is no draft any more: it cannot be discarded."))
        current.delete()
        _drop_unasked(current.programme_id)


@transaction.atomic
def end_override(version: ProgrammeVersion, *, now: dt.datetime) -> ProgrammeVersion:
    """From the next week on the customer or project is asked under the more general programme again."""
    current = ProgrammeVersion.objects.select_for_update().get(pk=version.pk)
    if current.customer_id is None and current.project_id is None:
        refuse("state", "not_an_override", _("The general programme is replaced, never ended."))
    if current.state == VersionState.ACTIVE:
        current.state, current.retired_at = VersionState.RETIRED, now
        current.save(update_fields=["state", "retired_at"])
    return current


def make_active(draft: ProgrammeVersion, now: dt.datetime) -> ProgrammeVersion:
    """The draft of a locked programme holds from now on, and retires the version before it."""
    _active(draft.programme, draft.customer, draft.project).update(state=VersionState.RETIRED, retired_at=now)
    draft.state, draft.activated_at = VersionState.ACTIVE, now
    draft.save(update_fields=["state", "activated_at"])
    _name_dimensions(draft)
    return draft


def locked(programme: SurveyProgramme) -> SurveyProgramme:
    """One change of a programme at a time: numbers are given once, and one version is active."""
    return SurveyProgramme.objects.select_for_update().get(pk=programme.pk)


def _taken(draft: ProgrammeVersion, expected_digest: str) -> ProgrammeVersion:
    """The draft, locked, as it was read."""
    try:
        current = ProgrammeVersion.objects.select_for_update().get(pk=draft.pk)
    except ProgrammeVersion.DoesNotExist as error:
        raise ConflictError from error
    if current.state != VersionState.DRAFT:
        refuse("state", "not_a_draft", _("Somebody activated this draft in the meantime."))
    if facts_of(current).digest != expected_digest:
        raise ConflictError
    return current


def _active(
    programme: SurveyProgramme, customer: Customer | None, project: Project | None
) -> QuerySet[ProgrammeVersion]:
    return ProgrammeVersion.objects.filter(
        programme=programme, state=VersionState.ACTIVE, customer=customer, project=project
    )


def rewrite(draft: ProgrammeVersion, facts: VersionFacts) -> None:
    """The locked draft says this from now on; whoever calls has checked both."""
    for name, value in columns_of(facts).items():
        setattr(draft, name, value)
    draft.save()
    draft.dimensions.all().delete()
    draft.grades.all().delete()
    _write_parts(draft, facts)
    _drop_unasked(draft.programme_id)


def new_draft(
    programme: SurveyProgramme,
    facts: VersionFacts,
    author: User | None,
    *,
    based_on: ProgrammeVersion | None,
    customer: Customer | None = None,
    project: Project | None = None,
) -> ProgrammeVersion:
    """A draft of a locked programme, under its next number; whoever calls has checked the facts."""
    known = ProgrammeVersion.objects.filter(programme=programme)
    version = ProgrammeVersion.objects.create(
        programme=programme,
        customer=customer,
        project=project,
        based_on=based_on,
        number=(known.aggregate(last=Max("number"))["last"] or 0) + 1,
        created_by=author,
        **columns_of(facts),
    )
    _write_parts(version, facts)
    return version


def _write_parts(version: ProgrammeVersion, facts: VersionFacts) -> None:
    SurveyDimension.objects.bulk_create(
        [
            SurveyDimension(programme_id=version.programme_id, code=each.code, **asdict(each.words))
            for each in facts.dimensions
        ],
        ignore_conflicts=True,
    )
    known = SurveyDimension.objects.filter(programme=version.programme_id)
    by_code = {dimension.code: dimension for dimension in known}
    ProgrammeDimension.objects.bulk_create(
        ProgrammeDimension(
            version=version,
            dimension=by_code[each.code],
            position=at,
            weight=each.weight,
            functional_role=each.functional_role,
            **asdict(each.words),
        )
        for at, each in enumerate(facts.dimensions)
    )
    ProgrammeGrade.objects.bulk_create(_grade(version, at, grade) for at, grade in enumerate(facts.grades))


def _grade(version: ProgrammeVersion, position: int, facts: GradeFacts) -> ProgrammeGrade:
    return ProgrammeGrade(
        version=version,
        position=position,
        letter=facts.letter,
        points=facts.points,
        warns=facts.warns,
        opens_case=facts.opens_case,
        confirms_case=facts.confirms_case,
        **asdict(facts.words),
    )


def _name_dimensions(version: ProgrammeVersion) -> None:
    is_general = version.customer_id is None and version.project_id is None
    with connection.cursor() as cursor:
        cursor.execute(NAME_DIMENSIONS, {"version": version.pk, "is_general": is_general})


def _drop_unasked(programme_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DROP_UNASKED, {"programme": programme_id})
