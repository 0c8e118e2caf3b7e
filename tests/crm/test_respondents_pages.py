"""Whom we ask about a project: naming, pausing, and what the page says happens next."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.contacts.models import Contact
from accounts.contacts.services import mark_left
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.surveys.models import Invitation, Respondent, RespondentChange, RespondentState
from accounts.surveys.services import ensure_programme, make_due_invitations, name_respondent
from accounts.users.models import User
from crm.queries.respondents import next_letter, respondents_of
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, contact_of, office_of, project_of
from tests.conftest import MONDAY, World

MINUTE = dt.timedelta(minutes=1)
SHANGHAI_DUE = dt.datetime(2026, 3, 6, 6, tzinfo=dt.UTC)
"""Friday 14:00 in Shanghai."""


@pytest.fixture
def office(world: World) -> Office:
    return office_of(world)


@pytest.fixture
def project(world: World) -> Project:
    return project_of(world, "Line 4")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def name(client: Client, project: Project, *contacts: Contact) -> int:
    # A browser sends the token of the form as well, so a form without a choice is not empty.
    body = {"contacts": [contact.pk for contact in contacts], "csrfmiddlewaretoken": "x"}
    return client.post(f"/projects/{project.pk}/respondents", body).status_code


def named(project: Project) -> list[tuple[str, str]]:
    found = Respondent.objects.filter(project=project).order_by("contact__name")
    return list(found.values_list("contact__name", "state"))


def change(client: Client, respondent: Respondent, **body: str) -> int:
    return client.post(f"/respondents/{respondent.pk}/state", body).status_code


def test_several_are_named_at_once_and_the_page_says_when_they_are_asked(
    world: World, project: Project
) -> None:
    chen, li = contact_of(world, "Chen", time_zone="Asia/Shanghai"), contact_of(world, "Li")
    manager = as_(world.manager)
    page = manager.get(f"/projects/{project.pk}/respondents").content.decode()
    assert "Nobody is asked about this project yet" in page
    assert name(manager, project, chen, li) == 302
    assert named(project) == [("Chen", "active"), ("Li", "active")]
    assert set(RespondentChange.objects.values_list("author__name", flat=True)) == {"Manager"}
    page = manager.get(f"/projects/{project.pk}/respondents").content.decode()
    assert "Chen, Li are asked from now on." in page
    assert "First letter:" in page
    assert "14:00 local time (Asia/Shanghai)" in page
    assert "Friday" in page


def test_a_contact_who_cannot_be_asked_is_not_named(world: World, project: Project) -> None:
    gone, silent, refuses = (contact_of(world, each) for each in ("Gone", "Silent", "Refuses"))
    mark_left(gone, left_on=MONDAY.date(), now=MONDAY)
    Contact.objects.filter(pk=silent.pk).update(email="")
    Contact.objects.filter(pk=refuses.pk).update(opted_out=True)
    foreign = Contact.objects.create(
        customer=world.foreign, name="Foreign", level="specialist", email="f@x.test", known_at=MONDAY
    )
    owner = as_(world.owner)
    page = owner.get(f"/projects/{project.pk}/respondents").content.decode()
    assert "Gone" not in page
    assert f'href="/contacts/{silent.pk}/edit"' in page
    for contact in (gone, silent, refuses, foreign):
        assert name(owner, project, contact) == 422
    assert name(owner, project) == 422
    assert named(project) == []


def test_who_may_not_edit_contacts_is_told_who_can(world: World, project: Project) -> None:
    silent = contact_of(world, "Silent")
    Contact.objects.filter(pk=silent.pk).update(email="")
    page = as_(world.manager).get(f"/projects/{project.pk}/respondents").content.decode()
    assert f"/contacts/{silent.pk}/edit" not in page
    assert "Owner can add one" in page


def test_a_pause_is_taken_back_at_once(office: Office) -> None:
    manager, respondent = as_(office.world.manager), office.project.respondents.get(contact=office.chen)
    assert change(manager, respondent, state="paused", reason="On leave") == 302
    respondent.refresh_from_db()
    assert respondent.state == RespondentState.PAUSED
    page = manager.get(f"/projects/{office.project.pk}/respondents").content.decode()
    assert "On leave" in page
    assert "Resume" in page
    assert change(manager, respondent, state="active") == 302
    respondent.refresh_from_db()
    assert respondent.state == RespondentState.ACTIVE
    states = respondent.changes.order_by("id").values_list("state", "author__name")
    assert list(states) == [("active", "Manager"), ("paused", "Manager"), ("active", "Manager")]


def test_who_wants_no_surveys_is_written_down_with_the_reason(office: Office) -> None:
    manager, respondent = as_(office.world.manager), office.project.respondents.get(contact=office.chen)
    assert change(manager, respondent, state="opted_out", reason="  ") == 302
    respondent.refresh_from_db()
    assert respondent.state == RespondentState.ACTIVE
    page = manager.get(f"/projects/{office.project.pk}/respondents").content.decode()
    assert "Say why no surveys are wanted" in page
    change(manager, respondent, state="opted_out", reason="Told Wang on the phone")
    respondent.refresh_from_db()
    assert respondent.state == RespondentState.OPTED_OUT
    assert "Told Wang on the phone" in manager.get(f"/projects/{office.project.pk}").content.decode()


def test_who_wants_none_is_not_shown_as_a_missing_address(office: Office) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(email="")

    def obstacle() -> str:
        rows = respondents_of(office.project, now=MONDAY)
        return next(row.obstacle for row in rows if row.contact == office.chen)

    assert obstacle() == "no_email"
    respondent = office.project.respondents.get(contact=office.chen)
    change(as_(office.world.manager), respondent, state="opted_out", reason="Told us")
    assert obstacle() == "refused"
    mark_left(office.chen, left_on=MONDAY.date(), now=MONDAY)
    assert obstacle() == "left"


@pytest.mark.parametrize("body", [{}, {"state": "gone"}, {"state": "paused", "reason": "x" * 401}])
def test_a_state_nobody_knows_changes_nothing(office: Office, body: dict[str, str]) -> None:
    respondent = office.project.respondents.get(contact=office.chen)
    change(as_(office.world.manager), respondent, **body)
    respondent.refresh_from_db()
    assert respondent.state == RespondentState.ACTIVE


def test_only_who_changes_the_project_says_whom_we_ask(office: Office) -> None:
    ProjectMember.objects.create(
        project=office.project, user=office.world.member, functional_role=FunctionalRole.QUALITY
    )
    wang = contact_of(office.world, "Wang")
    respondent = office.project.respondents.get(contact=office.chen)
    refused = {"member": 403, "executive": 403, "stranger": 404, "mate": 404}
    for who, status in refused.items():
        client = as_(office.world.users[who])
        assert name(client, office.project, wang) == status, who
        assert change(client, respondent, state="paused") == status, who
    assert named(office.project) == [("Chen", "active"), ("Li", "active")]
    for who in ("owner", "lead", "manager", "admin"):
        client = as_(office.world.users[who])
        assert change(client, respondent, state="paused") == 302, who
        assert change(client, respondent, state="active") == 302, who
    assert name(as_(office.world.owner), office.project, wang) == 302
    page = as_(office.world.executive).get(f"/projects/{office.project.pk}/respondents").content.decode()
    assert "Pause" not in page
    assert "Chen" in page


def test_who_left_is_shown_as_left_and_gets_no_button(office: Office) -> None:
    mark_left(office.chen, left_on=MONDAY.date(), now=MONDAY)
    mark_left(office.li, left_on=MONDAY.date(), now=MONDAY)
    page = as_(office.world.manager).get(f"/projects/{office.project.pk}/respondents").content.decode()
    assert page.count("Left the company") == 2
    assert "Pause" not in page


def test_the_way_back_stays_on_this_site(office: Office) -> None:
    manager, respondent = as_(office.world.manager), office.project.respondents.get(contact=office.chen)
    here = f"/projects/{office.project.pk}"
    for wish, expected in ((here, here), ("https://elsewhere.test/", f"{here}/respondents")):
        body = {"state": "paused", "next": wish}
        answer = manager.post(f"/respondents/{respondent.pk}/state", body)
        assert answer.headers["Location"] == expected


def test_the_project_page_has_the_section(office: Office) -> None:
    page = as_(office.world.manager).get(f"/projects/{office.project.pk}").content.decode()
    for words in ("Whom we ask", "Chen", "Li", "Asked every week", "Say whom to ask"):
        assert words in page


# -- What the page promises is what happens --------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        (MONDAY, "Asia/Shanghai", SHANGHAI_DUE),
        (SHANGHAI_DUE - MINUTE, "Asia/Shanghai", SHANGHAI_DUE),
        (SHANGHAI_DUE, "Asia/Shanghai", SHANGHAI_DUE + 7 * DAY),
        (SHANGHAI_DUE + HOUR, "Asia/Shanghai", SHANGHAI_DUE + 7 * DAY),
        (SHANGHAI_DUE + HOUR, "UTC", DUE),
        (dt.datetime(2026, 3, 8, 23, 30, tzinfo=dt.UTC), "UTC", DUE + 7 * DAY),
        (dt.datetime(2026, 3, 8, 23, 30, tzinfo=dt.UTC), "Pacific/Kiritimati", DUE + 7 * DAY - 14 * HOUR),
    ],
)
def test_the_next_letter_is_the_next_friday_afternoon_where_he_is(
    db: None, now: dt.datetime, zone: str, expected: dt.datetime
) -> None:
    letter = next_letter(ensure_programme(now=MONDAY), zone, now=now)
    assert letter.at == expected
    assert (letter.local.hour, letter.local.isoweekday()) == (14, 5)
    assert letter.monday.isoweekday() == 1


@pytest.mark.parametrize("minutes", [-1, 1])
def test_he_is_asked_at_the_hour_the_page_named_and_not_before(
    world: World, project: Project, minutes: int
) -> None:
    chen = contact_of(world, "Chen", time_zone="Asia/Shanghai")
    now = SHANGHAI_DUE + minutes * MINUTE
    name_respondent(project=project, contact=chen, author=None, now=now)
    (row,) = respondents_of(project, now=now)
    assert row.letter is not None
    make_due_invitations(now=row.letter.at - MINUTE)
    assert not Invitation.objects.exists()
    make_due_invitations(now=row.letter.at)
    assert Invitation.objects.get().due_at == row.letter.at


def test_a_project_that_ends_before_the_next_letter_asks_nobody(world: World, project: Project) -> None:
    name_respondent(project=project, contact=contact_of(world, "Chen"), author=None, now=MONDAY)
    Project.objects.filter(pk=project.pk).update(ended_on=DUE.date())
    project.refresh_from_db()
    assert respondents_of(project, now=MONDAY)[0].obstacle == ""
    (row,) = respondents_of(project, now=DUE + HOUR)
    assert (row.obstacle, row.letter) == ("ended", None)


def test_respondents_take_three_queries_however_many(
    office: Office, django_assert_num_queries: object
) -> None:
    for number in range(28):
        contact = contact_of(office.world, f"Contact {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len([row.contact.name for row in respondents_of(office.project, now=MONDAY)]) == 30


def test_of_an_ended_project_both_pages_say_that_nobody_is_asked(office: Office) -> None:
    urls = (f"/projects/{office.project.pk}", f"/projects/{office.project.pk}/respondents")
    client = as_(office.world.manager)
    before = [client.get(url).content.decode() for url in urls]
    Project.objects.filter(pk=office.project.pk).update(ended_on=DUE.date())
    after = [client.get(url).content.decode() for url in urls]
    assert not any("nobody is asked any more" in page for page in before)
    assert all("nobody is asked any more" in page for page in after)
    assert "one e-mail a week" not in after[1]
