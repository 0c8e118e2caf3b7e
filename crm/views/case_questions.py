"""The question whether it is solved: to somebody instead of who complained, and once more after a failure."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import access
from accounts.surveys import services
from accounts.surveys.models import ConfirmationRequest
from crm.forms.cases import AskInsteadForm
from crm.mail import delivery
from crm.views.cases import written
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, post_or_back


@post_or_back("case")
def case_ask_instead(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_case_or_404(request.user, pk)
    demand(access.workable_cases(request.user), found)
    now = timezone.now()
    form = AskInsteadForm(request.POST, case=found, now=now)
    return written(
        request,
        found,
        form,
        lambda: services.ask_instead(
            found,
            contact=form.cleaned_data["contact"],
            message=form.cleaned_data["comment"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=now,
            token=form.cleaned_data["token"],
        ),
        _("The question goes out within a minute."),
    )


@page_or_post
def case_question_again(request: UserRequest, pk: int, question: int) -> HttpResponse:
    """The letter that failed or came back goes out once more, with the same words."""
    found = access.get_case_or_404(request.user, pk)
    if request.method == "POST":
        demand(access.workable_cases(request.user), found)
        asked = access.get_or_404(ConfirmationRequest.objects.filter(case=found), question)
        if delivery.send_question_again(asked.pk, now=timezone.now()):
            messages.success(request, _("The question goes out within a minute."))
        else:
            messages.info(request, _("Nothing was sent: the letter has not failed, or its link has expired."))
    return redirect(back_or(request, reverse("case", args=[found.pk])))
