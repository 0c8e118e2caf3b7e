"""Reads of the surveys beside the weekly one: which there are, and their versions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import company_day
from accounts.occasions.models import OccasionInvitation
from accounts.surveys.models import Invitation, ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.models.programmes import ProgrammeKind
from accounts.surveys.weeks import monday_of
from crm.queries.programmes import held_by

RECENT_DAYS = 90
STATES = {"active": _("Active"), "draft": _("Draft"), "withdrawn": _("Withdrawn")}


@dataclass(frozen=True)
class ProgrammeRow:
    """``active``: the version that holds, ``draft``: the one that is being written; either may be missing.
    ``since``: the day from which it does. A weekly version holds from a Monday on: until then ``follows`` is
    the next one, which holds from ``follows_on``.

    ``asked`` and ``answered``: letters that fell due in the last 90 days, and those that were answered.
    """

    programme: SurveyProgramme
    active: ProgrammeVersion | None
    draft: ProgrammeVersion | None
    versions: int
    asked: int
    answered: int
    since: dt.date | None = None
    follows: ProgrammeVersion | None = None
    follows_on: dt.date | None = None

    @property
    def state(self) -> str:
        if self.active is not None:
            return "active"
        return "draft" if self.versions == int(self.draft is not None) else "withdrawn"

    @property
    def rate(self) -> float | None:
        return self.answered / self.asked if self.asked else None

    @property
    def state_name(self) -> str | Promise:
        return STATES[self.state]


def programme_rows(
    invitations: QuerySet[OccasionInvitation], weekly: QuerySet[Invitation], *, now: dt.datetime
) -> list[ProgrammeRow]:
    """All of them, the weekly one first. The counts are those of the ``invitations`` that he may see.

    Four queries, however many there are.
    """
    found = SurveyProgramme.objects.order_by("-is_weekly", "name")
    general: defaultdict[int, list[ProgrammeVersion]] = defaultdict(list)
    for version in ProgrammeVersion.objects.filter(customer=None, project=None).order_by("-number"):
        general[version.programme_id].append(version)
    counts = _counts(invitations, now)
    asked_weekly = _counts_of_weeks(weekly, now)
    return [
        _row(each, general[each.pk], asked_weekly if each.is_weekly else counts.get(each.pk, (0, 0)), now)
        for each in found
    ]


def versions_of(programme: SurveyProgramme) -> list[ProgrammeVersion]:
    """The latest first. One query."""
    return list(
        ProgrammeVersion.objects.filter(programme=programme, customer=None, project=None)
        .select_related("created_by", "based_on", "programme")
        .order_by("-number")
    )


def version_in(versions: list[ProgrammeVersion], state: VersionState) -> ProgrammeVersion | None:
    return next((each for each in versions if each.state == state), None)


def predecessor(version: ProgrammeVersion, versions: list[ProgrammeVersion]) -> ProgrammeVersion | None:
    """The one that held before it; of a draft what it was made from."""
    if version.state == VersionState.DRAFT:
        return version.based_on
    before = [each for each in versions if each.number < version.number and each.activated_at is not None]
    return before[0] if before else None


def occasional() -> QuerySet[SurveyProgramme]:
    """Every programme but the weekly one."""
    return SurveyProgramme.objects.exclude(kind=ProgrammeKind.WEEKLY)


def _row(
    programme: SurveyProgramme, versions: list[ProgrammeVersion], counted: tuple[int, int], now: dt.datetime
) -> ProgrammeRow:
    active, draft = (version_in(versions, state) for state in (VersionState.ACTIVE, VersionState.DRAFT))
    row = ProgrammeRow(programme, active, draft, len(versions), *counted)
    if active is None or active.activated_at is None:
        return row
    if not programme.is_weekly:
        return replace(row, since=company_day(active.activated_at))
    held = held_by([each for each in versions if each.activated_at], now=now)
    holding = next((each for each in versions if each.pk in held and held[each.pk].is_now), active)
    row = replace(row, active=holding, since=held[holding.pk].first)
    if holding == active:
        return row
    return replace(row, follows=active, follows_on=held[active.pk].first)


def _counts(invitations: QuerySet[OccasionInvitation], now: dt.datetime) -> dict[int, tuple[int, int]]:
    recent = company_day(now) - dt.timedelta(days=RECENT_DAYS)
    rows = (
        invitations.filter(occasion__happened_on__gte=recent, due_at__lte=now)
        .values("occasion__programme")
        .annotate(asked=Count("pk"), said=Count("pk", filter=Q(answered_at__isnull=False)))
        .order_by()
    )
    return {row["occasion__programme"]: (row["asked"], row["said"]) for row in rows}


def _counts_of_weeks(invitations: QuerySet[Invitation], now: dt.datetime) -> tuple[int, int]:
    first = monday_of(company_day(now) - dt.timedelta(days=RECENT_DAYS))
    counted = invitations.filter(week__gte=first, due_at__lte=now).aggregate(
        asked=Count("pk"), said=Count("pk", filter=Q(answered_at__isnull=False))
    )
    return counted["asked"], counted["said"]
