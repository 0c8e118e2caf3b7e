"""Behind "No more letters" in the letter that asks whether something is solved, and the way back.

Opening it changes nothing. The one POST without a page before it is that of RFC 8058.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.surveys.services import resume_questions, stop_questions
from crm.queries.survey import is_out
from crm.views.survey_confirm import Question, by_question
from crm.views.survey_door import colleague_of, languages, page, redirect
from crm.views.survey_stop import ONE_CLICK
from crm.views.writing import page_or_post
from scoring.services import rescore_soon

WISHES = {"stop": stop_questions, "resume": resume_questions}


@by_question
@page_or_post
def survey_confirm_stop(request: HttpRequest, question: Question) -> HttpResponse:
    asked, done = question.request, request.GET.get("done", "")
    field, value = ONE_CLICK
    is_one_click = request.POST.get(field) == value
    wish = "stop" if is_one_click else request.POST.get("wish", "")
    if wish in WISHES:
        WISHES[wish](asked, now=question.now)
        rescore_soon([asked.customer_id])
        if is_one_click:  # in plain text, since a program reads it
            return HttpResponse(_("You get no more letters."), content_type="text/plain; charset=utf-8")
        return redirect(question.stop_url(done=wish))
    here = reverse("survey_confirm_stop", args=[question.token])
    context = {
        "question": question,
        "asked": asked,
        "project": asked.case.project,
        "is_out": is_out(asked),
        "done": done in WISHES,
        "colleague": colleague_of(request),
        "languages": languages(here, {"done": done} if done in WISHES else {}),
        # What the switch of languages asks a page for.
        "visit": question,
    }
    return page("confirm_stop", context, status=422 if request.method == "POST" else 200)
