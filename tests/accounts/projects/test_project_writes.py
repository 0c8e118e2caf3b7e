"""Writes of a project and its team."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.customers.services import ConflictError
from accounts.projects.models import FunctionalRole, Project, ProjectMember, TeamStyle
from accounts.projects.services import (
    Membership,
    change_project,
    create_project,
    end_project,
    set_members,
)
from tests.conftest import MONDAY, World

START = dt.date(2026, 1, 5)


def project(world: World, name: str = "Controller boards") -> Project:
    return create_project(
        customer=world.customer, name=name, manager=world.manager, started_on=START, now=MONDAY
    )


def team_of(project: Project) -> set[tuple[str, str, str]]:
    rows = ProjectMember.objects.filter(project=project).values_list(
        "user__name", "functional_role", "dominant_style"
    )
    return set(rows)


def test_the_team_is_exactly_what_was_said_last(world: World) -> None:
    boards = project(world)
    quality = Membership(
        user=world.member,
        functional_role=FunctionalRole.QUALITY,
        styles=(TeamStyle.CHALLENGER, TeamStyle.CONTRIBUTOR),
        dominant_style=TeamStyle.CHALLENGER,
    )
    sales = Membership(user=world.owner, functional_role=FunctionalRole.SALES)
    set_members(boards, expected_version=1, members=[quality, sales])
    kept = ProjectMember.objects.get(project=boards, user=world.member).pk
    assert team_of(boards) == {("Member", "quality", "challenger"), ("Owner", "sales", "")}

    test = Membership(user=world.owner, functional_role=FunctionalRole.TEST)
    set_members(boards, expected_version=2, members=[quality, test])

    assert team_of(boards) == {("Member", "quality", "challenger"), ("Owner", "test", "")}
    assert ProjectMember.objects.get(project=boards, user=world.member).pk == kept


def test_two_people_who_set_the_team_at_once_do_not_overwrite_each_other(world: World) -> None:
    boards = project(world)
    sales = Membership(user=world.owner, functional_role=FunctionalRole.SALES)
    set_members(boards, expected_version=1, members=[sales])
    with pytest.raises(ConflictError):
        set_members(boards, expected_version=1, members=[])
    assert team_of(boards) == {("Owner", "sales", "")}


def test_a_person_is_once_in_a_role_and_his_dominant_style_is_one_of_his(world: World) -> None:
    boards = project(world)
    sales = Membership(user=world.owner, functional_role=FunctionalRole.SALES)
    foreign_style = Membership(
        user=world.owner,
        functional_role=FunctionalRole.TEST,
        styles=(TeamStyle.COLLABORATOR,),
        dominant_style=TeamStyle.CHALLENGER,
    )
    for team, code in (([sales, sales], "member_twice"), ([foreign_style], "dominant_style")):
        with pytest.raises(ValidationError) as refusal:
            set_members(boards, expected_version=1, members=team)
        assert refusal.value.error_dict["members"][0].code == code
    assert Project.objects.get(pk=boards.pk).version == 1
    assert team_of(boards) == set()


def test_a_name_belongs_to_one_project_of_the_customer(world: World) -> None:
    project(world)
    with pytest.raises(ValidationError) as refusal:
        project(world)
    assert refusal.value.error_dict["name"][0].code == "name_taken"
    assert Project.objects.count() == 1


def test_a_project_ends_after_it_starts(world: World) -> None:
    boards = project(world)
    with pytest.raises(ValidationError):
        end_project(boards, ended_on=START - dt.timedelta(days=1))
    assert Project.objects.get(pk=boards.pk).ended_on is None
    end_project(boards, ended_on=START)
    assert Project.objects.get(pk=boards.pk).ended_on == START


def test_a_change_of_an_old_version_is_refused(world: World) -> None:
    boards = project(world)
    change_project(boards, expected_version=1, changes={"name": "Power boards"})
    with pytest.raises(ConflictError):
        change_project(boards, expected_version=1, changes={"manager": world.owner})
    stored = Project.objects.get(pk=boards.pk)
    assert (stored.name, stored.manager) == ("Power boards", world.manager)
