"""What every page shows around its content, and the gallery of its components."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import access
from accounts.users.models import User
from crm.queries.notices import unread_count
from crm.views import gallery_samples

THEMES = ("light", "dark", "auto")
BOTTOM = ("today", "customers", "satisfaction", "cases")
MOST_NOTICES = 99


@dataclass(frozen=True)
class Entry:
    """A place of the product, shown once its address exists; `for_admins` hides it from all others."""

    url_name: str
    label: str | Promise
    icon: str
    for_admins: bool = False
    short_label: str | Promise = ""
    """Where a phone has room for one word."""


@dataclass(frozen=True)
class NavigationItem:
    url: str
    label: str | Promise
    icon: str
    is_active: bool
    is_at_the_bottom: bool = False
    short_label: str | Promise = ""


@dataclass(frozen=True)
class NavigationSection:
    label: str | Promise
    items: tuple[NavigationItem, ...]


SECTIONS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("today", _("Today"), icon="sunrise"),
            Entry("customers", _("Customers"), icon="building-factory-2"),
            Entry("interactions", _("Interactions"), icon="message-2"),
            Entry("projects", _("Projects"), icon="briefcase"),
            Entry("satisfaction", _("Satisfaction"), icon="mood-smile"),
            Entry(
                "cases",
                _("Corrective actions"),
                icon="urgent",
                short_label=pgettext_lazy("corrective actions, in one word", "Corrections"),
            ),
            Entry("listening", _("Listening"), icon="ear"),
            Entry("actions", _("Actions"), icon="checklist"),
        ),
    ),
    (
        _("Insight"),
        (
            Entry("portfolio", _("Portfolio"), icon="chart-pie"),
            Entry("surveys", _("Surveys"), icon="clipboard-list"),
            Entry("needs", _("Needs"), icon="bulb"),
            Entry("contracts", _("Contracts"), icon="file-text"),
            Entry("playbooks", _("Playbooks"), icon="book"),
            Entry("reports", _("Reports"), icon="report"),
        ),
    ),
    (
        pgettext_lazy("navigation", "Admin"),
        (
            Entry("imports", _("Imports"), icon="file-import", for_admins=True),
            Entry("costs", _("Cost activities"), icon="coins", for_admins=True),
            Entry("programme", _("Survey programme"), icon="adjustments", for_admins=True),
            Entry("custom_fields", _("Custom fields"), icon="forms", for_admins=True),
            Entry("interaction_templates", _("Templates"), icon="template", for_admins=True),
            Entry("outbox", _("Outbox"), icon="mail-forward", for_admins=True),
            Entry("jobs", _("Jobs"), icon="activity", for_admins=True),
            Entry("status", _("Status"), icon="heartbeat", for_admins=True),
            Entry("users", _("Users"), icon="users", for_admins=True),
            Entry("policy", _("Scoring policy"), icon="scale", for_admins=True),
        ),
    ),
)


def address(url_name: str) -> str | None:
    """The path of a named page, or None while there is no such page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _items(entries: tuple[Entry, ...], path: str, is_admin: bool) -> Iterator[NavigationItem]:
    for entry in entries:
        url = address(entry.url_name)
        if url is None or (entry.for_admins and not is_admin):
            continue
        is_active = path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
        yield NavigationItem(
            url=url,
            label=entry.label,
            icon=entry.icon,
            is_active=is_active,
            is_at_the_bottom=entry.url_name in BOTTOM,
            short_label=entry.short_label or entry.label,
        )


def navigation(path: str, *, is_admin: bool) -> tuple[NavigationSection, ...]:
    """The rail's sections for somebody who stands at `path`; a section without entries is left out."""
    sections = (
        NavigationSection(label, tuple(_items(entries, path, is_admin))) for label, entries in SECTIONS
    )
    return tuple(section for section in sections if section.items)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html. Error pages may come before the request has a user."""
    theme = request.COOKIES.get("theme", "auto")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else "auto"}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return context
    sections = navigation(request.path, is_admin=user.is_admin)
    items = [item for section in sections for item in section.items]
    return context | {
        "navigation": sections,
        "bottom_navigation": [item for item in items if item.is_at_the_bottom],
        "search_url": address("search"),
        "quick_log_url": address("quick_log") if access.may_log(user) else None,
        "notices_url": address("notices"),
        # Counted once, and only where the bell is shown: a fragment has none.
        "notice_count": cache(partial(_notice_count, user)),
    }


def _notice_count(user: User) -> str:
    """Of unread ones, in the few characters that the bell has room for; empty for none."""
    count = unread_count(user)
    return f"{MOST_NOTICES}+" if count > MOST_NOTICES else str(count or "")


@require_safe
@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with sample rows, in development only: to look at and to measure contrast on."""
    if not settings.DEBUG:
        raise Http404
    samples = gallery_samples.context(timezone.now())
    if "explain" in request.GET:
        return render(request, "components/_contribution_bars.html", samples)
    sections = tuple(
        NavigationSection(
            label,
            tuple(
                NavigationItem(request.path, entry.label, entry.icon, entry.url_name == "customers")
                for entry in entries
            ),
        )
        for label, entries in SECTIONS
    )
    context = samples | {
        "user": gallery_samples.PERSON,
        "navigation": sections,
        "bottom_navigation": sections[0].items[: len(BOTTOM)],
        "search_url": request.path,
        "quick_log_url": request.path,
        "notices_url": request.path,
        "notice_count": 3,
    }
    return render(request, "components/gallery.html", context)
