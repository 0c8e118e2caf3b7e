"""Playbooks are followed by a real worker, once for each customer, also when it is killed meanwhile."""

from __future__ import annotations

from copy import copy

import pytest
from django.utils import timezone

from accounts.actions.models import Action
from accounts.customers.models import Customer, Stage
from accounts.playbooks.models import Doer, PlaybookRun, RunStep, Trigger
from accounts.playbooks.services import (
    AT_ONCE,
    PlaybookFacts,
    StepFacts,
    Words,
    save_playbook,
    switch_playbook,
)
from crm.tasks import follow_playbooks
from tests.conftest import World
from tests.crm.test_imports_killed import wait_for
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
STEPS = tuple(StepFacts(Words(title), days, Doer.OWNER) for days, title in enumerate(["Call", "Visit"]))


def sleepers(world: World, count: int) -> None:
    """So many customers for whom a playbook in use holds."""
    made = []
    for number in range(count):
        customer = copy(world.customer)
        customer.pk, customer._state = None, copy(customer._state)
        customer._state.adding = True
        customer.short_name, customer.stage = f"Sleeper {number}", Stage.DORMANT
        made.append(customer)
    Customer.objects.bulk_create(made)
    facts = PlaybookFacts(Words("Wake a sleeper"), Trigger.STAGE, Stage.DORMANT, STEPS)
    playbook = save_playbook(facts, by=world.admin, now=timezone.now())
    switch_playbook(playbook, is_active=True, now=timezone.now())


def assert_once_each(count: int) -> None:
    assert (PlaybookRun.objects.count(), RunStep.objects.count(), Action.objects.count()) == (
        count,
        2 * count,
        2 * count,
    )
    assert PlaybookRun.objects.values("customer").distinct().count() == count


def test_a_worker_starts_them_however_often_it_is_asked(
    world: World, celery_worker_process: StartWorker
) -> None:
    sleepers(world, 3)
    celery_worker_process(concurrency=2)
    for _again in range(4):
        follow_playbooks.delay()
    wait_for(lambda: PlaybookRun.objects.count() == 3, seconds=300)
    Customer.objects.filter(short_name="Sleeper 0").update(stage=Stage.CONTINUING)
    follow_playbooks.delay()
    wait_for(lambda: PlaybookRun.objects.filter(closed_at=None).count() == 2, seconds=300)
    assert_once_each(3)


def test_killed_in_the_middle_it_leaves_nothing_doubled_and_nobody_out(
    world: World, celery_worker_process: StartWorker
) -> None:
    count = 3 * AT_ONCE
    sleepers(world, count)
    worker = celery_worker_process()
    follow_playbooks.delay()
    wait_for(lambda: PlaybookRun.objects.exists(), seconds=300)
    worker.kill()
    begun = PlaybookRun.objects.count()
    assert begun < count
    assert_once_each(begun)
    celery_worker_process()
    for _again in range(2):
        follow_playbooks.delay()
    wait_for(lambda: PlaybookRun.objects.count() == count, seconds=300)
    assert_once_each(count)
