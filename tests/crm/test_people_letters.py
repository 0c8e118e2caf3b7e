"""Letters: enqueued after commit, sent once by a real worker over real SMTP, in the person's language."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import os
import re
import time
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
import redis
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.users import services
from accounts.users.models import User
from crm.demo.servers import free_port
from crm.mail import letters
from tests.conftest import World, person

SENT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


class Postbox:
    """An SMTP server that keeps what it gets, and refuses the first ``refusals`` letters."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 busy, come back later"
        content = envelope.content  # type: ignore[attr-defined]
        self.messages.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, dict[str, str]]]:
    """The server and the variables that make a worker use it."""
    box = Postbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    yield box, {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
    controller.stop()


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def queue() -> redis.Redis:
    return redis.Redis.from_url(os.environ["REDIS_URL"])


def waited_for(count: int, box: Postbox, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while len(box.messages) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(box.messages) == count


def test_an_invitation_reaches_the_person_and_lets_him_in(
    transactional_db: None, celery_worker_process: object, postbox: tuple[Postbox, dict[str, str]]
) -> None:
    box, variables = postbox
    box.refusals = 1
    celery_worker_process(**variables)  # type: ignore[operator]
    admin = Client()
    admin.force_login(person("admin", "admin"))
    new = {"name": "王芳", "email": "Wang@truenorth.test", "role": "member"}
    answer = admin.post("/people/new", new | {"language": "zh-hans", "time_zone": "Asia/Shanghai"})
    assert answer.status_code == 302
    waited_for(1, box)
    message = box.messages[0]
    assert "wang@truenorth.test" in str(message["To"])
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert 'lang="zh-hans"' in html.get_content()
    link = re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", text.get_content())
    assert link
    assert link.group(1) in html.get_content()
    client = Client()
    form = client.get(link.group(1), follow=True)
    words = {"password1": "一个很长的密码句子 2026", "password2": "一个很长的密码句子 2026"}
    client.post(form.redirect_chain[-1][0], words)
    assert client.get("/profile").status_code == 200


def test_nothing_is_enqueued_when_the_transaction_fails(transactional_db: None) -> None:
    user = person("owner")
    queue().flushdb()
    with transaction.atomic():
        letters.post(letters.Kind.INVITATION, user)
        transaction.set_rollback(True)
    assert queue().llen("celery") == 0


def test_neither_address_nor_link_waits_in_the_queue(transactional_db: None) -> None:
    user = person("owner")
    queue().flushdb()
    letters.post(letters.Kind.PASSWORD_RESET, user)
    (waiting,) = queue().lrange("celery", 0, -1)
    task = json.loads(waiting)
    assert task["headers"]["task"] == "crm.tasks.send_mail"
    assert b"owner@" not in waiting
    assert b"reset/key" not in waiting
    queue().flushdb()


def test_a_letter_delivered_twice_is_sent_once(world: World) -> None:
    first = letters.deliver("one", "invitation", world.owner.pk, {})
    second = letters.deliver("one", "invitation", world.owner.pk, {})
    assert (first, second, len(mail.outbox)) == (True, False, 1)
    assert letters.deliver("two", "invitation", world.owner.pk, {})


def test_a_letter_that_is_being_sent_is_not_sent_beside_it(world: World) -> None:
    cache.add("letter:one", "taken", 60)
    with pytest.raises(letters.TakenError):
        letters.deliver("one", "invitation", world.owner.pk, {})
    assert not mail.outbox


def test_a_letter_the_server_refuses_is_free_to_be_tried_again(world: World, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]
    for _ in range(2):
        with pytest.raises(letters.NotSentError) as error:
            letters.deliver("one", "invitation", world.owner.pk, {})
        assert "owner@" not in str(error.value)


def test_nothing_is_sent_to_whom_was_deactivated_meanwhile(world: World) -> None:
    services.deactivate(world.owner)
    assert not letters.deliver("one", "invitation", world.owner.pk, {})
    assert not letters.deliver("two", "invitation", 10**9, {})
    assert not mail.outbox


@pytest.mark.parametrize("kind", sorted(set(letters.Kind) - letters.ABOUT_CASES - {letters.Kind.DIGEST}))
@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_letter_has_a_subject_a_text_and_html_with_the_same_link(
    db: None, kind: letters.Kind, language: str
) -> None:
    user = person("owner")
    services.change_language(user, language=language)
    message = letters.write("id", kind, user, {"change": "webauthn_added"})
    html = str(message.alternatives[0][0])
    link = re.search(r"https?://\S+/accounts/password/reset/\S*", str(message.body))
    assert link
    assert link.group() in html
    assert message.subject
    assert "\n" not in message.subject
    assert f'lang="{language}"' in html
    assert "{" not in str(message.body) + html
    assert "<" not in str(message.body)


def test_a_name_with_markup_stays_text_in_html_and_as_it_is_in_text(db: None) -> None:
    user = User(pk=1, name="<b>O'Neil</b>", email="o@truenorth.test")
    message = letters.write("id", letters.Kind.INVITATION, user, {})
    assert "<b>O'Neil</b>" in str(message.body)
    assert "<b>O&#x27;Neil</b>" not in str(message.alternatives[0][0])
    assert "&lt;b&gt;O&#x27;Neil&lt;/b&gt;" in str(message.alternatives[0][0])


@pytest.mark.parametrize("change", letters.CHANGES)
def test_a_notice_says_what_was_changed(db: None, change: str) -> None:
    body = str(letters.write("id", letters.Kind.SECURITY_NOTICE, person("owner"), {"change": change}).body)
    assert str(letters.CHANGES[change]) in body


def test_changing_a_password_sends_a_notice(
    world: World, client: Client, django_capture_on_commit_callbacks: object
) -> None:
    queue().flushdb()
    client.force_login(world.owner)
    new = "a quite different pass phrase"
    data = {"oldpassword": "correct horse battery staple", "password1": new, "password2": new}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post("/accounts/password/change/", data)
    (waiting,) = queue().lrange("celery", 0, -1)
    assert b"crm.tasks.send_mail" in waiting
    queue().flushdb()


def test_when_the_latest_invitation_went_out_is_told_until_he_logs_in(world: World, client: Client) -> None:
    invited = person("Invited")
    letters.deliver("zero", "security_notice", invited.pk, {"change": "password_set"}, now=SENT)
    page = shown(client, world, invited)
    assert "letter sent" not in page
    assert "Letter with the link sent" not in page
    for number, at in enumerate((SENT, SENT + dt.timedelta(days=3))):
        assert letters.deliver(f"letter {number}", "invitation", invited.pk, {}, now=at)
        assert not letters.deliver(
            f"letter {number}", "invitation", invited.pk, {}, now=at + dt.timedelta(days=1)
        )
    assert User.objects.get(pk=invited.pk).invited_at == SENT + dt.timedelta(days=3)
    page = shown(client, world, invited)
    assert page.count("Mar 5, 2026") == 2
    User.objects.filter(pk=invited.pk).update(last_login=SENT)
    page = shown(client, world, invited)
    assert page.count("Mar 5, 2026") == 1, "on his own page only"


def shown(client: Client, world: World, invited: User) -> str:
    """The list and the person's page, as an admin reads them."""
    client.force_login(world.admin)
    return "".join(client.get(url).content.decode() for url in ("/people/", f"/people/{invited.pk}"))
