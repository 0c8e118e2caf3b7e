"""The letters of the surveys beside the weekly one: invitation and reminder, in the contact's language."""

from __future__ import annotations

from babel.dates import format_date
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.occasions.models import EventKind, Occasion, OccasionInvitation
from accounts.occasions.queries import Asked, asked_of
from accounts.surveys.models import LetterKind, ProgrammeKind
from accounts.surveys.services import Letter
from accounts.surveys.weeks import zone_of
from accounts.users.models import User
from crm.mail.envelope import Envelope, letter_in, message_id_of
from crm.mail.surveys import COLOURS, MOMENT, OTHER, language_of, rows_of
from crm.templatetags.formats import reader_locale

KINDS = (LetterKind.SURVEY, LetterKind.SURVEY_REMINDER)
RELATED = (
    "occasion__programme",
    "occasion__author",
    "occasion__project__manager",
    "programme_version__rules",
    "customer__owner",
    "contact",
)
TITLES: dict[str, str | Promise] = {
    EventKind.DELIVERY: _("How was our delivery?"),
    EventKind.INSTALLATION: _("How was the installation?"),
    EventKind.REPAIR: _("How was the repair?"),
}


def write(invitation: OccasionInvitation, kind: LetterKind, *, token: str) -> EmailMultiAlternatives:
    """The message to the contact. Four queries where RELATED came with it.

    Its Message-ID is always the same, so that readers drop a letter that was sent twice; an answer goes to
    whoever keeps the customer.
    """
    contact = invitation.contact
    is_reminder = kind == LetterKind.SURVEY_REMINDER
    envelope = Envelope(
        letter=Letter(kind, invitation.pk),
        message_id=message_id(invitation, kind),
        contact=contact,
        answers_to=keeper_of(invitation),
        stop_url=stop_url(token),
        references=message_id(invitation, LetterKind.SURVEY) if is_reminder else "",
    )
    with translation.override(language_of(contact)), timezone.override(zone_of(contact.time_zone)):
        return letter_in(envelope, _context(invitation, asked_of(invitation.programme_version_id), token))


def message_id(invitation: OccasionInvitation, kind: LetterKind) -> str:
    """The same for every try; of an invitation of another installation it is another."""
    return message_id_of(f"{invitation.pk}:{kind}:{invitation.known_at.isoformat()}")


def form_url(token: str, **grades: str) -> str:
    """Address of his form; ``grades`` by dimension are filled in and recorded by nobody."""
    query = f"?{urlencode(grades)}" if grades else ""
    return f"{settings.PUBLIC_URL}{reverse('occasion_survey', args=[token])}{query}"


def stop_url(token: str) -> str:
    """Address of the page where he ends these letters."""
    return settings.PUBLIC_URL + reverse("occasion_stop", args=[token])


def keeper_of(invitation: OccasionInvitation) -> User | None:
    """Who signs, and reads what is replied: whoever asked, the customer's owner, the project's manager."""
    project = invitation.occasion.project
    manager = project.manager if project is not None else None
    people = (invitation.occasion.author, invitation.customer.owner, manager)
    return next((each for each in people if each is not None and each.is_active), None)


def title_of(occasion: Occasion) -> str | Promise:
    """The question above all others; the survey's name is only for us."""
    if occasion.event in TITLES:
        return TITLES[occasion.event]
    if occasion.programme.kind == ProgrammeKind.YEARLY:
        return _("What will you need from us?")
    return _("How do you see our work?")


def _context(invitation: OccasionInvitation, asked: Asked, token: str) -> dict[str, object]:
    language = translation.get_language()
    last_day = timezone.localdate(invitation.closes_at - MOMENT)
    occasion = invitation.occasion
    tells_day = bool(occasion.event or occasion.about) and occasion.year is None
    return {
        "person": invitation.contact,
        "keeper": keeper_of(invitation),
        "title": title_of(occasion),
        "about": occasion.about,
        "day": format_date(occasion.happened_on, "long", locale=reader_locale()) if tells_day else "",
        "opening": invitation.programme_version.rules.opening_in(language),
        "last_day": format_date(last_day, "full", locale=reader_locale()),
        "rows": rows_of(asked.form, language, lambda **grade: form_url(token, **grade)),
        "meanings": [(grade.letter, grade.name_in(language)) for grade in asked.form.grades],
        "questions": [question.name_in(language) for question in asked.questions],
        "palette": [*COLOURS.values(), OTHER],
        "link": form_url(token),
        "stop_link": stop_url(token),
        "language": language,
        "company": settings.COMPANY_NAME,
        "home": settings.PUBLIC_URL,
    }
