"""The weekly review: the board of a week, its export, and the history of one project."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet, TextChoices
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
from accounts.projects.models import Project
from accounts.surveys.weeks import monday_of
from crm.forms.satisfaction import ReviewForm
from crm.queries import boards as queries
from crm.queries.boards import Order, Review, ReviewRow, Whose
from crm.queries.respondents import unasked_projects
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import wants_fragment

WEEK = dt.timedelta(days=7)
WEEK_CODE = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
# Drawing a row takes 4 ms; more than this is read in the export, which has them all.
MOST_ROWS = 100
MOST_UNASKED = 20
C = TypeVar("C", bound=TextChoices)


@dataclass(frozen=True)
class Wish:
    """What the address asks for. ``previous`` and ``following``: weeks to go to, None at either end."""

    projects: QuerySet[Project]
    whose: Whose
    order: Order
    has_own: bool
    week: dt.date
    previous: dt.date | None
    following: dt.date | None
    was_asked: bool
    has_projects: bool

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
    seen = queries.fingerprint(wish.projects, wish.week, now=now)
    if wants_fragment(request) and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    review = _review(wish, now)
    unasked = unasked_projects(wish.projects, today=company_day(now))
    shown = list(unasked.select_related("customer", "manager")[:MOST_UNASKED])
    may_name = access.changeable_projects(request.user).filter(pk__in=[project.pk for project in shown])
    context = {
        "wish": wish,
        "review": review,
        "rows": review.rows[:MOST_ROWS],
        "unasked": shown,
        "unasked_count": unasked.filter(is_paused=False).count(),
        "unasked_all": unasked.count(),
        "may_name": set(may_name.values_list("pk", flat=True)),
        "filters": ReviewForm(whose=wish.whose, order=wish.order, has_own=wish.has_own),
        "seen": seen,
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
    managed = queries.managed_projects(request.user)
    has_own = managed.exists()
    manages = managed.filter(manager=request.user).exists()
    whose = _choice(request, "whose", Whose, Whose.MINE if manages else Whose.ALL)
    projects = managed if whose == Whose.MINE else access.graded_projects(request.user)
    span = queries.span_of(projects)
    this_week = monday_of(company_day(now))
    last = max(span.latest or this_week, this_week)
    week = _week(request) or span.latest or this_week
    if week > last:
        _no_week()
    return Wish(
        projects=projects,
        whose=whose,
        order=_choice(request, "sort", Order, Order.FALL),
        has_own=has_own,
        week=week,
        previous=week - WEEK if span.first and week > span.first else None,
        following=week + WEEK if week < last else None,
        was_asked=span.latest is not None,
        has_projects=span.latest is not None or projects.exists(),
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
        row.project.customer.short_name,
        row.project.manager.name,
        *(value for shown in row.cells for value in (_letter(shown), shown.cell.change)),
        "" if row.week.index is None else round(row.week.index),
        row.week.answered,
        row.week.invited,
        _("yes") if row.week.is_too_few else "",
        separator.join(silent.contact.name for silent in row.row.silent),
        separator.join(shown.label for shown in row.cells if shown.cell.case),
        "\n".join(said),
    )


def _letter(shown: queries.ShownCell) -> str:
    if shown.cell.lowest is None:
        return ""
    late = pgettext("of an answer", " (late)") if shown.is_late else ""
    return f"{shown.cell.lowest.letter}{late}"
