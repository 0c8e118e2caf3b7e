"""What others leave to somebody: a missed clock that escalated to him, a colleague who is proposed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Contact
from accounts.contacts.services import mark_left
from accounts.projects.models import FunctionalManager
from accounts.surveys.models import CorrectiveAction, Referral, ReferralState
from accounts.surveys.services import acknowledge_case, plan_case, propose
from accounts.surveys.services.alarms import raise_alarms
from accounts.users.models import Role, Team, TeamMember, User
from crm.queries import today as queries
from crm.queries.today.items import CaseItem, ReferralItem
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, contact_of, office_of, project_of
from tests.conftest import World, person

OPENED = DUE + HOUR
LATE = OPENED + 25 * HOUR
"""An hour after the first clock; its day off does not stop it, since it runs around the clock."""


@pytest.fixture
def office(world: World) -> Office:
    office = office_of(world)
    office.invite()
    return office


@pytest.fixture
def chief(world: World) -> User:
    """The functional manager of whom the dimension asks, who sees nothing of the project otherwise."""
    chief = person("chief", Role.MEMBER)
    FunctionalManager.objects.create(functional_role="planning", user=chief)
    return chief


def listed(user: User, now: dt.datetime) -> queries.Today:
    return queries.today_of(queries.scope_of(user, now=now, today=now.date()))


def items(user: User, kind: str, now: dt.datetime) -> list[queries.Item]:
    sections = [section for section in listed(user, now).sections if section.code == kind]
    return [item for section in sections for item in section.items]


def cases(user: User, now: dt.datetime = LATE) -> list[CaseItem]:
    return [item for item in items(user, "case", now) if isinstance(item, CaseItem)]


def referrals(user: User, now: dt.datetime = LATE) -> list[ReferralItem]:
    return [item for item in items(user, "referral", now) if isinstance(item, ReferralItem)]


def escalated(office: Office, now: dt.datetime = LATE) -> CorrectiveAction:
    office.say(office.chen, at=OPENED, delivery="D")
    raise_alarms(now=now)
    return office.case()


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get("/today/").content.decode().split())


def test_a_missed_clock_stands_on_the_list_of_whom_it_escalated_to(office: Office, chief: User) -> None:
    boss = person("boss", Role.PROJECT_MANAGER)
    TeamMember.objects.create(team=Team.objects.create(name="Projects", lead=boss), user=office.world.manager)
    office.say(office.chen, at=OPENED, delivery="D")
    assert cases(chief) == []
    raise_alarms(now=LATE)
    for told, works in ((chief, False), (boss, True)):
        (item,) = cases(told)
        assert (item.case, item.is_escalated) == (office.case(), True)
        assert (item.may_acknowledge, item.may_work) == (True, works)
        assert item.owner == "Manager"
    assert [item.is_escalated for item in cases(office.world.manager)] == [False]
    assert cases(office.world.stranger) == cases(office.world.mate) == []


def test_it_says_why_and_is_acknowledged_by_one_tap(office: Office, chief: User) -> None:
    case = escalated(office)
    html = page(chief)
    assert "Escalated to you: nobody has acknowledged it, which was due" in html
    assert f'formaction="/cases/{case.pk}/acknowledge"' in html
    client = Client()
    client.force_login(chief)
    answer = client.post(f"/cases/{case.pk}/acknowledge", {"next": "/today/"}, follow=True)
    assert answer.redirect_chain == [("/today/", 302)]
    assert case.log.get(kind="acknowledged").author == chief


def test_it_leaves_his_list_when_the_clock_is_stopped_and_comes_back_with_the_next(
    office: Office, chief: User
) -> None:
    case = escalated(office)
    manager = office.world.manager
    acknowledge_case(case, by=manager, now=LATE)
    assert cases(chief) == []
    no_plan = OPENED + 73 * HOUR
    raise_alarms(now=no_plan)
    (item,) = cases(chief, no_plan)
    assert item.clock.startswith("CaseClock(running=<Running.PLAN")
    day = no_plan.date() + DAY
    plan_case(office.case(), by=manager, plan="Two more trucks", solve_by=day, now=no_plan)
    assert cases(chief, no_plan) == []


def test_an_alarm_of_the_round_before_is_none_of_this_one(office: Office, chief: User) -> None:
    case = escalated(office)
    CorrectiveAction.objects.filter(pk=case.pk).update(opened_at=LATE + HOUR)
    assert cases(chief, LATE + 2 * HOUR) == []


def test_an_executive_acknowledges_what_escalated_to_him_and_reads_the_rest(office: Office) -> None:
    boss = office.world.executive
    escalated(office)
    (item,) = cases(boss)
    assert (item.is_escalated, item.may_acknowledge) == (False, False)
    raise_alarms(now=LATE + DAY)
    (item,) = cases(boss, LATE + DAY)
    assert (item.is_escalated, item.may_acknowledge, item.may_work) == (True, True, False)


def test_without_a_line_it_stands_on_the_list_of_the_admins(office: Office) -> None:
    escalated(office)
    (item,) = cases(office.world.admin)
    assert (item.is_escalated, item.may_work) == (True, True)


def proposed(office: Office, contact: Contact, *, email: str = "wang@huaxing.test") -> Referral:
    invitation = office.invitation(contact)
    return propose(invitation, name="Wang", email=email, message="She knows more.", now=OPENED)[0]


def test_a_proposed_colleague_stands_on_the_lists_of_manager_and_owner(office: Office) -> None:
    proposed(office, office.chen)
    seen = {who: referrals(user) for who, user in office.world.users.items()}
    assert {who for who, found in seen.items() if found} == {"owner", "lead", "manager"}
    (item,) = seen["owner"]
    assert (item.name, item.proposer, item.message) == ("Wang", "Chen", "She knows more.")
    assert (item.meant, item.may_add, item.level) == ("", True, "specialist")
    assert [each.may_add for each in seen["manager"]] == [False]


def test_the_owner_accepts_her_at_the_level_that_is_offered(office: Office) -> None:
    referral = proposed(office, office.chen)
    html = page(office.world.owner)
    assert "Chen proposes to ask Wang instead" in html
    assert '<option value="specialist" selected>' in html
    client = Client()
    client.force_login(office.world.owner)
    form = {"seen": referral.known_at.isoformat(), "level": "specialist", "next": "/today/"}
    answer = client.post(f"/referrals/{referral.pk}/accept", form, follow=True)
    assert answer.redirect_chain == [("/today/", 302)]
    assert "Wang is asked from now on." in answer.content.decode()
    referral.refresh_from_db()
    assert referral.state == ReferralState.ACCEPTED
    assert referrals(office.world.owner) == []


def test_a_manager_accepts_whom_we_know_and_else_chooses_or_declines(office: Office) -> None:
    manager = office.world.manager
    referral = proposed(office, office.chen)
    html = page(manager)
    assert f"/referrals/{referral.pk}/decline" in html
    assert "No contact yet" in html
    assert "Level, of a new contact" not in html
    contact_of(office.world, "Wang")
    (item,) = referrals(manager)
    assert (item.meant, item.is_askable) == ("Wang", True)
    client = Client()
    client.force_login(manager)
    client.post(f"/referrals/{referral.pk}/decline", {"next": "/today/"})
    assert referrals(manager) == []


def test_who_has_the_address_and_has_left_is_not_offered(office: Office) -> None:
    wang = contact_of(office.world, "Wang")
    mark_left(wang, left_on=OPENED.date(), now=OPENED)
    proposed(office, office.chen)
    (item,) = referrals(office.world.owner)
    assert (item.meant, item.is_askable) == ("Wang", False)
    html = page(office.world.owner)
    assert "Wang has this address and cannot be asked" in html
    assert "Level, of a new contact" not in html


def test_a_proposal_that_was_put_off_comes_back_when_it_changes(office: Office) -> None:
    from accounts.snoozes.services import snooze

    referral = proposed(office, office.chen)
    (item,) = referrals(office.world.manager)
    user = office.world.manager
    snooze(user, kind="referral", key=item.key, was=item.was, until=LATE + 9 * DAY, now=OPENED)
    assert referrals(user) == []
    propose(
        office.invitation(office.chen), name="Zhao", email="zhao@huaxing.test", message="", now=LATE - HOUR
    )
    assert [each.name for each in referrals(user)] == ["Zhao"]
    assert Referral.objects.get().pk == referral.pk


@pytest.mark.parametrize("who", ["owner", "manager"])
def test_thirty_of_each_take_as_many_queries_as_three(office: Office, who: str) -> None:
    world, counts, made = office.world, [], 0
    team = Team.objects.create(name="Projects", lead=world.owner)
    TeamMember.objects.create(team=team, user=world.manager)
    for wanted in (3, 30):
        for number in range(made, wanted):
            lined_up(office, number)
        made = wanted
        raise_alarms(now=LATE)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = listed(getattr(world, who), LATE)
        assert {section.code: section.count for section in found.sections} == {
            "case": wanted,
            "referral": wanted,
        }
        counts.append(len(captured))
    assert counts[0] == counts[1]


def lined_up(office: Office, number: int) -> None:
    """Another project with a low grade that nobody acknowledges, and a proposal."""
    from accounts.surveys.services import make_invitations, name_respondent

    project = project_of(office.world, f"Line {number + 10}")
    contact = contact_of(office.world, f"Zhou{number}")
    name_respondent(project=project, contact=contact, author=None, now=DUE - 5 * DAY)
    make_invitations(office.invitation(office.chen).week_id, now=DUE)
    other = Office(office.world, office.version, project, contact, contact)
    other.say(contact, at=OPENED, delivery="D")
    proposed(other, contact, email=f"wang{number}@huaxing.test")
