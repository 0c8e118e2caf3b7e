"""Reads about projects and who works together in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Prefetch, Q, QuerySet

from accounts.customers.models import Customer
from accounts.projects.models import FunctionalRole, Project, ProjectMember, TeamStyle
from crm.queries import customers, keyset

Order = tuple[tuple[str, ...], tuple[type, ...]]

DEFAULT_SORT = "-started"
SORTS: dict[str, Order] = {
    f"{sign}{key}": (tuple(f"{sign}{name}" for name in (*columns, "pk")), (*types, int))
    for sign in ("", "-")
    for key, columns, types in (
        ("started", ("started_on",), (dt.date,)),
        ("customer", ("customer__sort_key", "customer"), (str, int)),
        ("manager", ("manager__sort_key", "manager"), (str, int)),
    )
}


@dataclass(frozen=True)
class TeamGaps:
    """What a team lacks: functional roles that nobody fills and styles that nobody has."""

    roles: tuple[FunctionalRole, ...]
    styles: tuple[TeamStyle, ...]

    def __bool__(self) -> bool:
        return bool(self.roles or self.styles)


@dataclass(frozen=True)
class ProjectRow:
    project: Project
    gaps: TeamGaps


def team_gaps(members: Iterable[ProjectMember]) -> TeamGaps:
    """Gaps of one team, in the order of the glossary."""
    roles, styles = set(), set()
    for member in members:
        roles.add(member.functional_role)
        styles.update(member.styles)
    return TeamGaps(
        roles=tuple(role for role in FunctionalRole if role not in roles),
        styles=tuple(style for style in TeamStyle if style not in styles),
    )


def rows_of(projects: QuerySet[Project]) -> list[ProjectRow]:
    """Projects with their teams, in two queries."""
    members = ProjectMember.objects.select_related("user").order_by("functional_role", "user__sort_key")
    found = projects.select_related("customer", "manager").prefetch_related(
        Prefetch("members", queryset=members)
    )
    return [ProjectRow(project, team_gaps(project.members.all())) for project in found]


def projects_of(customer_id: int) -> list[ProjectRow]:
    """A customer's projects, those under way first."""
    found = Project.objects.filter(customer=customer_id)
    return rows_of(found.order_by(F("ended_on").desc(nulls_first=True), "-started_on", "-pk"))


def matching(text: str) -> Q:
    """Projects that carry every word of ``text`` in their name, their customer's or their manager's."""
    found = Q()
    for word in text.split()[: customers.MAX_SEARCH_WORDS]:
        named = Customer.objects.filter(customers.matching(word)).values("pk")
        found &= Q(name__icontains=word) | Q(customer__in=named) | Q(manager__name__icontains=word)
    return found


def page_of_projects(
    found: QuerySet[Project], *, sort: str = DEFAULT_SORT, after: str = "", before: str = ""
) -> keyset.Page[ProjectRow]:
    """A page of what was found, in one of `SORTS`."""
    columns, types = SORTS[sort]
    page = keyset.page_or_first([keyset.Part(found, columns, types)], after=after, before=before)
    count, is_exact = keyset.count_of(found)
    by_id = {row.project.pk: row for row in rows_of(Project.objects.filter(pk__in=page.rows))}
    return keyset.Page(
        rows=[by_id[pk] for pk in page.rows if pk in by_id],
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )
