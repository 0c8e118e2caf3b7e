"""Behind the letter that asks whether a corrective action solved the matter: two buttons, and a comment.

Opening it changes nothing. What is right depends on what became of the case since: see `Standing`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from structlog.contextvars import bind_contextvars

from accounts.surveys.models import ConfirmationRequest, Verdict
from accounts.surveys.services import (
    OvertakenError,
    add_words_of_customer,
    answer_request,
    request_by_token,
)
from crm.forms.survey import VerdictForm
from crm.queries.survey import complaints_behind, words_since
from crm.views.survey_door import (
    View,
    address,
    asked_language,
    colleague_of,
    guarded,
    has_left,
    in_his_words,
    languages,
    lost,
    of_strangers,
    page,
    redirect,
)
from crm.views.writing import page_or_post
from scoring.services import rescore_soon


class Standing(StrEnum):
    """What became of the question: it waits; he answered; the case was closed by others; a low grade opened
    it again; its time is over; he has left his company, and the word is no longer his."""

    WAITS = "waits"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"
    EXPIRED = "expired"
    LEFT = "left"


MARKED = {"yes": Verdict.CONFIRMED, "no": Verdict.REJECTED}
"""The button that he pressed in the letter: it is marked, and only pressing it here says so."""
TAKES_A_WORD = {Standing.WAITS, Standing.ANSWERED, Standing.CLOSED}


@dataclass(frozen=True)
class Question:
    """The question of a link that is known. ``language``: the one he reads the page in."""

    request: ConfirmationRequest
    token: str
    language: str
    now: dt.datetime

    @property
    def standing(self) -> Standing:
        asked, case = self.request, self.request.case
        if has_left(asked.contact, self.now):
            return Standing.LEFT
        if asked.round != case.times_reopened:
            return Standing.REOPENED
        if self.now >= asked.expires_at:
            return Standing.EXPIRED
        if asked.answered_at is not None:
            return Standing.ANSWERED
        return Standing.WAITS if case.is_open else Standing.CLOSED

    @property
    def url(self) -> str:
        return self._address("survey_confirm", {})

    def stop_url(self, **query: object) -> str:
        return self._address("survey_confirm_stop", query)

    def _address(self, name: str, query: dict[str, object]) -> str:
        path = reverse(name, args=[self.token])
        return address(path, query, contact=self.request.contact, language=self.language)


def by_question(view: View) -> View:
    """Give ``view`` the question of a link that is known, in the language and time of who was asked."""

    @of_strangers
    @wraps(view)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        found = request_by_token(token)
        if found is None:
            return lost(request, token, name="survey_confirm")
        bind_contextvars(confirmation_request_id=found.pk)
        question = Question(found, token, asked_language(request, found.contact), timezone.now())
        return in_his_words(
            found.contact,
            question.language,
            lambda: guarded(
                request,
                lambda: view(request, question),
                link=f"confirmation:{found.pk}",
                back=question.url,
            ),
        )

    return answer


@by_question
@page_or_post
def survey_confirm(request: HttpRequest, question: Question) -> HttpResponse:
    standing = question.standing
    if request.method != "POST" or standing not in TAKES_A_WORD:
        return _question(request, question, standing, status=200 if standing in TAKES_A_WORD else 410)
    form = VerdictForm(request.POST, may_add=bool(question.request.verdict))
    if not form.is_valid():
        return _question(request, question, standing, form=form, status=422)
    try:
        is_new_verdict = _take(question, form.cleaned_data, seen=request.POST.get("said"))
    except OvertakenError:
        question = replace(question, request=request_by_token(question.token) or question.request)
        return _question(request, question, question.standing, form=form, status=409)
    except ValidationError as error:
        form.refuse(error)
        return _question(request, question, standing, form=form, status=422)
    if is_new_verdict:
        rescore_soon([question.request.customer_id])
    return redirect(question.url)


def _take(question: Question, said: dict[str, str], *, seen: str | None) -> bool:
    """His verdict, or more words to the one he gave; whether a verdict was given that is new. ``seen``: the
    verdict that stood on his page. Raises OvertakenError."""
    asked, verdict, comment = question.request, said["verdict"], said["comment"]
    if verdict == VerdictForm.ADD:
        add_words_of_customer(asked.case, contact_id=asked.contact_id, comment=comment, now=question.now)
        return False
    word = Verdict(verdict)
    return answer_request(asked, verdict=word, comment=comment, now=question.now, seen=seen).is_new


def _question(
    request: HttpRequest,
    question: Question,
    standing: Standing,
    *,
    form: VerdictForm | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = question.request
    marked = {"answer": answer} if (answer := request.GET.get("answer", "")) in MARKED else {}
    context: dict[str, Any] = {
        "question": question,
        "asked": asked,
        "case": asked.case,
        "project": asked.case.project,
        "manager": asked.case.project.manager,
        "dimension": asked.case.dimension.name_in(question.language),
        "complaints": complaints_behind(asked),
        "words": words_since(asked),
        "standing": standing.value,
        "takes_a_word": standing in TAKES_A_WORD,
        "form": form,
        "is_refused": status == 422,
        "is_overtaken": status == 409,
        "colleague": colleague_of(request),
        "languages": languages(reverse("survey_confirm", args=[question.token]), marked),
        "marked": MARKED.get(marked.get("answer", "")),
        # What the switch of languages asks a page for.
        "visit": question,
    }
    return page("confirm", context, status=status)
