"""Which version of the weekly programme holds for whom.

A version holds for the weeks that begin while it is active: of a project its own, else that of its customer,
else the general one. Before anything was active the first general version holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, Subquery

from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeVersion, VersionState
from accounts.surveys.weeks import begins_at


@dataclass(frozen=True)
class WeekVersions:
    """The versions of a week: the general one, and overrides by id of customer and of project."""

    general: ProgrammeVersion
    by_customer: dict[int, ProgrammeVersion]
    by_project: dict[int, ProgrammeVersion]

    def of(self, *, project_id: int, customer_id: int) -> ProgrammeVersion:
        """The most specific one."""
        return self.by_project.get(project_id) or self.by_customer.get(customer_id) or self.general

    def all(self) -> list[ProgrammeVersion]:
        return [self.general, *self.by_customer.values(), *self.by_project.values()]


def versions_of_week(monday: dt.date) -> WeekVersions:
    """What holds for the week of this Monday. One query.

    Raises LookupError before there is any programme (``services.ensure_programme``).
    """
    cut = begins_at(monday)
    used = ProgrammeVersion.objects.filter(programme__is_weekly=True).exclude(state=VersionState.DRAFT)
    general = used.filter(customer=None, project=None).order_by("activated_at", "pk")
    found = (
        used.filter(Q(activated_at__lte=cut) | Q(pk=Subquery(general.values("pk")[:1])))
        .order_by("customer", "project", "-activated_at", "-pk")
        .distinct("customer", "project")
        .select_related("programme")
    )
    holding = [version for version in found if version.retired_at is None or version.retired_at > cut]
    by_project = {each.project_id: each for each in holding if each.project_id is not None}
    by_customer = {each.customer_id: each for each in holding if each.customer_id is not None}
    for version in holding:
        if version.customer_id is None and version.project_id is None:
            return WeekVersions(version, by_customer, by_project)
    raise LookupError("There is no weekly programme yet.")


def general_in(monday: dt.date) -> ProgrammeVersion | None:
    """The general version that holds for the week of this Monday; None before there is any. One query."""
    try:
        return versions_of_week(monday).general
    except LookupError:
        return None


def threshold_in(monday: dt.date) -> float:
    """The least response rate, 0..1, that `general_in` asks for; 0 before there is any. One query."""
    general = general_in(monday)
    return general.response_threshold_percent / 100 if general else 0.0


def versions_for(project_ids: Collection[int], *, monday: dt.date) -> dict[int, ProgrammeVersion]:
    """The version under which each project is asked about the week of this Monday. Two queries."""
    versions = versions_of_week(monday)
    customers = Project.objects.filter(pk__in=among(project_ids)).values_list("pk", "customer")
    return {project: versions.of(project_id=project, customer_id=customer) for project, customer in customers}


def version_for(project_id: int, *, monday: dt.date) -> ProgrammeVersion:
    """Of one project; raises KeyError when there is no such."""
    return versions_for([project_id], monday=monday)[project_id]
