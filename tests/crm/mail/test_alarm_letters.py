"""Letters about clocks: one digest per person, in his language, about what is still open."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from zoneinfo import ZoneInfo

import pytest
import redis
from django.conf import settings
from django.core import mail
from django.test import Client
from openpyxl import load_workbook

from accounts.surveys.models import AlarmStep, CaseAlarm, CaseClock, CorrectiveAction
from accounts.surveys.services import acknowledge_case, plan_case
from accounts.surveys.services.alarms import raise_alarms
from accounts.users import services
from accounts.users.models import User
from crm.mail import letters
from crm.mail.letters import Kind, deliver, post_alarm
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office


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
    assert mail.outbox[0].subject == "1 corrective action is due soon"


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


def written(
    office: Office, *alarms: CaseAlarm, now: dt.datetime, user: User | None = None
) -> tuple[str, str]:
    """Subject and text of the letter about these alarms that goes out at ``now``."""
    facts = {"alarms": " ".join(str(each.pk) for each in alarms)}
    message = letters.write("id", Kind.CASE_ESCALATED, user or office.world.manager, facts, now=now)
    return message.subject, str(message.body)


def test_a_letter_that_waited_says_how_the_clock_stands_when_it_is_sent(complained: Office) -> None:
    case, found = complained.case(), alarm(complained)
    subject, text = written(complained, found, now=case.acknowledge_by - HOUR)
    assert subject == "1 corrective action is due soon"
    assert "to be acknowledged by Mar" in text
    subject, text = written(complained, found, now=case.acknowledge_by + HOUR)
    assert subject == "1 corrective action is late"
    assert "was to be acknowledged by Mar" in text


def test_what_was_answered_late_is_not_called_late(complained: Office) -> None:
    case = complained.case()
    late = alarm(complained, step=AlarmStep.LINE)
    acknowledge_case(case, by=complained.world.manager, now=case.acknowledge_by + HOUR)
    lead = complained.world.lead
    subject, text = written(complained, late, now=case.acknowledge_by + 2 * HOUR, user=lead)
    assert subject == "1 corrective action was answered late"
    assert "acknowledged on Mar" in text
    assert "was to be" not in text


def test_a_case_stands_once_in_a_letter_with_the_clock_that_runs(complained: Office) -> None:
    case = complained.case()
    late = alarm(complained, step=AlarmStep.LINE)
    acknowledge_case(case, by=complained.world.manager, now=case.acknowledge_by + HOUR)
    plan = CaseAlarm.objects.create(
        case=case,
        customer_id=case.customer_id,
        clock=CaseClock.PLAN,
        due_at=case.plan_by,
        step=AlarmStep.LINE,
        raised_at=DUE,
    )
    soon = alarm(complained, "quality")
    CorrectiveAction.objects.filter(pk=soon.case_id).update(acknowledge_by=case.plan_by + DAY)
    CaseAlarm.objects.filter(pk=soon.pk).update(due_at=case.plan_by + DAY)
    subject, text = written(complained, late, plan, soon, now=case.plan_by + HOUR)
    assert subject == "1 corrective action is late"
    assert text.count(f"/cases/{case.pk}") == text.count(f"CA-{case.pk}") == 1
    assert text.index("was to be planned by") < text.index("ends soon") < text.index("to be acknowledged by")


def test_a_day_is_said_as_a_day_in_the_letter_and_on_the_page(complained: Office, client: Client) -> None:
    day = dt.date(2026, 3, 12)
    case = plan_case(
        complained.case(), by=complained.world.manager, plan="Trucks.", solve_by=day, now=DUE + HOUR
    )
    ends = dt.datetime.combine(day + DAY, dt.time(), ZoneInfo(settings.TIME_ZONE))
    raise_alarms(now=ends - HOUR)
    found = CaseAlarm.objects.filter(case=case, clock=CaseClock.SOLVE).latest("pk")
    assert found.due_at == ends
    _subject, text = written(complained, found, now=ends - HOUR)
    assert "to be solved by Mar 12, 2026\n" in text
    _subject, text = written(complained, found, now=ends + HOUR)
    assert "was to be solved by Mar 12, 2026\n" in text
    client.force_login(complained.world.manager)
    assert 'title="Mar 12, 2026"' in client.get(f"/cases/{case.pk}").content.decode()
    book = client.get("/satisfaction/export.xlsx?week=2026-W10").content
    sheet = load_workbook(io.BytesIO(book))["Corrective actions"]
    until = {(str(cell.value), cell.number_format) for cell in sheet["F"] if cell.is_date}
    assert ("2026-03-12 00:00:00", "yyyy-mm-dd") in until, "a day has no hour in a spreadsheet"
    assert {form for _value, form in until} == {"yyyy-mm-dd", "yyyy-mm-dd hh:mm"}
    assert all(cell.is_date for cell in sheet["I"][1:])
