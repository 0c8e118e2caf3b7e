"""The letter of the day goes through real workers and a real mail server, once."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.actions.services import add_action
from accounts.reminding.models import Digest, DigestDays
from accounts.reminding.services import wish_digest
from accounts.users.models import User
from crm.tasks import send_digests
from tests.conftest import World
from tests.crm.mail.postbox import Postbox
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]


def noon_zone(now: dt.datetime) -> str:
    """Where it is between 12 and 1 o'clock now: the test must not see the day of its reader end."""
    hours = 12 - now.astimezone(dt.UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def test_two_workers_that_are_asked_often_send_one_letter(
    world: World, celery_worker_process: StartWorker, box: Postbox
) -> None:
    now = timezone.now()
    here = noon_zone(now)
    local = now.astimezone(ZoneInfo(here))
    User.objects.update(time_zone=here)
    for reader in (world.owner, world.mate):  # nothing needs the second
        wish_digest(reader, days=DigestDays.DAILY, hour=local.hour)
    add_action(title="Send drawings", owner=world.owner, author=world.owner, due_on=local.date(), now=now)
    for _worker in range(2):
        celery_worker_process(**box.variables)
    for _again in range(4):
        send_digests.delay()
    box.wait_for(1)
    time.sleep(3)
    assert box.by_recipient == {world.owner.email: 1}
    (letter,) = box.messages
    body = letter.get_body(("plain",))
    assert body is not None
    assert "Send drawings" in body.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not Digest.objects.filter(posted_at=None).exists()
