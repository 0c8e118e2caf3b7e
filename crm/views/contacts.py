"""Contacts: the page of one, its form, the company left, and the next one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.contacts import services
from accounts.contacts.models import Contact, Level
from accounts.customers.services import company_day
from accounts.surveys.services import ask_successor
from accounts.users.models import User
from crm.forms.contacts import ContactForm, LeftForm, MoveForm
from crm.queries import contacts as queries
from crm.queries.history import changes_of
from crm.queries.leaving import leaving_of
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, status_of
from scoring.services import rescore_soon


@require_safe
def contact(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    now = timezone.now()
    context = {
        "contact": queries.with_last_touch(type(found).objects.filter(pk=found.pk)).get(),
        "customer": found.customer,
        "levels": queries.level_rows(found),
        "attitudes": queries.attitude_rows(found),
        "reports": found.reports.order_by("sort_key"),
        "may_change": access.changeable_contacts(request.user).filter(pk=found.pk).exists(),
        "leaving": leaving_of(found, request.user, now=now) if found.left_on else None,
        "elsewhere": queries.elsewhere(found, access.visible_contacts(request.user)),
        "talks": queries.talks_with(found),
        "answers": queries.answers_of(found, access.graded_projects(request.user)),
        "cases": queries.cases_of(found, access.visible_cases(request.user)),
        "actions": queries.open_actions_about(found, access.visible_actions(request.user)),
        "entries": changes_of(found),
        "may_log": access.loggable_customers(request.user).filter(pk=found.customer_id).exists(),
        "now": now,
    }
    return render(request, "contacts/contact.html", context)


@page_or_post
def contact_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    form = ContactForm(request.POST or None, user=request.user, customer=customer)
    form.initial["level"] = request.GET.get("level", "")
    if form.is_valid():
        added = form.save(lambda: form.create(customer, author=request.user, now=timezone.now()))
        if added is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("%(name)s was added.") % {"name": added.name})
            return redirect("customer_people", customer.pk)
    return render(request, "contacts/form.html", {"customer": customer, "form": form}, status=status_of(form))


@page_or_post
def contact_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    form = ContactForm(request.POST or None, user=request.user, customer=found.customer, stored=found)
    if form.is_valid():
        changed = form.save(
            lambda: services.change_contact(
                found,
                expected_version=form.expected_version,
                changes=form.changes(),
                author=request.user,
                now=timezone.now(),
            )
        )
        if changed is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return redirect("contact", found.pk)
    context = {"customer": found.customer, "contact": found, "form": form}
    return render(request, "contacts/form.html", context, status=status_of(form))


@page_or_post
def contact_left(request: UserRequest, pk: int) -> HttpResponse:
    """What hangs on him, before anything is changed; afterwards his page says what became of it."""
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    now = timezone.now()
    form = LeftForm(request.POST or None, contact=found, today=company_day(now))
    if form.is_valid():
        left = form.save(lambda: _leave(found, form.cleaned_data, author=request.user, now=now))
        if left is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("%(name)s is marked as having left.") % {"name": found.name})
            _say_instead(request, form)
            return redirect("contact", found.pk)
    context = {
        "contact": found,
        "customer": found.customer,
        "form": form,
        "leaving": leaving_of(found, request.user, now=now),
    }
    return render(request, "contacts/leave.html", context, status=status_of(form))


@page_or_post
def contact_move(request: UserRequest, pk: int) -> HttpResponse:
    """He works for another customer now; what was, stays where it was."""
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    now = timezone.now()
    form = MoveForm(request.POST or None, contact=found, today=company_day(now), user=request.user)
    if form.is_valid():
        values = form.cleaned_data
        later = form.save(lambda: _move(found, values, author=request.user, now=now))
        if later is not None:
            rescore_soon([found.customer_id, later.customer_id])
            words = _("%(name)s works for %(customer)s now.")
            messages.success(request, words % {"name": later.name, "customer": values["to"]})
            _say_instead(request, form)
            return redirect("contact", later.pk)
    context = {
        "contact": found,
        "customer": found.customer,
        "form": form,
        "leaving": leaving_of(found, request.user, now=now),
    }
    return render(request, "contacts/move.html", context, status=status_of(form))


@require_POST
def contact_back(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    try:
        services.undo_left(found, now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("contact", found.pk)
    rescore_soon([found.customer_id])
    messages.success(request, _("%(name)s is with the company again.") % {"name": found.name})
    return redirect("contact", found.pk)


@transaction.atomic
def _leave(contact: Contact, values: dict[str, Any], *, author: User, now: dt.datetime) -> Contact:
    if values.get("instead") is not None:
        ask_successor(contact, instead=values["instead"], author=author, now=now)
    return services.mark_left(
        contact, left_on=values["left_on"], successor=values.get("successor"), author=author, now=now
    )


@transaction.atomic
def _move(contact: Contact, values: dict[str, Any], *, author: User, now: dt.datetime) -> Contact:
    if values.get("instead") is not None:
        ask_successor(contact, instead=values["instead"], author=author, now=now)
    return services.move_contact(
        contact,
        to=values["to"],
        moved_on=values["left_on"],
        level=Level(values["level"]),
        title=values["title"],
        email=values["email"],
        successor=values.get("successor"),
        author=author,
        now=now,
    )


def _say_instead(request: UserRequest, form: LeftForm) -> None:
    instead = form.cleaned_data.get("instead")
    if instead is not None:
        messages.success(request, _("%(name)s is asked from the next letter on.") % {"name": instead.name})
