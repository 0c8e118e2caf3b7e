"""A respondent's link as he has it: opened, read and sent back over HTTP, at the real time."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.contacts.models import Contact
from accounts.surveys.models import Invitation
from accounts.surveys.services import issue_token
from tests.accounts.surveys.office import DAY, DUE, WEEK, Office, office_of
from tests.conftest import World

NEXT = WEEK + 7 * DAY


def invited(world: World) -> Office:
    """Chen and Li are asked about the week, and may answer now."""
    office = office_of(world)
    office.invite()
    keep_open()
    return office


def keep_open(
    *, closes_in: dt.timedelta = DAY, expires_in: dt.timedelta = 15 * DAY, week: dt.date = WEEK
) -> None:
    """Move the ends of the week's invitations to where they are open, late or expired at the real time."""
    now = timezone.now()
    Invitation.objects.filter(week=week).update(closes_at=now + closes_in, expires_at=now + expires_in)


def link_of(office: Office, contact: Contact, week: dt.date = WEEK) -> str:
    """A new link of his."""
    invitation = Invitation.objects.get(project=office.project, contact=contact, week=week)
    invitation.expires_at = DUE + (week - WEEK) + DAY  # issued in its time, whatever became of it since
    return f"/s/{issue_token(invitation, now=DUE + (week - WEEK))}"


@dataclass
class SentForm:
    """A form of a page with what a browser would send of it."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def fill(self, **fields: str) -> dict[str, list[str]]:
        return self.fields | {name: [value] for name, value in fields.items()}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[SentForm] = []
        self.links: list[str] = []
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(SentForm(values["action"]))
        elif tag == "a":
            self.links.append(values["href"])
        elif tag == "input" and (values["type"] == "hidden" or "checked" in values):
            self.forms[-1].fields.setdefault(values["name"], []).append(values["value"])
        elif tag == "textarea":
            self._textarea, self._text = values["name"], ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            # A browser drops the first new line of a textarea.
            self.forms[-1].fields[self._textarea] = [self._text.removeprefix("\n")]
            self._textarea = None


def parsed(html: str) -> _Forms:
    parser = _Forms()
    parser.feed(html)
    return parser


def grades_form(html: str) -> SentForm:
    return next(form for form in parsed(html).forms if "key" in form.fields)


def send(client: Client, url: str, **grades: str) -> int:
    """Open the link, fill in and send; the status of the answer. ``comment_x`` is the comment beside x."""
    form = grades_form(client.get(url).content.decode())
    names = {name: name.replace("comment_", "comment.") for name in grades}
    body = form.fill(**{names[name]: value for name, value in grades.items()})
    return client.post(form.action, body).status_code


def everything() -> str:
    """One hash over every row of every table but sessions."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name != "django_session"]
        digest = hashlib.sha256()
        for name in sorted(tables):
            cursor.execute(
                f"select count(*), md5(string_agg(t::text, '' order by t::text)) from \"{name}\" t"
            )
            digest.update(repr((name, cursor.fetchone())).encode())
    return digest.hexdigest()
