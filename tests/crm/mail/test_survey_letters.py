"""What stands in the weekly letters."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_django import Settings

from accounts.contacts.models import Contact
from accounts.projects.models import Project
from accounts.surveys.models import AnswerGrade, Invitation, LetterKind
from accounts.surveys.services import AnswerFacts, issue_token, record_answer
from accounts.users.models import User
from crm.mail.surveys import WEEKLY, message_id, write
from tests.accounts.surveys.office import DUE, HOUR, Office

LETTERS = {"A", "A-", "B+", "B", "B-", "C", "D"}
DIMENSIONS = {"quality", "delivery", "communication", "service", "support"}


def letter(office: Office, kind: LetterKind = LetterKind.INVITATION) -> EmailMessage:
    """The letter to Chen as a mail program reads it."""
    invitation = Invitation.objects.select_related("contact", "project__manager").get(contact=office.chen)
    message = write(invitation, kind, token=issue_token(invitation, now=DUE)).message()
    parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))  # type: ignore[arg-type]
    assert found is not None
    return str(found.get_content())


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', html)]


@pytest.mark.parametrize("kind", WEEKLY)
@pytest.mark.parametrize(
    ("language", "dimension"), [("en", "Quality"), ("zh-hans", "质量"), ("zh-hant", "品質")]
)
def test_a_letter_is_complete_in_both_parts_and_in_the_contacts_language(
    office: Office, kind: LetterKind, language: str, dimension: str
) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(language=language)
    message = letter(office, kind)
    text, html = part(message, "plain"), part(message, "html")
    plain, stop, colleague = sorted({link for link in links(html) if "?" not in link})
    assert (stop, colleague) == (f"{plain}/stop", f"{plain}/stop#name")
    assert f'lang="{language}"' in html
    for words in ("Chen", "Line 4", dimension, "Manager", "2026", plain, stop):
        assert words in text, words
        assert words in html, words
    assert "Line 4" in message["Subject"]
    assert "{" not in text + str(message["Subject"])
    assert "<" not in text
    assert message.get_content_type() == "multipart/alternative"


def test_each_letter_of_each_dimension_is_a_link_that_says_which(office: Office) -> None:
    asked = [urlsplit(link) for link in links(part(letter(office), "html")) if "/stop" not in link]
    chosen = [parse_qs(link.query) for link in asked if link.query]
    assert len({link.path for link in asked}) == 1
    assert len(chosen) == 35
    assert {(code, letters[0]) for each in chosen for code, letters in each.items()} == {
        (code, letter) for code in DIMENSIONS for letter in LETTERS
    }


def test_the_link_lets_him_answer_and_holds_nothing_of_him(office: Office) -> None:
    link = min(link for link in links(part(letter(office), "html")) if "?" not in link)
    assert "chen" not in link.lower()
    assert str(office.invitation(office.chen).pk) not in urlsplit(link).path.split("/")
    token = link.rpartition("/")[2]
    record_answer(
        token=token, facts=AnswerFacts(grades={"delivery": "D"}), idempotency_key="one", now=DUE + HOUR
    )
    assert AnswerGrade.objects.get().grade.letter == "D"


def test_dates_are_those_of_the_week_and_of_its_last_day_where_he_is(office: Office) -> None:
    text = part(letter(office), "plain")
    assert "Mar 2\u2009–\u20098, 2026" in text
    assert "Thursday, March 12, 2026" in text
    Contact.objects.filter(pk=office.chen.pk).update(time_zone="Asia/Shanghai")
    assert "Friday, March 13, 2026" in part(letter(office), "plain")  # closes at 0:00 UTC, 8:00 there


def test_the_reminder_is_shorter_and_belongs_to_the_first_letter(office: Office) -> None:
    first, reminder = letter(office), letter(office, LetterKind.REMINDER)
    assert "only reminder" in part(reminder, "plain")
    assert reminder["References"] == first["Message-ID"] != reminder["Message-ID"]
    assert first["References"] is None


def test_headers_say_whose_letter_it_is(office: Office) -> None:
    message = letter(office)
    assert message["Reply-To"].addresses[0].addr_spec == "manager@truenorth.test"
    assert message["Reply-To"].addresses[0].display_name == "Manager"
    assert message["To"].addresses[0].addr_spec == "chen@huaxing.test"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Return-Path"] is None
    assert message["Message-ID"] == letter(office)["Message-ID"]


def test_invitations_and_kinds_have_message_ids_of_their_own(office: Office) -> None:
    both = (office.invitation(office.chen), office.invitation(office.li))
    ids = {message_id(invitation, kind) for invitation in both for kind in WEEKLY}
    assert len(ids) == 4
    assert all(re.fullmatch(r"<[0-9a-f]{32}@localhost>", each) for each in ids)


HOSTILE = '<script>alert(1)</script> "quoted"\r\nBcc: everybody@truenorth.test'


def test_hostile_names_stay_text_and_begin_no_header(office: Office) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(name=HOSTILE)
    Project.objects.filter(pk=office.project.pk).update(name="<img src=x>\r\nX-Planted: yes")
    User.objects.filter(pk=office.world.manager.pk).update(name='"><b>\nBcc: x@truenorth.test')
    message = letter(office)
    html, text = part(message, "html"), part(message, "plain")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html
    assert "<b>\n" not in html
    assert "<script>alert(1)</script>" in text
    assert message["Bcc"] is None
    assert message["X-Planted"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["chen@huaxing.test"]
    assert [address.addr_spec for address in message["Reply-To"].addresses] == ["manager@truenorth.test"]
    assert "\n" not in str(message["Subject"])


def test_an_unknown_language_and_a_domain_in_chinese_are_written_to(office: Office) -> None:
    Contact.objects.filter(pk=office.chen.pk).update(language="xx", email="chen@例子.测试", name="陈")
    message = letter(office)
    assert 'lang="en"' in part(message, "html")
    assert message["To"].addresses[0].addr_spec == "chen@xn--fsqu00a.xn--0zwm56d"
    assert message["To"].addresses[0].display_name == "陈"


def test_a_letter_takes_one_query(office: Office, django_assert_num_queries: object) -> None:
    invitation = Invitation.objects.select_related("contact", "project__manager").get(contact=office.chen)
    write(invitation, LetterKind.INVITATION, token="x")  # It keeps the grades of the form.
    with django_assert_num_queries(1):  # type: ignore[operator]
        write(invitation, LetterKind.INVITATION, token="x")


@pytest.mark.parametrize("kind", WEEKLY)
def test_a_letter_names_the_company_that_asks(office: Office, kind: LetterKind, settings: Settings) -> None:
    settings.COMPANY_NAME = 'Fish & "Chips" GmbH'
    message = letter(office, kind)
    assert message["From"].addresses[0].display_name == 'Fish & "Chips" GmbH'
    assert message["From"].addresses[0].addr_spec == "truenorth@localhost"
    assert part(message, "plain").count('Fish & "Chips" GmbH') == 2
    assert unescape(part(message, "html")).count('Fish & "Chips" GmbH') == 2


@pytest.mark.parametrize("kind", WEEKLY)
def test_without_a_company_name_the_product_sends_it(
    office: Office, kind: LetterKind, settings: Settings
) -> None:
    settings.COMPANY_NAME = ""
    message = letter(office, kind)
    assert message["From"].addresses[0].display_name == "Truenorth"
    assert "Northlight" not in part(message, "plain") + part(message, "html")
