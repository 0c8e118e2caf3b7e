"""No minute sees more letters than the limit, and what has to wait waits without a worker."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from accounts.surveys.models import LetterAttempt, LetterKind
from crm.mail import letters, pace
from crm.mail.delivery import deliver, due_letters
from tests.accounts.surveys.office import DUE, Office
from tests.crm.mail.postbox import Postbox


@pytest.fixture(autouse=True)
def empty_bucket() -> None:
    pace.client().delete(pace.key())


def test_without_a_limit_everything_goes() -> None:
    assert all(pace.may_send() for _ in range(1000))
    assert pace.batch(200, seconds=60) == 200
    assert pace.seconds_of(7) == 0.0


def test_a_burst_takes_what_the_bucket_holds_and_no_more(settings: Settings) -> None:
    settings.MAIL_PER_MINUTE = 120
    with ThreadPoolExecutor(8) as pool:
        went = list(pool.map(lambda _: pace.may_send(), range(200)))
    assert 10 <= sum(went) <= 12


@pytest.mark.parametrize("limit", [1, 2, 7, 60, 1000, 6000])
def test_no_minute_sees_more_than_the_limit(settings: Settings, limit: int) -> None:
    settings.MAIL_PER_MINUTE = limit
    full, rate = pace._bucket()
    assert full + 60 * rate <= max(limit, 2) + 1e-9
    assert rate * 60 >= limit * 0.9 or limit < 13


def test_it_fills_again(settings: Settings) -> None:
    settings.MAIL_PER_MINUTE = 6000
    while pace.may_send():
        pass
    went, began = 0, time.monotonic()
    while went < 90:
        went += pace.may_send()
    assert 0.9 <= time.monotonic() - began < 30


def test_a_batch_is_what_goes_until_the_next_one_and_is_spread(settings: Settings) -> None:
    settings.MAIL_PER_MINUTE = 1200
    count = pace.batch(100_000, seconds=60)
    assert 1000 <= count <= 1200
    assert 55 <= pace.seconds_of(count) < 60.1
    assert pace.batch(50, seconds=60) == 50


def test_a_letter_over_the_limit_stays_due_and_is_no_try(
    office: Office, sending: Postbox, settings: Settings
) -> None:
    settings.MAIL_PER_MINUTE = 1
    first, second = due_letters(now=DUE, limit=10)
    assert deliver(*first, now=DUE)
    began = time.monotonic()
    assert not deliver(*second, now=DUE)
    assert time.monotonic() - began < 1
    assert due_letters(now=DUE, limit=10) == [second]
    assert LetterAttempt.objects.count() == 1
    assert len(sending.messages) == 1


def test_our_own_letters_go_at_once_and_count(office: Office, sending: Postbox, settings: Settings) -> None:
    settings.MAIL_PER_MINUTE = 1
    for name in ("one", "two"):
        assert letters.deliver(name, "invitation", office.world.owner.pk, {})
    assert not deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    assert len(sending.messages) == 2
