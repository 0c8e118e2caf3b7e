"""Every write of a project and its customer service project team.

What is wrong is raised as a ValidationError by field, with the codes: blank, name_taken, ends_before_start,
member_twice, dominant_style; what somebody else changed in the meantime as a ConflictError. Nothing is
written then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, refuse
from accounts.projects.models import FunctionalManager, FunctionalRole, Project, ProjectMember, TeamStyle
from accounts.users.models import User


class ProjectChanges(TypedDict, total=False):
    """Columns to change; those not named stay as they are."""

    name: str
    manager: User
    started_on: dt.date
    ended_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A person in one functional role; ``dominant_style`` is one of ``styles`` or empty."""

    user: User
    functional_role: FunctionalRole
    styles: tuple[TeamStyle, ...] = ()
    dominant_style: TeamStyle | str = ""

    @property
    def key(self) -> tuple[int, str]:
        return (self.user.pk, self.functional_role)


@transaction.atomic
def set_functional_managers(heads: dict[FunctionalRole, User | None]) -> None:
    """Who heads each of these functions; None: nobody."""
    rows = [FunctionalManager(functional_role=role, user=user) for role, user in heads.items() if user]
    FunctionalManager.objects.filter(functional_role__in=[role for role in heads if not heads[role]]).delete()
    FunctionalManager.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["functional_role"], update_fields=["user"]
    )


@transaction.atomic
def create_project(
    *,
    customer: Customer,
    name: str,
    manager: User,
    started_on: dt.date,
    now: dt.datetime,
    ended_on: dt.date | None = None,
    members: Sequence[Membership] = (),
) -> Project:
    """A new project with its team."""
    project = Project(
        customer=customer, name=name, manager=manager, started_on=started_on, ended_on=ended_on, known_at=now
    )
    _save(project, force_insert=True)
    _write_members(project, members)
    bump([customer.pk])
    return project


@transaction.atomic
def change_project(
    project: Project,
    *,
    expected_version: int,
    changes: ProjectChanges,
    members: Sequence[Membership] | None = None,
) -> Project:
    """Change the named columns and, when given, the whole team.

    Raises ConflictError when the record no longer has ``expected_version``.
    """
    current = _taken(project, expected_version)
    for name, value in changes.items():
        setattr(current, name, value)
    current.version += 1
    _save(current, update_fields=[*changes, "search_text", "search_tokens", "version"])
    if members is not None:
        _write_members(current, members)
    bump([current.customer_id])
    return current


@transaction.atomic
def set_members(project: Project, *, expected_version: int, members: Sequence[Membership]) -> Project:
    """The team is exactly ``members`` from now on."""
    return change_project(project, expected_version=expected_version, changes={}, members=members)


@transaction.atomic
def end_project(project: Project, *, ended_on: dt.date) -> Project:
    """The project ended on a day."""
    current = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    return change_project(current, expected_version=current.version, changes={"ended_on": ended_on})


def _taken(project: Project, expected_version: int) -> Project:
    current = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if current.version != expected_version:
        raise ConflictError(project.pk)
    return current


def _save(project: Project, **how: Any) -> None:
    project.name = names.cleaned(project.name)
    if not project.name:
        refuse("name", "blank", _("Type a name."))
    project.search_text = names.search_text(project.name)
    project.search_tokens = names.search_tokens(project.name)
    if project.ended_on and project.ended_on < project.started_on:
        refuse("ended_on", "ends_before_start", _("A project ends after it starts."))
    try:
        with transaction.atomic():
            project.save(**how)
    except IntegrityError as error:
        if "project_name_once" not in str(error):
            raise
        refuse("name", "name_taken", _("This customer has a project with this name."))


def _write_members(project: Project, members: Sequence[Membership]) -> None:
    wanted = {member.key: member for member in members}
    if len(wanted) < len(members):
        refuse("members", "member_twice", _("A person is in the team once per functional role."))
    for member in members:
        if member.dominant_style and member.dominant_style not in member.styles:
            refuse("members", "dominant_style", _("The dominant style is one of the person's styles."))
    present = {(row.user_id, row.functional_role): row for row in project.members.all()}
    gone = [row.pk for key, row in present.items() if key not in wanted]
    project.members.filter(pk__in=gone).delete()
    kept = [_styled(present[key], member) for key, member in wanted.items() if key in present]
    ProjectMember.objects.bulk_update([row for row in kept if row], ["styles", "dominant_style"])
    ProjectMember.objects.bulk_create(
        ProjectMember(
            project=project,
            user=member.user,
            functional_role=member.functional_role,
            styles=list(member.styles),
            dominant_style=member.dominant_style,
        )
        for key, member in wanted.items()
        if key not in present
    )


def _styled(row: ProjectMember, member: Membership) -> ProjectMember | None:
    """The row with the member's styles, or None when it has them already: no empty entry in the history."""
    if row.styles == list(member.styles) and row.dominant_style == member.dominant_style:
        return None
    row.styles, row.dominant_style = list(member.styles), member.dominant_style
    return row
