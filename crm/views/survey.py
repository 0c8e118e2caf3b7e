"""The page behind the link in a respondent's mail: his grades, and his word on corrective actions.

Only a POST records; what every page behind a link has in common is `crm.views.survey_door`.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_POST

from accounts.customers.services import ConflictError
from accounts.surveys.models import Invitation, Verdict
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries import Said, SaidGrade, SurveyPage, form_of, said_at, survey_page
from accounts.surveys.services import answer_invitation, answer_request, confirm_case, reject_case
from crm.forms.survey import (
    NOT_APPLICABLE,
    Row,
    SolvedForm,
    SurveyForm,
    letters_of,
    merged,
    only_letters,
    said_before,
    same_as,
    typed_in,
)
from crm.queries.survey import Letters, asked_case, last_word, open_request, own_cases
from crm.views.survey_door import (
    Visit,
    by_link,
    colleague_of,
    fingerprint_of,
    languages,
    lost,
    of_strangers,
    page,
    redirect,
)
from crm.views.survey_kept import Kept, keep, kept_under
from crm.views.writing import page_or_post
from scoring.services import rescore_soon

if TYPE_CHECKING:
    from crm.queries.survey import OwnCase

WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Filled:
    """``count`` of the ``asked`` dimensions had a last answer; ``undo_url``: the form as it was before."""

    count: int
    asked: int
    undo_url: str

    @property
    def missing(self) -> int:
        return self.asked - self.count


@of_strangers
def lost_link(request: HttpRequest, link: str = "") -> HttpResponse:
    """What a mail program or a hand made of a link, where it is no link any more."""
    for prefix, name in (("c/", "survey_confirm"), ("o/", "occasion_survey")):
        if link.startswith(prefix):
            return lost(request, link.removeprefix(prefix), name=name)
    return lost(request, link)


@by_link
@page_or_post
def survey(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form; what is recorded, with ``done`` or once the week is closed; a POST records, or shows anew.

    ``same`` fills in what he said last, and a letter's own grade wins over it; ``kept`` what he typed before
    he changed the language.
    """
    if request.method == "POST" and "show" not in request.POST:
        return _record(request, visit)
    found = survey_page(visit.invitation)
    if request.method == "POST":
        return _show(request, visit, found)
    if found.current is not None and ("done" in request.GET or not _may_change(visit, found.current)):
        return _thanks(request, visit, found)
    kept = kept_under(_link_of(visit), request.GET.get("kept", ""))
    if kept is not None:
        form = SurveyForm(found.form, language=visit.language, initial=kept.fields)
        return _form(request, visit, found, form, said=kept.said)
    filled = said_before(found.current) | letters_of(request.GET, found.form)
    if "same" in request.GET:
        filled = same_as(found.last, found.form) | filled
    form = SurveyForm(found.form, language=visit.language, initial=filled)
    return _form(request, visit, found, form)


@by_link
@require_POST
def survey_case(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """His word on a corrective action that we call corrected; said twice, it is heard once."""
    form = SolvedForm(request.POST)
    if not form.is_valid():
        found = survey_page(visit.invitation)
        empty = SurveyForm(found.form, language=visit.language, initial=said_before(found.current))
        return _form(request, visit, found, empty, refused={"pk": pk, "form": form}, status=422)
    say, comment = form.cleaned_data["answer"], form.cleaned_data["comment"]
    _hear(visit, pk, is_solved=say == "yes", comment=comment)
    return redirect(visit.url(**_asked_from(request), said=pk))


@transaction.atomic
def _hear(visit: Visit, pk: int, *, is_solved: bool, comment: str) -> None:
    """His word, if it is still asked for; a letter that asks the same is answered with it."""
    case = asked_case(visit.invitation, pk)
    if case is None:
        return
    letter = open_request(visit.invitation, case, now=visit.now)
    if letter is not None:
        verdict = Verdict.CONFIRMED if is_solved else Verdict.REJECTED
        answer_request(letter, verdict=verdict, comment=comment, now=visit.now)
    else:
        word = confirm_case if is_solved else reject_case
        word(case, invitation=visit.invitation, now=visit.now, comment=comment)
    rescore_soon([case.customer_id])


def _show(request: HttpRequest, visit: Visit, found: SurveyPage) -> HttpResponse:
    """The form as it was filled in, in another language or with last week's letters; nothing is recorded."""
    typed = typed_in(request.POST, found.form)
    said = request.POST.get("said")
    marks: dict[str, object] = {}
    if request.POST["show"] == "same":
        marks["filled"] = keep(_link_of(visit), Kept(typed, said)) or "1"
        # Only what is empty: a grade that he chose already is his newer word.
        typed = same_as(found.last, found.form) | {name: value for name, value in typed.items() if value}
    if (letters := only_letters(typed, found)) is not None:
        return redirect(visit.url(**letters, **marks))
    if (key := keep(_link_of(visit), Kept(typed, said))) is not None:
        return redirect(visit.url(kept=key, **marks))
    form = SurveyForm(found.form, language=visit.language, initial=typed)
    return _form(request, visit, found, form, said=said)


def _record(request: HttpRequest, visit: Visit) -> HttpResponse:
    asked = form_of(visit.invitation.programme_version_id)
    form = SurveyForm(asked, language=visit.language, data=request.POST)
    said = request.POST.get("said")
    if not form.is_valid():
        return _form(request, visit, survey_page(visit.invitation), form, said=said, status=422)
    try:
        recorded = answer_invitation(
            visit.invitation,
            asked,
            facts=form.facts(),
            idempotency_key=form.cleaned_data["key"],
            week=form.cleaned_data["week"],
            seen=form.seen,
            now=visit.now,
            fingerprint=fingerprint_of(request),
        )
    except ValidationError as error:
        form.refuse(error)
        return _form(request, visit, survey_page(visit.invitation), form, said=said, status=422)
    except ConflictError:
        return _both(request, visit, form)
    if recorded.is_new:
        rescore_soon([visit.invitation.customer_id])
    return redirect(visit.url(done=1))


def _both(request: HttpRequest, visit: Visit, sent: SurveyForm) -> HttpResponse:
    """What was sent from another window since this form was opened, and in the form both together."""
    found = survey_page(visit.invitation)
    assert found.current is not None
    opened_over = sent.seen.given_at if sent.seen else None
    before = said_at(visit.invitation, opened_over) if opened_over else None
    filled = merged(before, found.current, typed_in(request.POST, found.form))
    form = SurveyForm(found.form, language=visit.language, initial=filled)
    return _form(request, visit, found, form, meanwhile=found.current, status=409)


def _form(
    request: HttpRequest,
    visit: Visit,
    found: SurveyPage,
    form: SurveyForm,
    *,
    refused: dict[str, Any] | None = None,
    meanwhile: Said | None = None,
    said: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """``said``: over which answer the form was opened, where that is not the current one."""
    cases = {case.pk: case for case in own_cases(visit.invitation)}
    last, current = found.last, found.current
    rows = [(row, _last_of(row.code, last)) for row in form.rows()]
    is_fresh = request.method != "POST" and said is None and "same" not in request.GET
    context = _shared(request, visit, list(cases.values()), switch={}) | {
        "form": form,
        "rows": rows,
        "came": _came(rows, cases),
        "grades": [(grade.letter, grade.name_in(visit.language)) for grade in found.form.grades],
        "key": secrets.token_urlsafe(16),
        "comment": form["comment"].value() or "",
        "current": current,
        "last": last,
        "until": _until(visit),
        "letters": Letters(visit.invitation),
        "was_last_week": last is not None and visit.invitation.week_id - last.week == WEEK,
        "filled": _filled(request, visit, found),
        "most_characters": MAX_COMMENT,
        "has_same": current is None and bool(same_as(last, found.form)),
        "said_at": said if said is not None else _given_at(current),
        "takes_draft": is_fresh,
        "chosen": ",".join(letters_of(request.GET, found.form)),
        "refused": refused,
        "meanwhile": meanwhile and _lines(visit, found, meanwhile),
        "is_refused": status != 200,
    }
    return page("form", context, status=status)


def _came(
    rows: list[tuple[Row, SaidGrade | str | None]], cases: dict[int, OwnCase]
) -> list[tuple[str, str, OwnCase]]:
    """What became of the low grades he gave last, where it is not asked for his word."""
    return [
        (row.name, graded.letter, cases[graded.case_id])
        for row, graded in rows
        if isinstance(graded, SaidGrade) and graded.case_id in cases and not cases[graded.case_id].is_asked
    ]


def _last_of(code: str, last: Said | None) -> SaidGrade | str | None:
    """What he said of it last: its grade, "not_applicable", or nothing."""
    if last is None:
        return None
    return last.grades.get(code) or (NOT_APPLICABLE if code in last.not_applicable else None)


def _filled(request: HttpRequest, visit: Visit, found: SurveyPage) -> Filled | None:
    """What "the same as last time" filled in; None where nobody pressed it."""
    before = request.GET.get("filled", "1" if "same" in request.GET else "")
    if not before and request.POST.get("show") != "same":
        return None
    is_kept = kept_under(_link_of(visit), before) is not None
    return Filled(
        count=len(same_as(found.last, found.form)),
        asked=len(found.form.dimensions),
        undo_url=visit.url(kept=before) if is_kept else visit.url(),
    )


def _thanks(request: HttpRequest, visit: Visit, found: SurveyPage) -> HttpResponse:
    cases = list(own_cases(visit.invitation))
    said = found.current
    assert said is not None
    lines = _lines(visit, found, said)
    context = _shared(request, visit, cases, switch={"done": "1"}) | {
        "said": said,
        "lines": lines,
        "change_url": visit.url() if _may_change(visit, said) else None,
        "until": _until(visit),
        "asked_count": len(found.form.dimensions),
        "left_count": len(found.form.dimensions) - len(lines),
    }
    return page("thanks", context)


def _may_change(visit: Visit, said: Said) -> bool:
    """Until the week closes; what was late already, as long as late answers are taken."""
    return said.is_late or not visit.is_closed


def _until(visit: Visit) -> dt.datetime:
    """The end of the time in which what is sent now can be changed."""
    return visit.invitation.expires_at if visit.is_closed else visit.invitation.closes_at


def _lines(visit: Visit, found: SurveyPage, said: Said) -> list[tuple[str, SaidGrade | None, str | None]]:
    """Name, grade and its word of each dimension that was graded or does not apply (no grade)."""
    names = [(line.dimension.code, line.dimension.name_in(visit.language)) for line in found.form.dimensions]
    words = {grade.letter: grade.name_in(visit.language) for grade in found.form.grades}
    return [
        (name, said.grades.get(code), words.get(said.grades[code].letter) if code in said.grades else None)
        for code, name in names
        if code in said.grades or code in said.not_applicable
    ]


def _shared(
    request: HttpRequest, visit: Visit, cases: list[OwnCase], *, switch: dict[str, str]
) -> dict[str, Any]:
    """What the form and the thanks have in common. ``switch``: the query that a change of language keeps."""
    said = request.GET.get("said", "")
    word = last_word(visit.invitation, int(said)) if said.isdecimal() and len(said) < 19 else None
    back, here = _asked_from(request), reverse("survey", args=[visit.token])
    own = [(case, case.dimension.name_in(visit.language), visit.case_url(case.pk, **back)) for case in cases]
    return {
        "visit": visit,
        "invitation": visit.invitation,
        "manager": visit.invitation.project.manager,
        "now": visit.now,
        "asked": [each for each in own if each[0].is_asked],
        "running": [each for each in own if each[0].is_open and each[0].is_his and not each[0].is_asked],
        "word": word,
        "word_name": word and word.case.dimension.name_in(visit.language),
        "colleague": colleague_of(request),
        "languages": languages(here, switch),
        "draft_key": _draft_key(visit.invitation),
    }


def _given_at(current: Said | None) -> str:
    return current.given_at.isoformat() if current else ""


def _link_of(visit: Visit) -> str:
    """Under which what is typed waits for its page: that of this invitation alone."""
    return f"invitation:{visit.invitation.pk}"


def _asked_from(request: HttpRequest) -> dict[str, object]:
    """The query that leads back to the page where a question stands: to the thanks, or to the form."""
    return {"done": 1} if "done" in request.GET else {}


def _draft_key(invitation: Invitation) -> str:
    """Under which the browser keeps what is not sent: the invitation's, and no way back to the link."""
    return salted_hmac("survey.draft", str(invitation.pk), algorithm="sha256").hexdigest()[:24]
