"""Facts of a customer and of a contact edited where they stand: one field at a time."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.contacts.services import change_contact
from accounts.customers.models import Customer
from accounts.customers.services import change_customer
from crm.forms.contacts import FACTS as CONTACT_FACTS
from crm.forms.contacts import ContactFactForm
from crm.forms.customers import FACTS, CustomerFactForm
from crm.forms.records import OneFact
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, say_with_undo, status_of, wants_fragment
from scoring.services import rescore_soon


@page_or_post
@vary_on_headers("HX-Request")
def customer_fact(request: UserRequest, pk: int, field: str) -> HttpResponse:
    """The form of one field, in its place or as a page. A field that somebody else changed meanwhile is a
    conflict; another field of the same record is none."""
    found = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), found)
    form = _form(request, found, field)
    was = form.was
    if form.is_valid():
        changed = form.save(
            lambda: change_customer(
                found,
                expected_version=form.expected_version,
                changes=form.changes(),
                author=request.user,
                now=timezone.now(),
                merge=True,
            )
        )
        if changed is not None:
            rescore_soon([found.pk])
            return _saved(request, changed, form, was)
    return _fact_form(
        request,
        form,
        fact_url=reverse("customer_fact", args=[found.pk, field]),
        page_url=reverse("customer", args=[found.pk]),
        back_label=found.short_name,
    )


def _form(request: UserRequest, found: Customer, field: str) -> CustomerFactForm:
    if field not in FACTS:
        raise Http404(field)
    sees_profit = access.profit_customers(request.user).filter(pk=found.pk).exists()
    try:
        return CustomerFactForm(
            request.POST or None, field=field, user=request.user, sees_profit=sees_profit, stored=found
        )
    except KeyError as error:
        raise Http404(field) from error


def _saved(request: UserRequest, changed: Customer, form: CustomerFactForm, was: str) -> HttpResponse:
    if not access.visible_customers(request.user).filter(pk=changed.pk).exists():
        # Whoever gave the customer away may no longer see it.
        return _to_page(request, reverse("customers"))
    _say_saved(
        request,
        form,
        {form.field_name: was, "version": str(changed.version)},
        fact_url=reverse("customer_fact", args=[changed.pk, form.field_name]),
        page_url=reverse("customer", args=[changed.pk]),
    )
    return _to_page(request, reverse("customer", args=[changed.pk]))


@page_or_post
@vary_on_headers("HX-Request")
def contact_fact(request: UserRequest, pk: int, field: str) -> HttpResponse:
    """The same of a contact."""
    found = access.get_contact_or_404(request.user, pk)
    demand(access.changeable_contacts(request.user), found)
    if field not in CONTACT_FACTS:
        raise Http404(field)
    form = ContactFactForm(request.POST or None, field=field, user=request.user, stored=found)
    was = form.was
    fact_url = reverse("contact_fact", args=[found.pk, field])
    page_url = reverse("contact", args=[found.pk])
    if form.is_valid():
        changed = form.save(
            lambda: change_contact(
                found,
                expected_version=form.expected_version,
                changes=form.changes(),
                author=request.user,
                now=timezone.now(),
                merge=True,
            )
        )
        if changed is not None:
            rescore_soon([found.customer_id])
            fields = {field: was, "version": str(changed.version)}
            _say_saved(request, form, fields, fact_url=fact_url, page_url=page_url)
            return _to_page(request, page_url)
    return _fact_form(request, form, fact_url=fact_url, page_url=page_url, back_label=found.name)


def _fact_form(
    request: UserRequest, form: OneFact, *, fact_url: str, page_url: str, back_label: str
) -> HttpResponse:
    """For its cell, or as a page of its own."""
    template = "facts/_form.html" if wants_fragment(request) else "facts/fact.html"
    context = {
        "form": form,
        "field": form[form.field_name],
        "fact_url": fact_url,
        "page_url": page_url,
        "back_label": back_label,
    }
    return render(request, template, context, status=status_of(form))


def _say_saved(
    request: UserRequest, form: OneFact, fields: dict[str, str], *, fact_url: str, page_url: str
) -> None:
    """With the way back to what stood there before, which ``fields`` carry."""
    label = form.fields[form.field_name].label
    say_with_undo(request, _("%(field)s is saved.") % {"field": label}, fact_url, fields, next_url=page_url)


def _to_page(request: UserRequest, page_url: str) -> HttpResponse:
    """Back to the whole page: other places of it may say the fact too."""
    if not wants_fragment(request):
        return redirect(page_url)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = page_url
    return answer
