"""The present week is the latest that somebody was asked about, whatever was noted about a later one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.surveys.models import ReviewNote
from accounts.surveys.queries.weeks import last_asked_week, last_week_of
from accounts.surveys.services import add_note
from crm.queries.satisfaction_index_company import company_weeks
from crm.queries.today import scope_of
from crm.queries.today.company import company_week
from crm.queries.today.survey import GradeQueue
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office, office_of, project_of
from tests.conftest import World

NEXT_MONDAY = DUE + 3 * DAY


@pytest.fixture
def office(world: World) -> Office:
    cache.clear()
    found = office_of(world)
    found.invite()
    found.say(found.chen, quality="B-", delivery="A")
    return found


@pytest.fixture
def noted(office: Office) -> Office:
    """On the Monday after, before anybody is asked, the new week gets a note."""
    week = NEXT_MONDAY.date()
    add_note(office.project, week, text="Ask Li", by=office.world.manager, now=NEXT_MONDAY)
    return office


def test_a_note_about_the_new_week_does_not_empty_the_companys_index(noted: Office) -> None:
    found = company_week(NEXT_MONDAY)
    assert found is not None
    assert (found.week, found.answered, found.invited) == (WEEK, 1, 2)
    assert max(company_weeks(NEXT_MONDAY)) == WEEK == last_asked_week(NEXT_MONDAY)


def test_a_note_about_the_new_week_does_not_hide_the_warnings_of_the_last(noted: Office) -> None:
    later = DUE + 7 * DAY - HOUR
    noted.say(noted.li, support="B-", at=later)
    scope = scope_of(noted.world.manager, now=later, today=later.date())
    assert GradeQueue().found(scope).count() == 2


def test_before_anybody_was_asked_there_is_no_week(world: World) -> None:
    project = project_of(world, "Line 4")
    add_note(project, WEEK, text="Soon", by=world.manager, now=DUE)
    assert last_asked_week(DUE) is last_week_of(project, DUE) is None


def test_the_page_of_a_project_opens_at_the_week_under_review(office: Office, client: Client) -> None:
    client.force_login(office.world.manager)
    address = f"/projects/{office.project.pk}/satisfaction"
    page = client.get(address)
    assert page.context["monday"] == WEEK == page.context["history"].weeks[0].index.week
    form = {"week": page.context["week"], "text": "Ask Li", "next": address}
    assert client.post(f"/projects/{office.project.pk}/notes", form).status_code == 302
    assert ReviewNote.objects.get().week_id == WEEK


def test_a_week_that_is_named_is_opened_as_it_is(office: Office, client: Client) -> None:
    client.force_login(office.world.manager)
    page = client.get(f"/projects/{office.project.pk}/satisfaction?week=2026-W12")
    assert page.context["monday"] == dt.date(2026, 3, 16)
