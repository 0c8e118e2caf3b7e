"""Invitations to meetings with a real beat and real workers: killed, doubled, changed meanwhile."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.appointments.models import AppointmentLetter
from tests.accounts.appointments.planned import DAY, HOUR, contact_of, planned_in
from tests.conftest import World
from tests.crm.mail.postbox import Postbox
from tests.crm.mail.workers import StartBeat, wait_for
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
EVERY_SECOND = {"INVITE_SECONDS": "1", "LETTER_LEASE_SECONDS": "4"}


def sent() -> int:
    return AppointmentLetter.objects.exclude(sent_at=None).count()


def test_after_kill_9_each_letter_arrives_and_by_its_id_once(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """The worker dies while the server has a letter and has not yet said so; two take over."""
    now = timezone.now()
    planned = planned_in(world, now=now - HOUR, starts_at=now + 3 * DAY)
    people = tuple(contact_of(world, f"r{number}").pk for number in range(8))
    variables = {**box.variables, **EVERY_SECOND}
    planned.change(now, contacts=people, users=())
    box.seconds = 0.4
    worker = celery_worker_process(**variables)
    beat(**variables)
    box.wait_for(3)
    worker.kill()
    assert sent() < 11
    for _ in range(2):
        celery_worker_process(**variables)
        beat(**variables)
    wait_for(lambda: sent() == 11)
    planned.cancel(timezone.now())
    wait_for(lambda: sent() == 19)
    # The one that was under way may have come twice; readers drop it by its id.
    assert len(box.by_id) == 19
    assert len(box.messages) <= 20
    assert AppointmentLetter.objects.filter(sent_at=None).count() == 3
