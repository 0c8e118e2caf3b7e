"""The question to somebody who complained: we say what we did, and ask whether it is solved."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation

from accounts.surveys.models import ConfirmationRequest, LetterKind
from accounts.surveys.services import Letter
from accounts.surveys.weeks import zone_of
from crm.mail.envelope import Envelope, letter_in, message_id_of
from crm.mail.surveys import MOMENT, OTHER, language_of
from crm.templatetags.formats import reader_locale

RELATED = ("contact", "customer", "asked_by", "case__project__manager", "case__dimension", "invitation")


def write(request: ConfirmationRequest, *, token: str) -> EmailMultiAlternatives:
    """The message to the contact. No query where RELATED came with it.

    Asked anew he gets another letter: its Message-ID is that of the request and of when we asked.
    """
    contact = request.contact
    envelope = Envelope(
        letter=Letter(LetterKind.CONFIRMATION, request.pk),
        message_id=message_id(request),
        contact=contact,
        answers_to=request.asked_by or request.case.project.manager,
        stop_url=stop_url(token),
    )
    with translation.override(language_of(contact)), timezone.override(zone_of(contact.time_zone)):
        return letter_in(envelope, _context(request, token))


def message_id(request: ConfirmationRequest) -> str:
    """The same for every try."""
    return message_id_of(f"{request.pk}:{LetterKind.CONFIRMATION}:{request.known_at.isoformat()}")


def question_url(token: str) -> str:
    """Address of his page, where he says whether it is solved; opening it records nothing."""
    return settings.PUBLIC_URL + reverse("survey_confirm", args=[token])


def stop_url(token: str) -> str:
    """Address of the page where he ends such letters."""
    return settings.PUBLIC_URL + reverse("survey_confirm_stop", args=[token])


def _context(request: ConfirmationRequest, token: str) -> dict[str, object]:
    project = request.case.project
    last_day = timezone.localdate(_last_moment(request.expires_at))
    return {
        "person": request.contact,
        "project": project,
        "manager": request.asked_by or project.manager,
        "is_manager": request.asked_by is None or request.asked_by == project.manager,
        "dimension": request.case.dimension.name_in(translation.get_language()),
        "number": request.case.number,
        "message": request.message,
        "stands_in": request.stands_in,
        "link": question_url(token),
        "stop_link": stop_url(token),
        "last_day": format_date(last_day, "full", locale=reader_locale()),
        "palette": [OTHER],
        "language": translation.get_language(),
        "company": settings.COMPANY_NAME,
        "home": settings.PUBLIC_URL,
    }


def _last_moment(end: dt.datetime) -> dt.datetime:
    return end - MOMENT
