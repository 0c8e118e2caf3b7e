"""The Outbox's questions whether a corrective action solved it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from crm.mail import folder
from crm.queries.outbox_questions import page_of_questions, visible_questions
from crm.views.request import UserRequest
from crm.views.writing import wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def outbox_questions(request: UserRequest) -> HttpResponse:
    access.require(access.may_see_outbox(request.user))
    now = timezone.now()
    page = page_of_questions(
        visible_questions(request.user),
        now=now,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {"page": page, "tab": "questions", "keeps_letters": folder.is_readable()}
    template = "outbox/_questions.html" if wants_fragment(request) else "outbox/questions.html"
    return render(request, template, context)
