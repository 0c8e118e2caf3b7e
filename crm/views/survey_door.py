"""Who comes with a link, and what every page behind one has in common: no log-in, no cookie, no trace.

The link is the secret. Mail scanners open it, follow what it shows and run what it loads, so every GET shows,
and the one script of these pages (static/src/survey.js) can send nothing: the policy lets it reach nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn
from urllib.parse import urlencode

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from structlog.contextvars import bind_contextvars

from accounts.contacts.models import Contact
from accounts.customers.services import company_day
from accounts.surveys.links import token_in
from accounts.surveys.models import Invitation
from accounts.surveys.queries import invitation_by_token
from accounts.surveys.weeks import zone_of
from accounts.users.models import User
from crm.mail.surveys import language_of
from crm.views.survey_limits import WINDOW_SECONDS, is_guessing, writes_too_often

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
}
STOP_PAGES = {
    "survey": "survey_stop",
    "survey_confirm": "survey_confirm_stop",
    "occasion_survey": "occasion_stop",
}
SHORT_NAMES = {"en": "EN", "zh-hans": "简", "zh-hant": "繁"}

View = Callable[..., HttpResponse]
Language = tuple[str, str, str, str]
"""Code, name, short name, and the address of the page in it."""


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

    @property
    def is_expired(self) -> bool:
        return self.now >= self.invitation.expires_at

    def url(self, **query: object) -> str:
        """The way back to this page; the language is in it where it is not his own."""
        return self._address(reverse("survey", args=[self.token]), query)

    def case_url(self, pk: int, **query: object) -> str:
        return self._address(reverse("survey_case", args=[self.token, pk]), query)

    def stop_url(self, **query: object) -> str:
        return self._address(reverse("survey_stop", args=[self.token]), query)

    def _address(self, path: str, query: dict[str, object]) -> str:
        return address(path, query, contact=self.invitation.contact, language=self.language)


class NoFiles(FileUploadHandler):
    """The form asks for no file, so none is kept: whoever has a link could fill the disk with them."""

    def new_file(self, *args: Any, **options: Any) -> NoReturn:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Not called: every file is skipped."""

    def file_complete(self, file_size: int) -> None:
        """Not called: every file is skipped."""


def of_strangers(view: View) -> View:
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
    open_to_all: View = login_not_required(csrf_exempt(untyped))
    return open_to_all


def by_link(view: View) -> View:
    """Give ``view`` the visit of a link that is known and not expired, in his language and time.

    Of who left the company the word is no longer his to give, also by a link that he was sent before.
    """

    @wraps(view)
    def answer(request: HttpRequest, visit: Visit, **keys: Any) -> HttpResponse:
        if has_left(visit.invitation.contact, visit.now):
            return left_page(visit.invitation.project.manager)
        if visit.is_expired:
            context = {"invitation": visit.invitation, "manager": visit.invitation.project.manager}
            return page("expired", context | {"visit": visit}, status=410)
        return view(request, visit, **keys)

    return by_any_link(answer)


def by_any_link(view: View) -> View:
    """The same of a link that may have expired: whoever wants no more letters says so from an old one.

    Rendering without a request keeps a colleague's session out of the page.
    """

    @of_strangers
    @wraps(view)
    def answer(request: HttpRequest, token: str, **keys: Any) -> HttpResponse:
        invitation = invitation_by_token(token)
        if invitation is None:
            return lost(request, token)
        # Which letter it was, for whoever follows an answer through the logs: the link itself is in none.
        bind_contextvars(invitation_id=invitation.pk)
        contact = invitation.contact
        visit = Visit(invitation, token, asked_language(request, contact), timezone.now())
        return in_his_words(
            contact,
            visit.language,
            lambda: guarded(
                request,
                lambda: view(request, visit, **keys),
                link=f"invitation:{invitation.pk}",
                back=visit.url(),
            ),
        )

    return answer


def in_his_words(contact: Contact, language: str, say: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of ``say`` in this language and in the contact's time."""
    with translation.override(language), timezone.override(zone_of(contact.time_zone)):
        response = say()
        response["Content-Language"] = language
    return response


def guarded(
    request: HttpRequest, answer: Callable[[], HttpResponse], *, link: str, back: str
) -> HttpResponse:
    """The answer, unless what was sent is too much, too often or unreadable. ``back``: the page's address."""
    if request.method == "POST" and writes_too_often(link):
        return _later(back)
    if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return page("too_large", {"url": back}, status=413)
    request.upload_handlers = [NoFiles(request)]
    try:
        return answer()
    except RequestDataTooBig:
        return page("too_large", {"url": back}, status=413)
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        return page("unreadable", {"url": back}, status=400)


def lost(request: HttpRequest, link: str, *, name: str = "survey") -> HttpResponse:
    """What a mail program or a hand made of a link; to the page ``name`` if the link is whole within it."""
    token = token_in(link)
    tail = link.rpartition(token)[2].strip("/") if token else ""
    if tail == "stop" and name in STOP_PAGES:
        name = STOP_PAGES[name]
    url = reverse(name, args=[token]) if token else ""
    is_mangled = token != link or not request.path.startswith(url)
    if token and is_mangled and request.method in {"GET", "HEAD"}:
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{url}?{query}" if query else url)
    return _later("") if is_guessing(request) else page("unknown", {}, status=404)


def page(name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context["company"] = settings.COMPANY_NAME
    return HttpResponse(render_to_string(f"survey/{name}.html", context), status=status)


def has_left(contact: Contact, now: dt.datetime) -> bool:
    return contact.left_on is not None and contact.left_on <= company_day(now)


def left_page(keeper: User | None) -> HttpResponse:
    """``keeper``: to whom one writes where that is wrong."""
    return page("left", {"keeper": keeper}, status=410)


def redirect(url: str) -> HttpResponse:
    """303: the browser asks for the page with a GET, so that a reload sends nothing again."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def address(path: str, query: dict[str, object], *, contact: Contact, language: str) -> str:
    own = contact.language == language
    words = urlencode(query if own else query | {"lang": language})
    return f"{path}?{words}" if words else path


def languages(path: str, query: dict[str, str]) -> list[Language]:
    """The page in each language; ``query`` is what a change of language keeps."""
    return [
        (code, str(name), SHORT_NAMES[code], f"{path}?{urlencode({**query, 'lang': code})}")
        for code, name in settings.LANGUAGES
    ]


def asked_language(request: HttpRequest, contact: Contact) -> str:
    """The one he asks for, else his own: not that of a colleague who looks over his shoulder."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else language_of(contact)


def colleague_of(request: HttpRequest) -> object | None:
    """One of ours who looks at a respondent's page, and is told so."""
    return request.user if request.user.is_authenticated else None


def _later(back: str) -> HttpResponse:
    response = page("too_often", {"url": back, "minutes": WINDOW_SECONDS // 60}, status=429)
    response["Retry-After"] = str(WINDOW_SECONDS)
    return response


def _length(request: HttpRequest) -> int:
    """Of the body, in bytes. Django counts it only where it is no multipart, and reads nothing without."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def fingerprint_of(request: HttpRequest) -> str:
    """Tells two browsers apart and says nothing about either; no network address."""
    browser = [request.headers.get("User-Agent", ""), request.headers.get("Accept-Language", "")]
    return salted_hmac("survey.fingerprint", "\n".join(browser), algorithm="sha256").hexdigest()
