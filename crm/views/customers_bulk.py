"""Many customers changed at once: chosen rows, or all that a list finds; with undo."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.keys import among
from accounts.lists import bulk
from accounts.lists.models import BulkChange, BulkKind
from crm import tasks
from crm.filters.customers import CustomerFilter
from crm.forms.customers_bulk import BulkForm
from crm.templatetags.formats import number
from crm.views.customers_list import MOST_QUERY, chosen_ids
from crm.views.request import UserRequest
from crm.views.writing import page_or_post, say_with_undo, wants_fragment
from scoring.services import rescore_soon


@page_or_post
def change(request: UserRequest) -> HttpResponse:
    """How many there are, and what to change of them."""
    asked = request.POST if request.method == "POST" else request.GET
    found = _found(request, asked)
    changeable = found.filter(pk__in=access.changeable_customers(request.user).values("pk"))
    form = BulkForm(request.POST if "kind" in request.POST else None, user=request.user)
    if form.is_valid():
        return _do(request, form, changeable, asked)
    count, allowed = found.order_by().count(), changeable.order_by().count()
    query = asked.get("list", "")[:MOST_QUERY]
    chosen = [("chosen", pk) for pk in chosen_ids(asked)]
    context = {
        "form": form,
        "count": count,
        "allowed": allowed,
        "left": count - allowed,
        "kept": [("list", query), ("all", asked.get("all", "")), *chosen],
        "back_url": _list_url(query),
    }
    status = 422 if form.is_bound else 200
    return render(request, "customers/change.html", context, status=status)


@require_safe
@vary_on_headers("HX-Request")
def bulk_change(request: UserRequest, pk: int) -> HttpResponse:
    """How far it is; when it is done, what was changed and the way back."""
    shown = access.get_or_404(access.visible_bulk_changes(request.user).select_related("undoes"), pk)
    context = {
        "change": shown,
        "can_undo": shown.is_over and shown.changed and not shown.undoes_id and not _is_undone(shown),
        "refresh_seconds": None if shown.is_over else 2,
    }
    template = "customers/_change.html" if wants_fragment(request) else "customers/changed.html"
    return render(request, template, context)


@require_POST
def undo(request: UserRequest, pk: int) -> HttpResponse:
    """Take a change back, of whom is still as it left him."""
    done = access.get_or_404(access.visible_bulk_changes(request.user), pk)
    taken_back = bulk.start_undo(done, author=request.user, now=timezone.now())
    if taken_back is None:
        messages.info(request, _("This change was taken back before."))
        return redirect("bulk_change", done.pk)
    return _run(request, taken_back, reverse("customers"))


def _do(
    request: UserRequest, form: BulkForm, changeable: QuerySet[Customer], asked: QueryDict
) -> HttpResponse:
    started = bulk.start_change(
        kind=BulkKind(form.cleaned_data["kind"]),
        value=form.value,
        customers=changeable,
        author=request.user,
        now=timezone.now(),
    )
    return _run(request, started, _list_url(asked.get("list", "")[:MOST_QUERY]))


def _run(request: UserRequest, started: BulkChange, next_url: str) -> HttpResponse:
    """At once where there are few, else by a worker; then its page shows how far it is."""
    if started.total > bulk.AT_ONCE:
        transaction.on_commit(lambda: tasks.change_customers.delay(started.pk))
        return redirect("bulk_change", started.pk)
    ids = bulk.run_change(started.pk, changeable=access.changeable_customers, now=timezone.now()) or []
    rescore_soon(ids)
    text = ngettext("%(count)s customer was changed.", "%(count)s customers were changed.", len(ids)) % {
        "count": number(len(ids))
    }
    if ids and started.undoes_id is None:
        url = reverse("bulk_change_undo", args=[started.pk])
        say_with_undo(request, text, url, {}, next_url=next_url)
    else:
        messages.success(request, text)
    return redirect(next_url)


def _found(request: UserRequest, asked: QueryDict) -> QuerySet[Customer]:
    """All that the list finds, or the chosen ones; only whom he sees."""
    visible = access.visible_customers(request.user)
    if asked.get("all"):
        return CustomerFilter(QueryDict(asked.get("list", "")[:MOST_QUERY]), queryset=visible).found
    return visible.filter(pk__in=among(chosen_ids(asked)))


def _list_url(query: str) -> str:
    return f"{reverse('customers')}?{query or 'all=1'}"


def _is_undone(change: BulkChange) -> bool:
    return BulkChange.objects.filter(undoes=change).exists()
