"""Actions: what is to be done by when, by whom; ticked off, dropped, and brought back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.actions import services
from accounts.actions.models import Action
from accounts.customers.models import Customer
from accounts.facts import AlreadySavedError
from accounts.interactions.models import Interaction
from accounts.needs.models import Need
from accounts.snoozes.services import end_snoozes, snooze_each
from accounts.surveys.models import CorrectiveAction
from crm.forms.actions import ActionForm, ActionListForm, AssignForm, DropForm
from crm.forms.playbooks import StartForm
from crm.queries import actions as queries
from crm.queries.actions import Whose
from crm.queries.appointments import coming_of
from crm.queries.playbooks import runs_of
from crm.queries.standing import standing_of
from crm.templatetags.formats import in_words
from crm.views.request import UserRequest
from crm.views.today import day_of, offers_on
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of, wants_fragment
from scoring.services import rescore_soon


@require_safe
@vary_on_headers("HX-Request")
def actions(request: UserRequest) -> HttpResponse:
    now = timezone.now()
    chosen = request.GET.get("whose", "")
    whose = Whose(chosen) if chosen in {*Whose} else Whose.MINE
    form = ActionListForm(request.GET)
    context = _list_of(request, form.wish(whose), now) | {
        "form": form,
        "hidden": [("whose", whose)],
        "whose": whose,
        "leads": access.people_of(request.user).count() > 1,
        "coming": coming_of(request.user, now=now) if whose == Whose.MINE else [],
    }
    template = "actions/_list.html" if wants_fragment(request) else "actions/list.html"
    return render(request, template, context)


@require_safe
@vary_on_headers("HX-Request")
def customer_actions(request: UserRequest, pk: int) -> HttpResponse:
    """What is to be done for a customer, and the playbooks that brought it."""
    customer = access.get_customer_or_404(request.user, pk)
    now = timezone.now()
    context = _list_of(request, queries.Wish(whose=Whose.ALL, customer=customer), now) | {
        "customer": customer,
        "is_of_customer": True,
    }
    if wants_fragment(request):
        return render(request, "actions/_list.html", context)
    may_change = access.changeable_customers(request.user).filter(pk=customer.pk).exists()
    context |= {
        "coming": coming_of(request.user, now=now, customer=customer),
        "may_plan": access.loggable_customers(request.user).filter(pk=customer.pk).exists(),
        "runs": runs_of(customer),
        "start_form": StartForm(customer=customer) if may_change else None,
        "standing": standing_of(customer, request.user, now=now),
        "tab": "actions",
        "base_currency": settings.BASE_CURRENCY,
    }
    return render(request, "customers/actions.html", context)


def _list_of(request: UserRequest, wish: queries.Wish, now: dt.datetime) -> dict[str, Any]:
    today = timezone.localtime(now).date()
    return {
        "actions": queries.actions_of(request.user, wish, today=today, now=now),
        "assign_form": AssignForm(user=request.user),
        "here": request.get_full_path(),
        "offers": offers_on(today),
        "today": today,
        "now": now,
    }


@require_POST
def actions_change(request: UserRequest) -> HttpResponse:
    """Chosen ones (``pick``) are done, put off or given to somebody. ``do``: done, undone, awake, assign, or
    later and until when; with one id behind it that one alone."""
    word, _space, rest = request.POST.get("do", "").partition(" ")
    wish, _space, alone = rest.partition(" ")
    found = _picked(request, alone)
    act = _ACTS.get(word)
    if act is None:
        raise Http404
    act(request, found, wish)
    return redirect(back_or(request, reverse("actions")))


def _picked(request: UserRequest, alone: str) -> list[Action]:
    """Those that he sees; one that he does not see is a 404, as it is by itself."""
    typed = [alone] if alone else " ".join(request.POST.getlist("pick")).split()
    if not typed:
        return []
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in typed):
        raise Http404
    ids = {int(each) for each in typed}
    found = list(access.visible_actions(request.user).filter(pk__in=ids).order_by("pk"))
    access.require(len(found) == len(ids))
    return found


def _changeable(request: UserRequest, found: list[Action]) -> list[int]:
    ids = [each.pk for each in found]
    if access.changeable_actions(request.user).filter(pk__in=ids).count() < len(ids):
        raise PermissionDenied
    return ids


def _finish(request: UserRequest, found: list[Action], _wish: str) -> None:
    ids = _changeable(request, found)
    done = services.finish_actions(ids, by=request.user, now=timezone.now())
    _rescore(found)
    if not done:
        messages.info(request, _("There is nothing left to do here."))
        return
    text = ngettext("%(count)s action is done.", "%(count)s actions are done.", done) % {"count": done}
    _say_of_many(request, text, "undone", ids)


def _reopen(request: UserRequest, found: list[Action], _wish: str) -> None:
    services.reopen_actions(_changeable(request, found), now=timezone.now())
    _rescore(found)
    messages.success(request, _("It is to be done again."))


def _assign(request: UserRequest, found: list[Action], _wish: str) -> None:
    ids = _changeable(request, found)
    form = AssignForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, _("Say to whom."))
        return
    to = form.cleaned_data["to"]
    given = services.assign_actions(ids, to=to, by=request.user)
    text = ngettext("%(count)s action is for %(who)s now.", "%(count)s actions are for %(who)s now.", given)
    messages.success(request, text % {"count": given, "who": to})


def _put_off(request: UserRequest, found: list[Action], wish: str) -> None:
    """On his own list, and on his Today."""
    now = timezone.now()
    day = day_of(wish, timezone.localtime(now).date())
    snooze_each(
        request.user,
        kind=queries.SNOOZE_KIND,
        items={str(each.pk): queries.was_of(each) for each in found},
        until=dt.datetime.combine(day, dt.time(), timezone.get_current_timezone()),
        now=now,
    )
    text = _("Put off until %(day)s.") % {"day": in_words(day)}
    _say_of_many(request, text, "awake", [each.pk for each in found])


def _wake(request: UserRequest, found: list[Action], _wish: str) -> None:
    end_snoozes(request.user, kind=queries.SNOOZE_KIND, keys=[str(each.pk) for each in found])
    messages.success(request, _("It is back."))


_ACTS: dict[str, Callable[[UserRequest, list[Action], str], None]] = {
    "done": _finish,
    "undone": _reopen,
    "assign": _assign,
    "later": _put_off,
    "awake": _wake,
}


def _say_of_many(request: UserRequest, text: str, undo: str, ids: list[int]) -> None:
    fields = {"do": undo, "pick": " ".join(str(pk) for pk in ids)}
    say_with_undo(
        request, text, reverse("actions_change"), fields, next_url=back_or(request, reverse("actions"))
    )


@page_or_post
def action_new(request: UserRequest) -> HttpResponse:
    """About a customer (``?customer=``), out of a corrective action (``?case=``), or after an interaction or
    for a need (``?interaction=``, ``?need=``)."""
    case = access.get_case_or_404(request.user, request.GET["case"]) if request.GET.get("case") else None
    if case is not None:
        demand(access.commentable_cases(request.user), case)
    source = _source_of(request)
    form = ActionForm(
        request.POST or None,
        user=request.user,
        initial=_start(request, case) | ({"customer": source.customer.pk} if source.customer else {}),
        with_about=case is None,
    )
    default = reverse("case", args=[case.pk]) if case else reverse("actions")
    if form.is_valid() and _added(request, form, case, source, timezone.now()):
        return redirect(back_or(request, default))
    context = {"form": form, "case": case, "cancel_url": default}
    return render(request, "actions/form.html", context, status=status_of(form))


@dataclass(frozen=True)
class Source:
    """What an action comes out of, beside a corrective action."""

    need: Need | None = None
    interaction: Interaction | None = None

    @property
    def customer(self) -> Customer | None:
        about = self.need or self.interaction
        return about.customer if about else None


def _source_of(request: UserRequest) -> Source:
    need, talk = request.GET.get("need"), request.GET.get("interaction")
    return Source(
        need=access.get_need_or_404(request.user, need) if need else None,
        interaction=access.get_interaction_or_404(request.user, talk) if talk else None,
    )


def _start(request: UserRequest, case: CorrectiveAction | None) -> dict[str, object]:
    """Whoever does not work on a case himself has something for its owner to do."""
    if case is None:
        return {"customer": request.GET.get("customer", "")}
    works = access.workable_cases(request.user).filter(pk=case.pk).exists()
    return {} if works else {"owner": case.owner_id}


def _added(
    request: UserRequest, form: ActionForm, case: CorrectiveAction | None, source: Source, now: dt.datetime
) -> bool:
    """Whether it is saved now, by this request or by the same form before."""
    token = form.cleaned_data["token"]
    try:
        added = form.save(
            lambda: services.add_action(
                **form.facts(),
                case=case,
                need=source.need,
                interaction=source.interaction,
                author=request.user,
                now=now,
                token=token,
            )
        )
    except AlreadySavedError:
        messages.info(request, _("This is already saved."))
        return True
    if added is not None:
        _rescore([added])
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
            _rescore([found, changed])
            messages.success(request, _("Saved."))
            return redirect(back_or(request, reverse("actions")))
    context = {
        "action": found,
        "form": form if may_change else None,
        "drop_form": DropForm(),
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
        _rescore([found])
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
    form = DropForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    if services.drop_action(found, now=timezone.now(), reason=reason):
        _rescore([found])
        _say(request, _("Dropped."), "action_drop", found)
    else:
        messages.info(request, _("There is nothing left to do here."))
    return redirect(back_or(request, reverse("actions")))


def _reopened(request: UserRequest, found: Action) -> HttpResponse:
    services.reopen_action(found, now=timezone.now())
    _rescore([found])
    messages.success(request, _("It is to be done again."))
    return redirect(back_or(request, reverse("actions")))


def _rescore(found: Iterable[Action]) -> None:
    """What is overdue counts in the churn score of its customer, if it has one."""
    rescore_soon({each.customer_id for each in found if each.customer_id is not None})


def _say(request: UserRequest, text: str, name: str, found: Action) -> None:
    next_url = back_or(request, reverse("actions"))
    say_with_undo(request, text, reverse(name, args=[found.pk]), {"undo": "1"}, next_url=next_url)
