"""Real beat and workers, and a mail server with every bad habit at once: nothing lost, nothing doubled."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from accounts.surveys.models import Invitation, LetterAttempt, LetterFate
from tests.conftest import World
from tests.crm.mail.postbox import HANG_UP, LOSE, Postbox
from tests.crm.mail.workers import StartBeat, all_sent, respondents, wait_for
from tests.servers import StartWorker

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
MANY = 600  # more than the pace lets go in the ten seconds that are looked at


def test_whatever_the_server_does_each_letter_arrives_once_by_its_id(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """It defers, refuses at RCPT and at DATA, hangs up before and after it took a letter, and tires."""
    respondents(world, 60, days_ago=1)
    box.recipients |= {f"r{number}@huaxing.test": "550 5.1.1 no such user" for number in range(3)}
    losses = 3
    habits = ["451 4.3.2 busy"] * 4 + [HANG_UP] * 3 + [LOSE] * losses + ["554 5.7.1 no"] * 2
    random.Random(7).shuffle(habits)
    box.answers, box.tires_after = habits, 7
    variables = {**box.variables, "INVITE_SECONDS": "1"}
    for _ in range(2):
        celery_worker_process(**variables)
    beat(**variables)
    wait_for(all_sent(55), seconds=300)
    assert Invitation.objects.exclude(failed_at=None).count() == 5
    assert len(box.by_id) == 55
    # Each loss brings one letter again, with the same Message-ID: maybe one that was lost before.
    assert sum(box.by_id.values()) == 55 + losses
    kept = Counter(LetterAttempt.objects.values_list("fate", flat=True))
    assert kept == {LetterFate.ACCEPTED: 55, LetterFate.DEFERRED: 10, LetterFate.REFUSED: 5}
    assert not LetterAttempt.objects.filter(reply="").exists()


def test_many_letters_keep_to_the_pace(
    world: World, celery_worker_process: StartWorker, beat: StartBeat, box: Postbox
) -> None:
    """At 2,400 a minute, with two workers: no minute sees more, and nearly as many go."""
    respondents(world, MANY, days_ago=1)
    variables = {**box.variables, "INVITE_SECONDS": "5", "INVITE_BATCH": str(MANY), "MAIL_PER_MINUTE": "2400"}
    for _ in range(2):
        celery_worker_process(**variables)
    beat(**variables)
    wait_for(all_sent(MANY), seconds=300)
    assert set(box.by_id.values()) == {1}
    assert len(box.messages) == MANY
    took = box.times[-1] - box.times[0]
    fastest = max(sum(1 for other in box.times if start <= other < start + 10) for start in box.times[::20])
    # Ten seconds: what the bucket holds (200) and what comes in meanwhile (36.7 each second).
    assert fastest <= 200 + 10 * 37
    assert took >= (MANY - 200) / 37
    assert not LetterAttempt.objects.exclude(fate=LetterFate.ACCEPTED).exists()
    print(f"{MANY / took * 60:.0f} letters a minute over {box.connections} connections")
