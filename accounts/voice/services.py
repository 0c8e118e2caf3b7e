"""Every write of a voice of the customer.

What is wrong is raised as a ValidationError by field, with the codes: blank, too_long, future, too_old, past,
too_far, needed, other_customer, answered; what somebody else changed in the meantime as a ConflictError.
Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.interactions.models import InteractionKind
from accounts.notices.services import tell
from accounts.projects.models import Project
from accounts.users.models import User
from accounts.voice.models import MAX_TEXT, Voice, VoiceKind, VoiceTheme

OWNED_NOTICE = "voice_owned"
COMPLAINED_NOTICE = "survey_complaint"
ANSWER_DAYS = {VoiceKind.COMPLAINT: 2, VoiceKind.SUGGESTION: 14, VoiceKind.PRAISE: None}
"""Until when the owner answers unless somebody chooses a day; praise needs none."""
OLDEST = dt.timedelta(days=5 * 366)
LATEST = dt.timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class VoiceFacts:
    """What was said. ``answer_by``: None is the usual day of its kind (`usual_answer_by`)."""

    kind: VoiceKind
    text: str
    heard_on: dt.date
    owner_id: int
    theme: VoiceTheme = VoiceTheme.OTHER
    channel: InteractionKind = InteractionKind.CALL
    project_id: int | None = None
    contact_id: int | None = None
    answer_by: dt.date | None = None


def usual_answer_by(kind: VoiceKind, heard_on: dt.date) -> dt.date | None:
    """Two days for a complaint, two weeks for a suggestion; None for praise."""
    days = ANSWER_DAYS[kind]
    return heard_on + dt.timedelta(days=days) if days is not None else None


@transaction.atomic
def add_voice(
    *, customer: Customer, facts: VoiceFacts, author: User, now: dt.datetime, token: uuid.UUID | None = None
) -> Voice:
    """Note what was said; its owner is told unless he noted it himself.

    Raises AlreadySavedError when the form that ``token`` names was saved before.
    """
    _check(customer, facts, now)
    voice = Voice(customer=customer, author=author, known_at=now, token=token, **_columns(facts))
    try:
        with transaction.atomic():
            voice.save(force_insert=True)
    except IntegrityError:
        if token is not None and Voice.objects.filter(token=token).exists():
            raise AlreadySavedError(token) from None
        raise
    _tell_owner(voice, by=author)
    return voice


@transaction.atomic
def complain(
    *,
    customer: Customer,
    contact: Contact,
    text: str,
    theme: VoiceTheme,
    owner: User,
    now: dt.datetime,
    project: Project | None = None,
) -> Voice:
    """What he wrote himself in a survey becomes a complaint on the clock of complaints; its owner is told.

    A longer ``text`` is cut: the survey keeps the whole of it.
    """
    today = company_day(now)
    voice = Voice.objects.create(
        customer=customer,
        project=project,
        contact=contact,
        kind=VoiceKind.COMPLAINT,
        theme=theme,
        channel=InteractionKind.EMAIL,
        text=text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…",
        heard_on=today,
        owner=owner,
        answer_by=usual_answer_by(VoiceKind.COMPLAINT, today),
        known_at=now,
    )
    tell(owner, COMPLAINED_NOTICE, {"voice": voice.pk, "contact": contact.pk}, customer)
    return voice


@transaction.atomic
def change_voice(
    voice: Voice, *, facts: VoiceFacts, expected_version: int, by: User, now: dt.datetime
) -> Voice:
    """Correct what was noted; a new owner is told. Raises ConflictError after somebody else's change."""
    current = _taken(voice, expected_version)
    _check(current.customer, facts, now, stored=current)
    before = current.owner_id
    for name, value in _columns(facts).items():
        setattr(current, name, value)
    current.version += 1
    current.save()
    if current.owner_id != before:
        _tell_owner(current, by=by)
    return current


@transaction.atomic
def answer_voice(voice: Voice, *, answer: str, by: User, now: dt.datetime) -> Voice:
    """What we told the customer; it stops the clock. The same answer again changes nothing."""
    current = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
    if not answer.strip():
        refuse("answer", "blank", _("Say what the customer was told."))
    if len(answer) > MAX_TEXT:
        refuse("answer", "too_long", _("An answer has at most 4,000 characters."))
    if current.answered_at is not None:
        if current.answer == answer:
            return current
        refuse("answer", "answered", _("Somebody answered this meanwhile: read it first."))
    current.answer, current.answered_at, current.answered_by = answer, now, by
    current.version += 1
    current.save()
    return current


@transaction.atomic
def reopen_voice(voice: Voice) -> Voice:
    """The answer did not do: it is taken back, and its old version stays in the history."""
    current = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
    if current.answered_at is not None:
        current.answer, current.answered_at, current.answered_by = "", None, None
        current.version += 1
        current.save()
    return current


def _taken(voice: Voice, expected_version: int) -> Voice:
    current = Voice.objects.select_for_update(no_key=True).get(pk=voice.pk)
    if current.version != expected_version:
        raise ConflictError(voice.pk)
    return current


def _columns(facts: VoiceFacts) -> dict[str, object]:
    usual = usual_answer_by(facts.kind, facts.heard_on)
    return asdict(facts) | {"answer_by": facts.answer_by or usual}


def _check(customer: Customer, facts: VoiceFacts, now: dt.datetime, stored: Voice | None = None) -> None:
    today = company_day(now)
    if not facts.text.strip():
        refuse("text", "blank", _("Write what was said."))
    if len(facts.text) > MAX_TEXT:
        refuse("text", "too_long", _("This has at most 4,000 characters."))
    if facts.heard_on > today:
        refuse("heard_on", "future", _("This day has not come yet."))
    if facts.heard_on < today - OLDEST:
        refuse("heard_on", "too_old", _("This is more than five years ago."))
    if facts.answer_by is not None and (stored is None or facts.answer_by != stored.answer_by):
        if facts.answer_by < facts.heard_on:
            refuse("answer_by", "past", _("Choose a day after it was heard."))
        if facts.answer_by > today + LATEST:
            refuse("answer_by", "too_far", _("Choose a day within a year."))
    _check_belongs(customer, facts)


def _check_belongs(customer: Customer, facts: VoiceFacts) -> None:
    project, contact = facts.project_id, facts.contact_id
    if project is not None and not Project.objects.filter(pk=project, customer=customer).exists():
        refuse("project", "other_customer", _("This project belongs to another customer."))
    if contact is not None and not Contact.objects.filter(pk=contact, customer=customer).exists():
        refuse("contact", "other_customer", _("This contact belongs to another customer."))


def _tell_owner(voice: Voice, *, by: User) -> None:
    if voice.owner_id != by.pk:
        tell(voice.owner, OWNED_NOTICE, {"voice": voice.pk, "by": by.pk}, voice.customer)
