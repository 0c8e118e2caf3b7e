"""Programmes and their versions. Codes: dimensions, code, weight, grades, letter, points, marks."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from itertools import pairwise

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.surveys.models import (
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeVersion,
    SurveyDimension,
    SurveyProgramme,
    VersionState,
)
from accounts.surveys.standard import STANDARD, GradeFacts, VersionFacts
from accounts.users.models import User

WEEKLY = "Weekly satisfaction"
# Names that the respondent's page has for something else than a dimension.
TAKEN_CODES = frozenset({"week", "key", "comment", "lang", "done", "said"})


@transaction.atomic
def ensure_programme(*, now: dt.datetime) -> ProgrammeVersion:
    """The active version of the weekly programme; the product's own when there is none yet."""
    active = ProgrammeVersion.objects.filter(programme__is_weekly=True, state=VersionState.ACTIVE)
    if version := active.select_related("programme").first():
        return version
    SurveyProgramme.objects.bulk_create([SurveyProgramme(name=WEEKLY, is_weekly=True)], ignore_conflicts=True)
    programme = SurveyProgramme.objects.select_for_update().get(is_weekly=True)
    return active.select_related("programme").first() or publish_version(
        programme, facts=STANDARD, author=None, now=now
    )


@transaction.atomic
def publish_version(
    programme: SurveyProgramme, *, facts: VersionFacts, author: User | None, now: dt.datetime
) -> ProgrammeVersion:
    """A new version, active from now on. Invitations made before keep the version they were made under."""
    _check(facts)
    SurveyProgramme.objects.select_for_update().get(pk=programme.pk)
    earlier = ProgrammeVersion.objects.filter(programme=programme)
    clocks = {name: value for name, value in vars(facts).items() if name not in ("dimensions", "grades")}
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        created_by=author,
        **clocks,
    )
    _write_dimensions(version, facts)
    ProgrammeGrade.objects.bulk_create(_grade(version, at, grade) for at, grade in enumerate(facts.grades))
    earlier.filter(state=VersionState.ACTIVE).update(state=VersionState.RETIRED)
    version.state, version.activated_at = VersionState.ACTIVE, now
    version.save(update_fields=["state", "activated_at"])
    return version


def _write_dimensions(version: ProgrammeVersion, facts: VersionFacts) -> None:
    SurveyDimension.objects.bulk_create(
        [
            SurveyDimension(programme_id=version.programme_id, code=each.code, **asdict(each.words))
            for each in facts.dimensions
        ],
        update_conflicts=True,
        unique_fields=["programme", "code"],
        update_fields=["name", "name_zh_hans", "name_zh_hant"],
    )
    known = SurveyDimension.objects.filter(programme=version.programme_id).in_bulk(field_name="pk")
    by_code = {dimension.code: dimension for dimension in known.values()}
    ProgrammeDimension.objects.bulk_create(
        ProgrammeDimension(version=version, dimension=by_code[each.code], position=at, weight=each.weight)
        for at, each in enumerate(facts.dimensions)
    )


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


def _check(facts: VersionFacts) -> None:
    codes = [dimension.code for dimension in facts.dimensions]
    letters = [grade.letter for grade in facts.grades]
    if not codes or len(set(codes)) < len(codes):
        refuse("dimensions", "dimensions", _("A programme asks about at least one dimension, each once."))
    if TAKEN_CODES & set(codes):
        refuse("dimensions", "code", _("This code is taken: choose another one."))
    if any(dimension.weight < 1 for dimension in facts.dimensions):
        refuse("dimensions", "weight", _("A weight is a whole number above zero."))
    if len(letters) < 2 or len(set(letters)) < len(letters):
        refuse("grades", "grades", _("A programme has at least two grades, each once."))
    if any(worse.points >= better.points for better, worse in pairwise(facts.grades)):
        refuse("grades", "points", _("A worse grade has fewer points."))
    for better, worse in pairwise(facts.grades):
        if better.warns > worse.warns or better.opens_case > worse.opens_case:
            refuse(
                "grades", "marks", _("What warns or opens a corrective action does so for worse grades too.")
            )
        if worse.confirms_case > better.confirms_case:
            refuse("grades", "marks", _("What confirms a corrective action does so for better grades too."))
    if any(grade.opens_case and (grade.confirms_case or not grade.warns) for grade in facts.grades):
        refuse("grades", "marks", _("A grade that opens a corrective action warns and confirms nothing."))
