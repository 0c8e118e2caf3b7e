"""Search over everything: the page, and the palette that opens over any page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.users.models import User
from crm import recent
from crm.queries import search as queries
from crm.queries.search import Answer, Kind, Question, TooLongError
from crm.queries.search.answering import MOST
from crm.views.request import UserRequest
from crm.views.search_commands import commands_for, matching_commands

SHOWN_EACH = 5
PAGE_ROWS = 25
RECENT_SHOWN = 6


@dataclass(frozen=True)
class Asked:
    """What came with a request: a question, none, or a reason why there is none."""

    text: str
    question: Question | None
    fault: str = ""


@require_safe
@never_cache
def search(request: UserRequest) -> HttpResponse:
    """Everything that was found, a few of each kind; or page by page what was found of one kind."""
    asked = _asked(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    page = _page_number(request) if kind else 1
    answer = Answer([])
    if asked.question is not None:
        kinds = [kind] if kind else Kind.values
        limit = MOST if kind else SHOWN_EACH
        answer = _answer(request.user, asked.question, kinds=kinds, limit=limit)
    context = {
        "text": asked.text,
        "question": asked.question,
        "fault": asked.fault,
        "kind": kind,
        "kinds": Kind,
        "answer": answer,
        "longest": queries.MAX_CHARACTERS,
        "recent": [] if asked.question or asked.fault else _recent(request.user),
    }
    context |= _one_page(answer, page) if kind else {}
    return render(request, "search/page.html", context, status=422 if asked.fault else 200)


@require_safe
@never_cache
def palette(request: UserRequest) -> HttpResponse:
    """The options of the palette: what was typed finds, or what one opened lately and may do."""
    asked = _asked(request)
    commands = commands_for(request.user)
    context: dict[str, Any] = {"text": asked.text, "question": asked.question, "fault": asked.fault}
    if asked.question is None:
        context["recent"] = [] if asked.fault else _recent(request.user)
        context["commands"] = [] if asked.fault else commands
    else:
        answer = _answer(request.user, asked.question, kinds=Kind.values, limit=SHOWN_EACH)
        context["answer"] = answer
        context["commands"] = matching_commands(asked.question, commands)
        context["said"] = _said(len(answer.hits) + len(context["commands"]))
    return render(request, "search/_palette.html", context, status=422 if asked.fault else 200)


def _asked(request: UserRequest) -> Asked:
    text = request.GET.get("q", "")
    try:
        return Asked(text, queries.question_of(text))
    except TooLongError as error:
        fault = _("This is too long to be searched for; type at most %(most)s characters.")
        return Asked(str(error), None, fault % {"most": queries.MAX_CHARACTERS})


def _answer(user: User, question: Question, *, kinds: list[str], limit: int) -> Answer:
    opened = [pk for kind, pk in recent.opened_lately(user.pk) if kind == Kind.CUSTOMER]
    return queries.answer_to(question, user=user, recent=opened, kinds=kinds, limit=limit)


def _recent(user: User) -> list[queries.Hit]:
    return queries.recent_hits(recent.opened_lately(user.pk), user=user)[:RECENT_SHOWN]


def _said(count: int) -> str:
    if not count:
        return _("Nothing found")
    return ngettext("%(count)s result", "%(count)s results", count) % {"count": count}


def _page_number(request: UserRequest) -> int:
    wish = request.GET.get("page", "")
    return int(wish) if wish.isdecimal() and len(wish) < 4 and int(wish) else 1


def _one_page(answer: Answer, page: int) -> dict[str, Any]:
    """The hits of a page of one kind, and the numbers of the pages beside it."""
    hits = answer.hits
    page = min(page, max(1, -(-len(hits) // PAGE_ROWS)))
    start = (page - 1) * PAGE_ROWS
    return {
        "hits": hits[start : start + PAGE_ROWS],
        "first": start + 1,
        "last": min(start + PAGE_ROWS, len(hits)),
        "previous_page": page - 1,
        "next_page": page + 1 if start + PAGE_ROWS < len(hits) else 0,
        "is_cut": len(hits) >= MOST,
    }
