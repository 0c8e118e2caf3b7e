"""Whoever was told that a clock was missed can do something about it, and sees no more than that."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import access
from accounts.actions.models import Action
from accounts.notices.models import Notice
from accounts.projects.models import FunctionalManager
from accounts.surveys.models import CorrectiveAction
from accounts.surveys.services import acknowledge_case
from accounts.surveys.services.alarms import raise_alarms
from accounts.users.models import Role, User
from tests.conftest import person
from tests.crm.cases.casework import address, again, kinds


@pytest.fixture
def chief(case: CorrectiveAction) -> User:
    """The functional manager of planning, who does not see the customer."""
    found = person("chief", Role.MEMBER)
    FunctionalManager.objects.create(functional_role="planning", user=found)
    raise_alarms(now=case.acknowledge_by)
    assert not access.visible_customers(found).exists()
    return found


@pytest.fixture
def told(client: Client, chief: User) -> Client:
    client.force_login(chief)
    return client


def test_he_writes_to_the_owner_who_hears_of_it(told: Client, case: CorrectiveAction) -> None:
    page = told.get(address(case))
    assert "Write to Manager, who answers for it" in page.content.decode()
    token = page.context["comment"]["token"].value()
    for _twice in range(2):
        sent = told.post(address(case, "comment"), {"comment": "What holds you up?", "token": token})
        assert sent.status_code == 302
    assert kinds(case).count("commented") == 1
    notice = Notice.objects.get(kind="survey_case_commented")
    assert notice.user == case.owner
    owner = Client()
    owner.force_login(case.owner)
    assert f"Chief wrote to you about CA-{case.pk}" in owner.get("/notices/").content.decode()


def test_he_gives_the_owner_something_to_do(told: Client, case: CorrectiveAction) -> None:
    url = f"/actions/new?case={case.pk}"
    assert url.replace("&", "&amp;") in told.get(address(case)).content.decode()
    form = told.get(url).context["form"]
    assert form["owner"].value() == case.owner_id
    assert told.post(url, {"title": "Call me today", "owner": case.owner_id}).status_code == 302
    action = Action.objects.get()
    assert (action.case, action.owner) == (case, case.owner)
    assert "Call me today" in told.get(address(case)).content.decode()


def test_he_acknowledges_and_still_writes_when_that_is_done(told: Client, case: CorrectiveAction) -> None:
    assert f'action="{address(case, "acknowledge")}"' in told.get(address(case)).content.decode()
    acknowledge_case(case, by=case.owner, now=case.acknowledge_by)
    page = told.get(address(case)).content.decode()
    assert f'action="{address(case, "acknowledge")}"' not in page
    assert f'action="{address(case, "comment")}"' in page


@pytest.mark.parametrize("verb", ["plan", "advance", "assign", "ask", "prevent", "fill", "interactions"])
def test_what_is_planned_done_and_said_to_the_customer_stays_the_owners(
    told: Client, case: CorrectiveAction, verb: str
) -> None:
    assert told.post(address(case, verb), {"comment": "Mine now."}).status_code == 403
    assert {*kinds(again(case))} == {"opened", "reminded", "escalated"}


@pytest.mark.parametrize("verb", ["", "report", "list"])
def test_no_link_of_the_page_leads_nowhere(told: Client, case: CorrectiveAction, verb: str) -> None:
    page = told.get("/cases/" if verb == "list" else address(case, verb)).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', main)}
    assert {link: told.get(link).status_code for link in links if told.get(link).status_code != 200} == {}
    assert links
    assert "Huaxing" in main


def test_who_was_not_told_and_only_reads_has_no_form(client: Client, case: CorrectiveAction) -> None:
    client.force_login(person("boss", Role.EXECUTIVE))
    assert "comment" not in client.get(address(case)).context
    assert client.post(address(case, "comment"), {"comment": "Hurry."}).status_code == 403


def test_executives_are_announced_only_until_they_were_told(manager: Client, case: CorrectiveAction) -> None:
    person("boss", Role.EXECUTIVE)
    raise_alarms(now=case.acknowledge_by)
    words = "the executives hear of it"
    assert words in manager.get(address(case)).content.decode()
    raise_alarms(now=case.plan_by)
    assert words not in manager.get(address(case)).content.decode()


def test_a_missed_clock_that_was_answered_since_is_no_alarm_any_more(
    told: Client, case: CorrectiveAction
) -> None:
    assert f"Not acknowledged in time: CA-{case.pk}" in told.get("/notices/").content.decode()
    acknowledge_case(case, by=case.owner, now=case.acknowledge_by)
    page = told.get("/notices/")
    (told_of,) = [each for notice, each in page.context["rows"] if notice.kind == "survey_case_missed"]
    assert "Acknowledged, after the clock had run out" in told_of.text
    assert told_of.bar == ""
