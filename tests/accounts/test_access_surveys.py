"""Who sees grades and works on corrective actions: by his work for a project, not for its customer alone."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.http import Http404

from accounts import access
from accounts.notices.services import tell
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.surveys.models import CorrectiveAction, Invitation
from accounts.surveys.services import AnswerFacts, issue_token, name_respondent, record_answer
from accounts.users import services
from accounts.users.models import Role, User
from tests.accounts.surveys.office import HOUR, contact_of, office_of
from tests.conftest import MONDAY, World, person


@dataclass(frozen=True)
class Office:
    """Two projects of the owner's customer; boss leads manager and member, who work in Line 4 only."""

    people: dict[str, User]
    line: Project
    other: Project
    case: CorrectiveAction
    foreign_case: CorrectiveAction


@pytest.fixture
def office(world: World) -> Office:
    surveyed = office_of(world)
    other_manager = person("other", Role.PROJECT_MANAGER)
    other = Project.objects.create(
        customer=world.customer, name="Line 5", manager=other_manager, started_on=MONDAY, known_at=MONDAY
    )
    wang = contact_of(world, "Wang")
    name_respondent(project=other, contact=wang, author=world.owner, now=MONDAY)
    surveyed.invite()
    surveyed.say(surveyed.chen, delivery="D")
    ProjectMember.objects.create(
        project=surveyed.project, user=world.member, functional_role=FunctionalRole.QUALITY
    )
    boss = person("boss")
    services.save_team(None, name="Projects", lead=boss, members=[world.manager, world.member])
    invitation = Invitation.objects.get(project=other)
    token = issue_token(invitation, now=invitation.due_at)
    record_answer(
        token=token,
        facts=AnswerFacts(grades={"quality": "C"}),
        idempotency_key="other",
        now=invitation.due_at + HOUR,
    )
    people = {**world.users, "boss": boss, "other": other_manager}
    return Office(
        people, surveyed.project, other, surveyed.case(), CorrectiveAction.objects.get(project=other)
    )


BOTH = {"Line 4", "Line 5"}
SEEN = {
    "owner": BOTH,
    "mate": set(),
    "lead": BOTH,
    "stranger": set(),
    "manager": {"Line 4"},
    "member": {"Line 4"},
    "boss": {"Line 4"},
    "other": {"Line 5"},
    "executive": BOTH,
    "admin": BOTH,
}
WORKED_ON = SEEN | {"member": set(), "executive": set()}


@pytest.mark.parametrize("who", SEEN)
def test_each_sees_and_works_on_the_grades_and_cases_of_the_table(office: Office, who: str) -> None:
    user = office.people[who]
    assert set(access.graded_projects(user).values_list("name", flat=True)) == SEEN[who]
    for seen in (
        access.visible_cases(user),
        access.visible_respondents(user),
        access.visible_invitations(user),
    ):
        assert set(seen.values_list("project__name", flat=True)) == SEEN[who]
    assert set(access.workable_cases(user).values_list("project__name", flat=True)) == WORKED_ON[who]


def test_a_case_of_another_project_of_the_same_customer_is_not_there(office: Office) -> None:
    assert access.get_case_or_404(office.people["manager"], office.case.pk) == office.case
    with pytest.raises(Http404):
        access.get_case_or_404(office.people["manager"], office.foreign_case.pk)


def test_whoever_was_given_a_case_works_on_it(office: Office) -> None:
    member = office.people["member"]
    CorrectiveAction.objects.filter(pk=office.case.pk).update(owner=member)
    assert access.workable_cases(member).get() == office.case


def test_a_case_that_was_handed_over_is_seen_by_its_new_owner_and_his_lead(office: Office) -> None:
    CorrectiveAction.objects.filter(pk=office.case.pk).update(owner=office.people["mate"])
    for who in ("mate", "lead"):
        assert access.get_case_or_404(office.people[who], office.case.pk) == office.case
    assert access.workable_cases(office.people["mate"]).get() == office.case
    assert not access.graded_projects(office.people["mate"]).exists()


def test_a_case_is_given_to_whoever_stands_near_it_and_is_active(office: Office) -> None:
    services.deactivate(office.people["lead"])
    near = {user.name for user in access.possible_case_owners(office.case)}
    assert near == {"Manager", "Owner", "Member", "Boss"}


@pytest.mark.parametrize("who", SEEN)
def test_whoever_is_not_active_sees_no_grades(office: Office, who: str) -> None:
    user = office.people[who]
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    assert not access.graded_projects(user).exists()
    assert not access.workable_cases(user).exists()
    assert not access.visible_notices(user).exists()


def test_notices_are_his_own_and_of_customers_he_still_sees(office: Office, world: World) -> None:
    tell(world.mate, "one", {}, None)
    tell(world.mate, "two", {}, world.customer)
    tell(world.owner, "three", {}, world.customer)
    assert [notice.kind for notice in access.visible_notices(world.mate)] == ["one"]
    assert "three" in access.visible_notices(world.owner).values_list("kind", flat=True)
