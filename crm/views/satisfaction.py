"""The weekly review: the board of a week, its export, and the history of one project."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import TextChoices
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from accounts.surveys.weeks import monday_of
from crm.forms.satisfaction import ReviewForm
from crm.queries import boards as queries
from crm.queries.boards import Order, Pulse, Review, ReviewRow, Whose
from crm.queries.respondents import unasked_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import wants_fragment

WEEK = dt.timedelta(days=7)
WEEK_CODE = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
C = TypeVar("C", bound=TextChoices)


@dataclass(frozen=True)
class Wish:
    """What the address asks for. ``previous`` and ``following``: weeks to go to, None at either end."""

    projects: list[int]
    whose: Whose
    order: Order
    has_own: bool
    pulse: Pulse
    previous: dt.date | None
    following: dt.date | None

    @property
    def week(self) -> dt.date:
        return self.pulse.week

    @property
    def was_asked(self) -> bool:
        return self.pulse.latest is not None

    @property
    def sunday(self) -> dt.date:
        return self.week + dt.timedelta(days=6)

    @property
    def code(self) -> str:
        return code_of(self.week)

    @property
    def number(self) -> int:
        return self.week.isocalendar().week

    @property
    def year(self) -> str:
        return str(self.week.isocalendar().year)

    @property
    def previous_code(self) -> str:
        return code_of(self.previous) if self.previous else ""

    @property
    def following_code(self) -> str:
        return code_of(self.following) if self.following else ""

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filters keep."""
        return [("week", self.code)]


@require_safe
@vary_on_headers("HX-Request")
def satisfaction(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    wish = _wish(request, now)
    if wants_fragment(request) and request.GET.get("seen") == wish.pulse.seen:
        return HttpResponse(status=204)
    review = _review(wish, now)
    cursors = {name: request.GET.get(name, "") for name in ("after", "before")}
    context = {
        "wish": wish,
        "review": review,
        "page": queries.page_of_rows(review.rows, **cursors),
        "unasked": unasked_of(wish.projects, request.user, today=company_day(now)),
        "filters": ReviewForm(whose=wish.whose, order=wish.order, has_own=wish.has_own),
        "now": now,
    }
    template = "satisfaction/_board.html" if wants_fragment(request) else "satisfaction/board.html"
    return render(request, template, context)


@require_safe
def satisfaction_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the board shows with this week, filter and order, to its end."""
    now = timezone.now()
    wish = _wish(request, now)
    name = f"satisfaction-{code_of(wish.week)}"
    return csv_answer(name, _export_rows(_review(wish, now), wish.week))


@require_safe
@vary_on_headers("HX-Request")
def project_satisfaction(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.graded_projects(request.user).select_related("customer", "manager"), pk)
    now = timezone.now()
    week = _week(request) or monday_of(company_day(now))
    history = queries.history_of_project(found, week, language=get_language(), now=now)
    context = {"project": found, "history": history, "now": now}
    template = "satisfaction/_history.html" if wants_fragment(request) else "satisfaction/project.html"
    return render(request, template, context)


def code_of(monday: dt.date) -> str:
    """The ISO week that begins on that Monday: 2026-W47."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def _wish(request: UserRequest, now: dt.datetime) -> Wish:
    choice = queries.choice_of(request.user)
    whose = _choice(request, "whose", Whose, Whose.MINE if choice.own else Whose.ALL)
    projects = choice.managed if whose == Whose.MINE else queries.all_projects(request.user)
    this_week = monday_of(company_day(now))
    pulse = queries.pulse_of(projects, _week(request), this_week=this_week, now=now)
    last = max(pulse.latest or this_week, this_week)
    if pulse.week > last:
        _no_week()
    return Wish(
        projects=projects,
        whose=whose,
        order=_choice(request, "sort", Order, Order.FALL),
        has_own=bool(choice.managed),
        pulse=pulse,
        previous=pulse.week - WEEK if pulse.first and pulse.week > pulse.first else None,
        following=pulse.week + WEEK if pulse.week < last else None,
    )


def _review(wish: Wish, now: dt.datetime) -> Review:
    return queries.review_of(wish.projects, wish.week, order=wish.order, language=get_language(), now=now)


def _week(request: UserRequest) -> dt.date | None:
    """The Monday of ?week=2026-W47; None without one. A week that the calendar lacks is no page."""
    text = request.GET.get("week")
    if not text:
        return None
    found = WEEK_CODE.fullmatch(text)
    try:
        return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else _no_week()
    except ValueError:
        return _no_week()


def _no_week() -> dt.date:
    raise Http404(_("There is no such week."))


def _choice(request: UserRequest, name: str, choices: type[C], default: C) -> C:
    wish = request.GET.get(name, "")
    return choices(wish) if wish in choices.values else default


def _export_rows(review: Review, week: dt.date) -> Iterator[Iterable[object]]:
    change = _("%(dimension)s: steps against last week")
    yield (
        _("Week"),
        _("Project"),
        _("Customer"),
        _("Project manager"),
        *(title for label in review.labels for title in (label, change % {"dimension": label})),
        _("Index"),
        _("Answered"),
        _("Invited"),
        _("Too few answers, for reference only"),
        _("No answer from"),
        _("Open corrective actions"),
        _("Comments"),
    )
    for row in review.rows:
        yield _export_row(row, week)


def _export_row(row: ReviewRow, week: dt.date) -> Iterable[object]:
    separator = pgettext("list", ", ")
    said = [
        f"{shown.label} {voice.grade.letter}, {voice.name}: {voice.grade.comment}"
        for shown in row.cells
        for voice in shown.voices
        if voice.grade.comment
    ]
    said += [f"{remark.name}: {remark.text}" for remark in row.remarks]
    return (
        code_of(week),
        row.project.name,
        row.project.customer,
        row.project.manager,
        *(value for shown in row.cells for value in (_letter(shown), shown.cell.change)),
        "" if row.week.index is None else round(row.week.index),
        row.week.answered,
        row.week.invited,
        _("yes") if row.week.is_too_few else "",
        separator.join(waiting.name for waiting in row.waiting),
        separator.join(shown.label for shown in row.cells if shown.cell.case),
        "\n".join(said),
    )


def _letter(shown: queries.ShownCell) -> str:
    if shown.cell.lowest is None:
        return ""
    late = pgettext("of an answer", " (late)") if shown.is_late else ""
    return f"{shown.cell.lowest.letter}{late}"
