"""Clocks ring through a real worker, once, also when it is killed or asked by many at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from accounts.notices.models import Notice
from accounts.surveys.models import CaseAlarm, CaseEvent, CorrectiveAction
from accounts.surveys.services.alarms import letters_to_post, raise_alarms
from crm.tasks import ring_clocks
from tests.accounts.surveys.office import DUE, HOUR, office_of, project_of
from tests.conftest import World
from tests.crm.test_imports_killed import wait_for
from tests.servers import database_url_of_tests

CASES = 300


@pytest.fixture
def missed(world: World, transactional_db: None) -> int:
    """Cases whose first clock has just been missed; how many alarms that makes."""
    office = office_of(world)
    office.invite()
    office.say(office.chen, at=DUE + HOUR, delivery="D")
    first, now = office.case(), dt.datetime.now(dt.UTC)
    CorrectiveAction.objects.filter(pk=first.pk).update(
        acknowledge_by=now - HOUR, plan_by=now + 60 * HOUR, opened_at=now - 25 * HOUR
    )
    CorrectiveAction.objects.bulk_create(
        CorrectiveAction(
            customer=world.customer,
            project=project_of(world, f"Line {number + 10}"),
            dimension=first.dimension,
            programme_version=first.programme_version,
            opened_by=first.opened_by,
            owner=world.manager,
            opened_at=now - 25 * HOUR,
            acknowledge_by=now - HOUR,
            plan_by=now + 60 * HOUR,
            known_at=now - 25 * HOUR,
        )
        for number in range(CASES - 1)
    )
    return 2 * CASES


def assert_each_rang_once(count: int) -> None:
    assert CaseAlarm.objects.count() == count
    per_case = Counter(CaseAlarm.objects.values_list("case", flat=True))
    assert set(per_case.values()) == {2}
    assert Notice.objects.filter(kind__in=["survey_case_due", "survey_case_missed"]).count() == count
    events = Counter(CaseEvent.objects.filter(kind__in=["reminded", "escalated"]).values_list("case", "kind"))
    assert set(events.values()) == {1}
    assert len(events) == count


def test_asked_by_many_at_once_each_clock_rings_once(missed: int) -> None:
    now, start, rung = dt.datetime.now(dt.UTC), threading.Barrier(6), []

    def ring() -> None:
        try:
            start.wait()
            rung.append(raise_alarms(now=now))
        finally:
            connection.close()

    threads = [threading.Thread(target=ring) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(rung) == missed
    assert_each_rang_once(missed)


@pytest.mark.worker
def test_a_killed_worker_leaves_no_clock_silent_and_none_rings_twice(
    missed: int, celery_worker_process: Any
) -> None:
    environment = {"DATABASE_URL": database_url_of_tests()}
    worker = celery_worker_process(**environment)
    for _again in range(5):
        ring_clocks.delay()
    wait_for(lambda: CaseAlarm.objects.exists(), seconds=300)
    worker.kill()
    celery_worker_process(**environment)
    ring_clocks.delay()
    wait_for(lambda: CaseAlarm.objects.count() == missed and not letters_to_post(), seconds=300)
    assert_each_rang_once(missed)
