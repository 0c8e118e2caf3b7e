"""What comes back: only reports about our own letters count, each once, and only final ones end a letter."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.surveys.models import ConfirmationRequest, Invitation, LetterAttempt, LetterFate, LetterKind
from accounts.surveys.services import Letter
from crm.mail.bounces import Taken, letter_of, return_path, take, take_folder
from crm.mail.delivery import deliver, due_letters, send_again
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office
from tests.crm.mail.asking import ASKED, corrected
from tests.crm.mail.postbox import Postbox

BACK = DUE + HOUR
GONE = "550 5.1.1 <chen@huaxing.test>: no such user"


@pytest.fixture(autouse=True)
def address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@crm.example.com"


@pytest.fixture
def letter(office: Office, sending: Postbox) -> Letter:
    """The invitation to Chen, which our mail server took."""
    pk = office.invitation(office.chen).pk
    assert deliver(pk, LetterKind.INVITATION, now=DUE)
    return Letter(LetterKind.INVITATION, pk)


def report(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = f"smtp; {GONE}",
    header: str = "To",
) -> bytes:
    """A delivery status notification as Postfix writes it."""
    return (
        "Return-Path: <>\n"
        "From: MAILER-DAEMON@mx.huaxing.test (Mail Delivery System)\n"
        "Subject: Undelivered Mail Returned to Sender\n"
        f"{header}: {to}\n"
        "Auto-Submitted: auto-replied\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n'
        "\n--B\nContent-Type: text/plain\n\nI'm sorry to have to inform you ...\n"
        "\n--B\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.huaxing.test\n\n"
        f"Final-Recipient: rfc822; chen@huaxing.test\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {diagnostic}\n"
        "\n--B\nContent-Type: text/rfc822-headers\n\nSubject: Line 4: how did we do?\n"
        "\n--B--\n"
    ).encode()


def invitation(letter: Letter) -> Invitation:
    return Invitation.objects.get(pk=letter.pk)


def fates(letter: Letter) -> list[str]:
    return list(
        LetterAttempt.objects.filter(invitation=letter.pk).order_by("pk").values_list("fate", flat=True)
    )


def test_each_letter_has_a_return_path_of_its_own_and_readers_see_the_sender(
    letter: Letter, office: Office, sending: Postbox
) -> None:
    assert deliver(office.invitation(office.li).pk, LetterKind.INVITATION, now=DUE)
    assert [letter_of(sender) for sender in sending.senders] == [
        letter,
        Letter(LetterKind.INVITATION, office.invitation(office.li).pk),
    ]
    (seen,) = {message["From"].addresses[0].addr_spec for message in sending.messages}
    assert seen == "truenorth@localhost"


def test_without_an_address_nothing_is_set(office: Office, sending: Postbox, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    assert deliver(office.invitation(office.chen).pk, LetterKind.INVITATION, now=DUE)
    assert sending.senders == ["truenorth@localhost"]
    assert letter_of("bounces+i1-aaaaaaaaaaaaaaaa@crm.example.com") is None
    assert take(report("+i1-aaaaaaaaaaaaaaaa@"), now=BACK) == Taken.FOREIGN


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("pk", [1, 2**63 - 1])
def test_an_address_survives_mail_servers(kind: LetterKind, pk: int, settings: Settings) -> None:
    path = return_path(Letter(kind, pk))
    assert len(path.partition("@")[0]) <= 64
    for written in (path, path.upper(), f" {path} "):
        assert letter_of(written) == Letter(kind, pk)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key" * 5
    assert letter_of(path) is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert letter_of(path) == Letter(kind, pk)


def test_a_letter_that_came_back_has_failed_with_the_servers_words(letter: Letter) -> None:
    assert take(report(return_path(letter)), now=BACK) == Taken.CAME_BACK
    assert invitation(letter).failed_at == BACK
    assert invitation(letter).failure == f"The letter came back. {GONE}"
    assert fates(letter) == [LetterFate.ACCEPTED, LetterFate.BOUNCED]


@pytest.mark.django_db(transaction=True)
def test_a_report_that_is_here_before_we_have_marked_the_letter_is_not_lost(
    office: Office, sending: Postbox
) -> None:
    """The next mail server may refuse at once, while ours still says OK."""
    pk, sending.seconds, sent = office.invitation(office.chen).pk, 1.0, []

    def send() -> None:
        try:
            sent.append(deliver(pk, LetterKind.INVITATION, now=DUE))
        finally:
            connection.close()

    worker = threading.Thread(target=send)
    worker.start()
    sending.wait_for(1)
    assert Invitation.objects.get(pk=pk).sent_at is None
    assert take(report(sending.senders[-1]), now=DUE) == Taken.CAME_BACK
    worker.join()
    invitation = Invitation.objects.get(pk=pk)
    assert (sent, invitation.sent_at, invitation.failed_at) == ([True], DUE, DUE)
    assert invitation.failure == f"The letter came back. {GONE}"
    assert (pk, LetterKind.REMINDER) not in due_letters(now=DUE + 4 * DAY, limit=10)


def test_the_same_report_counts_once(letter: Letter) -> None:
    raw = report(return_path(letter))
    assert [take(raw, now=BACK), take(raw, now=BACK + HOUR)] == [Taken.CAME_BACK, Taken.KNOWN]
    assert invitation(letter).failed_at == BACK
    assert len(fates(letter)) == 2


def test_sent_again_it_may_come_back_again(letter: Letter, sending: Postbox) -> None:
    raw = report(return_path(letter))
    take(raw, now=BACK)
    assert send_again(letter.pk, now=BACK + HOUR)
    assert (letter.pk, LetterKind.INVITATION) in due_letters(now=BACK + HOUR, limit=10)
    assert deliver(letter.pk, LetterKind.INVITATION, now=BACK + HOUR)
    assert invitation(letter).failed_at is None
    assert len(sending.messages) == 2
    assert take(raw, now=BACK + 2 * HOUR) == Taken.CAME_BACK
    assert invitation(letter).failed_at == BACK + 2 * HOUR


def test_a_reminder_that_came_back_is_sent_again_as_a_reminder(letter: Letter, sending: Postbox) -> None:
    remind = DUE + 4 * DAY
    assert deliver(letter.pk, LetterKind.REMINDER, now=remind)
    take(report(return_path(Letter(LetterKind.REMINDER, letter.pk))), now=remind + HOUR)
    assert invitation(letter).failed_at == remind + HOUR
    assert send_again(letter.pk, now=remind + HOUR)
    assert invitation(letter).sent_at == DUE
    assert (letter.pk, LetterKind.REMINDER) in due_letters(now=remind + 2 * HOUR, limit=10)


@pytest.mark.parametrize(
    ("facts", "taken", "fate"),
    [
        (
            {"status": "4.4.7", "diagnostic": "smtp; 451 4.4.7 too long in the queue"},
            Taken.CAME_BACK,
            LetterFate.BOUNCED,
        ),
        ({"action": "delayed", "status": "4.4.1", "diagnostic": "x"}, Taken.DELAYED, LetterFate.DEFERRED),
        ({"action": "Delayed ", "status": "5.0.0"}, Taken.DELAYED, LetterFate.DEFERRED),
    ],
)
def test_what_is_not_final_is_only_noted(
    letter: Letter, facts: dict[str, str], taken: Taken, fate: LetterFate
) -> None:
    for answer in (taken, Taken.KNOWN):
        assert take(report(return_path(letter), **facts), now=BACK) == answer
    assert fates(letter) == [LetterFate.ACCEPTED, fate]
    assert invitation(letter).failed_at is None


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "nonsense"])
def test_good_news_is_no_bounce(letter: Letter, action: str) -> None:
    assert take(report(return_path(letter), action=action, status="2.0.0"), now=BACK) == Taken.NO_REPORT
    assert fates(letter) == [LetterFate.ACCEPTED]


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_address_is_found_where_a_mail_server_notes_it(letter: Letter, header: str) -> None:
    assert take(report(return_path(letter), header=header), now=BACK) == Taken.CAME_BACK


def test_what_we_did_not_sign_changes_nothing(letter: Letter, office: Office) -> None:
    path = return_path(letter)
    local, _, domain = path.partition("@")
    li = office.invitation(office.li).pk
    forged = [
        f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        path.replace(
            local.partition("-")[0], return_path(Letter(LetterKind.INVITATION, li)).partition("-")[0]
        ),
        path.replace("+i", "+r"),
        f"{local}@other.example.com",
        f"other{path.removeprefix('bounces')}",
        "bounces@crm.example.com",
        "chen@huaxing.test",
        "",
    ]
    assert {take(report(each), now=BACK) for each in forged} == {Taken.FOREIGN}
    assert fates(letter) == [LetterFate.ACCEPTED]
    assert not Invitation.objects.exclude(failed_at=None).exists()


def test_an_absent_persons_answer_and_a_read_receipt_are_no_bounces(letter: Letter) -> None:
    absent = EmailMessage()
    absent["To"], absent["Auto-Submitted"] = return_path(letter), "auto-replied"
    absent["Subject"] = "Out of office: 5.1.1 failed"
    absent.set_content("Action: failed\nStatus: 5.1.1\n")
    receipt = report(return_path(letter)).replace(b"delivery-status", b"disposition-notification")
    assert [take(absent.as_bytes(), now=BACK), take(receipt, now=BACK)] == [Taken.NO_REPORT] * 2
    assert fates(letter) == [LetterFate.ACCEPTED]


def test_who_has_answered_is_not_marked(letter: Letter, office: Office) -> None:
    office.say(office.chen, quality="A")
    assert take(report(return_path(letter)), now=BACK + HOUR) == Taken.CAME_BACK
    assert invitation(letter).failed_at is None


def test_a_question_comes_back_too(office: Office, sending: Postbox) -> None:
    request = corrected(office)
    assert deliver(request.pk, LetterKind.CONFIRMATION, now=ASKED)
    assert letter_of(sending.senders[-1]) == Letter(LetterKind.CONFIRMATION, request.pk)
    assert take(report(sending.senders[-1]), now=ASKED + HOUR) == Taken.CAME_BACK
    assert ConfirmationRequest.objects.get(pk=request.pk).failure.startswith("The letter came back. 550")


def test_a_letter_that_is_gone_is_left_alone(db: None) -> None:
    assert take(report(return_path(Letter(LetterKind.INVITATION, 10**9))), now=BACK) == Taken.KNOWN


def test_hostile_words_are_kept_as_one_plain_line(letter: Letter) -> None:
    words = "smtp; 550 5.1.1 \x07<script>\x1b[31m" + "x" * 5000
    assert take(report(return_path(letter), diagnostic=words), now=BACK) == Taken.CAME_BACK
    assert len(invitation(letter).failure) <= 400
    assert invitation(letter).failure.isprintable()


@given(st.binary(max_size=400))
def test_any_bytes_are_taken(raw: bytes) -> None:
    assert take(raw, now=BACK) in {Taken.FOREIGN, Taken.NO_REPORT}


def test_a_thousand_boxes_in_each_other_are_taken(db: None) -> None:
    raw = b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    assert take(raw, now=BACK) in {Taken.FOREIGN, Taken.NO_REPORT}


def put(folder: Path, name: str, raw: bytes) -> Path:
    path = folder / "new" / name
    path.write_bytes(raw)
    return path


@pytest.fixture
def maildir(tmp_path: Path, settings: Settings) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    settings.BOUNCE_MAILDIR = str(tmp_path)
    return tmp_path


def test_a_maildir_is_emptied_of_reports_and_keeps_the_rest_as_read(letter: Letter, maildir: Path) -> None:
    noted = [put(maildir, str(number), report(return_path(letter))) for number in range(2)]
    put(maildir, "3", b"Subject: offer\n\nBuy this.\n")
    (maildir / "tmp" / "half").write_bytes(report(return_path(letter))[:50])
    assert take_folder(now=BACK) == 3
    assert take_folder(now=BACK) == 0
    assert not any(path.exists() for path in noted)
    assert [path.name for path in (maildir / "cur").iterdir()] == ["3:2,S"]
    assert fates(letter) == [LetterFate.ACCEPTED, LetterFate.BOUNCED]


def test_a_report_that_could_not_be_noted_stays(
    letter: Letter, maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(maildir, "1", report(return_path(letter)))

    def killed(*args: object, **facts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)  # after it was noted, before it was removed
        with pytest.raises(KeyboardInterrupt):
            take_folder(now=BACK)
    assert path.exists()
    assert take_folder(now=BACK) == 1
    assert fates(letter) == [LetterFate.ACCEPTED, LetterFate.BOUNCED]


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_mail_server_pipes_a_report_and_is_always_told_that_it_was_taken(
    office: Office, sending: Postbox
) -> None:
    from tests.servers import PROJECT, database_url_of_tests

    pk = office.invitation(office.chen).pk
    assert deliver(pk, LetterKind.INVITATION, now=DUE)

    def pipe(raw: bytes, *, database: str = database_url_of_tests()) -> tuple[int, str]:
        own = {**os.environ, "DATABASE_URL": database, "BOUNCE_ADDRESS": "bounces@crm.example.com"}
        command = [sys.executable, "manage.py", "take_bounce"]
        done = subprocess.run(command, cwd=PROJECT, env=own, input=raw, capture_output=True, check=False)
        return done.returncode, done.stdout.decode().strip()

    raw = report(return_path(Letter(LetterKind.INVITATION, pk)))
    assert pipe(raw) == (0, "came_back")
    assert pipe(raw + b"x" * 3 * 2**20) == (0, "known")
    assert pipe(b"\xff\x00") == (0, "foreign")
    assert pipe(raw, database="postgres://nobody@127.0.0.1:9/none")[0] == os.EX_TEMPFAIL
    assert Invitation.objects.get(pk=pk).failure == f"The letter came back. {GONE}"
