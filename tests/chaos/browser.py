"""A person's browser over real HTTP: cookies, forms, and a button that is pressed again when nothing came."""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from urllib.parse import urlencode

TIMEOUT = 30.0
LOGIN = "/accounts/login/"


class Outcome(StrEnum):
    """What a person knows: it is done, it was refused, or nothing came back."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class LostError(Exception):
    """No answer came: whether the request was done is unknown."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str = ""
    body: str = ""

    @property
    def is_done(self) -> bool:
        return self.status in (302, 303) and not self.location.startswith(LOGIN)


@dataclass(frozen=True)
class Request:
    """One request and its status, 0 where no answer came. ``began`` and ``ended``: monotonic seconds."""

    method: str
    path: str
    status: int
    began: float
    ended: float


@dataclass
class Traffic:
    """Every request of everybody; lists grow by appending, which threads may do at once."""

    requests: list[Request] = field(default_factory=list)


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page with what a browser would send of them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            self.forms.append(Form(values.get("action", "")))
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if tag == "input" and name and values.get("type") not in ("submit", "file"):
            if values.get("type") not in ("checkbox", "radio") or "checked" in values:
                fields[name] = values.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in values or self._select not in fields):
            fields[self._select] = values.get("value", "")
        elif tag == "textarea":
            self._area = name
            fields[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data


def forms_in(html: str) -> list[Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


@dataclass
class Browser:
    """``email``: who logs in; a respondent has none."""

    port: int
    traffic: Traffic
    email: str = ""
    password: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """The page, after logging in where that was asked for. Raises LostError."""
        answer = self._ask("GET", path)
        if answer.location.startswith(LOGIN) and self.log_in():
            answer = self._ask("GET", path)
        return answer

    def post(self, path: str, fields: dict[str, str], *, file: tuple[str, bytes] | None = None) -> Answer:
        """Sent once more when the log-in was lost: it has not been done then. Raises LostError."""
        if self.email and not self.cookies:
            self.log_in()
        answer = self._ask("POST", path, fields, file)
        if answer.location.startswith(LOGIN) and self.log_in():
            answer = self._ask("POST", path, fields, file)
        return answer

    def press(self, send: Callable[[], Answer], *, tries: int, pause: float = 0.7) -> tuple[Outcome, Answer]:
        """Send, and again while nothing certain comes back, as somebody does who wants it done."""
        answer = Answer(0)
        for attempt in range(tries):
            if attempt:
                time.sleep(pause * min(attempt, 4))
            try:
                answer = send()
            except LostError:
                continue
            if answer.is_done:
                return Outcome.CONFIRMED, answer
            if 400 <= answer.status < 500:
                return Outcome.REFUSED, answer
        return Outcome.UNKNOWN, answer

    def log_in(self) -> bool:
        """Raises LostError."""
        if not self.email:
            return False
        self.cookies = {}
        self._ask("GET", LOGIN)
        return self._ask("POST", LOGIN, {"login": self.email, "password": self.password}).is_done

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Answer:
        body, headers = _encoded(fields, file)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        began, status = time.monotonic(), 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers)
            received = connection.getresponse()
            text = received.read().decode(errors="replace")
            status = received.status
            self._keep_cookies(received)
        except (OSError, http.client.HTTPException) as error:
            raise LostError(str(error)) from error
        finally:
            connection.close()
            self.traffic.requests.append(Request(method, path, status, began, time.monotonic()))
        return Answer(status, received.headers.get("Location", ""), text)

    def _keep_cookies(self, received: http.client.HTTPResponse) -> None:
        for line in received.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value


def _encoded(
    fields: dict[str, str] | None, file: tuple[str, bytes] | None
) -> tuple[bytes | None, dict[str, str]]:
    if fields is None:
        return None, {}
    if file is None:
        return urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    border = uuid.uuid4().hex
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
    parts += [head.encode(), file[1], f"\r\n--{border}--\r\n".encode()]
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={border}"}
