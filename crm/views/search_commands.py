"""What the palette can do besides finding: go to a page, add, log, change language or theme."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from accounts import access, names
from accounts.users.models import User
from crm.queries.search import Question
from crm.views.frame import navigation

MOST_MATCHING = 6


@dataclass(frozen=True)
class Command:
    """One of ``url`` (a page), ``language`` and ``theme`` (to switch to)."""

    label: str
    icon: str
    url: str = ""
    language: str = ""
    theme: str = ""


def commands_for(user: User) -> list[Command]:
    """What he may do, the most usual first."""
    found = []
    if access.may_log(user):
        found.append(Command(_("Log an interaction"), icon="pencil-plus", url=reverse("quick_log")))
    if access.may_add_customers(user):
        found.append(Command(_("Add a customer"), icon="plus", url=reverse("customer_new")))
    if access.may_log(user):
        found.append(Command(_("Note a need"), icon="plus", url=reverse("need_choose")))
    found.append(Command(_("Add an action"), icon="plus", url=reverse("action_new")))
    for section in navigation("", is_admin=user.is_admin):
        found += [Command(_go_to(item.label), icon=item.icon, url=item.url) for item in section.items]
    # Pages behind a tab or in the menu of the person, which the rail has no entry for.
    for label, icon, name in (
        (_("Opportunities"), "target-arrow", "opportunities"),
        (_("Needs on a board"), "bulb", "need_board"),
        (_("Demand over customers"), "bulb", "need_demand"),
        (_("Voice of the customer"), "ear", "voices"),
        (_("Saved views"), "building-factory-2", "saved_views"),
        (_("Reminders"), "bell", "reminders"),
    ):
        found.append(Command(_go_to(label), icon=icon, url=reverse(name)))
    found += [
        Command(_go_to(_("Notices")), icon="bell", url=reverse("notices")),
        Command(_go_to(_("Profile")), icon="user", url=reverse("profile")),
        Command(_("Light theme"), icon="sun", theme="light"),
        Command(_("Dark theme"), icon="moon", theme="dark"),
        Command(_("Theme like the system"), icon="device-desktop", theme="auto"),
    ]
    present = get_language()
    # Each in its own name: whoever looks for his language may not read this one.
    found += [
        Command(get_language_info(code)["name_local"], icon="language", language=code)
        for code, _name in settings.LANGUAGES
        if code != present
    ]
    return found


def matching_commands(question: Question, commands: list[Command]) -> list[Command]:
    """Those whose label has every word, or its pinyin or initials; a single letter finds none."""
    if len(question.squeezed) < 2 and not names.is_chinese(question.squeezed):
        return []
    found = [command for command in commands if _has_all(command.label, question)]
    return found[:MOST_MATCHING]


def _go_to(label: object) -> str:
    return _("Go to %(page)s") % {"page": label}


def _has_all(label: str, question: Question) -> bool:
    text = f" {names.search_text(label)}"
    if all((word if names.is_chinese(word) else f" {word}") in text for word in question.words):
        return True
    return len(question.squeezed) > 2 and question.squeezed in text
