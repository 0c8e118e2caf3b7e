"""Indices, invitations with their answers, and corrective actions: what the pages show, for programs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import access
from accounts.surveys.models import CorrectiveAction, Invitation
from accounts.surveys.services import acknowledge_case, make_invitations, name_respondent
from accounts.surveys.weeks import monday_of
from accounts.users.models import User
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, contact_of, office_of, project_of
from tests.conftest import World

ROLES = ("owner", "mate", "lead", "stranger", "manager", "member", "executive", "admin")


@pytest.fixture
def office(world: World) -> Office:
    """Of two who were asked Chen answered: a C and a D."""
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D", quality="A", service="C", comment="Late")
    return office


def ids(api: Any, path: str, **query: object) -> set[int]:
    answer = api.get(path, **query)
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_gets_what_access_says(office: Office, api_of: Any, role: str) -> None:
    user: User = office.world.users[role]
    api = api_of(user)
    for path, visible, all_of in (
        ("corrective-actions", access.visible_cases(user), CorrectiveAction.objects.all()),
        ("invitations", access.visible_invitations(user), Invitation.objects.all()),
    ):
        mine = set(visible.values_list("pk", flat=True))
        assert ids(api, path) == mine
        for pk in all_of.values_list("pk", flat=True):
            assert api.get(f"{path}/{pk}").status_code == (200 if pk in mine else 404)
    sees = access.graded_projects(user).filter(pk=office.project.pk).exists()
    assert ids(api, "satisfaction-index", level="project") == ({office.project.pk} if sees else set())
    detail = api.get(f"satisfaction-index/project-{office.project.pk}")
    assert detail.status_code == (200 if sees else 404)


def test_an_invitation_holds_the_answer_that_stands_and_no_address(office: Office, api_of: Any) -> None:
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="C", quality="A")
    api = api_of(office.world.manager)
    invitation = office.invitation(office.chen)
    answer = api.get(f"invitations/{invitation.pk}")
    body = answer.json()
    assert (body["week"], body["contact"], body["level"]) == ("2026-03-02", office.chen.pk, "specialist")
    case = office.case()
    given = {row["dimension"]: (row["grade"], row["corrective_action"]) for row in body["answer"]["grades"]}
    assert given == {"delivery": ("C", case.pk), "quality": ("A", None)}
    assert body["answer"]["is_late"] is False
    assert "@" not in answer.content.decode()
    assert api.get(f"invitations/{office.invitation(office.li).pk}").json()["answer"] is None


def test_invitations_are_narrowed_down(office: Office, api_of: Any) -> None:
    api = api_of(office.world.owner)
    li = office.invitation(office.li).pk
    assert ids(api, "invitations", unanswered="true") == ids(api, "invitations", contact=office.li.pk) == {li}
    assert len(ids(api, "invitations", week="2026-03-02", project=office.project.pk)) == 2
    assert ids(api, "invitations", week_from="2026-03-09") == set()
    assert ids(api, "invitations", customer=office.world.foreign.pk) == set()


def test_a_corrective_action_comes_with_its_grades_and_its_log(office: Office, api_of: Any) -> None:
    acknowledge_case(office.case(), by=office.world.manager, now=DUE + 2 * HOUR, comment="On it")
    body = api_of(office.world.owner).get(f"corrective-actions/{office.case().pk}").json()
    assert (body["dimension"], body["state"], body["times_reopened"]) == ("delivery", "acknowledged", 0)
    assert body["owner"] == office.world.manager.pk
    assert body["is_overdue"] is True
    assert dt.datetime.fromisoformat(body["due_at"]) == office.case().plan_by
    (grade,) = body["grades"]
    assert (grade["grade"], grade["contact"], grade["week"]) == ("D", office.chen.pk, "2026-03-02")
    log = [(event["kind"], event["author"], event["contact"], event["comment"]) for event in body["log"]]
    assert log == [
        ("opened", None, office.chen.pk, ""),
        ("acknowledged", office.world.manager.pk, None, "On it"),
    ]


def test_corrective_actions_are_narrowed_down(office: Office, api_of: Any) -> None:
    api = api_of(office.world.owner)
    delivery, service = office.case().pk, office.case("service").pk
    assert ids(api, "corrective-actions") == {delivery, service}
    assert ids(api, "corrective-actions", dimension="service") == {service}
    assert ids(api, "corrective-actions", open="true", overdue="true") == {delivery, service}
    assert (
        ids(api, "corrective-actions", open="false")
        == ids(api, "corrective-actions", overdue="false")
        == set()
    )
    assert ids(api, "corrective-actions", state="open", owner=office.world.manager.pk) == {delivery, service}
    assert api.get("corrective-actions", state="lost").status_code == 400
    assert api.get("corrective-actions", colour="red").status_code == 400


def test_the_index_has_its_response_rate_its_n_and_says_when_they_are_too_few(
    office: Office, api_of: Any
) -> None:
    api = api_of(office.world.owner)
    (row,) = api.get("satisfaction-index", level="customer", weeks="52").json()["results"]
    assert (row["of"], row["name"]) == (f"customer-{office.world.customer.pk}", "Huaxing Electronics")
    assert row["index"] == pytest.approx(0.0)
    assert (row["lowest"], row["answered"], row["invited"], row["response_rate"]) == ("D", 1, 2, 0.5)
    assert row["is_too_few"] is True
    detail = api.get(f"satisfaction-index/customer-{office.world.customer.pk}", weeks="52").json()
    assert len(detail["weeks"]) == len(detail["company"]) == 52
    (week,) = [each for each in detail["weeks"] if each["week"] == "2026-03-02"]
    assert (week["index"], week["answered"], week["is_too_few"]) == (row["index"], 1, True)
    assert {line["name"] for line in detail["dimensions"]} >= {"Quality", "On-time delivery"}
    assert api.get("satisfaction-index/company").status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("satisfaction-index", {"level": "planet"}, 400),
        ("satisfaction-index", {"weeks": "12"}, 400),
        ("satisfaction-index", {"cursor": "x"}, 422),
        ("satisfaction-index", {"limit": "0"}, 400),
        ("satisfaction-index", {"of": "customer-0"}, 404),
        ("satisfaction-index", {"of": "nothing"}, 404),
        ("satisfaction-index/team-999", {}, 404),
        ("satisfaction-index/company-0", {}, 404),
        ("satisfaction-index/company", {"limit": "5"}, 400),
    ],
)
def test_what_is_misspelt_is_no_list_of_everything(
    office: Office, api_of: Any, path: str, query: dict[str, str], status: int
) -> None:
    assert api_of(office.world.owner).get(path, **query).status_code == status


def test_the_list_is_paged_and_takes_as_many_queries_for_thirty_as_for_three(
    office: Office, api_of: Any
) -> None:
    api, counts, made = api_of(office.world.admin), [], 1
    index = {"level": "project", "weeks": "52"}
    paths = (("satisfaction-index", index), ("invitations", {}), ("corrective-actions", {}))
    monday = monday_of(DUE.date())
    for wanted in (3, 30):
        for number in range(made, wanted):
            project, contact = (
                project_of(office.world, f"P{number}"),
                contact_of(office.world, f"Zhou{number}"),
            )
            name_respondent(project=project, contact=contact, author=None, now=DUE - 5 * DAY)
            make_invitations(monday, now=DUE)
            Office(office.world, office.version, project, contact, contact).say(contact, delivery="D")
        made = wanted
        counts.append([])
        for path, query in paths:
            api.get(path, **query)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                assert len(api.get(path, **query).json()["results"]) >= wanted
            counts[-1].append(len(captured))
    assert counts[0] == counts[1]
    found, cursor = [], ""
    while cursor is not None:
        extra = {"cursor": cursor} if cursor else {}
        page = api.get("satisfaction-index", level="project", weeks="52", limit="7", **extra).json()
        found += [row["id"] for row in page["results"]]
        cursor = page["next"]
    assert len(found) == len(set(found)) == 30
