"""Saved views of the list of customers: keep, name, share, change, delete with undo."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.lists import services
from accounts.lists.models import SavedView
from crm.forms.customers_saved import SavedViewForm
from crm.queries.customers_saved import normalised, views_of
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of

MOST_QUERY = 4_000


@require_safe
def saved_views(request: UserRequest) -> HttpResponse:
    return render(request, "customers/views.html", {"views": views_of(request.user)})


@page_or_post
def saved_view_new(request: UserRequest) -> HttpResponse:
    """Keep the list whose address came with the request."""
    wish = request.POST.get("query", request.GET.urlencode())[:MOST_QUERY]
    query = QueryDict(wish).dict()
    form = SavedViewForm.of(request.POST or None)
    if form.is_valid():
        columns = _columns(request, str(query.get("view", "")))
        shown = normalised({name: str(value) for name, value in query.items()}, columns=columns)
        try:
            view = services.save_view(request.user, shown=shown, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The view %(name)s is kept.") % {"name": view.name})
            return redirect(_address(view))
    context = {"form": form, "query": wish, "back_url": f"{reverse('customers')}?{wish or 'all=1'}"}
    return render(request, "customers/view_new.html", context, status=status_of(form))


@page_or_post
def saved_view(request: UserRequest, pk: int) -> HttpResponse:
    """Its name, who is offered it, and whether it opens first."""
    view = _to_change(request, pk)
    form = SavedViewForm.of(request.POST or None, view)
    if form.is_valid():
        try:
            services.change_view(view, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("saved_views")
    return render(request, "customers/view.html", {"view": view, "form": form}, status=status_of(form))


@require_POST
def saved_view_update(request: UserRequest, pk: int) -> HttpResponse:
    """Show what the list shows now under the same name."""
    view = _to_change(request, pk)
    query = QueryDict(request.POST.get("query", "")[:MOST_QUERY]).dict()
    shown = normalised(
        {name: str(value) for name, value in query.items()}, columns=views_of(request.user).columns
    )
    services.update_view(view, shown=shown)
    messages.success(request, _("The view %(name)s shows this list now.") % {"name": view.name})
    return redirect(_address(view))


@require_POST
def saved_view_delete(request: UserRequest, pk: int) -> HttpResponse:
    view = _to_change(request, pk)
    services.delete_view(view, now=timezone.now())
    here = back_or(request, reverse("saved_views"))
    say_with_undo(
        request,
        _("The view %(name)s is deleted.") % {"name": view.name},
        reverse("saved_view_restore", args=[view.pk]),
        {},
        next_url=here,
    )
    return redirect(here)


@require_POST
def saved_view_restore(request: UserRequest, pk: int) -> HttpResponse:
    view = access.get_or_404(access.changeable_views(request.user), pk)
    if view.deleted_at is not None:
        try:
            services.restore_view(view)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("It is back."))
    return redirect(back_or(request, reverse("saved_views")))


def _to_change(request: UserRequest, pk: int) -> SavedView:
    view = access.get_or_404(access.visible_views(request.user), pk)
    demand(access.changeable_views(request.user), view)
    return view


def _columns(request: UserRequest, opened: str) -> tuple[str, ...]:
    """Those of the view he looks at, else those he chose."""
    views = views_of(request.user)
    view = views.get(opened)
    return tuple(view.columns) if view and view.columns else views.columns


def _address(view: SavedView) -> str:
    return f"{reverse('customers')}?{urlencode({'view': view.pk})}"
