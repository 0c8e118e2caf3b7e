"""Corrective actions: the list, the page of one, and what people do with it.

Nobody of ours can close one, so no address does: a respondent who complained does, through his link.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.facts import AlreadySavedError
from accounts.surveys import services
from accounts.surveys.models import CaseEvent, CorrectiveAction
from crm.filters.cases import CaseFilter
from crm.forms.cases import (
    AcknowledgeForm,
    AssignForm,
    CaseCommentForm,
    CaseForm,
    CaseListForm,
    PlanForm,
    StepForm,
    forms_of,
)
from crm.queries import cases as queries
from crm.queries.case_work import work_of
from crm.queries.keyset import Page
from crm.views.request import UserRequest
from crm.views.spreadsheet import csv_answer
from crm.views.writing import back_or, demand, post_or_back, wants_fragment

MOST_TYPED = 200
LOG_TARGET = "log"


@require_safe
@vary_on_headers("HX-Request")
def cases(request: UserRequest) -> HttpResponse:
    visible = access.visible_cases(request.user)
    now = timezone.now()
    wanted = CaseFilter(request.GET, visible, user=request.user, now=now)
    page = queries.page_of_cases(
        wanted.found, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    form = CaseListForm(request.GET)
    workable = access.acknowledgeable_cases(request.user).filter(pk__in=[row.pk for row in page.rows])
    seen = access.visible_customers(request.user).filter(pk__in=[row.customer_id for row in page.rows])
    context = {
        "page": page,
        "filters": form,
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "kept": [("customer", request.GET["customer"])] if request.GET.get("customer") else [],
        "workable": set(workable.values_list("pk", flat=True)),
        "seen": set(seen.values_list("pk", flat=True)),
        "now": now,
    }
    template = "cases/_table.html" if wants_fragment(request) else "cases/list.html"
    return render(request, template, context)


@require_safe
def cases_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter, to its end."""
    visible = access.visible_cases(request.user)
    now = timezone.now()
    found = CaseFilter(request.GET, visible, user=request.user, now=now).found
    return csv_answer("corrective-actions", _export_rows(queries.all_cases(found), now))


def _export_rows(found: Iterable[queries.ListedCase], now: dt.datetime) -> Iterator[Iterable[object]]:
    yield (
        pgettext("corrective action", "Number"),
        _("Customer"),
        _("Project"),
        _("Dimension"),
        _("Grade"),
        _("Lowest grade"),
        _("State"),
        _("Until"),
        _("Overdue"),
        _("Owner"),
        pgettext("date", "Opened"),
        _("Closed"),
        _("Times opened again"),
    )
    language = get_language() or "en"
    for case in found:
        clock = queries.clock_of(case, now)
        yield (
            case.number,
            case.customer.short_name,
            case.project.name,
            case.dimension.name_in(language),
            case.letter,
            case.lowest,
            case.get_state_display(),
            clock.until,
            _("yes") if clock.is_overdue else "",
            str(case.owner),
            case.opened_at,
            case.closed_at,
            case.times_reopened,
        )


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def case(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    if request.htmx and request.htmx.target == LOG_TARGET:
        sees_customer = access.visible_customers(request.user).filter(pk=found.customer_id).exists()
        context = {"log": _log(request, found), "sees_customer": sees_customer, "now": timezone.now()}
        return render(request, "cases/_log.html", context)
    return page_of_case(request, found)


@post_or_back("case")
def case_acknowledge(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.acknowledgeable_cases(request.user), found)
    form = AcknowledgeForm(request.POST)
    return written(
        request,
        found,
        form,
        lambda: services.acknowledge_case(
            found, by=request.user, now=timezone.now(), comment=form.cleaned_data["comment"]
        ),
        _("Acknowledged."),
    )


@post_or_back("case")
def case_plan(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    now = timezone.now()
    form = PlanForm(request.POST, now=now)
    return written(
        request,
        found,
        form,
        lambda: services.plan_case(
            found,
            by=request.user,
            plan=form.cleaned_data["comment"],
            solve_by=form.cleaned_data["solve_by"],
            instead_of=form.cleaned_data["instead_of"],
            now=now,
            token=form.cleaned_data["token"],
        ),
        _("The plan is saved."),
    )


@post_or_back("case")
def case_advance(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    form = StepForm(request.POST)
    return written(
        request,
        found,
        form,
        lambda: services.advance_case(
            found,
            to=form.cleaned_data["to"],
            by=request.user,
            comment=form.cleaned_data["comment"],
            now=timezone.now(),
            token=form.cleaned_data["token"],
        ),
        _("The step is saved."),
    )


@post_or_back("case")
def case_comment(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.commentable_cases(request.user), found)
    form = CaseCommentForm(request.POST)
    return written(
        request,
        found,
        form,
        lambda: services.comment_case(
            found,
            by=request.user,
            comment=form.cleaned_data["comment"],
            now=timezone.now(),
            token=form.cleaned_data["token"],
        ),
        _("The comment is saved."),
    )


@post_or_back("case")
def case_assign(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    form = AssignForm(request.POST, case=found)
    return written(
        request,
        found,
        form,
        lambda: services.assign_case(
            found,
            owner=form.cleaned_data["owner"],
            by=request.user,
            now=timezone.now(),
            comment=form.cleaned_data["comment"],
        ),
        _("Assigned."),
    )


def written(
    request: UserRequest,
    found: CorrectiveAction,
    form: CaseForm,
    write: Callable[[], object],
    done: str,
) -> HttpResponse:
    """Back to where it was asked for; with errors the page of the case, with everything that was typed."""
    if form.is_valid():
        try:
            if form.save(write) is not None:
                messages.success(request, done)
                return redirect(back_or(request, reverse("case", args=[found.pk])))
        except AlreadySavedError:
            messages.info(request, _("This is already saved."))
            return redirect(back_or(request, reverse("case", args=[found.pk])))
    return page_of_case(request, access.get_case_or_404(request.user, found.pk), refused=form)


def page_of_case(
    request: UserRequest, found: CorrectiveAction, *, refused: CaseForm | None = None
) -> HttpResponse:
    now = timezone.now()
    record = queries.record_of(found, request.user)
    talk = request.GET.get("talk", "")[:MOST_TYPED].replace("\0", "")
    context: dict[str, object] = {
        "case": found,
        "record": record,
        "sees_customer": record.sees_customer,
        "work": work_of(found, request.user, now=now, talk=talk),
        "talk": talk,
        "may_log": access.loggable_customers(request.user).filter(pk=found.customer_id).exists(),
        "today": timezone.localtime(now).date(),
        "log": _log(request, found),
        "now": now,
    }
    if access.workable_cases(request.user).filter(pk=found.pk).exists():
        wish, step = request.GET.get("do", ""), request.GET.get("step", "")
        forms = forms_of(found, now=now, wish=wish, step=step, refused=refused)
        context |= {"forms": forms, "comment": forms.comment, "may_acknowledge": True}
    elif access.commentable_cases(request.user).filter(pk=found.pk).exists():
        is_comment = isinstance(refused, CaseCommentForm)
        context |= {"comment": refused if is_comment else CaseCommentForm(), "may_acknowledge": True}
    answer = render(request, "cases/case.html", context, status=200 if refused is None else 422)
    if refused is not None and request.htmx:
        # A button elsewhere asked for it: the answer is a page of its own and no part of that one.
        answer["HX-Retarget"] = answer["HX-Reselect"] = "#main"
        answer["HX-Reswap"] = "outerHTML show:window:top"
        answer["HX-Push-Url"] = reverse("case", args=[found.pk])
    return answer


def _log(request: UserRequest, found: CorrectiveAction) -> Page[CaseEvent]:
    return queries.log_of(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
