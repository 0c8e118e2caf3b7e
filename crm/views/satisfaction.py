"""The weekly review: the board of a week on the screen and on paper, and the history of one project."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from accounts.projects.models import Project
from accounts.surveys.models import SurveyDimension
from accounts.surveys.queries.programmes import general_in
from accounts.surveys.queries.weeks import last_week_of
from accounts.surveys.weeks import is_ahead, monday_of
from crm.forms.satisfaction import NoteForm
from crm.queries.board_words import behind_cell, cases_of, lines_of
from crm.queries.boards import words_of
from crm.queries.project_history import ProjectHistory, assignable_cases, history_of_project
from crm.queries.respondents import unasked_of
from crm.views.board_wish import code_of, review_of, week_in, wish_of
from crm.views.request import UserRequest
from crm.views.writing import wants_fragment

_FORMS = (("mark", "review_mark"), ("unmark", "review_unmark"), ("remind", "invitation_remind"))


@require_safe
@vary_on_headers("HX-Request")
def satisfaction(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    wish = wish_of(request, now)
    if wants_fragment(request) and request.GET.get("seen") == wish.pulse.seen:
        return HttpResponse(status=204)
    placed, review = review_of(request, wish, now=now)
    context = {
        "wish": wish,
        "review": review,
        "page": review.page,
        "is_empty": not placed,
        "review_forms": [(name, reverse(address)) for name, address in _FORMS],
        **_programme_of(wish.week, now),
        "unasked": unasked_of(wish.projects, request.user, today=company_day(now)),
        "filters": wish.form(),
        "now": now,
    }
    template = "satisfaction/_board.html" if wants_fragment(request) else "satisfaction/board.html"
    return render(request, template, context)


@require_safe
def satisfaction_print(request: UserRequest) -> HttpResponse:
    """The whole board with every word of the week, for paper: what the workbook holds."""
    now = timezone.now()
    wish = wish_of(request, now)
    _placed, review = review_of(request, wish, now=now, is_whole=True)
    ids = [row.project.pk for row in review.page.rows]
    context = {
        "wish": wish,
        "review": review,
        "words": words_of(review, lines_of(ids, wish.week)),
        "cases": cases_of(ids, wish.week),
        **_programme_of(wish.week, now),
        "now": now,
    }
    return render(request, "satisfaction/print.html", context)


def _programme_of(week: dt.date, now: dt.datetime) -> dict[str, object]:
    """``threshold``: least response rate, 0..1; ``ahead``: the version whose letters are still to go out."""
    general = general_in(week)
    if general is None:
        return {"threshold": 0.0, "ahead": None}
    threshold = general.response_threshold_percent / 100
    return {"threshold": threshold, "ahead": general if is_ahead(general, week, now) else None}


@require_safe
@vary_on_headers("HX-Request")
def satisfaction_open(request: UserRequest) -> HttpResponse:
    """What a button of the board asks for: ?cell=12.3 what stands behind that cell of project 12 (12.0:
    behind its week), ?note=12 and ?assign=12 its page with that form."""
    cell, _dot, dimension = request.GET.get("cell", "").partition(".")
    do = "assign" if "assign" in request.GET else "note"
    graded = access.graded_projects(request.user).select_related("customer", "manager")
    found = access.get_or_404(graded, cell or request.GET.get(do))
    now = timezone.now()
    week = week_in(request) or last_week_of(found, now) or monday_of(company_day(now))
    if not cell:
        return _project_page(request, found, week, now=now, do=do)
    about = access.get_or_404(SurveyDimension.objects.all(), dimension) if dimension != "0" else None
    context = {
        "project": found,
        "behind": behind_cell(found, about, week),
        "label": about.name_in(get_language() or "en") if about else "",
        "may_change": access.changeable_projects(request.user).filter(pk=found.pk).exists(),
        "week": code_of(week),
        "now": now,
    }
    is_hint = wants_fragment(request)
    return render(request, "satisfaction/_behind.html" if is_hint else "satisfaction/behind.html", context)


@require_safe
def board_log(request: UserRequest) -> HttpResponse:
    """What a button of the board leads to: ?talk=12.3, the form about a talk with contact 3 about project 12
    (12.0: with anybody); it leads back to the row."""
    project, _dot, contact = request.GET.get("talk", "").partition(".")
    found = access.get_or_404(access.graded_projects(request.user), project)
    back = f"{request.GET.get('next', '')}#project-{found.pk}"
    wish: dict[str, str | int] = {"project": found.pk, "next": back}
    if contact != "0":
        people = access.visible_contacts(request.user).filter(customer=found.customer_id)
        wish["contact"] = access.get_or_404(people, contact).pk
    return redirect(f"{reverse('interaction_new', args=[found.customer_id])}?{urlencode(wish)}")


@require_safe
@vary_on_headers("HX-Request")
def project_satisfaction(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.graded_projects(request.user).select_related("customer", "manager"), pk)
    now = timezone.now()
    week = week_in(request) or last_week_of(found, now) or monday_of(company_day(now))
    return _project_page(request, found, week, now=now, do=request.GET.get("do", ""))


def _project_page(
    request: UserRequest, project: Project, week: dt.date, *, now: dt.datetime, do: str
) -> HttpResponse:
    history = history_of_project(project, week, language=get_language() or "en", now=now)
    return history_page(request, project, week, history, now=now, do=do)


def history_page(
    request: UserRequest,
    project: Project,
    week: dt.date,
    history: ProjectHistory,
    *,
    now: dt.datetime,
    do: str,
    form: NoteForm | None = None,
) -> HttpResponse:
    """The page of a project's history or what the panel shows of it; ``form``: a note that was refused."""
    may_change = access.changeable_projects(request.user).filter(pk=project.pk).exists()
    dimensions = list(zip(history.dimensions, history.labels, strict=True))
    context = {
        "project": project,
        "history": history,
        "week": code_of(week),
        "monday": week,
        "do": do,
        "may_change": may_change,
        "form": form or NoteForm(dimensions=dimensions, about=request.GET.get("about", "")),
        "assignable": assignable_cases(history.open_cases, request.user) if do == "assign" else (),
        "next": _next(request, project, week),
        "now": now,
    }
    template = "satisfaction/_history.html" if wants_fragment(request) else "satisfaction/project.html"
    return render(request, template, context, status=422 if form is not None else 200)


def _next(request: UserRequest, project: Project, week: dt.date) -> str:
    """Where a form of the panel leads back to: the page below it, at the row of the project."""
    below = request.htmx.current_url_abs_path if wants_fragment(request) else ""
    if below:
        return f"{below.partition('#')[0]}#project-{project.pk}"
    return address_of(project, week)


def address_of(project: Project, week: dt.date) -> str:
    return f"{reverse('project_satisfaction', args=[project.pk])}?week={code_of(week)}"
