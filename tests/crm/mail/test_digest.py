"""The letter of the day: at the hour of the reader, once, in his language, and not when nothing needs him."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from accounts.actions.services import add_action, finish_action
from accounts.customers.models import Customer
from accounts.needs.models import NeedAbout
from accounts.needs.services import NeedFacts, add_need
from accounts.reminding.models import Digest, DigestDays, DigestWish
from accounts.reminding.services import digests_to_post, make_due_digests, mark_digests_posted, wish_digest
from accounts.users.models import User
from crm.mail import letters
from crm.mail.digest import WORDS
from crm.mail.letters import Kind, deliver
from crm.queries.today.page import ORDER
from tests.conftest import World

SEVEN = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def reader(world: World) -> User:
    wish_digest(world.owner, days=DigestDays.WEEKDAYS, hour=7)
    return world.owner


def due(reader: User, title: str = "Send drawings", customer: Customer | None = None) -> None:
    add_action(
        title=title, customer=customer, owner=reader, author=reader, due_on=SEVEN.date(), now=SEVEN - DAY
    )


def sent(reader: User, letter: str = "one") -> bool:
    return deliver(letter, Kind.DIGEST, reader.pk, {}, now=SEVEN)


def test_its_hour_is_that_of_the_reader_once_a_day(reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(time_zone="Asia/Shanghai")
    eleven_at_night = SEVEN - 8 * HOUR
    assert make_due_digests(now=eleven_at_night - dt.timedelta(minutes=1)) == 0
    assert [make_due_digests(now=eleven_at_night + n * HOUR) for n in range(3)] == [1, 0, 0]
    assert Digest.objects.get().day == SEVEN.date()
    assert make_due_digests(now=eleven_at_night + DAY) == 1


def test_not_at_the_weekend_not_hours_late_and_not_to_who_has_left(reader: User) -> None:
    saturday = SEVEN - 2 * DAY
    assert make_due_digests(now=saturday) == 0
    assert make_due_digests(now=SEVEN + 6 * HOUR) == 0
    wish_digest(reader, days=DigestDays.DAILY, hour=7)
    assert make_due_digests(now=saturday) == 1
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert make_due_digests(now=SEVEN) == 0
    wish_digest(reader, days=DigestDays.OFF, hour=7)
    User.objects.filter(pk=reader.pk).update(is_active=True)
    assert make_due_digests(now=SEVEN) == 0


def test_posted_again_after_a_kill_it_is_the_same_letter(reader: User) -> None:
    make_due_digests(now=SEVEN)
    (digest,) = digests_to_post()
    assert digests_to_post() == [digest]
    mark_digests_posted([digest.pk], now=SEVEN)
    assert digests_to_post() == []
    due(reader)
    assert [sent(reader, "same"), sent(reader, "same")] == [True, False]
    assert len(mail.outbox) == 1


def test_nothing_is_sent_when_nothing_needs_him(reader: User) -> None:
    assert not sent(reader)
    assert mail.outbox == []


def test_it_says_what_today_says_with_links_that_name_nobody(world: World, reader: User) -> None:
    for number in range(5):
        due(reader, f"Call {number}", world.customer)
    done = add_action(title="Done", owner=reader, author=reader, due_on=SEVEN.date(), now=SEVEN)
    finish_action(done, by=reader, now=SEVEN)
    assert sent(reader)
    (message,) = mail.outbox
    html, text = str(message.alternatives[0][0]), str(message.body)
    assert message.subject == "5 items need you today"
    for words in ("Actions due (5)", "Call 0 · Huaxing Electronics", "and 2 more", "/today/?only=action"):
        assert words in html
        assert words in text
    assert "Done" not in text
    links = [part.partition('"')[0] for part in html.split('href="')[1:]]
    assert links
    assert not [link for link in links if "owner" in link.lower() or "@" in link or "Call" in link]
    stop = message.extra_headers["List-Unsubscribe"]
    assert stop.strip("<>") in text
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_every_kind_of_item_has_its_words() -> None:
    assert set(WORDS) == {kind for kinds in ORDER.values() for kind in kinds}


def test_a_need_is_named_by_its_customer_and_title(world: World, reader: User) -> None:
    facts = NeedFacts(
        title="Faster samples", about=NeedAbout.QUALITY, raised_on=SEVEN.date() - 60 * DAY, owner_id=reader.pk
    )
    add_need(customer=world.customer, facts=facts, author=reader, now=SEVEN - 60 * DAY)
    assert sent(reader)
    text = str(mail.outbox[0].body)
    assert "Needs to decide and to deliver (1)" in text
    assert re.search(r"Huaxing Electronics · Faster samples$", text, re.MULTILINE)


def test_it_is_written_in_the_language_and_by_the_day_of_the_reader(reader: User) -> None:
    """At 10 in the morning of UTC it is the day before there: what is due today is not due yet."""
    due(reader)
    User.objects.filter(pk=reader.pk).update(language="zh-hans", time_zone="Pacific/Pago_Pago")
    early = SEVEN + 3 * HOUR
    assert not deliver("early", Kind.DIGEST, reader.pk, {}, now=early)
    User.objects.filter(pk=reader.pk).update(time_zone="Asia/Shanghai")
    with translation.override("en"):
        assert deliver("late", Kind.DIGEST, reader.pk, {}, now=SEVEN)
    with translation.override("zh-hans"):
        title = gettext("Actions due")
    assert title in str(mail.outbox[0].body)
    assert "Actions due" not in str(mail.outbox[0].body)


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_language_has_a_whole_letter(reader: User, language: str) -> None:
    User.objects.filter(pk=reader.pk).update(language=language)
    due(reader, "<b>Call & ask</b>")
    reader.refresh_from_db()
    message = letters.write("id", Kind.DIGEST, reader, {}, now=SEVEN)
    html = str(message.alternatives[0][0])
    assert f'lang="{language}"' in html
    assert "&lt;b&gt;Call &amp; ask" in html
    assert "<b>Call & ask</b>" in str(message.body)
    assert "\n" not in message.subject
    assert "{" not in str(message.body) + html


def test_one_click_ends_them_and_opening_the_page_does_not(reader: User, client: Client) -> None:
    due(reader)
    sent(reader)
    url = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
    assert client.get(url).status_code == 200
    assert DigestWish.objects.get().days == DigestDays.WEEKDAYS
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert DigestWish.objects.get().days == DigestDays.OFF
    assert client.post("/digest/forged/stop").status_code == 404


def test_the_page_keeps_when_he_wants_it(world: World, client: Client) -> None:
    client.force_login(world.owner)
    assert client.post("/account/reminders/", {"days": "daily", "hour": "6"}).status_code == 302
    wish = DigestWish.objects.get()
    assert (wish.days, wish.hour) == ("daily", 6)
    assert client.post("/account/reminders/", {"days": "daily", "hour": "24"}).status_code == 422
