"""What a contact says about an occasion, himself or through one of ours. Codes, by field: invitation: closed,
left, other_customer, retired; grades, comment and idempotency_key as those of the weekly survey;
questions: unknown_question, unknown_option, one, number, empty.

Answers of one invitation follow each other: its row is locked.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.services import ConflictError, company_day, refuse
from accounts.occasions.models import (
    Occasion,
    OccasionAnswer,
    OccasionChoice,
    OccasionGrade,
    OccasionInvitation,
    OccasionReply,
    Question,
    QuestionKind,
)
from accounts.occasions.queries.forms import Asked, asked_of
from accounts.occasions.services.complaining import complain_of_low_grades
from accounts.occasions.services.occasions import invitation_of, lock_asking, version_to_ask
from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeVersion, SurveyProgramme
from accounts.surveys.services import AnswerFacts, Seen
from accounts.surveys.services.answering import MAX_KEY, check_grades, check_key, check_texts
from accounts.users.models import User

LARGEST = Decimal(10) ** 14
PLACES = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class OccasionFacts:
    """What is submitted: grades as in the weekly survey, and by code of the question texts (at most 4,000
    characters), numbers, and the codes of the options that are ticked."""

    answer: AnswerFacts
    texts: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Decimal] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Equal for equal words, whatever their order."""
        said = [
            self.answer.digest,
            sorted(self.texts.items()),
            sorted((code, str(number.normalize())) for code, number in self.numbers.items()),
            sorted((code, sorted(ticked)) for code, ticked in self.choices.items()),
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True)
class OccasionRecorded:
    """The current answer. ``is_new``: this call wrote it; else it had been said, and nothing changed."""

    answer: OccasionAnswer
    is_new: bool


@transaction.atomic
def answer_survey(
    invitation: OccasionInvitation,
    *,
    facts: OccasionFacts,
    idempotency_key: str,
    now: dt.datetime,
    seen: Seen | None = None,
    fingerprint: str = "",
) -> OccasionRecorded:
    """Store a version of the answer, and supersede the earlier one; a low grade becomes a complaint.

    The same content as the current version changes nothing, and neither does a repeated POST of an earlier
    one (same key and content) that comes after a newer form was sent. ``seen``: the answer that the form was
    opened over; raises ConflictError when another form was sent since.
    """
    if now >= invitation.closes_at:
        refuse("invitation", "closed", _("This survey can no longer be answered."))
    return _record(invitation, facts, idempotency_key, now=now, seen=seen, fingerprint=fingerprint)


@transaction.atomic
def take_interview(
    *,
    contact: Contact,
    facts: OccasionFacts,
    taken_by: User,
    now: dt.datetime,
    token: uuid.UUID,
    occasion: Occasion | None = None,
    programme: SurveyProgramme | None = None,
    project: Project | None = None,
    seen: Seen | None = None,
) -> OccasionRecorded:
    """One of ours writes down what a contact said; nobody is written to about it.

    About an ``occasion``, also one that is closed, or about nothing that happened: then give ``programme``.
    ``token``: of the form, so that the same one saved twice is one answer. ``seen`` and ConflictError as in
    `answer_survey`: the contact may answer himself while he is interviewed.
    """
    if contact.left_on is not None and contact.left_on <= company_day(now):
        refuse("contact", "left", _("This contact has left the company."))
    if occasion is None:
        occasion = _occasion_of_interview(contact, programme, project, taken_by, token, now)
    if contact.customer_id != occasion.customer_id:
        refuse("contact", "other_customer", _("This contact belongs to another customer."))
    version = version_of(occasion)
    blank = invitation_of(occasion, version, contact, now=now)
    OccasionInvitation.objects.bulk_create([blank], ignore_conflicts=True)
    invitation = OccasionInvitation.objects.get(occasion=occasion, contact=contact)
    return _record(invitation, facts, token.hex, now=now, seen=seen, taken_by=taken_by)


def _record(
    invitation: OccasionInvitation,
    facts: OccasionFacts,
    key: str,
    *,
    now: dt.datetime,
    seen: Seen | None = None,
    fingerprint: str = "",
    taken_by: User | None = None,
) -> OccasionRecorded:
    check_texts([facts.answer.comment, *facts.answer.dimension_comments.values(), *facts.texts.values()])
    check_key(key)
    asked = asked_of(invitation.programme_version_id)
    check_grades(facts.answer, asked.form)
    _check_replies(facts, asked)
    locked = OccasionInvitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
    current = OccasionAnswer.objects.filter(invitation=locked, superseded_at=None).first()
    if current is not None and _is_said_already(current, facts.digest, key):
        return OccasionRecorded(current, is_new=False)
    if seen is not None and not _is_seen(current, seen, key):
        raise ConflictError
    OccasionAnswer.objects.filter(invitation=locked, superseded_at=None).update(superseded_at=now)
    answer = OccasionAnswer.objects.create(
        invitation=locked,
        customer_id=locked.customer_id,
        programme_version_id=locked.programme_version_id,
        comment=facts.answer.comment,
        taken_by=taken_by,
        idempotency_key=key,
        digest=facts.digest,
        fingerprint=fingerprint[:MAX_KEY],
        known_at=now,
    )
    _write_grades(answer, facts.answer, asked)
    _write_replies(answer, facts, asked)
    if locked.answered_at is None:
        locked.answered_at = now
        locked.save(update_fields=["answered_at"])
    complain_of_low_grades(locked, facts.answer, asked.form, now=now)
    return OccasionRecorded(answer, is_new=True)


def version_of(occasion: Occasion) -> ProgrammeVersion:
    """The version the occasion is asked under, with its rules."""
    return ProgrammeVersion.objects.select_related("rules").get(pk=occasion.programme_version_id)


def _occasion_of_interview(
    contact: Contact,
    programme: SurveyProgramme | None,
    project: Project | None,
    taken_by: User,
    token: uuid.UUID,
    now: dt.datetime,
) -> Occasion:
    assert programme is not None, "An interview is about an occasion, or by a programme."
    lock_asking(programme.pk)
    if saved := Occasion.objects.filter(token=token, programme=programme).first():
        return saved
    if project is not None and project.customer_id != contact.customer_id:
        refuse("project", "other_customer", _("This project belongs to another customer."))
    return Occasion.objects.create(
        programme=programme,
        programme_version=version_to_ask(programme),
        customer_id=contact.customer_id,
        project=project,
        happened_on=company_day(now),
        author=taken_by,
        token=token,
        known_at=now,
    )


def _is_said_already(current: OccasionAnswer, digest: str, key: str) -> bool:
    """As in the weekly survey: a POST may arrive twice, also late."""
    if current.digest == digest:
        return True
    if current.idempotency_key == key:
        return False
    earlier = OccasionAnswer.objects.filter(invitation=current.invitation_id)
    return earlier.filter(idempotency_key=key, digest=digest).exists()


def _is_seen(current: OccasionAnswer | None, seen: Seen, key: str) -> bool:
    """As in the weekly survey: a form that was opened over the current answer loses nothing of it."""
    return current is None or current.idempotency_key == key or current.known_at == seen.given_at


def _write_grades(answer: OccasionAnswer, said: AnswerFacts, asked: Asked) -> None:
    given = {code: asked.form.grade(letter) for code, letter in said.grades.items()}
    OccasionGrade.objects.bulk_create(
        OccasionGrade(
            answer=answer,
            programme_version_id=answer.programme_version_id,
            dimension=line.dimension,
            grade=given.get(line.dimension.code),
            comment=said.dimension_comments.get(line.dimension.code, ""),
        )
        for line in asked.form.dimensions
        if line.dimension.code in given.keys() | said.not_applicable
    )


def _write_replies(answer: OccasionAnswer, facts: OccasionFacts, asked: Asked) -> None:
    shared = {"answer": answer, "programme_version_id": answer.programme_version_id}
    replies, choices = [], []
    for question in asked.questions:
        code = question.code
        if facts.texts.get(code, "").strip():
            replies.append(OccasionReply(question=question, text=facts.texts[code], **shared))
        if code in facts.numbers:
            replies.append(OccasionReply(question=question, number=facts.numbers[code], **shared))
        ticked = set(facts.choices.get(code, ()))
        choices += [
            OccasionChoice(question=question, option=option, **shared)
            for option in question.options.all()
            if option.code in ticked
        ]
    OccasionReply.objects.bulk_create(replies)
    OccasionChoice.objects.bulk_create(choices)


def _check_replies(facts: OccasionFacts, asked: Asked) -> None:
    by_code = {question.code: question for question in asked.questions}
    for code in facts.texts:
        _known(by_code, code, QuestionKind.TEXT)
    for code, number in facts.numbers.items():
        _known(by_code, code, QuestionKind.NUMBER)
        if not number.is_finite() or abs(number) >= LARGEST or number != number.quantize(PLACES):
            refuse("questions", "number", _("Write a number with at most four decimals."))
    for code, ticked in facts.choices.items():
        question = _known(by_code, code, QuestionKind.ONE, QuestionKind.SEVERAL)
        if not set(ticked) <= {option.code for option in question.options.all()}:
            refuse("questions", "unknown_option", _("This is not one of the choices."))
        if question.kind == QuestionKind.ONE and len(set(ticked)) > 1:
            refuse("questions", "one", _("Choose one of them."))
    said = facts.answer
    words = (said.comment, *said.dimension_comments.values(), *facts.texts.values())
    if not (said.grades or said.not_applicable or facts.numbers or any(facts.choices.values())) and not any(
        text.strip() for text in words
    ):
        refuse("questions", "empty", _("Nothing is filled in yet: answer one question, or write a comment."))


def _known(by_code: Mapping[str, Question], code: str, *kinds: QuestionKind) -> Question:
    question = by_code.get(code)
    if question is None or question.kind not in kinds:
        refuse("questions", "unknown_question", _("This is not a question of the survey."))
    return question
