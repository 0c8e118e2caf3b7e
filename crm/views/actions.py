"""Actions: what is to be done by when, by whom; ticked off, dropped, and brought back."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.actions import services
from accounts.actions.models import Action
from accounts.facts import AlreadySavedError
from accounts.surveys.models import CorrectiveAction
from crm.forms.actions import ActionForm
from crm.queries import actions as queries
from crm.queries.actions import Whose
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of, wants_fragment


@require_safe
@vary_on_headers("HX-Request")
def actions(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    today = timezone.localtime(now).date()
    wish = request.GET.get("whose", "")
    whose = Whose(wish) if wish in {*Whose} else Whose.MINE
    context = {
        "actions": queries.actions_of(request.user, whose, today=today, now=now),
        "whose": whose,
        "leads": access.people_of(request.user).count() > 1,
        "here": request.get_full_path(),
        "today": today,
        "now": now,
    }
    template = "actions/_list.html" if wants_fragment(request) else "actions/list.html"
    return render(request, template, context)


@page_or_post
def action_new(request: UserRequest) -> HttpResponse:
    """About a customer (``?customer=``), or out of a corrective action (``?case=``)."""
    case = access.get_case_or_404(request.user, request.GET["case"]) if request.GET.get("case") else None
    if case is not None:
        demand(access.commentable_cases(request.user), case)
    form = ActionForm(
        request.POST or None,
        user=request.user,
        initial=_start(request, case),
        with_about=case is None,
    )
    default = reverse("case", args=[case.pk]) if case else reverse("actions")
    if form.is_valid() and _added(request, form, case, timezone.now()):
        return redirect(back_or(request, default))
    context = {"form": form, "case": case, "cancel_url": default}
    return render(request, "actions/form.html", context, status=status_of(form))


def _start(request: UserRequest, case: CorrectiveAction | None) -> dict[str, object]:
    """Whoever does not work on a case himself has something for its owner to do."""
    if case is None:
        return {"customer": request.GET.get("customer", "")}
    works = access.workable_cases(request.user).filter(pk=case.pk).exists()
    return {} if works else {"owner": case.owner_id}


def _added(request: UserRequest, form: ActionForm, case: CorrectiveAction | None, now: dt.datetime) -> bool:
    """Whether it is saved now, by this request or by the same form before."""
    token = form.cleaned_data["token"]
    try:
        added = form.save(
            lambda: services.add_action(**form.facts(), case=case, author=request.user, now=now, token=token)
        )
    except AlreadySavedError:
        messages.info(request, _("This is already saved."))
        return True
    if added is not None:
        messages.success(request, _("The action is saved."))
    return added is not None


@page_or_post
def action(request: UserRequest, pk: int) -> HttpResponse:
    """What it is about, and its form for whoever may change it."""
    found = access.get_action_or_404(request.user, pk)
    may_change = access.changeable_actions(request.user).filter(pk=found.pk).exists()
    if request.method == "POST":
        demand(access.changeable_actions(request.user), found)
    form = ActionForm(request.POST or None, user=request.user, stored=found, with_about=found.case_id is None)
    now = timezone.now()
    if form.is_valid() and may_change:
        changed = form.save(
            lambda: services.change_action(
                found, version=form.expected_version, by=request.user, now=now, **form.facts()
            )
        )
        if changed is not None:
            messages.success(request, _("Saved."))
            return redirect(back_or(request, reverse("actions")))
    context = {
        "action": found,
        "form": form if may_change else None,
        "sees_case": access.visible_cases(request.user).filter(actions=found).exists(),
        "sees_customer": access.visible_customers(request.user).filter(actions=found).exists(),
        "today": timezone.localtime(now).date(),
        "now": now,
    }
    return render(request, "actions/action.html", context, status=status_of(form))


@require_POST
def action_done(request: UserRequest, pk: int) -> HttpResponse:
    """With ``undo`` it is to be done again."""
    found = access.get_action_or_404(request.user, pk)
    demand(access.changeable_actions(request.user), found)
    if "undo" in request.POST:
        return _reopened(request, found)
    if services.finish_action(found, by=request.user, now=timezone.now()):
        _say(request, _("Done."), "action_done", found)
    else:
        messages.info(request, _("There is nothing left to do here."))
    return redirect(back_or(request, reverse("actions")))


@require_POST
def action_drop(request: UserRequest, pk: int) -> HttpResponse:
    """It is no longer wanted; with ``undo`` it is."""
    found = access.get_action_or_404(request.user, pk)
    demand(access.changeable_actions(request.user), found)
    if "undo" in request.POST:
        return _reopened(request, found)
    if services.drop_action(found, now=timezone.now()):
        _say(request, _("Dropped."), "action_drop", found)
    else:
        messages.info(request, _("There is nothing left to do here."))
    return redirect(back_or(request, reverse("actions")))


def _reopened(request: UserRequest, found: Action) -> HttpResponse:
    services.reopen_action(found)
    messages.success(request, _("It is to be done again."))
    return redirect(back_or(request, reverse("actions")))


def _say(request: UserRequest, text: str, name: str, found: Action) -> None:
    next_url = back_or(request, reverse("actions"))
    say_with_undo(request, text, reverse(name, args=[found.pk]), {"undo": "1"}, next_url=next_url)
