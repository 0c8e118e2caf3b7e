"""The weekly letters to respondents: the invitation and its reminder, in their language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from babel.dates import format_date
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from accounts.contacts.models import Contact
from accounts.surveys.models import Invitation, LetterKind, ProgrammeDimension, ProgrammeGrade
from accounts.surveys.queries import Form, form_of
from accounts.surveys.services import Letter
from accounts.surveys.weeks import zone_of
from crm.mail.envelope import Envelope, letter_in, message_id_of
from crm.templatetags.formats import reader_locale
from crm.templatetags.survey import week_span

MOMENT = dt.timedelta(microseconds=1)

WEEKLY = (LetterKind.INVITATION, LetterKind.REMINDER)
"""What is written about an invitation; a question whether a case is solved is about a request."""


@dataclass(frozen=True)
class Colours:
    """Ground and ink of a letter in light and dark: the tokens, since a mail has no style sheet."""

    css_class: str
    ground: str
    ink: str
    dark_ground: str
    dark_ink: str


COLOURS = {
    "A": Colours("a", "#D3EFE3", "#0A5A41", "#0E3B2E", "#9BE0C4"),
    "A-": Colours("a-minus", "#E0F2D9", "#2B5A1C", "#1F3A17", "#B5DDA2"),
    "B+": Colours("b-plus", "#EDF2CB", "#4A5010", "#343814", "#D3DB8B"),
    "B": Colours("b", "#F7EDBF", "#5F4B07", "#3F340C", "#EBD577"),
    "B-": Colours("b-minus", "#FBE0B8", "#734505", "#472D08", "#F5C27B"),
    "C": Colours("c", "#F9CFB7", "#7C2B0A", "#4C1F0D", "#F7AE8C"),
    "D": Colours("d", "#F1B9BF", "#740C1C", "#4E0E18", "#F5A3AD"),
}
OTHER = Colours("other", "#F4F2EC", "#1D1C1A", "#20252A", "#E8E6E1")
"""For the letters of a programme that has others."""


@dataclass(frozen=True)
class Choice:
    """One letter of one row; ``link`` opens the form with it filled in."""

    letter: str
    name: str
    link: str
    colours: Colours


@dataclass(frozen=True)
class Row:
    name: str
    choices: tuple[Choice, ...]


def write(invitation: Invitation, kind: LetterKind, *, token: str) -> EmailMultiAlternatives:
    """The message to the contact. Three queries where project, manager and contact came with it.

    Its Message-ID is always the same, so that readers drop a letter that was sent twice; an answer goes to
    the project manager.
    """
    contact = invitation.contact
    envelope = Envelope(
        letter=Letter(kind, invitation.pk),
        message_id=message_id(invitation, kind),
        contact=contact,
        answers_to=invitation.project.manager,
        stop_url=stop_url(token),
        references=message_id(invitation, LetterKind.INVITATION) if kind == LetterKind.REMINDER else "",
    )
    with translation.override(language_of(contact)), timezone.override(zone_of(contact.time_zone)):
        return letter_in(envelope, _context(invitation, form_of(invitation.programme_version_id), token))


def message_id(invitation: Invitation, kind: LetterKind) -> str:
    """The same for every try; of an invitation of another installation it is another."""
    return message_id_of(f"{invitation.pk}:{kind}:{invitation.known_at.isoformat()}")


def stop_url(token: str) -> str:
    """Address of the page where he pauses or ends these letters, or names a colleague."""
    return settings.PUBLIC_URL + reverse("survey_stop", args=[token])


def survey_url(token: str, **grades: str) -> str:
    """Address of the respondent's form; ``grades`` by dimension are filled in and recorded by nobody."""
    query = f"?{urlencode(grades)}" if grades else ""
    return f"{settings.PUBLIC_URL}{reverse('survey', args=[token])}{query}"


def language_of(contact: Contact) -> str:
    """The language to write to him in: his own if we have it."""
    return contact.language if contact.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def rows_of(form: Form, language: str, link: Callable[..., str]) -> list[Row]:
    """A row for each dimension; ``link(<code>=<letter>)`` is the address of the form with it filled in."""
    return [_row(each, form, language, link) for each in form.dimensions]


def _context(invitation: Invitation, form: Form, token: str) -> dict[str, object]:
    language = translation.get_language()
    last_day = timezone.localdate(invitation.closes_at - MOMENT)
    return {
        "person": invitation.contact,
        "project": invitation.project,
        "manager": invitation.project.manager,
        "week": week_span(invitation.week_id, "yMMMd"),
        "last_day": format_date(last_day, "full", locale=reader_locale()),
        "rows": rows_of(form, language, lambda **grade: survey_url(token, **grade)),
        "meanings": [(grade.letter, grade.name_in(language)) for grade in form.grades],
        "low_letters": " / ".join(grade.letter for grade in form.grades if grade.opens_case),
        "palette": [*COLOURS.values(), OTHER],
        "link": survey_url(token),
        "stop_link": stop_url(token),
        "language": language,
        "company": settings.COMPANY_NAME,
        "home": settings.PUBLIC_URL,
    }


def _row(asked: ProgrammeDimension, form: Form, language: str, link: Callable[..., str]) -> Row:
    code = asked.dimension.code
    choices = (_choice(grade, link(**{code: grade.letter}), language) for grade in form.grades)
    return Row(asked.dimension.name_in(language), tuple(choices))


def _choice(grade: ProgrammeGrade, link: str, language: str) -> Choice:
    return Choice(grade.letter, grade.name_in(language), link, COLOURS.get(grade.letter, OTHER))
