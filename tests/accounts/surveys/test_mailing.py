"""Which letters are due; through the partial indexes, however many weeks lie behind."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.contacts.models import Contact
from accounts.projects.services import end_project
from accounts.surveys.models import Invitation, Respondent, RespondentState
from accounts.surveys.queries.mailing import to_remind, to_send, without_address
from accounts.surveys.services import (
    ask_again,
    change_respondent,
    give_up_unsent,
    mark_failed,
    mark_sent,
    name_respondent,
)
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, Office, contact_of
from tests.conftest import MONDAY

OLD_WEEKS = """
insert into surveys_week (monday)
select day::date from generate_series('2016-01-04'::timestamp, '2025-06-30', '7 days') day
"""
OLD = """
insert into surveys_invitation (
    customer_id, project_id, contact_id, respondent_id, week_id, programme_version_id, level,
    due_at, reminder_at, closes_at, expires_at, known_at, failure, sent_at
)
select i.customer_id, i.project_id, i.contact_id, i.respondent_id, w.monday, i.programme_version_id, i.level,
    w.monday + interval '4 days', w.monday + interval '8 days', w.monday + interval '11 days',
    w.monday + interval '25 days', w.monday, '', w.monday + interval '4 days'
from surveys_invitation i cross join surveys_week w
where i.week_id = '2026-03-02' and w.monday < '2026-01-01'
"""


@pytest.fixture
def years(office: Office) -> Office:
    """Twenty respondents who stayed silent for 496 weeks."""
    for number in range(18):
        contact = contact_of(office.world, f"Respondent {number}")
        name_respondent(project=office.project, contact=contact, author=None, now=MONDAY)
    office.invite()
    with connection.cursor() as cursor:
        cursor.execute(OLD_WEEKS)
        cursor.execute(OLD)
        assert cursor.rowcount == 20 * 496
        cursor.execute("set constraints all immediate")
        cursor.execute("analyze surveys_invitation")
    return office


def test_what_is_due_is_found_through_the_partial_indexes(years: Office) -> None:
    assert to_send(now=DUE).count() == 20
    assert "invitation_to_send" in to_send(now=DUE).explain()
    Invitation.objects.filter(sent_at=None).update(sent_at=DUE)
    at = DUE + 4 * DAY
    assert to_remind(now=at).count() == 20
    plan = to_remind(now=at).explain(analyze=True)
    assert "invitation_to_remind" in plan
    assert "Rows Removed by Filter" not in plan, "It read weeks that are closed."


def test_a_week_is_read_through_its_index(years: Office) -> None:
    week = Invitation.objects.filter(week="2026-03-02").order_by("-pk")[:50]
    plan = week.explain()
    assert "Index Cond: (week_id" in plan
    assert "Seq Scan" not in plan


def test_what_was_not_sent_in_time_is_given_up_and_nothing_else(office: Office) -> None:
    mark_sent(office.invitation(office.li).pk, now=DUE)
    assert give_up_unsent(reason="too late", now=CLOSED - HOUR) == 0
    assert [give_up_unsent(reason="too late", now=CLOSED) for _ in range(2)] == [1, 0]
    assert office.invitation(office.chen).failure == "too late"
    assert office.invitation(office.li).failed_at is None


def test_a_failed_letter_is_due_again_while_its_week_is_open(office: Office) -> None:
    pk = office.invitation(office.chen).pk
    assert not ask_again(pk, now=DUE)
    mark_failed(pk, reason="no", now=DUE)
    assert pk not in to_send(now=DUE).values_list("pk", flat=True)
    assert not ask_again(pk, now=CLOSED)
    assert ask_again(pk, now=DUE)
    assert pk in to_send(now=DUE).values_list("pk", flat=True)


def test_who_has_no_address_is_named_while_he_should_be_asked(office: Office) -> None:
    assert not without_address(now=DUE).exists()
    Contact.objects.filter(pk=office.chen.pk).update(email="")
    chen = Respondent.objects.get(contact=office.chen)
    assert list(without_address(now=DUE)) == [chen]
    change_respondent(chen, state=RespondentState.PAUSED, author=None, now=DUE)
    assert not without_address(now=DUE).exists()
    change_respondent(chen, state=RespondentState.ACTIVE, author=None, now=DUE)
    assert without_address(now=DUE).exists()
    end_project(office.project, ended_on=(DUE - DAY).date())
    assert not without_address(now=DUE).exists()
