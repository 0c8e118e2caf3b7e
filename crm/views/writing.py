"""What views that write have in common: the answer to who may not, and to what was typed wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from crm.views.request import UserRequest

M = TypeVar("M", bound=Model)
V = TypeVar("V", bound=Callable[..., HttpResponse])

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
    request: UserRequest,
    text: str,
    url: str,
    fields: dict[str, str],
    *,
    next_url: str,
    open_url: str = "",
    kept: str = "",
) -> None:
    """A message with a form in it: undoing is a write, so it is a POST and not a link.

    ``open_url``: what was written; ``kept``: what the browser no longer needs to keep (`data-kept`).
    """
    context = {
        "open_url": open_url,
        "kept": kept,
        "text": text,
        "url": url,
        "fields": fields,
        "next": next_url,
        "csrf_token": get_token(request),
    }
    messages.success(request, render_to_string("components/_undo.html", context))


def post_or_back(name: str, *, is_list: bool = False) -> Callable[[V], V]:
    """Only a POST writes; who opens the address itself, by Back or a kept tab after a refused form, is led to
    the page ``name`` of the same object, or to a list."""

    def given(view: V) -> V:
        @wraps(view)
        def answer(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            return redirect(name) if is_list else redirect(name, *args, **kwargs)

        return cast(V, page_or_post(answer))

    return given


def back_or(request: UserRequest, default_url: str) -> str:
    """The page of ours that the form names in ``next``, to redirect to; else ``default_url``."""
    wish = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wish if is_ours else default_url
