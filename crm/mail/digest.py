"""The letter of the day: what needs somebody, in few lines. It says what Today says when it is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from crm.queries import today as queries
from crm.queries.today.actions import ActionItem

SHOWN = 3
SALT = "truenorth.digest"
WORDS: dict[str, str | Promise] = {
    "flag": _("Customers at risk"),
    "case": _("Low grades and corrective actions"),
    "meeting": _("Meetings today"),
    "follow_up": _("Follow-ups due"),
    "action": _("Actions due"),
    "voice": _("Customers who wait for an answer"),
    "need": _("Needs to decide and to deliver"),
    "contract": _("Contracts that end"),
    "rival": _("Competitors on the rise"),
    "grade": _("Warning grades this week"),
    "referral": _("Proposed colleagues"),
    "project": _("Projects without respondents"),
    "import": _("Failed imports"),
    "run": _("Failed recomputes"),
    "letter": _("Letters that did not arrive"),
    "ownerless": _("Customers without an owner"),
}


@dataclass(frozen=True)
class Part:
    """``lines``: the first of ``count``; ``more``: how many are not among them."""

    title: str
    count: int
    lines: tuple[str, ...]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True)
class Morning:
    """All that needs him, the worst first; ``count``: together."""

    parts: tuple[Part, ...]
    count: int


def morning_of(user: User, *, now: dt.datetime) -> Morning:
    """In the active language, as of his day in the active time zone."""
    found = queries.today_of(queries.scope_of(user, now=now, today=timezone.localtime(now).date()))
    page = settings.PUBLIC_URL + reverse("today")
    parts = tuple(
        Part(
            title=str(WORDS[section.code]),
            count=section.count,
            lines=tuple(_line(item) for item in section.items[:SHOWN]),
            url=f"{page}?only={section.code}",
        )
        for section in found.sections
    )
    return Morning(parts, found.count)


def stop_url(user: User) -> str:
    """Where one click ends these letters; it names nobody to who reads it."""
    token = signing.dumps(user.pk, salt=SALT)
    return settings.PUBLIC_URL + reverse("digest_stop", args=[token])


def user_of_stop(token: str) -> User | None:
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk).first()


def _line(item: object) -> str:
    """What one looks for it by: the customer or project, and what it is about."""
    case = getattr(item, "case", None)
    if case is not None:
        return f"{case.customer.short_name} · {case.project.name} · {getattr(item, 'dimension', '')}"
    names = ("customer", "title", "competitor", "project", "name", "file_name", "contact")
    words = [str(getattr(item, name)) for name in names if getattr(item, name, "")]
    reasons = [str(reason.label) for reason in getattr(item, "reasons", ())[:1]]
    about = [item.about[0]] if isinstance(item, ActionItem) and item.about else []
    return " · ".join([*words[:2], *about, *reasons]) or _t("Without a name")
