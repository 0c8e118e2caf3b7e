"""The weekly meeting: its list, its minutes, and the screen that shows one project at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts.actions.services import add_action
from accounts.customers.services import company_day
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.surveys import services
from accounts.surveys.models import ReviewMeeting
from accounts.surveys.services.meetings import require_open
from accounts.surveys.weeks import monday_of
from crm.forms.meetings import DecisionForm, MeetingActionForm, MinutesForm, OfMeeting
from crm.forms.satisfaction import NoteForm
from crm.queries import meetings as queries
from crm.queries.meetings import Minutes, Topic
from crm.views.board_wish import code_of, week_in, wish_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, workbook_answer
from crm.views.writing import back_or, demand, page_or_post, post_or_back
from scoring.services import rescore_soon


@require_safe
def meetings(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    context = {
        "meetings": queries.listed_meetings(request.user),
        "may_hold": access.may_hold_meetings(request.user),
        "week": wish_of(request, now).code,
    }
    return render(request, "meetings/list.html", context)


@post_or_back("meetings", is_list=True)
def meeting_start(request: UserRequest) -> HttpResponse:
    """The meeting about ``week``, his own; begun already, it is opened again where it was left."""
    access.require(access.may_hold_meetings(request.user))
    now = timezone.now()
    today = company_day(now)
    week = week_in(request) or monday_of(today)
    found = services.start_meeting(week=week, chair=request.user, held_on=today, now=now)
    return redirect(back_or(request, reverse("meeting", args=[found.pk])))


@page_or_post
def meeting(request: UserRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _meeting(request, pk))
    found, opened = _changeable(request, pk)
    form = MinutesForm(request.POST, meeting=found, people=queries.possible_attendees(found, request.user))
    if not form.is_valid() or not _saved(form, lambda: _save_minutes(found, form, opened=opened)):
        found = _meeting(request, pk)
        form.show_over(found)
        return _page(request, found, minutes=form)
    messages.success(request, _("Minutes saved."))
    return redirect("meeting", pk=found.pk)


@post_or_back("meeting")
def meeting_decide(request: UserRequest, pk: int) -> HttpResponse:
    found, _opened = _changeable(request, pk)
    form = DecisionForm(request.POST, **_choices(request, found))
    return _add(
        request,
        found,
        form,
        lambda data: services.add_decision(
            found,
            text=data["text"],
            decided_by=data["decided_by"],
            project=data["project"],
            now=timezone.now(),
            token=data["token"],
        ),
    )


@post_or_back("meeting")
def meeting_act(request: UserRequest, pk: int) -> HttpResponse:
    found, _opened = _changeable(request, pk)
    form = MeetingActionForm(request.POST, **_choices(request, found))
    return _add(request, found, form, lambda data: _act(request, found, data))


@post_or_back("meeting")
def meeting_close(request: UserRequest, pk: int) -> HttpResponse:
    found = _meeting(request, pk)
    demand(access.changeable_meetings(request.user), found)
    services.close_meeting(found, now=timezone.now())
    messages.success(request, _("The minutes are finished."))
    return redirect("meeting", pk=found.pk)


@post_or_back("meeting")
def meeting_reopen(request: UserRequest, pk: int) -> HttpResponse:
    found = _meeting(request, pk)
    demand(access.changeable_meetings(request.user), found)
    services.reopen_meeting(found)
    return redirect("meeting", pk=found.pk)


@require_safe
def meeting_mode(request: UserRequest, pk: int) -> HttpResponse:
    """The screen in the meeting: ?project=12, else the first of the agenda."""
    found = _meeting(request, pk)
    now, wanted = timezone.now(), request.GET.get("project", "")
    agenda = queries.agenda_of(found, request.user, now=now)
    topic = queries.topic_of(
        found,
        agenda,
        int(wanted) if wanted.isascii() and wanted.isdecimal() else None,
        request.user,
        language=get_language() or "en",
        now=now,
    )
    project = Project.objects.get(pk=topic.row.project.pk) if topic else None
    choices = _choices(request, found) | {"about": project}
    context = {
        "meeting": found,
        "topic": topic,
        "week": found.week_id,
        "may_write": _may_write(request, found),
        "decision": DecisionForm(**choices),
        "action": MeetingActionForm(**choices),
        "note": _note_form(topic) if topic and topic.row.project.may_change else None,
        "code": code_of(found.week_id),
        "here": request.get_full_path(),
        "now": now,
    }
    return render(request, "meetings/mode.html", context)


@require_safe
def meeting_xlsx(request: UserRequest, pk: int) -> HttpResponseBase:
    """The minutes as a workbook: what was decided, what is to be done, and who was there."""
    found = _meeting(request, pk)
    minutes = queries.minutes_of(found, request.user)
    sheets = (
        Sheet(_("Minutes"), _facts(found, minutes)),
        Sheet(_("Decisions"), _decisions(minutes)),
        Sheet(_("Actions"), _actions(minutes)),
    )
    return workbook_answer(f"meeting-{code_of(found.week_id)}", sheets)


def _meeting(request: UserRequest, pk: int) -> ReviewMeeting:
    return access.get_or_404(access.visible_meetings(request.user).select_related("chair", "week"), pk)


def _changeable(request: UserRequest, pk: int) -> tuple[ReviewMeeting, bool]:
    """For who may change it, and whether it was opened again for that: finished while he typed, the form that
    kept his words asks for it (``reopen``)."""
    found = _meeting(request, pk)
    demand(access.changeable_meetings(request.user), found)
    if "reopen" not in request.POST or found.closed_at is None:
        return found, False
    services.reopen_meeting(found)
    return _meeting(request, pk), True


def _may_write(request: UserRequest, found: ReviewMeeting) -> bool:
    mine = access.changeable_meetings(request.user).filter(pk=found.pk).exists()
    return mine and found.closed_at is None


def _choices(request: UserRequest, found: ReviewMeeting) -> dict[str, Any]:
    agenda = queries.agenda_of(found, request.user, now=timezone.now())
    return {
        "projects": queries.agenda_projects(agenda),
        "people": queries.possible_attendees(found, request.user),
        "user": request.user,
    }


def _page(
    request: UserRequest,
    found: ReviewMeeting,
    *,
    minutes: MinutesForm | None = None,
    refused: OfMeeting | None = None,
) -> HttpResponse:
    choices = _choices(request, found)
    changeable = access.changeable_meetings(request.user).filter(pk=found.pk)
    context = {
        "meeting": found,
        "code": code_of(found.week_id),
        "minutes": queries.minutes_of(found, request.user),
        "form": minutes or MinutesForm(meeting=found, people=choices["people"]),
        "decision": refused if isinstance(refused, DecisionForm) else DecisionForm(**choices),
        "action": refused if isinstance(refused, MeetingActionForm) else MeetingActionForm(**choices),
        "may_write": _may_write(request, found),
        "may_reopen": found.closed_at is not None and changeable.exists(),
        "here": reverse("meeting", args=[found.pk]),
        "now": timezone.now(),
    }
    return render(request, "meetings/minutes.html", context, status=422 if minutes or refused else 200)


def _add(
    request: UserRequest, found: ReviewMeeting, form: OfMeeting, write: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    if not form.is_valid() or not _saved(form, lambda: write(form.cleaned_data)):
        return _page(request, found, refused=form)
    return redirect(back_or(request, reverse("meeting", args=[found.pk])))


def _saved(form: forms.Form, write: Callable[[], object]) -> bool:
    """False when it was refused, and then the form says why. Saved before is saved."""
    try:
        write()
    except ValidationError as refusal:
        for field, errors in refusal.error_dict.items():
            form.add_error(field if field in form.fields and field != "version" else None, errors)
        return False
    except AlreadySavedError:
        pass
    return True


def _save_minutes(found: ReviewMeeting, form: MinutesForm, *, opened: bool) -> None:
    """Opening them again made another version of what he has read."""
    data = form.cleaned_data
    services.save_minutes(
        found,
        version=data["version"] + opened,
        notes=data["notes"].replace("\r\n", "\n"),
        held_on=data["held_on"],
        attendees=data["attendees"],
    )


def _act(request: UserRequest, found: ReviewMeeting, data: dict[str, Any]) -> None:
    require_open(found)
    added = add_action(
        title=data["title"],
        owner=data["owner"],
        author=request.user,
        due_on=data["due_on"],
        project=data["project"],
        meeting=found,
        token=data["token"],
        now=timezone.now(),
    )
    if added.customer_id is not None:
        rescore_soon([added.customer_id])


def _note_form(topic: Topic) -> NoteForm:
    """It stands folded on the screen: opened, it takes the focus."""
    form = NoteForm(dimensions=[(shown.dimension.pk, shown.label) for shown in topic.row.cells])
    del form.fields["text"].widget.attrs["autofocus"]
    return form


def _facts(found: ReviewMeeting, minutes: Minutes) -> Iterator[list[object]]:
    there = pgettext("list", ", ").join(each.user.name for each in minutes.attendees)
    finished: dt.datetime | None = found.closed_at
    yield [_("Week"), code_of(found.week_id)]
    yield [_("Held on"), found.held_on]
    yield [_("Chair"), found.chair.name]
    yield [_("Who was there"), there]
    yield [_("Finished"), finished]
    yield [_("Notes"), found.notes]


def _decisions(minutes: Minutes) -> Iterator[list[object]]:
    yield [_("Customer"), _("Project"), _("Decision"), _("Decided by")]
    for each in minutes.decisions:
        project = each.project
        about = [project.customer.short_name, project.name] if project else ["", _("In general")]
        yield [*about, each.text, each.decided_by.name]


def _actions(minutes: Minutes) -> Iterator[list[object]]:
    yield [_("Project"), _("What is to be done"), _("Who"), _("By"), _("Done"), _("From an earlier meeting")]
    for rows, earlier in ((minutes.actions, ""), (minutes.carried, _("yes"))):
        for row in rows:
            action = row.action
            if action is not None:
                project = action.project.name if action.project else ""
                yield [project, action.title, action.owner.name, action.due_on, action.done_at, earlier]
