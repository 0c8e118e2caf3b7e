"""Interactions over all customers somebody sees, as a list and as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.interactions.models import Interaction
from crm.forms.interactions_list import InteractionListForm
from crm.queries import interactions_list as queries
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer
from crm.views.writing import wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def interactions(request: UserRequest) -> HttpResponse:
    form = InteractionListForm(request.GET)
    context = {
        "page": queries.page_of(
            _found(request, form),
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "filters": form,
        "is_filtered": form.is_filtered,
        "may_log": access.may_log(request.user),
        "keeps_costs": access.may_keep_costs(request.user),
    }
    template = "interactions/_table.html" if wants_fragment(request) else "interactions/list.html"
    return render(request, template, context)


@require_safe
def interactions_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the list shows with this filter, to its end."""
    found = _found(request, InteractionListForm(request.GET))
    return csv_answer("interactions", _export_rows(queries.all_of(found)))


@require_safe
def interactions_xlsx(request: UserRequest) -> HttpResponse:
    """The same as a workbook."""
    found = _found(request, InteractionListForm(request.GET))
    rows = list(_export_rows(queries.all_of(found)))
    return workbook_answer("interactions", [Sheet(_("Interactions"), rows)])


def _found(request: UserRequest, form: InteractionListForm) -> QuerySet[Interaction]:
    """Nothing where a wish is none that there is: without it this would be another list."""
    visible = access.visible_interactions(request.user)
    if not form.is_valid():
        return visible.none()
    return queries.narrowed(visible, form.cleaned_data, zone=timezone.get_current_timezone())


def _export_rows(found: Iterable[Interaction]) -> Iterator[list[object]]:
    yield [
        _("Start"),
        _("Customer"),
        _("Kind"),
        _("Direction"),
        _("Minutes"),
        _("People of the customer"),
        _("Sentiment"),
        _("Summary"),
        _("Project"),
        _("Follow-up by"),
        _("Follow-up by whom"),
        _("Follow-up done"),
        _("Logged by"),
    ]
    for row in found:
        people = [person.contact.name for person in getattr(row, "people", ())]
        done = row.follow_up_done_at
        yield [
            f"{timezone.localtime(row.started_at):%Y-%m-%d %H:%M}",
            row.customer.short_name,
            row.get_kind_display(),
            row.get_direction_display(),
            row.minutes,
            pgettext("list", ", ").join(people),
            row.get_sentiment_display() if row.sentiment is not None else "",
            row.summary,
            str(row.project) if row.project else "",
            row.follow_up_on.isoformat() if row.follow_up_on else "",
            str(row.follow_up_by) if row.follow_up_by else "",
            timezone.localtime(done).date().isoformat() if done else "",
            str(row.author),
        ]
