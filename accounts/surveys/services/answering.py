"""What a respondent submits. Codes, by field: token: unknown, other_week, expired; grades: unknown_dimension,
unknown_grade, both, empty; comment: too_long, not_text; idempotency_key: key.

Answers of one project are taken one after the other (an advisory lock), so that two low grades at once open
one corrective action and two versions of an answer follow each other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import ConflictError, bump, refuse
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    AnswerNotApplicable,
    Invitation,
)
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries.forms import Form, form_of, invitation_by_token
from accounts.surveys.services import consequences
from accounts.surveys.services.consequences import Given

# With the project's id: the lock of its answers. Far from the single numbers that others lock.
ANSWERS_LOCK = 0x7375_7276 << 32
MAX_KEY = 64


@dataclass(frozen=True, kw_only=True)
class AnswerFacts:
    """What is submitted: letters by dimension code, codes that do not apply, comments (at most 4,000
    characters each). A dimension that is in neither was left out."""

    grades: Mapping[str, str]
    not_applicable: frozenset[str] = frozenset()
    comment: str = ""
    dimension_comments: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Equal for equal words, whatever their order."""
        said = [
            sorted(self.grades.items()),
            sorted(self.not_applicable),
            self.comment,
            sorted((code, text) for code, text in self.dimension_comments.items() if text),
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True)
class Seen:
    """Over which answer the form was opened: that of ``given_at``, or none."""

    given_at: dt.datetime | None


@dataclass(frozen=True)
class Recorded:
    """The current answer. ``is_new``: this call wrote it; else it had been said, and nothing changed."""

    answer: Answer
    is_new: bool


def record_answer(
    *,
    token: str,
    facts: AnswerFacts,
    idempotency_key: str,
    now: dt.datetime,
    week: dt.date | None = None,
    fingerprint: str = "",
) -> Recorded:
    """What `answer_invitation` does, by the link of the invitation."""
    invitation = invitation_by_token(token)
    if invitation is None:
        refuse("token", "unknown", _("This link is not known."))
    return answer_invitation(
        invitation,
        form_of(invitation.programme_version_id),
        facts=facts,
        idempotency_key=idempotency_key,
        now=now,
        week=week,
        fingerprint=fingerprint,
    )


@transaction.atomic
def answer_invitation(
    invitation: Invitation,
    form: Form,
    *,
    facts: AnswerFacts,
    idempotency_key: str,
    now: dt.datetime,
    week: dt.date | None = None,
    seen: Seen | None = None,
    fingerprint: str = "",
) -> Recorded:
    """Store a version of the answer, and with it everything that follows: the earlier version superseded,
    corrective actions opened, attached, opened again or confirmed, notices, the customer's bump.

    ``form``: that of the invitation's version, which whoever has a page at hand has read already.

    The same content as the current version changes nothing, and neither does a repeated POST of an earlier
    one (same key and content) that comes after a newer form was sent. ``week``: the Monday the form showed;
    ``seen``: the answer it was opened over. Raises ConflictError when another form was sent since.
    """
    check_texts([facts.comment, *facts.dimension_comments.values()])
    check_key(idempotency_key)
    _check_time(invitation, week=week, now=now)
    check_grades(facts, form)
    _check_says_something(facts)
    _lock(invitation.project_id)
    current = Answer.objects.filter(invitation=invitation, superseded_at=None).first()
    if current is not None and _is_said_already(current, facts.digest, idempotency_key):
        return Recorded(current, is_new=False)
    if seen is not None and not _is_seen(current, seen, idempotency_key):
        raise ConflictError
    before = _supersede(current, now=now)
    answer = _create(invitation, facts, key=idempotency_key, fingerprint=fingerprint, now=now)
    given = _given(facts, form, before)
    cases = consequences.settle_low_grades(answer, invitation, given, now=now)
    _write(answer, invitation, facts, form, given, cases)
    consequences.settle_good_grades(answer, invitation, given, now=now)
    consequences.tell_managers(answer, invitation, given, cases)
    consequences.tell_eased(answer, invitation, given, before)
    if invitation.answered_at is None:
        Invitation.objects.filter(pk=invitation.pk, answered_at=None).update(answered_at=now)
    bump([invitation.customer_id])
    return Recorded(answer, is_new=True)


def _check_time(invitation: Invitation, *, week: dt.date | None, now: dt.datetime) -> None:
    if week is not None and week != invitation.week_id:
        refuse("token", "other_week", _("This link belongs to another week."))
    if now >= invitation.expires_at:
        refuse("token", "expired", _("This week can no longer be answered."))


def _lock(project_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ANSWERS_LOCK + project_id])


def _is_said_already(current: Answer, digest: str, key: str) -> bool:
    """A POST may arrive twice, also late; a form that is sent again with other content is a new word.

    An earlier version with the same key and content is a late duplicate only if a newer form (another key)
    was sent since; on the same form it is somebody who changed his mind back.
    """
    if current.digest == digest:
        return True
    if current.idempotency_key == key:
        return False
    earlier = Answer.objects.filter(invitation=current.invitation_id)
    return earlier.filter(idempotency_key=key, digest=digest).exists()


def _is_seen(current: Answer | None, seen: Seen, key: str) -> bool:
    """Nothing is lost by a form that was opened over the current answer, or has written it itself."""
    return current is None or current.idempotency_key == key or current.known_at == seen.given_at


def _supersede(current: Answer | None, *, now: dt.datetime) -> dict[int, AnswerGrade]:
    """The grades that stood until now, by dimension."""
    if current is None:
        return {}
    Answer.objects.filter(pk=current.pk).update(superseded_at=now)
    AnswerNotApplicable.objects.filter(answer=current).update(superseded_at=now)
    grades = AnswerGrade.objects.filter(answer=current)
    before = {grade.dimension_id: grade for grade in grades.select_related("case", "grade", "dimension")}
    grades.update(superseded_at=now)
    return before


def _given(facts: AnswerFacts, form: Form, before: dict[int, AnswerGrade]) -> list[Given]:
    return [
        Given(
            dimension=line.dimension,
            grade=form.grade(facts.grades[line.dimension.code]),
            before=before.get(line.dimension_id),
        )
        for line in form.dimensions
        if line.dimension.code in facts.grades
    ]


def _create(
    invitation: Invitation, facts: AnswerFacts, *, key: str, fingerprint: str, now: dt.datetime
) -> Answer:
    return Answer.objects.create(
        invitation=invitation,
        comment=facts.comment,
        is_late=now >= invitation.closes_at,
        idempotency_key=key,
        digest=facts.digest,
        fingerprint=fingerprint[:MAX_KEY],
        known_at=now,
        **_keys(invitation),
    )


def _write(
    answer: Answer,
    invitation: Invitation,
    facts: AnswerFacts,
    form: Form,
    given: list[Given],
    cases: dict[int, int],
) -> None:
    shared = _keys(invitation) | {"answer": answer, "known_at": answer.known_at}
    AnswerGrade.objects.bulk_create(
        AnswerGrade(
            dimension=each.dimension,
            grade=each.grade,
            opens_case=each.grade.opens_case,
            case_id=cases.get(each.dimension.pk),
            comment=facts.dimension_comments.get(each.dimension.code, ""),
            **shared,
        )
        for each in given
    )
    AnswerNotApplicable.objects.bulk_create(
        AnswerNotApplicable(dimension=line.dimension, **shared)
        for line in form.dimensions
        if line.dimension.code in facts.not_applicable
    )


def _keys(invitation: Invitation) -> dict[str, object]:
    names = ("customer_id", "project_id", "week_id", "programme_version_id")
    return {name: getattr(invitation, name) for name in names}


def check_texts(texts: Iterable[str]) -> None:
    """Refuses what is too long for a comment, or no text."""
    for text in texts:
        if len(text) > MAX_COMMENT:
            refuse("comment", "too_long", _("A comment has at most 4,000 characters."))
        if "\x00" in text or not _is_unicode(text):
            refuse("comment", "not_text", _("This comment holds characters that are not text."))


def check_key(key: str) -> None:
    """Refuses a form's key that no page of ours made."""
    if not key or len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        refuse("idempotency_key", "key", _("The form is damaged. Open the link again."))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_grades(facts: AnswerFacts, form: Form) -> None:
    """Refuses dimensions and grades that the form does not have, and both a grade and none."""
    asked = {line.dimension.code for line in form.dimensions}
    named = facts.grades.keys() | facts.not_applicable | facts.dimension_comments.keys()
    letters = {grade.letter for grade in form.grades}
    if not named <= asked:
        refuse("grades", "unknown_dimension", _("This is not a question of the survey."))
    if not letters.issuperset(facts.grades.values()):
        refuse("grades", "unknown_grade", _("This is not a grade of the survey."))
    if facts.grades.keys() & facts.not_applicable:
        refuse("grades", "both", _("A dimension has a grade or does not apply, not both."))


def _check_says_something(facts: AnswerFacts) -> None:
    has_words = facts.comment.strip() or any(text.strip() for text in facts.dimension_comments.values())
    if not facts.grades and not facts.not_applicable and not has_words:
        refuse("grades", "empty", _("Choose a grade, say that it does not apply, or write a comment."))
