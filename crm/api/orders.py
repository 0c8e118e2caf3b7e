"""/api/v1/orders: an id names one version of an order; a correction makes a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.orders import services
from accounts.orders.models import Order, OrderKind, ProductLine
from accounts.orders.services import MAX_MINOR, OrderFacts
from crm.api import fields, paging
from crm.api.errors import StaleError, naming_what_exists
from crm.api.records import Profit, Records, referred, shows_profit
from crm.filters.orders import OrderFilter
from scoring.services import rescore_soon


class OrderRecord(serializers.Serializer[Order]):
    """One version of an order. Money in minor units of ``currency``, ``base_*`` of the company's."""

    id = serializers.IntegerField()
    identity = serializers.CharField()
    number = serializers.CharField()
    customer = serializers.IntegerField(source="customer_id")
    kind = serializers.ChoiceField(OrderKind.choices)
    project = serializers.IntegerField(source="project_id", allow_null=True)
    product_line = serializers.CharField(source="product_line.name", default=None, allow_null=True)
    ordered_on = serializers.DateField()
    promised_on = serializers.DateField(allow_null=True)
    delivered_on = serializers.DateField(allow_null=True)
    quantity = serializers.DecimalField(18, 4, allow_null=True)
    currency = serializers.CharField()
    rate = serializers.DecimalField(18, 8)
    amount_minor = serializers.IntegerField()
    base_amount_minor = serializers.IntegerField()
    direct_cost_minor = Profit()


class OrderFields(fields.Input):
    number = fields.Text(max_length=64, allow_blank=True, required=False)
    kind = fields.Choice(OrderKind.choices, required=False)
    project = fields.Reference(allow_null=True, required=False)
    product_line = fields.Text(max_length=120, allow_null=True, required=False)
    promised_on = fields.Day(allow_null=True, required=False)
    delivered_on = fields.Day(allow_null=True, required=False)
    quantity = fields.Exact(digits=18, places=4, allow_null=True, required=False)
    currency = fields.Currency(required=False)
    rate = fields.Exact(digits=18, places=8, required=False)
    direct_cost_minor = fields.Whole(
        min_value=-MAX_MINOR, max_value=MAX_MINOR, allow_null=True, required=False
    )


class OrderInput(OrderFields):
    """Without ``currency`` the customer's; with a number that another order has: 409 with its id.

    ``rate`` is needed in every currency but the company's own; ``ordered_on`` is 1970-01-01 or later.
    """

    customer = fields.Reference()
    ordered_on = fields.Day()
    amount_minor = fields.Whole(min_value=-MAX_MINOR, max_value=MAX_MINOR)


class OrderChange(OrderFields):
    """A correction: only what is named changes."""

    customer = fields.Reference(required=False)
    ordered_on = fields.Day(required=False)
    amount_minor = fields.Whole(min_value=-MAX_MINOR, max_value=MAX_MINOR, required=False)


class OrderView(Records):
    queryset = Order.objects.none()
    serializer_class = OrderRecord
    filterset_class = OrderFilter
    order = paging.Order(("customer_id", "-ordered_on", "-id"), (int, str, int))

    def get_queryset(self) -> QuerySet[Order]:
        return self._shown(access.visible_orders(self.person))

    @extend_schema(request=OrderInput, responses={201: OrderRecord})
    def create(self, request: Request) -> Response:
        values = self._resolved(self.valid(OrderInput))
        customer = values.pop("customer")
        values.setdefault("currency", customer.currency)
        with naming_what_exists(access.visible_orders(self.person), identity=values.get("number")):
            order = services.add_order(customer=customer, facts=OrderFacts(**values), now=timezone.now())
        rescore_soon([customer.pk])
        return self.created(self._record(order))

    @extend_schema(request=OrderChange, responses=OrderRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        order = self._changeable_now(pk)
        values = self._resolved(self.valid(OrderChange))
        if values.get("currency", order.currency) != order.currency:
            # The rate that is stored is the old currency's.
            values.setdefault("rate", None)
        customer = values.pop("customer", None)
        with naming_what_exists(access.visible_orders(self.person), identity=values.get("number")):
            corrected = services.correct_order(
                order=order,
                facts=replace(services.facts_of(order), **values),
                customer=customer,
                now=timezone.now(),
            )
        rescore_soon({order.customer_id, corrected.customer_id})
        return Response(self._record(corrected).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        order = self._changeable_now(pk)
        services.delete_order(order=order, now=timezone.now())
        rescore_soon([order.customer_id])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _changeable_now(self, pk: str) -> Order:
        """The current version; 409 for one that he could see until it was corrected or deleted."""
        try:
            order = access.get_order_or_404(self.person, pk)
        except Http404:
            access.get_or_404(_past_versions(access.visible_customers(self.person)), pk)
            raise StaleError from None
        return self.changeable(order, access.changeable_orders(self.person))

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        if "customer" in values:
            referred(values, "customer", access.visible_customers(self.person))
            self.changeable(values["customer"], access.changeable_customers(self.person))
        referred(values, "product_line", ProductLine.objects.all(), field="name")
        referred(values, "project", access.visible_projects(self.person))
        for name in ("product_line", "project"):
            if name in values:
                record = values.pop(name)
                values[f"{name}_id"] = record and record.pk
        return values

    def _shown(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        return orders.select_related("product_line").annotate(
            shows_profit=shows_profit(self.person, "customer_id")
        )

    def _record(self, order: Order) -> OrderRecord:
        """Read back as stored; he may just have moved it to a customer whom he does not see."""
        return OrderRecord(self._shown(Order.objects.filter(pk=order.pk)).get())


def _past_versions(customers: QuerySet[Any]) -> QuerySet[Order]:
    return Order.objects.filter(superseded_at__isnull=False, customer__in=customers.values("pk"))
