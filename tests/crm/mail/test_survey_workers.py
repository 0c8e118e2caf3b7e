"""A real beat and real workers over a real SMTP server: stopped for days, killed, doubled."""

from __future__ import annotations

import time

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.surveys.models import Invitation, LetterKind
from accounts.surveys.services import make_due_invitations
from crm.tasks import queue_invitation
from tests.conftest import World
from tests.crm.mail.postbox import Postbox
from tests.crm.mail.workers import StartBeat, all_sent, respondents, wait_for
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def test_after_two_days_without_beat_everybody_is_invited_and_written_to_once(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    contacts = respondents(world, 12, days_ago=2)
    assert not Invitation.objects.exists()
    variables = {**box.variables, "INVITE_SECONDS": "1", "INVITE_BATCH": "5"}
    box.recipients["r0@huaxing.test"] = "550 no such user"
    box.answers = ["451 busy"]
    celery_worker_process(**variables)
    celery_worker_process(**variables)
    beat(**variables)
    wait_for(all_sent(11))
    time.sleep(3)  # three more ticks
    assert set(Invitation.objects.values_list("contact", flat=True)) == {each.pk for each in contacts}
    assert Invitation.objects.count() == 12
    assert set(box.by_recipient.values()) == set(box.by_id.values()) == {1}
    assert len(box.messages) == 11
    failed = Invitation.objects.get(sent_at=None)
    assert failed.failure == "The mail server refused the letter. 550 no such user"


def test_after_kill_9_in_mid_sending_each_letter_arrives_and_by_its_id_once(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """The worker dies while the server has the letter and has not yet said so."""
    respondents(world, 8, days_ago=1)
    variables = {**box.variables, "INVITE_SECONDS": "1", "LETTER_LEASE_SECONDS": "4"}
    box.seconds = 0.4
    worker = celery_worker_process(**variables)
    beat(**variables)
    box.wait_for(3)
    worker.kill()
    assert 2 <= Invitation.objects.exclude(sent_at=None).count() < 8
    celery_worker_process(**variables)
    wait_for(all_sent(8))
    assert set(box.by_recipient) == {f"r{number}@huaxing.test" for number in range(8)}
    assert len(box.by_id) == 8
    assert len(box.messages) <= 9


def test_doubled_messages_and_two_workers_send_each_letter_once(
    world: World, celery_worker_process: StartWorker, box: Postbox, settings: Settings
) -> None:
    settings.INVITE_SECONDS = 600  # so long the messages are worth something; workers may start slowly
    respondents(world, 10, days_ago=1)
    assert make_due_invitations(now=timezone.now()) == 10
    ids = list(Invitation.objects.values_list("pk", flat=True))
    for _ in range(3):
        for pk in ids:
            queue_invitation(pk, LetterKind.INVITATION)
    box.seconds = 0.05
    celery_worker_process(**box.variables, concurrency=2)
    celery_worker_process(**box.variables)
    wait_for(all_sent(10))
    time.sleep(2)  # the doubles that are left
    assert set(box.by_recipient.values()) == {1}
    assert len(box.messages) == 10


def test_letters_do_not_keep_other_work_waiting(
    world: World, celery_worker_process: StartWorker, box: Postbox, settings: Settings
) -> None:
    """Thirty letters of half a second lie before it in the queue, and there is one worker."""
    from accounts.orders.services import OrderFacts, add_order
    from scoring.models import CustomerScore, RunKind, RunState, ScoringRun
    from scoring.services import rescore_soon, start_run
    from scoring.tasks import instant

    settings.INVITE_SECONDS = 600
    respondents(world, 30, days_ago=1)
    celery_worker_process(**box.variables)
    run = start_run(instant(), kind=RunKind.MANUAL)
    wait_for(lambda: ScoringRun.objects.filter(pk=run.pk, state=RunState.DONE).exists())
    box.seconds = 0.5
    make_due_invitations(now=timezone.now())
    for pk in Invitation.objects.values_list("pk", flat=True):
        queue_invitation(pk, LetterKind.INVITATION)
    box.wait_for(2)
    facts = OrderFacts(ordered_on=timezone.now().date(), amount_minor=123_456, currency="CNY")
    add_order(customer=world.customer, facts=facts, now=timezone.now())
    rescore_soon([world.customer.pk])
    score = CustomerScore.objects.filter(run_id=run.pk, customer=world.customer.pk)
    wait_for(lambda: 123_456 in (score.values_list("indicator_inputs", flat=True)[0] or []))
    # Counted in letters, not in seconds: a machine that is slow sends them slowly, too.
    assert len(box.messages) < 15
