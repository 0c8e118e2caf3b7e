"""What somebody says about a project's week: reviewed, or not yet, and notes for ourselves."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.surveys.models import SurveyDimension
from accounts.surveys.services import add_note, mark_reviewed, remind_now, unmark_reviewed
from crm.forms.satisfaction import NoteForm
from crm.queries.project_history import history_of_project
from crm.views.board_wish import code_of, no_week, week_in
from crm.views.request import UserRequest
from crm.views.satisfaction import address_of, history_page
from crm.views.writing import back_or, demand, post_or_back


@require_POST
def review_mark(request: UserRequest) -> HttpResponse:
    """``project`` and ``week`` come with the button of its row."""
    found = _project(request)
    demand(access.changeable_projects(request.user), found)
    week = _week(request)
    mark_reviewed(found, week, by=request.user, now=timezone.now())
    return redirect(_board(request, week))


@require_POST
def invitation_remind(request: UserRequest) -> HttpResponse:
    """The week's one reminder to somebody silent goes out now; who had it gets no second one."""
    related = access.visible_invitations(request.user).select_related("contact", "project")
    found = access.get_or_404(related, request.POST.get("invitation"))
    demand(access.changeable_projects(request.user), found.project)
    if remind_now(found, now=timezone.now()):
        messages.success(request, _("%(name)s gets the reminder now.") % {"name": found.contact.name})
    else:
        messages.info(
            request, _("%(name)s has had the reminder of this week.") % {"name": found.contact.name}
        )
    return redirect(_board(request, found.week_id))


@require_POST
def review_unmark(request: UserRequest) -> HttpResponse:
    found = _project(request)
    demand(access.changeable_projects(request.user), found)
    week = _week(request)
    unmark_reviewed(found, week)
    return redirect(_board(request, week))


@post_or_back("project_satisfaction")
def review_note(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.graded_projects(request.user).select_related("customer", "manager"), pk)
    demand(access.changeable_projects(request.user), found)
    now, week = timezone.now(), _week(request)
    history = history_of_project(found, week, language=get_language() or "en", now=now)
    dimensions = list(zip(history.dimensions, history.labels, strict=True))
    form = NoteForm(request.POST, dimensions=dimensions)
    if not form.is_valid() or not _save(form, found, week, request, now):
        return history_page(request, found, week, history, now=now, do="note", form=form)
    return redirect(back_or(request, address_of(found, week)))


def _save(form: NoteForm, project: Project, week: dt.date, request: UserRequest, now: dt.datetime) -> bool:
    about = form.cleaned_data["dimension"]
    dimension = SurveyDimension.objects.get(pk=about) if about else None
    try:
        add_note(
            project,
            week,
            text=form.cleaned_data["text"],
            dimension=dimension,
            by=request.user,
            now=now,
            token=form.cleaned_data["token"],
        )
    except ValidationError as refusal:
        form.add_error("text", refusal.messages)
        return False
    except AlreadySavedError:
        pass
    messages.success(request, _("Noted."))
    return True


def _project(request: UserRequest) -> Project:
    return access.get_or_404(access.graded_projects(request.user), request.POST.get("project"))


def _week(request: UserRequest) -> dt.date:
    return week_in(request) or no_week()


def _board(request: UserRequest, week: dt.date) -> str:
    return back_or(request, f"{reverse('satisfaction')}?week={code_of(week)}")
