"""Reads for the Outbox: what became of every question whether a corrective action solved it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.models import ConfirmationRequest, LetterKind
from accounts.surveys.services import Letter
from accounts.surveys.services.inviting import CAME_BACK
from accounts.users.models import User
from crm.mail import delivery, questions
from crm.mail.sorts import obstacle_to_question
from crm.queries import keyset
from crm.queries.outbox import LABELS, State

UNDELIVERED = Q(answered_at=None, failed_at__isnull=False)


@dataclass(frozen=True)
class QuestionRow:
    """``next_try``: not before then, where the mail server did not take it yet and that is known."""

    asked: ConfirmationRequest
    state: State
    reason: str
    is_tried_again: bool
    next_try: dt.datetime | None
    may_be_sent_again: bool

    @property
    def label(self) -> str | Promise:
        return LABELS[self.state]


def visible_questions(user: User) -> QuerySet[ConfirmationRequest]:
    return ConfirmationRequest.objects.filter(case__in=access.visible_cases(user).values("pk"))


def page_of_questions(
    found: QuerySet[ConfirmationRequest], *, now: dt.datetime, after: str = "", before: str = ""
) -> keyset.Page[QuestionRow]:
    """Those that did not arrive, then the others; the newest first."""
    order = [
        keyset.Part(found.filter(UNDELIVERED), ("-pk",), (int,)),
        keyset.Part(found.exclude(UNDELIVERED), ("-pk",), (int,)),
    ]
    page = keyset.page_or_first(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    return keyset.Page(
        rows=_rows(page.rows, now),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def _rows(ids: list[int], now: dt.datetime) -> list[QuestionRow]:
    related = (*questions.RELATED, "invitation__respondent")
    by_id = ConfirmationRequest.objects.select_related(*related).in_bulk(ids)
    letters = delivery.next_tries([Letter(LetterKind.CONFIRMATION, pk) for pk in ids])
    waiting = {letter.pk: at for letter, at in letters.items()}
    return [_row(by_id[pk], waiting, now) for pk in ids if pk in by_id]


def _row(asked: ConfirmationRequest, waiting: dict[int, dt.datetime | None], now: dt.datetime) -> QuestionRow:
    state = _state_of(asked)
    is_tried_again = state == State.WAITING and asked.pk in waiting
    did_not_arrive = state in {State.FAILED, State.CAME_BACK} and now < asked.expires_at
    return QuestionRow(
        asked=asked,
        state=state,
        reason=delivery.reason_in_words(asked.failure),
        is_tried_again=is_tried_again,
        next_try=waiting[asked.pk] if is_tried_again else None,
        may_be_sent_again=did_not_arrive and not obstacle_to_question(asked, company_day(now)),
    )


def _state_of(asked: ConfirmationRequest) -> State:
    if asked.answered_at is not None:
        return State.ANSWERED
    if asked.failed_at is not None:
        return State.CAME_BACK if asked.failure.startswith(CAME_BACK) else State.FAILED
    return State.WAITING if asked.sent_at is None else State.SENT
