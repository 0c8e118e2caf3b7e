"""Surveys beside the weekly one with a real beat and real workers: stopped for days, killed, doubled."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.occasions.services import make_due_occasions
from tests.accounts.occasions.shop import DAY, RULES, contact_of, delivered, shop_of
from tests.conftest import World, customer_of
from tests.crm.mail.postbox import Postbox
from tests.crm.mail.workers import StartBeat, wait_for
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
EVERY_SECOND = {"INVITE_SECONDS": "1", "OCCASION_SECONDS": "1"}


def deliveries(world: World, count: int, *, days_ago: int, beginning: str) -> None:
    """Each of a customer with one contact."""
    day = timezone.now() - days_ago * DAY
    for number in range(count):
        customer = customer_of(world.owner, f"{beginning} {number}")
        contact_of(customer, f"{beginning}{number}")
        delivered(customer, f"{beginning}{number}", on=day.date(), now=day)


def sent() -> int:
    return OccasionInvitation.objects.exclude(sent_at=None).count()


def test_after_three_days_without_beat_two_beats_and_two_workers_ask_and_write_once(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """Six were asked before it stopped and not written to; six more were delivered to meanwhile."""
    shop_of(world, replace(RULES, rest_days=0))
    deliveries(world, 6, days_ago=6, beginning="before")
    assert make_due_occasions(now=timezone.now() - 4 * DAY) == 6
    deliveries(world, 6, days_ago=2, beginning="meanwhile")
    box.recipients["before0@huaxing.test"] = "550 no such user"
    box.answers = ["451 busy"]
    variables = {**box.variables, **EVERY_SECOND, "INVITE_BATCH": "5"}
    for _ in range(2):
        celery_worker_process(**variables)
        beat(**variables)
    wait_for(lambda: sent() == 5 and OccasionInvitation.objects.count() == 12)
    time.sleep(3)  # three more ticks of both
    assert Occasion.objects.count() == OccasionInvitation.objects.count() == 12
    assert len(box.messages) == 5
    waiting = OccasionInvitation.objects.filter(due_at__gt=timezone.now())
    assert waiting.update(due_at=timezone.now() - DAY) == 6  # as when their hour has come
    wait_for(lambda: sent() == 11)
    time.sleep(3)
    assert set(box.by_recipient.values()) == set(box.by_id.values()) == {1}
    assert len(box.messages) == 11
    failed = OccasionInvitation.objects.get(sent_at=None)
    assert failed.failure == "The mail server refused the letter. 550 no such user"


def test_after_kill_9_in_mid_sending_each_letter_arrives_and_by_its_id_once(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """The worker dies while the server has the letter and has not yet said so."""
    shop_of(world, replace(RULES, rest_days=0))
    deliveries(world, 8, days_ago=4, beginning="r")
    assert make_due_occasions(now=timezone.now() - 2 * DAY) == 8
    variables = {**box.variables, **EVERY_SECOND, "LETTER_LEASE_SECONDS": "4"}
    box.seconds = 0.4
    worker = celery_worker_process(**variables)
    beat(**variables)
    box.wait_for(3)
    worker.kill()
    assert 2 <= sent() < 8
    celery_worker_process(**variables)
    wait_for(lambda: sent() == 8)
    assert set(box.by_recipient) == {f"r{number}@huaxing.test" for number in range(8)}
    assert len(box.by_id) == 8
    assert len(box.messages) <= 9
