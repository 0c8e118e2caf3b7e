"""Letters as mail programs get them: what Word, Gmail and a phone draw, light, the same as text."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.appointments.models import AppointmentLetter
from accounts.contacts.models import Contact
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.services import ask_about
from accounts.occasions.services.mailing import issue_token as issue_token_about
from accounts.occasions.standard import DELIVERY, NEEDS
from accounts.surveys.models import ConfirmationRequest, Invitation, LetterKind, ProgrammeKind
from accounts.surveys.services import issue_confirmation_token, issue_token
from crm.mail import meetings, occasions, questions, surveys
from tests.accounts.appointments.planned import planned_in
from tests.accounts.occasions.shop import published
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK, Office
from tests.crm.mail.asking import corrected

LINKED = [kind for kind in LetterKind if kind != LetterKind.MEETING]
"""A letter about a meeting asks for no answer here."""
CLIPPED_AT = 102 * 1024
"""Bytes beyond which Gmail hides the rest."""
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "table",
    "tr",
    "td",
    "p",
    "a",
    "b",
    "br",
    "span",
}
STYLES = {
    "margin",
    "padding",
    "padding-top",
    "background-color",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "line-height",
    "text-align",
    "text-decoration",
    "white-space",
    "overflow-wrap",
    "height",
    "width",
    "max-width",
    "max-height",
    "overflow",
    "display",
    "table-layout",
    "border",
    "border-top",
    "border-left",
    "border-radius",
    "mso-hide",
    "mso-padding-alt",
}
"""What the drawing programs of Outlook, Gmail and Apple Mail all know, or do without."""
SPAM = re.compile(r"!|[Ff]ree|[Gg]ratis|免费|免費|[A-Z]{6,}|[$€¥]")


class Letter(HTMLParser):
    """The tags and attributes of a letter, and the text that is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.words += "\n"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] != "style":
            self.words += data

    def values(self, attribute: str) -> list[str]:
        return [found[attribute] for _tag, found in self.tags if attribute in found]


def parsed(message: object) -> EmailMessage:
    found = message_from_bytes(message.message().as_bytes(), policy=policy.default)  # type: ignore[attr-defined]
    assert isinstance(found, EmailMessage)
    return found


def written(office: Office, kind: LetterKind) -> EmailMessage:
    if kind == LetterKind.CONFIRMATION:
        corrected(office)
        request = ConfirmationRequest.objects.select_related(*questions.RELATED).get()
        return parsed(questions.write(request, token=issue_confirmation_token(request, now=DUE + HOUR)))
    if kind == LetterKind.MEETING:
        language = Contact.objects.values_list("language", flat=True)[0]
        planned_in(office.world)
        Contact.objects.update(language=language)
        letters = AppointmentLetter.objects.select_related(*meetings.RELATED)
        return parsed(meetings.write(letters.filter(guest__contact__isnull=False).order_by("pk")[0]))
    if kind in occasions.KINDS:
        about = asked_about(office)
        return parsed(occasions.write(about, kind, token=issue_token_about(about, now=DUE)))
    invitation = Invitation.objects.select_related("contact", "project__manager").get(contact=office.chen)
    return parsed(surveys.write(invitation, kind, token=issue_token(invitation, now=DUE)))


def asked_about(office: Office) -> OccasionInvitation:
    """Chen is asked about a delivery, with grades and questions, by the owner."""
    facts = replace(DELIVERY, questions=NEEDS.questions)
    ask_about(
        programme=published("After a delivery", ProgrammeKind.EVENT, facts),
        customer=office.world.customer,
        contacts=[office.chen],
        event="delivery",
        happened_on=WEEK,
        about="4711, 4712",
        author=office.world.owner,
        now=DUE - DAY,
    )
    return OccasionInvitation.objects.select_related(*occasions.RELATED).get()


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))  # type: ignore[arg-type]
    assert found is not None
    return str(found.get_content())


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
@pytest.mark.parametrize("kind", LetterKind)
def test_every_mail_program_can_draw_it(office: Office, kind: LetterKind, language: str) -> None:
    Contact.objects.update(language=language)
    message = written(office, kind)
    html = part(message, "html")
    letter = Letter(html)
    assert {tag for tag, _ in letter.tags} <= TAGS
    styles = {
        name.strip() for style in letter.values("style") for name in re.findall(r"([a-z-]+)\s*:", style)
    }
    assert styles <= STYLES
    assert not {"src", "background", "onclick", "onload"} & {
        name for _, found in letter.tags for name in found
    }
    assert "url(" not in html
    assert "@import" not in html
    assert "<link" not in html
    assert len(message.as_bytes()) < CLIPPED_AT / 2
    assert html.count("<table") == html.count("</table>")
    assert all(found.get("role") == "presentation" for tag, found in letter.tags if tag == "table")


@pytest.mark.parametrize("kind", LINKED)
def test_every_link_is_whole_and_opens_without_recording(office: Office, kind: LetterKind) -> None:
    message = written(office, kind)
    links = Letter(part(message, "html")).values("href")
    assert links
    answers = set(Invitation.objects.values_list("answered_at", flat=True))
    for link in links:
        address = urlsplit(link)
        assert (address.scheme, address.netloc) == ("http", "localhost:8000")
    # "Pages" of weeks that are over are 410: known, and no longer to be answered.
    pages = {urlsplit(link).path for link in links}
    assert {Client().get(path).status_code for path in pages} <= {200, 410}
    assert set(Invitation.objects.values_list("answered_at", flat=True)) == answers
    assert not ConfirmationRequest.objects.exclude(answered_at=None).exists()


@pytest.mark.parametrize("kind", LetterKind)
def test_the_text_says_what_the_html_says(office: Office, kind: LetterKind) -> None:
    message = written(office, kind)
    text = " ".join(part(message, "plain").split())
    html = Letter(part(message, "html"))
    said = {" ".join(line.split()) for line in html.words.splitlines()}
    said = {line for line in said if len(line) > 40}
    only_there = (
        "A letter opens",
        "half a minute. The link",
        "The link is yours alone; you",
        "A button only opens",
        "This is what we did about it. ",
    )
    missing = [line for line in said if line not in text]
    assert [line for line in missing if not any(words in line for words in only_there)] == []


@pytest.mark.parametrize("kind", LetterKind)
def test_the_first_words_in_a_list_of_letters_are_a_summary(office: Office, kind: LetterKind) -> None:
    letter = Letter(part(written(office, kind), "html"))
    hidden = next(found for tag, found in letter.tags if tag == "div")
    assert "display: none" in hidden["style"]
    assert "mso-hide: all" in hidden["style"]
    body = letter.words[letter.words.rindex("}") + 1 :] if "}" in letter.words else letter.words
    assert len(" ".join(body.split())) > 100


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
@pytest.mark.parametrize("kind", LetterKind)
def test_a_subject_is_short_and_looks_like_no_advertisement(
    office: Office, kind: LetterKind, language: str
) -> None:
    Contact.objects.update(language=language)
    subject = str(written(office, kind)["Subject"])
    assert len(subject) < 90
    assert not SPAM.search(subject)


def test_one_click_ends_the_questions_whether_it_is_solved(office: Office) -> None:
    message = written(office, LetterKind.CONFIRMATION)
    stop = re.fullmatch(
        r"<http://localhost:8000(/s/c/[\w-]{43}/stop)>", str(message["List-Unsubscribe"]).strip()
    )
    assert stop
    assert Client().get(stop.group(1)).status_code == 200
    assert office.chen.survey_roles.get().state == "active"
    assert Client().post(stop.group(1), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert office.chen.survey_roles.get().state == "opted_out"


def test_one_click_ends_the_weekly_letters(office: Office) -> None:
    message = written(office, LetterKind.INVITATION)
    stop = re.fullmatch(
        r"<http://localhost:8000(/s/[\w-]{43}/stop)>", str(message["List-Unsubscribe"]).strip()
    )
    assert stop
    Invitation.objects.update(closes_at=DUE + dt.timedelta(9000), expires_at=DUE + dt.timedelta(9000))
    assert Client().get(stop.group(1)).status_code == 200
    assert office.chen.survey_roles.get().state == "active"
    answer = Client().post(stop.group(1), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert office.chen.survey_roles.get().state == "opted_out"


def test_one_click_ends_the_letters_of_every_survey(office: Office) -> None:
    message = written(office, LetterKind.SURVEY)
    stop = re.fullmatch(
        r"<http://localhost:8000(/s/o/[\w-]{43}/stop)>", str(message["List-Unsubscribe"]).strip()
    )
    assert stop
    assert Client().get(stop.group(1)).status_code == 200
    assert not Contact.objects.get(pk=office.chen.pk).opted_out
    answer = Client().post(stop.group(1), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Contact.objects.get(pk=office.chen.pk).opted_out
