"""What came of a survey, of the customers that the reader sees."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.services import company_day
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries.results import Results, results_of, scope_of
from accounts.occasions.queries.words import words_in
from accounts.surveys.models import SurveyProgramme
from crm.forms.occasions_results import ResultsForm
from crm.queries import occasions_results as queries
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, workbook_answer
from crm.views.writing import wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def survey_results(request: UserRequest, pk: int) -> HttpResponse:
    programme = access.get_or_404(access.visible_surveys(request.user), pk)
    form, scope = _narrowed(request, programme)
    results = results_of(programme, scope)
    context = {
        "programme": programme,
        "filters": form,
        "results": results,
        "grades": queries.grade_lines(results),
        "choices": queries.choice_lines(results),
        "numbers": queries.number_lines(results),
        "words": words_in(scope),
        "query": request.GET.urlencode(),
        "may_manage": access.may_manage_surveys(request.user),
    }
    template = "occasions/_results.html" if wants_fragment(request) else "occasions/results.html"
    return render(request, template, context)


@require_safe
def survey_results_xlsx(request: UserRequest, pk: int) -> HttpResponse:
    """The answers that count on the page with this filter, and how they are spread."""
    programme = access.get_or_404(access.visible_surveys(request.user), pk)
    _form, scope = _narrowed(request, programme)
    results = results_of(programme, scope)
    sheets = [
        Sheet(_("Answers"), queries.answer_rows(results, scope)),
        Sheet(_("Spread"), _spread(results)),
    ]
    return workbook_answer(f"survey-{programme.pk}", sheets)


def _narrowed(
    request: UserRequest, programme: SurveyProgramme
) -> tuple[ResultsForm, QuerySet[OccasionInvitation]]:
    visible = access.visible_occasion_invitations(request.user)
    now = timezone.now()
    asked = queries.customers_asked(programme, visible)
    form = ResultsForm(request.GET, customers=asked, today=company_day(now))
    return form, scope_of(programme, visible, form.chosen, now=now)


def _spread(results: Results) -> Iterator[list[object]]:
    yield [_("Question"), _("Answer"), _("Count"), _("Of"), _("Mean points")]
    for line in (*queries.grade_lines(results), *queries.choice_lines(results)):
        for each in line.counts:
            name = f"{each.letter} {each.name}" if each.letter else each.name
            yield [line.name, name, each.count, line.n, line.mean]
    for name, number in queries.number_lines(results):
        yield [name, _("Median"), number.median, number.n, None]
