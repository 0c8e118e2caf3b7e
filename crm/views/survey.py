"""The page behind the link in a respondent's mail: no log-in, no cookie, no script. Only a POST records.

The link is the secret. Mail scanners open it, follow what it shows and run what it loads, so every GET shows.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from structlog.contextvars import bind_contextvars

from accounts.surveys.links import token_in
from accounts.surveys.models import Invitation
from accounts.surveys.queries import SurveyPage, invitation_by_token, survey_page
from accounts.surveys.services import confirm_case, record_answer, reject_case
from accounts.surveys.weeks import zone_of
from crm.forms.survey import SolvedForm, SurveyForm, letters_of, said_before, typed_in
from crm.mail.surveys import language_of
from crm.queries.survey import asked_case, last_word, own_cases
from crm.views.writing import page_or_post
from scoring.services import rescore_soon

if TYPE_CHECKING:
    from crm.queries.survey import OwnCase

WEEK = dt.timedelta(days=7)
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
POLICY = {
    "default-src": [NONE],
    "script-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
}
SHORT_NAMES = {"en": "EN", "zh-hans": "简", "zh-hant": "繁"}


@dataclass(frozen=True)
class Visit:
    """Somebody who came with a link that is known. ``language``: the one he reads the page in."""

    invitation: Invitation
    token: str
    language: str
    now: dt.datetime

    @property
    def is_closed(self) -> bool:
        return self.now >= self.invitation.closes_at

    def url(self, **query: object) -> str:
        """The way back to this page; the language is in it where it is not his own."""
        return self._address(reverse("survey", args=[self.token]), query)

    def case_url(self, pk: int, **query: object) -> str:
        return self._address(reverse("survey_case", args=[self.token, pk]), query)

    def _address(self, path: str, query: dict[str, object]) -> str:
        own = self.invitation.contact.language == self.language
        words = urlencode(query if own else query | {"lang": self.language})
        return f"{path}?{words}" if words else path


Answer = Callable[..., HttpResponse]


class NoFiles(FileUploadHandler):
    """The form asks for no file, so none is kept: whoever has a link could fill the disk with them."""

    def new_file(self, *args: Any, **options: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Not called: every file is skipped."""

    def file_complete(self, file_size: int) -> None:
        """Not called: every file is skipped."""


def of_strangers(view: Answer) -> Answer:
    """Open ``view`` to everybody, with a policy under which the page can do nothing but send its form.

    Without CSRF token: there is no session that a foreign page could borrow, and its cookie would be the only
    trace that the page leaves.
    """

    @wraps(view)
    def answer(request: HttpRequest, **keys: Any) -> HttpResponse:
        response = view(request, **keys)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    untyped: Any = answer  # the decorators know views of one argument only
    untyped = csp_replace(POLICY)(untyped)
    open_to_all: Answer = login_not_required(csrf_exempt(untyped))
    return open_to_all


def by_link(view: Answer) -> Answer:
    """Give ``view`` the visit of a link that is known and not expired, in his language and time.

    Rendering without a request keeps a colleague's session out of the page.
    """

    @of_strangers
    @wraps(view)
    def answer(request: HttpRequest, token: str, **keys: Any) -> HttpResponse:
        invitation = invitation_by_token(token)
        if invitation is None:
            return _lost(request, token)
        # Which letter it was, for whoever follows an answer through the logs: the link itself is in none.
        bind_contextvars(invitation_id=invitation.pk)
        visit = Visit(invitation, token, _language(request, invitation), timezone.now())
        zone = zone_of(invitation.contact.time_zone)
        with translation.override(visit.language), timezone.override(zone):
            response = _known(view, request, visit, keys)
            response["Content-Language"] = visit.language
        return response

    return answer


@of_strangers
def lost_link(request: HttpRequest, link: str = "") -> HttpResponse:
    """What a mail program or a hand made of a link, where it is no link any more."""
    return _lost(request, link)


@by_link
@page_or_post
def survey(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The form; what is recorded, with ``done`` or once the week is closed; a POST records, or shows anew."""
    page = survey_page(visit.invitation)
    if request.method == "POST":
        return _show(request, visit, page) if "show" in request.POST else _record(request, visit, page)
    if page.current is not None and (visit.is_closed or "done" in request.GET):
        return _thanks(request, visit, page)
    letters = letters_of(request.GET, page.form)
    form = SurveyForm(page.form, language=visit.language, initial=said_before(page.current) | letters)
    return _form(request, visit, page, form)


@by_link
@require_POST
def survey_case(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """His word on a corrective action that we call corrected; said twice, it is heard once."""
    form = SolvedForm(request.POST)
    if not form.is_valid():
        page = survey_page(visit.invitation)
        empty = SurveyForm(page.form, language=visit.language, initial=said_before(page.current))
        return _form(request, visit, page, empty, refused={"pk": pk, "form": form}, status=422)
    say, comment = form.cleaned_data["answer"], form.cleaned_data["comment"]
    with transaction.atomic():
        case = asked_case(visit.invitation, pk)
        if case is not None:
            word = confirm_case if say == "yes" else reject_case
            word(case, invitation=visit.invitation, now=visit.now, comment=comment)
            rescore_soon([case.customer_id])
    return _redirect(visit.url(**_asked_from(request), said=pk))


def _show(request: HttpRequest, visit: Visit, page: SurveyPage) -> HttpResponse:
    """The form as it was filled in, in another language or with last week's letters; nothing is recorded."""
    typed = typed_in(request.POST, page.form)
    if request.POST["show"] == "same":
        typed |= _letters_before(page)
    return _form(request, visit, page, SurveyForm(page.form, language=visit.language, initial=typed))


def _record(request: HttpRequest, visit: Visit, page: SurveyPage) -> HttpResponse:
    form = SurveyForm(page.form, language=visit.language, data=request.POST)
    if not form.is_valid():
        return _form(request, visit, page, form, status=422)
    try:
        recorded = record_answer(
            token=visit.token,
            facts=form.facts(),
            idempotency_key=form.cleaned_data["key"],
            week=form.cleaned_data["week"],
            now=visit.now,
            fingerprint=_fingerprint(request),
        )
    except ValidationError as error:
        form.refuse(error)
        return _form(request, visit, page, form, status=422)
    if recorded.is_new:
        rescore_soon([visit.invitation.customer_id])
    return _redirect(visit.url(done=1))


def _form(
    request: HttpRequest,
    visit: Visit,
    page: SurveyPage,
    form: SurveyForm,
    *,
    refused: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    cases = {case.pk: case for case in own_cases(visit.invitation)}
    last = page.last.grades if page.last else {}
    rows = [
        (row, last.get(row.code), cases.get(last[row.code].case_id or 0) if row.code in last else None)
        for row in form.rows()
    ]
    context = _shared(request, visit, list(cases.values()), switch={}) | {
        "form": form,
        "rows": rows,
        "grades": [(grade.letter, grade.name_in(visit.language)) for grade in page.form.grades],
        "key": secrets.token_urlsafe(16),
        "comment": form["comment"].value() or "",
        "current": page.current,
        "last": page.last,
        "was_last_week": page.last is not None and visit.invitation.week_id - page.last.week == WEEK,
        "has_same": page.current is None and bool(_letters_before(page)),
        "refused": refused,
        "is_refused": status != 200,
    }
    return _page("form", context, status=status)


def _thanks(request: HttpRequest, visit: Visit, page: SurveyPage) -> HttpResponse:
    cases = list(own_cases(visit.invitation))
    said = page.current
    names = [(line.dimension.code, line.dimension.name_in(visit.language)) for line in page.form.dimensions]
    words = {grade.letter: grade.name_in(visit.language) for grade in page.form.grades}
    lines = [
        (name, said.grades.get(code), words.get(said.grades[code].letter) if code in said.grades else None)
        for code, name in names
        if said is not None and (code in said.grades or code in said.not_applicable)
    ]
    context = _shared(request, visit, cases, switch={"done": "1"}) | {
        "said": said,
        "lines": lines,
        "change_url": None if visit.is_closed else visit.url(),
    }
    return _page("thanks", context)


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
        "colleague": request.user if request.user.is_authenticated else None,
        "languages": [
            (code, name, SHORT_NAMES[code], f"{here}?{urlencode({**switch, 'lang': code})}")
            for code, name in settings.LANGUAGES
        ],
    }


def _asked_from(request: HttpRequest) -> dict[str, object]:
    """The query that leads back to the page where a question stands: to the thanks, or to the form."""
    return {"done": 1} if "done" in request.GET else {}


def _known(view: Answer, request: HttpRequest, visit: Visit, keys: dict[str, Any]) -> HttpResponse:
    if visit.now >= visit.invitation.expires_at:
        context = {"invitation": visit.invitation, "manager": visit.invitation.project.manager}
        return _page("expired", context, status=410)
    if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return _page("too_large", {"url": visit.url()}, status=413)
    request.upload_handlers = [NoFiles(request)]
    try:
        return view(request, visit, **keys)
    except RequestDataTooBig:
        return _page("too_large", {"url": visit.url()}, status=413)
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        return _page("unreadable", {"url": visit.url()}, status=400)


def _length(request: HttpRequest) -> int:
    """Of the body, in bytes. Django counts it only where it is no multipart, and reads nothing without."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _lost(request: HttpRequest, link: str) -> HttpResponse:
    token = token_in(link)
    url = reverse("survey", args=[token]) if token else request.path
    if request.method in {"GET", "HEAD"} and url != request.path:
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
    return _page("unknown", {}, status=404)


def _page(name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context["company"] = settings.COMPANY_NAME
    return HttpResponse(render_to_string(f"survey/{name}.html", context), status=status)


def _redirect(url: str) -> HttpResponse:
    """303: the browser asks for the page with a GET, so that a reload sends nothing again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def _language(request: HttpRequest, invitation: Invitation) -> str:
    """The one he asks for, else his own: not that of a colleague who looks over his shoulder."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else language_of(invitation.contact)


def _letters_before(page: SurveyPage) -> dict[str, str]:
    """Last week's letters, of the dimensions that are asked for now."""
    asked = {line.dimension.code for line in page.form.dimensions}
    grades = page.last.grades if page.last is not None else {}
    return {code: grade.letter for code, grade in grades.items() if code in asked}


def _fingerprint(request: HttpRequest) -> str:
    """Tells two browsers apart and says nothing about either; no network address."""
    browser = [request.headers.get("User-Agent", ""), request.headers.get("Accept-Language", "")]
    return salted_hmac("survey.fingerprint", "\n".join(browser), algorithm="sha256").hexdigest()
