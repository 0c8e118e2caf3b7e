"""Pages about projects and their teams."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.projects.models import FunctionalRole, Project, ProjectMember, TeamStyle
from accounts.projects.services import Membership, change_project, create_project
from crm.queries.keyset import PAGE_ROWS
from crm.queries.projects import projects_of, team_gaps
from tests.conftest import MONDAY, World

START = dt.date(2026, 1, 5)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def project(world: World, name: str = "Boards") -> Project:
    return create_project(
        customer=world.customer,
        name=name,
        manager=world.manager,
        started_on=START,
        now=MONDAY,
        members=[
            Membership(
                user=world.member,
                functional_role=FunctionalRole.QUALITY,
                styles=(TeamStyle.CHALLENGER,),
                dominant_style=TeamStyle.CHALLENGER,
            )
        ],
    )


def typed(world: World, *lines: dict[str, object], version: int | None = None) -> dict[str, object]:
    """What the form sends with these lines of the team."""
    form: dict[str, object] = {
        "name": "Boards",
        "manager": world.manager.pk,
        "started_on": "2026-01-05",
        "team-TOTAL_FORMS": len(lines),
        "team-INITIAL_FORMS": 0,
        "version": version or "",
    }
    for number, line in enumerate(lines):
        form |= {f"team-{number}-{name}": value for name, value in line.items()}
    return form


def team_of(project: Project) -> set[tuple[str, str]]:
    rows = ProjectMember.objects.filter(project=project)
    return set(rows.values_list("user__name", "functional_role"))


def test_a_project_is_added_with_its_team(owner: Client, world: World) -> None:
    quality = {
        "user": world.member.pk,
        "functional_role": "quality",
        "styles": ["challenger", "contributor"],
        "dominant_style": "challenger",
    }
    answer = owner.post(f"/customers/{world.customer.pk}/projects/new", typed(world, quality, {}))
    added = Project.objects.get()
    assert answer.headers["Location"] == f"/projects/{added.pk}"
    assert team_of(added) == {("Member", "quality")}
    assert added.members.get().styles == ["challenger", "contributor"]


def test_a_line_taken_out_leaves_the_team(owner: Client, world: World) -> None:
    boards = project(world)
    lines = (
        {"user": world.member.pk, "functional_role": "quality", "DELETE": "on"},
        {"user": world.owner.pk, "functional_role": "sales"},
    )
    form = typed(world, *lines, version=1) | {"team-INITIAL_FORMS": 1}
    assert owner.post(f"/projects/{boards.pk}/edit", form).status_code == 302
    assert team_of(boards) == {("Owner", "sales")}


@pytest.mark.parametrize(
    "line",
    [
        {"functional_role": ""},
        {"functional_role": "cook"},
        {"functional_role": "test", "styles": ["contributor"], "dominant_style": "challenger"},
        {"user": "7777", "functional_role": "test"},
    ],
)
def test_a_line_typed_wrong_changes_nothing(owner: Client, world: World, line: dict[str, object]) -> None:
    boards = project(world)
    form = typed(world, {"user": world.owner.pk} | line, version=1)
    answer = owner.post(f"/projects/{boards.pk}/edit", form)
    assert answer.status_code == 422
    assert answer.context["team"].errors[0]
    assert team_of(boards) == {("Member", "quality")}


def test_somebody_twice_in_one_role_is_refused_in_words(owner: Client, world: World) -> None:
    boards = project(world)
    line = {"user": world.owner.pk, "functional_role": "sales"}
    answer = owner.post(f"/projects/{boards.pk}/edit", typed(world, line, line, version=1))
    assert answer.status_code == 422
    assert "once per functional role" in answer.content.decode()
    assert team_of(boards) == {("Member", "quality")}


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(owner: Client, world: World) -> None:
    boards = project(world)
    change_project(boards, expected_version=1, changes={"name": "Power boards"})
    answer = owner.post(f"/projects/{boards.pk}/edit", typed(world, version=1))
    assert answer.status_code == 422
    assert ("Name", "Power boards") in [(row.label, row.stored) for row in answer.context["form"].differences]
    assert Project.objects.get().name == "Power boards"
    assert team_of(boards) == {("Member", "quality")}


def test_a_team_shows_unfilled_roles_and_missing_styles(owner: Client, world: World) -> None:
    boards = project(world)
    gaps = team_gaps(boards.members.all())
    assert FunctionalRole.QUALITY not in gaps.roles
    assert len(gaps.roles) == len(FunctionalRole) - 1
    assert gaps.styles == (TeamStyle.CONTRIBUTOR, TeamStyle.COLLABORATOR, TeamStyle.COMMUNICATOR)
    assert "Production" in owner.get(f"/projects/{boards.pk}").content.decode()


def test_a_complete_team_has_no_gap(world: World) -> None:
    rows = [
        ProjectMember(user=world.member, functional_role=role, styles=list(TeamStyle))
        for role in FunctionalRole
    ]
    assert not team_gaps(rows)


def test_a_project_manager_changes_his_project_and_members_do_not(client: Client, world: World) -> None:
    boards = project(world)
    expected = {"manager": 302, "lead": 302, "admin": 302, "member": 403, "executive": 403, "stranger": 404}
    for name, status in expected.items():
        before = Project.objects.get()
        client.force_login(world.users[name])
        quality = {"user": world.member.pk, "functional_role": "quality"}
        form = typed(world, quality, version=before.version) | {"name": f"By {name}"}
        assert client.post(f"/projects/{boards.pk}/edit", form).status_code == status, name
        changed = Project.objects.get()
        assert (changed.name == f"By {name}") is (status == 302)
        assert (changed.version == before.version) is (status != 302)


def test_a_project_manager_adds_no_project(client: Client, world: World) -> None:
    project(world)
    client.force_login(world.manager)
    answer = client.post(f"/customers/{world.customer.pk}/projects/new", typed(world) | {"name": "Other"})
    assert answer.status_code == 403
    assert Project.objects.count() == 1


def test_three_projects_and_thirty_take_the_same_queries(client: Client, world: World) -> None:
    client.force_login(world.manager)

    def queries_with(count: int) -> int:
        for number in range(count):
            project(world, f"Project {count}-{number}")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/projects/").status_code == 200
        return len(captured)

    client.get("/projects/")
    assert queries_with(3) == queries_with(30)


def names_on(client: Client, query: str) -> list[str]:
    rows = client.get(f"/projects/?{query}").context["page"].rows
    return [row.project.name for row in rows]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("power", ["Power boards"]),
        ("POWER", ["Power boards"]),
        ("huaxing", ["Cables", "Power boards"]),
        ("huaxing cab", ["Cables"]),
        ("Manager", ["Cables", "Power boards"]),
        ("%", []),
        ("nothing", []),
    ],
)
def test_a_project_is_found_by_its_name_its_customer_and_its_manager(
    owner: Client, world: World, text: str, found: list[str]
) -> None:
    project(world, "Power boards")
    project(world, "Cables")
    assert names_on(owner, urlencode({"q": text})) == found


def test_nobody_finds_the_project_of_a_customer_he_does_not_see(client: Client, world: World) -> None:
    project(world, "Power boards")
    client.force_login(world.stranger)
    assert names_on(client, "q=power") == []


def test_ended_projects_are_there_for_who_asks_for_them(owner: Client, world: World) -> None:
    ended, _running = project(world, "Old"), project(world, "New")
    change_project(ended, expected_version=1, changes={"ended_on": START})
    assert names_on(owner, "") == ["New"]
    assert names_on(owner, "show=ended") == ["Old"]
    assert sorted(names_on(owner, "show=all")) == ["New", "Old"]
    refused = owner.get("/projects/?show=tomorrow")
    assert (refused.context["page"].rows, len(refused.context["faults"])) == ([], 1)


def test_a_list_without_filters_asks_for_the_first_project_and_a_filtered_one_to_clear_them(
    owner: Client,
) -> None:
    assert "To the customers" in owner.get("/projects/").content.decode()
    filtered = owner.get("/projects/?q=nothing").content.decode()
    assert ("Clear filters" in filtered, "To the customers" in filtered) == (True, False)


@pytest.mark.parametrize("sort", ["", "started", "-customer", "manager"])
def test_every_project_stands_on_one_page_of_the_list_in_every_order(
    owner: Client, world: World, sort: str
) -> None:
    for number in range(PAGE_ROWS + 5):
        project(world, f"Project {number}")
    first = owner.get(f"/projects/?sort={sort}").context["page"]
    second = owner.get(f"/projects/?sort={sort}&after={first.older}").context["page"]
    shown = [row.project.pk for row in (*first.rows, *second.rows)]
    assert len(first.rows) == PAGE_ROWS
    assert sorted(shown) == sorted(Project.objects.values_list("pk", flat=True))
    back = owner.get(f"/projects/?sort={sort}&before={second.newer}").context["page"]
    assert [row.project.pk for row in back.rows] == [row.project.pk for row in first.rows]


def test_a_list_of_one_manager_offers_no_choice_among_managers(owner: Client, world: World) -> None:
    project(world)
    assert "manager" not in owner.get("/projects/").context["filters"].fields
    other = project(world, "Cables")
    change_project(other, expected_version=1, changes={"manager": world.member})
    offered = owner.get("/projects/").context["filters"].fields["manager"].choices
    assert [str(label) for _value, label in offered] == ["Any project manager", "Manager", "Member"]
    assert names_on(owner, f"manager={world.member.pk}") == ["Cables"]


def test_projects_under_way_come_first(world: World) -> None:
    ended, running = project(world, "Ended"), project(world, "Running")
    change_project(ended, expected_version=1, changes={"ended_on": START})
    assert [row.project for row in projects_of(world.customer.pk)] == [running, ended]


def test_whoever_gives_his_project_away_is_warned_and_lands_on_the_list(client: Client, world: World) -> None:
    boards = project(world)
    client.force_login(world.manager)
    page = client.get(f"/projects/{boards.pk}/edit").content.decode()
    assert "When you give the project away you may no longer see it." in page
    form = typed(world, version=1) | {"manager": world.owner.pk}
    answer = client.post(f"/projects/{boards.pk}/edit", form, follow=True)
    assert (answer.status_code, answer.redirect_chain) == (200, [("/projects/", 302)])
    assert Project.objects.get().manager == world.owner


def test_a_dominant_style_that_is_not_ticked_is_refused_in_words(owner: Client, world: World) -> None:
    boards = project(world)
    line = {"user": world.owner.pk, "functional_role": "test", "dominant_style": "challenger"}
    answer = owner.post(f"/projects/{boards.pk}/edit", typed(world, line, version=1))
    assert answer.status_code == 422
    assert "The dominant style is one of the person&#x27;s styles." in answer.content.decode()


def test_a_project_does_not_end_before_it_starts(owner: Client, world: World) -> None:
    boards = project(world)
    form = typed(world, version=1) | {"ended_on": str(START - dt.timedelta(days=1))}
    answer = owner.post(f"/projects/{boards.pk}/edit", form)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ended_on"])


def test_only_lines_with_a_person_can_be_removed_and_none_says_optional(owner: Client, world: World) -> None:
    boards = project(world)
    team = owner.get(f"/projects/{boards.pk}/edit").context["team"]
    assert ["DELETE" in line.fields for line in team] == [True, False, False, False]
    assert "optional" not in "".join(str(line) for line in team)
