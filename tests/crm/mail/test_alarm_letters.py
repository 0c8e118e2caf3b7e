"""Letters about clocks: one digest per person, in his language, about what is still open."""

from __future__ import annotations

import json
import os

import pytest
import redis
from django.core import mail

from accounts.surveys.models import AlarmStep, CaseAlarm, CaseClock, CorrectiveAction
from accounts.users import services
from accounts.users.models import User
from crm.mail import letters
from crm.mail.letters import Kind, deliver, post_alarm
from tests.accounts.surveys.office import DUE, HOUR, Office


def alarm(office: Office, dimension: str = "delivery", *, step: AlarmStep = AlarmStep.OWNER) -> CaseAlarm:
    case = office.case(dimension)
    return CaseAlarm.objects.create(
        case=case,
        customer_id=case.customer_id,
        clock=CaseClock.ACKNOWLEDGE,
        due_at=case.acknowledge_by,
        step=step,
        raised_at=DUE,
    )


@pytest.fixture
def complained(office: Office) -> Office:
    office.say(office.chen, delivery="D", quality="C", comment="Three days late")
    return office


def sent(user: User, *alarms: CaseAlarm, kind: Kind = Kind.CASE_REMINDER, letter: str = "one") -> bool:
    return deliver(letter, kind, user.pk, {"alarms": " ".join(str(each.pk) for each in alarms)})


def test_one_letter_lists_every_case_with_its_link(complained: Office) -> None:
    both = [alarm(complained, "delivery"), alarm(complained, "quality")]
    assert sent(complained.world.manager, *both)
    (message,) = mail.outbox
    html, text = str(message.alternatives[0][0]), str(message.body)
    assert message.subject == "2 corrective actions are due soon"
    for case in (complained.case("delivery"), complained.case("quality")):
        link = f"http://localhost:8000/cases/{case.pk}"
        assert f'href="{link}"' in html
        assert link in text
    assert text.count("to be acknowledged by Mar") == 2
    assert "Line 4 · On-time delivery" in text
    assert "Three days late" not in text + html


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
@pytest.mark.parametrize("kind", [Kind.CASE_REMINDER, Kind.CASE_ESCALATED])
def test_every_language_has_a_whole_letter(complained: Office, kind: Kind, language: str) -> None:
    manager = complained.world.manager
    services.change_language(manager, language=language)
    facts = {"alarms": str(alarm(complained).pk)}
    message = letters.write("id", kind, manager, facts)
    html = str(message.alternatives[0][0])
    assert f'lang="{language}"' in html
    assert "\n" not in message.subject
    assert "{" not in str(message.body) + html
    assert "<" not in str(message.body)


def test_it_tells_the_hour_of_the_reader(complained: Office) -> None:
    manager, facts = complained.world.manager, {"alarms": str(alarm(complained).pk)}
    here = str(letters.write("id", Kind.CASE_REMINDER, manager, facts).body)
    User.objects.filter(pk=manager.pk).update(time_zone="Asia/Shanghai")
    manager.refresh_from_db()
    assert str(letters.write("id", Kind.CASE_REMINDER, manager, facts).body) != here


def test_what_is_closed_or_not_his_is_left_out_and_then_there_is_no_letter(complained: Office) -> None:
    first, second = alarm(complained, "delivery"), alarm(complained, "quality")
    assert not sent(complained.world.stranger, first, second, letter="foreign")
    case = complained.case("delivery")
    CorrectiveAction.objects.filter(pk=case.pk).update(state="confirmed", closed_at=DUE + HOUR)
    assert not sent(complained.world.manager, first, letter="closed")
    assert not mail.outbox
    assert sent(complained.world.manager, first, second)
    assert f"/cases/{case.pk}" not in str(mail.outbox[0].body)


def test_two_alarms_of_one_clock_are_one_line(complained: Office) -> None:
    both = [alarm(complained), alarm(complained, step=AlarmStep.LINE)]
    assert sent(complained.world.manager, *both, kind=Kind.CASE_ESCALATED)
    assert str(mail.outbox[0].body).count("to be acknowledged by") == 1
    assert mail.outbox[0].subject == "1 corrective action is late"


def test_a_line_takes_no_query_of_its_own(complained: Office, django_assert_num_queries: object) -> None:
    manager = complained.world.manager
    one = {"alarms": str(alarm(complained).pk)}
    both = {"alarms": f"{one['alarms']} {alarm(complained, 'quality').pk}"}
    for facts in (one, both):
        with django_assert_num_queries(1):  # type: ignore[operator]
            letters.write("id", Kind.CASE_REMINDER, manager, facts)


def test_asked_for_twice_it_is_one_letter_and_its_kind_is_the_worst(
    complained: Office, django_capture_on_commit_callbacks: object
) -> None:
    queue = redis.Redis.from_url(os.environ["REDIS_URL"])
    queue.flushdb()
    first, second = alarm(complained), alarm(complained, "quality", step=AlarmStep.LINE)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        post_alarm(complained.world.manager, [first.pk, second.pk])
        post_alarm(complained.world.manager, [second.pk, first.pk])
        post_alarm(complained.world.manager, [first.pk])
        post_alarm(complained.world.manager, [])
    waiting = [json.loads(each)["headers"]["argsrepr"] for each in queue.lrange("celery", 0, -1)]
    assert len(waiting) == 3
    assert len(set(waiting)) == 2
    assert [each for each in waiting if "case_reminder" in each] == [waiting[0]]
    assert "@" not in waiting[0]
    queue.flushdb()
