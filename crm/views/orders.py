"""Orders typed by hand: add, correct, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.orders import services
from crm.forms.orders import OrderForm
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, status_of
from scoring.services import rescore_soon


@page_or_post
def order_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    form = OrderForm(request.POST or None, customer=customer, sees_profit=_sees_profit(request, customer.pk))
    if form.is_valid():
        try:
            added = form.save(
                lambda: services.add_order(
                    customer=customer,
                    facts=form.facts(),
                    now=timezone.now(),
                    token=form.cleaned_data["token"],
                )
            )
        except AlreadySavedError:
            messages.info(request, _("This order is already saved."))
            return redirect("customer_orders", customer.pk)
        if added is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("The order was added."))
            return redirect("customer_orders", customer.pk)
    return render(request, "orders/form.html", {"customer": customer, "form": form}, status=status_of(form))


@page_or_post
def order_edit(request: UserRequest, pk: int) -> HttpResponse:
    """The id of a version that somebody corrected meanwhile leads to the current one; typed input is kept."""
    order = access.get_current_order_or_404(request.user, pk)
    demand(access.changeable_orders(request.user), order)
    if order.pk != pk and request.method != "POST":
        return redirect("order_edit", order.pk)
    form = OrderForm(
        request.POST or None,
        customer=order.customer,
        sees_profit=_sees_profit(request, order.customer_id),
        stored=order,
    )
    if form.is_valid():
        corrected = form.save(lambda: form.correct(order, now=timezone.now()))
        if corrected is not None:
            rescore_soon([order.customer_id])
            messages.success(request, _("Saved."))
            return redirect("customer_orders", order.customer_id)
    context = {"customer": order.customer, "order": order, "form": form}
    return render(request, "orders/form.html", context, status=status_of(form))


@require_POST
def order_delete(request: UserRequest, pk: int) -> HttpResponse:
    order = access.get_order_or_404(request.user, pk)
    demand(access.changeable_orders(request.user), order)
    try:
        services.delete_order(order=order, now=timezone.now())
    except ConflictError:
        messages.error(request, _("Somebody else changed it at this moment. Nothing was deleted."))
    else:
        rescore_soon([order.customer_id])
        messages.success(request, _("The order was deleted."))
    return redirect("customer_orders", order.customer_id)


def _sees_profit(request: UserRequest, customer_id: int) -> bool:
    return access.profit_customers(request.user).filter(pk=customer_id).exists()
