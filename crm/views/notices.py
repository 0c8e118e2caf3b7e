"""Notices: what others did that a person must learn. Reading the page changes nothing; opening one does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.notices import services
from accounts.notices.models import Notice
from crm.queries import notices as queries
from crm.telling import words_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, post_or_back, wants_fragment

LARGEST_ID = 2**63 - 1


@require_safe
@vary_on_headers("HX-Request")
def notices(request: UserRequest) -> HttpResponse:
    page = queries.page_of_notices(
        request.user, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    names = queries.names_behind(request.user, page.rows)
    context = {
        "page": page,
        "rows": [(notice, words_of(notice, names)) for notice in page.rows],
        "unread": queries.unread_count(request.user),
        "latest": page.rows[0].pk if page.rows else 0,
        "now": timezone.now(),
    }
    return render(
        request, "notices/_list.html" if wants_fragment(request) else "notices/notices.html", context
    )


@post_or_back("notices", is_list=True)
def notice_open(request: UserRequest, pk: int) -> HttpResponse:
    """It is read now, and leads to what it is about; back to the list when that is gone."""
    notice: Notice = access.get_or_404(access.visible_notices(request.user), pk)
    services.read_notice(notice, now=timezone.now())
    told = words_of(notice, queries.names_behind(request.user, [notice]))
    return redirect(told.url or "notices")


@post_or_back("notices", is_list=True)
def notices_read(request: UserRequest) -> HttpResponse:
    """All up to the latest that the page showed: what came in since stays unread."""
    shown = request.POST.get("up_to", "")
    up_to = min(int(shown), LARGEST_ID) if shown.isascii() and shown.isdigit() else 0
    count = services.mark_read(request.user, now=timezone.now(), up_to=up_to)
    text = ngettext("%(count)s notice is read.", "%(count)s notices are read.", count) % {"count": count}
    messages.success(request, text)
    return redirect(back_or(request, reverse("notices")))
