"""Facts of a customer edited where they stand: one field at a time."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.customers.models import Customer
from accounts.customers.services import change_customer
from crm.forms.customers import FACTS, CustomerFactForm
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
    template = "customers/_fact_form.html" if wants_fragment(request) else "customers/fact.html"
    context = {"customer": found, "form": form, "field": form[field], "name": field}
    return render(request, template, context, status=status_of(form))


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
    """Back to the page, with the way back to what stood there before."""
    page = reverse("customer", args=[changed.pk])
    if not access.visible_customers(request.user).filter(pk=changed.pk).exists():
        # Whoever gave the customer away may no longer see it.
        page = reverse("customers")
    else:
        label = form.fields[form.field_name].label
        fields = {form.field_name: was, "version": str(changed.version)}
        url = reverse("customer_fact", args=[changed.pk, form.field_name])
        say_with_undo(request, _("%(field)s is saved.") % {"field": label}, url, fields, next_url=page)
    if not wants_fragment(request):
        return redirect(page)
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = page
    return answer
