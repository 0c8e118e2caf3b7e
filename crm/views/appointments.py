"""Planned meetings: plan one, look at what its guests would read, change it, cancel it and take that back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.appointments import services
from accounts.appointments.models import Appointment, AppointmentLetter
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.facts import AlreadySavedError
from accounts.users.models import User
from crm.forms.appointments import AppointmentForm
from crm.mail import delivery
from crm.mail.meetings import Preview, language_of, preview_of
from crm.queries import appointments as queries
from crm.views.request import UserRequest
from crm.views.writing import back_or, demand, page_or_post, say_with_undo, status_of


@page_or_post
def appointment_new(request: UserRequest, pk: int) -> HttpResponse:
    """With ``preview`` the form comes back with the letters that guests would get."""
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.loggable_customers(request.user), customer)
    now = timezone.now()
    form = AppointmentForm(request.POST or None, user=request.user, customer=customer)
    form.initial["contacts"] = request.GET.getlist("contact")
    is_looked_at = "preview" in request.POST
    if form.is_valid() and not is_looked_at and (planned := _planned(request, customer, form, now)):
        return redirect(planned)
    context = {
        "form": form,
        "customer": customer,
        "cancel_url": reverse("customer_actions", args=[customer.pk]),
    }
    if is_looked_at and form.is_valid():
        context |= _looked_at(form, customer, request.user, now)
    return render(request, "appointments/form.html", context, status=200 if is_looked_at else status_of(form))


def _planned(request: UserRequest, customer: Customer, form: AppointmentForm, now: dt.datetime) -> str:
    """Where to go when it is saved, now or by the same form before; empty when it was refused."""
    token = form.cleaned_data["token"]
    try:
        planned = form.save(
            lambda: services.plan_appointment(
                customer=customer, facts=form.facts(), author=request.user, now=now, token=token
            )
        )
    except AlreadySavedError:
        messages.info(request, _("This is already saved."))
        return reverse("customer_actions", args=[customer.pk])
    if planned is None:
        return ""
    text = (
        _("The meeting is planned; the letters go out now.")
        if planned.invites
        else _("The meeting is planned.")
    )
    messages.success(request, text)
    return reverse("appointment", args=[planned.pk])


def _looked_at(
    form: AppointmentForm, customer: Customer, organiser: User, now: dt.datetime
) -> dict[str, Any]:
    """One letter for each language, and who gets none."""
    sketch = services.sketch_of(customer=customer, facts=form.facts(), organiser=organiser)
    contacts, users = list(form.cleaned_data["contacts"]), list(form.cleaned_data["users"])
    silent = queries.not_written_to(contacts, now=now)
    left_out = {contact.pk for contact, _reason in silent}
    written: list[Contact | User] = [each for each in contacts if each.pk not in left_out]
    written += [each for each in users if each != organiser]
    first = {language_of(person): person for person in reversed(written)}
    previews: list[Preview] = [preview_of(sketch, person) for person in first.values()]
    return {"previews": previews, "silent": silent, "is_looked_at": True}


@page_or_post
def appointment(request: UserRequest, pk: int) -> HttpResponse:
    """When and with whom, what became of the letters, and its form for whoever may change it."""
    found = access.get_appointment_or_404(request.user, pk)
    may_change = access.changeable_appointments(request.user).filter(pk=found.pk).exists()
    if request.method == "POST":
        demand(access.changeable_appointments(request.user), found)
    now = timezone.now()
    is_looked_at = "preview" in request.POST
    is_open = found.cancelled_at is None and found.starts_at > now
    form = AppointmentForm(request.POST or None, user=request.user, customer=found.customer, stored=found)
    if form.is_valid() and not is_looked_at and _changed(request, form, found, now):
        return redirect(back_or(request, reverse("appointment", args=[found.pk])))
    context = {
        "appointment": found,
        "ends_at": queries.ends_of(found),
        "guests": queries.guests_of(found, now=now),
        "form": form if may_change and (is_open or form.is_bound) else None,
        "may_change": may_change,
        "is_open": is_open,
        "is_to_come": found.starts_at > now,
        "sees_customer": access.visible_customers(request.user).filter(pk=found.customer_id).exists(),
        "may_log": access.loggable_customers(request.user).filter(pk=found.customer_id).exists(),
    }
    if is_looked_at and form.is_valid():
        context |= _looked_at(form, found.customer, found.organiser, now)
    status = 200 if is_looked_at else status_of(form)
    return render(request, "appointments/appointment.html", context, status=status)


def _changed(request: UserRequest, form: AppointmentForm, found: Appointment, now: dt.datetime) -> bool:
    changed = form.save(
        lambda: services.change_appointment(found, version=form.expected_version, facts=form.facts(), now=now)
    )
    if changed is not None:
        is_told = changed.invites and changed.sequence > found.sequence
        text = _("Saved; the guests are told.") if is_told else _("Saved.")
        messages.success(request, text)
    return changed is not None


@require_POST
def appointment_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """It does not take place; with ``undo`` it does."""
    found = access.get_appointment_or_404(request.user, pk)
    demand(access.changeable_appointments(request.user), found)
    now, url = timezone.now(), reverse("appointment", args=[found.pk])
    if "undo" in request.POST:
        done = services.restore_appointment(found, now=now)
        text = _("The meeting takes place.") if done else _("There is nothing left to do here.")
        messages.info(request, text)
    elif services.cancel_appointment(found, by=request.user, now=now):
        text = _("The meeting is cancelled; whoever was invited is told.")
        say_with_undo(
            request, text, reverse("appointment_cancel", args=[found.pk]), {"undo": "1"}, next_url=url
        )
    else:
        messages.info(request, _("There is nothing left to do here."))
    return redirect(back_or(request, url))


@require_POST
def appointment_write_again(request: UserRequest, pk: int) -> HttpResponse:
    """A ``letter`` of it that failed goes out again."""
    found = access.get_appointment_or_404(request.user, pk)
    demand(access.changeable_appointments(request.user), found)
    letters = AppointmentLetter.objects.filter(guest__appointment=found)
    letter = access.get_or_404(letters, request.POST.get("letter"))
    if delivery.send_meeting_again(letter.pk, now=timezone.now()):
        messages.success(request, _("The letter goes out again."))
    else:
        messages.info(request, _("There is nothing left to do here."))
    return redirect(back_or(request, reverse("appointment", args=[found.pk])))
