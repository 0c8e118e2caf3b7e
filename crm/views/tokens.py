"""Everybody's own page of API tokens. Only the hash of a token is kept, so it is shown once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from knox.models import get_token_model

from accounts import access
from crm.views.request import UserRequest

MAX_TOKENS = 20
"""Knox looks at all tokens of a person at every request."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: UserRequest) -> HttpResponse:
    """The list; a POST makes a token and shows it with this one answer."""
    own = get_token_model().objects.filter(user=request.user)
    new_token, status = "", 200
    if request.method == "POST" and own.count() >= MAX_TOKENS:
        messages.error(request, _("Revoke a token before you make another one."))
        status = 422
    elif request.method == "POST":
        _row, new_token = get_token_model().objects.create(user=request.user)
    context = {"tokens": own.order_by("-created"), "new_token": new_token, "now": timezone.now()}
    return render(request, "tokens/tokens.html", context, status=status)


@require_POST
def revoke(request: UserRequest, key: str) -> HttpResponse:
    token = access.get_or_404(get_token_model().objects.filter(user=request.user), key, field="token_key")
    token.delete()
    messages.success(request, _("The token no longer works."))
    return redirect("tokens")
