"""Contacts: the page of one, its form, and the company left."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.contacts import services
from crm.forms.contacts import ContactForm, LeftForm
from crm.queries import contacts as queries
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, status_of
from scoring.services import rescore_soon


@require_safe
def contact(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    context = {
        "contact": queries.with_last_touch(type(found).objects.filter(pk=found.pk)).get(),
        "customer": found.customer,
        "levels": queries.level_rows(found),
        "attitudes": queries.attitude_rows(found),
        "reports": found.reports.order_by("sort_key"),
        "may_change": access.changeable_contacts(request.user).filter(pk=found.pk).exists(),
        "left_form": LeftForm(initial={"left_on": timezone.localdate()}),
        "now": timezone.now(),
    }
    return render(request, "contacts/contact.html", context)


@page_or_post
def contact_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    form = ContactForm(request.POST or None, user=request.user, customer=customer)
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


@require_POST
def contact_left(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    form = LeftForm(request.POST)
    left_on = form.cleaned_data["left_on"] if form.is_valid() else None
    if left_on and form.save(lambda: services.mark_left(found, left_on=left_on, now=timezone.now())):
        rescore_soon([found.customer_id])
        messages.success(request, _("%(name)s is marked as having left.") % {"name": found.name})
    else:
        messages.error(request, " ".join([_("Nothing was changed."), *form.errors.get("left_on", [])]))
    return redirect("contact", found.pk)


@require_POST
def contact_back(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    services.undo_left(found, now=timezone.now())
    rescore_soon([found.customer_id])
    messages.success(request, _("%(name)s is with the company again.") % {"name": found.name})
    return redirect("contact", found.pk)
