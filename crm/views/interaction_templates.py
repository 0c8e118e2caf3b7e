"""The templates of interactions: an admin says with which headings the text of each kind begins."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts.interactions import templates as services
from accounts.interactions.models import KindTemplate
from crm.forms.interaction_templates import TemplateForm
from crm.queries import interaction_templates as queries
from crm.views.request import UserRequest
from crm.views.writing import page_or_post, post_or_back, say_with_undo, status_of


@require_safe
def templates(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_templates(request.user))
    context = {"templates": queries.all_templates(), "may_add": bool(queries.kinds_without())}
    return render(request, "interactions/templates.html", context)


@page_or_post
def template_new(request: UserRequest) -> HttpResponse:
    access.require(access.may_keep_templates(request.user))
    return _form(request, None)


@page_or_post
def template(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_or_404(access.manageable_templates(request.user).filter(deleted_at=None), pk)
    return _form(request, found)


def _form(request: UserRequest, stored: KindTemplate | None) -> HttpResponse:
    form = TemplateForm(request.POST or None, stored=stored)
    if form.is_valid():
        saved = form.save(
            lambda: services.save_template(form.facts(), stored=stored, version=form.expected_version)
        )
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect("interaction_templates")
    context = {"form": form, "template": stored}
    return render(request, "interactions/template.html", context, status=status_of(form))


@post_or_back("interaction_templates", is_list=True)
def template_delete(request: UserRequest, pk: int) -> HttpResponse:
    """Offered no more; ``undo`` takes that back."""
    found = access.get_or_404(access.manageable_templates(request.user), pk)
    if "undo" in request.POST:
        _restore(request, found)
    elif services.delete_template(found, now=timezone.now()):
        undo = reverse("interaction_template_delete", args=[pk])
        text = _("The template is deleted.")
        say_with_undo(request, text, undo, {"undo": "1"}, next_url=reverse("interaction_templates"))
    return redirect("interaction_templates")


def _restore(request: UserRequest, found: KindTemplate) -> None:
    try:
        services.restore_template(found)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, _("It is back."))
