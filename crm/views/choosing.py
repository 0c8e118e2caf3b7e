"""Which customer is it about? Asked before the form of what was said, where the address does not say so."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access
from crm.queries import customers as queries
from crm.views.request import UserRequest

CHOICES_SHOWN = 20


@require_safe
def voice_choose(request: UserRequest) -> HttpResponse:
    return _choice(request, "voice_new", _("Note what was said"))


@require_safe
def need_choose(request: UserRequest) -> HttpResponse:
    return _choice(request, "need_new", _("Note a need"))


def _choice(request: UserRequest, target: str, title: str) -> HttpResponse:
    """The customers he may log for, as he types; each leads to its form, the address ``target``.

    With ``?customer=`` at once to the form of that one.
    """
    if known := request.GET.get("customer", ""):
        return redirect(target, access.get_customer_or_404(request.user, known).pk)
    loggable = access.loggable_customers(request.user)
    text = request.GET.get("q", "")[:200].strip()
    found = loggable.filter(queries.matching(text)).order_by("sort_key", "pk")[:CHOICES_SHOWN]
    context = {
        "q": text,
        "found": found,
        "target": target,
        "title": title,
        "question": _("Which customer is it about?"),
        "may_log": access.may_log(request.user),
        "may_add": access.may_add_customers(request.user),
    }
    return render(request, "interactions/quick_log.html", context)
