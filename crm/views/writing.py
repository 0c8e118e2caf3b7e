"""What views that write have in common: the answer to who may not, and to what was typed wrong."""

from __future__ import annotations

from typing import TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from crm.views.request import UserRequest

M = TypeVar("M", bound=Model)

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def demand(allowed: QuerySet[M], record: M) -> None:
    """``record`` is visible to him: whether he may also change it is no secret, so 403."""
    if not allowed.filter(pk=record.pk).exists():
        raise PermissionDenied


def status_of(form: forms.BaseForm) -> int:
    return 422 if form.is_bound else 200


def wants_fragment(request: UserRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def say_with_undo(
    request: UserRequest, text: str, url: str, fields: dict[str, str], *, next_url: str
) -> None:
    """A message with a form in it: undoing is a write, so it is a POST and not a link."""
    context = {
        "text": text,
        "url": url,
        "fields": fields,
        "next": next_url,
        "csrf_token": get_token(request),
    }
    messages.success(request, render_to_string("components/_undo.html", context))


def back_or(request: UserRequest, default_url: str) -> str:
    """The page of ours that the form names in ``next``, to redirect to; else ``default_url``."""
    wish = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wish if is_ours else default_url
