"""/api/v1/customers"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.customers import services
from accounts.customers.models import (
    Customer,
    CustomerKind,
    Industry,
    LocalMarket,
    Region,
    SalesChannel,
    Stage,
)
from crm.api import fields
from crm.api.errors import naming_what_exists
from crm.api.paging import Order
from crm.api.records import Profit, Records, referred, shows_profit
from crm.filters.customers import CustomerFilter
from scoring.services import rescore_soon

MAX_MINOR = 10**15
LOOKUPS: dict[str, type[Industry | Region | SalesChannel | LocalMarket]] = {
    "industry": Industry,
    "region": Region,
    "channel": SalesChannel,
    "market": LocalMarket,
}


class CustomerRow(serializers.Serializer[Customer]):
    """A customer in a list. ``industry``, ``region``, ``channel`` and ``market`` are names."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    number = serializers.CharField(allow_null=True)
    short_name = serializers.CharField()
    legal_name = serializers.CharField()
    kind = serializers.ChoiceField(CustomerKind.choices)
    stage = serializers.ChoiceField(Stage.choices)
    owner = serializers.IntegerField(source="owner_id", allow_null=True)
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    industry = serializers.CharField(source="industry.name", default=None, allow_null=True)
    region = serializers.CharField(source="region.name", default=None, allow_null=True)
    channel = serializers.CharField(source="channel.name", default=None, allow_null=True)
    market = serializers.CharField(source="market.name", default=None, allow_null=True)
    employees = serializers.IntegerField(allow_null=True)
    acquired_on = serializers.DateField(allow_null=True)
    currency = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())


class CustomerRecord(CustomerRow):
    """One customer. The two costs are in minor units of ``currency``, for those who may see profit."""

    acquisition_cost_minor = Profit()
    retention_cost_minor = Profit()
    custom_fields = serializers.DictField()


class CustomerInput(fields.Input):
    short_name = fields.Text(max_length=120)
    legal_name = fields.Text(max_length=240, allow_blank=True, required=False)
    number = fields.Text(max_length=64, allow_null=True, required=False)
    kind = fields.Choice(CustomerKind.choices, required=False)
    stage = fields.Choice(Stage.choices, required=False)
    owner = fields.Reference(allow_null=True, required=False)
    parent = fields.Reference(allow_null=True, required=False)  # type: ignore[assignment]
    industry = fields.Text(max_length=120, allow_null=True, required=False)
    region = fields.Text(max_length=120, allow_null=True, required=False)
    channel = fields.Text(max_length=120, allow_null=True, required=False)
    market = fields.Text(max_length=120, allow_null=True, required=False)
    employees = fields.Whole(min_value=0, max_value=2**31 - 1, allow_null=True, required=False)
    acquired_on = fields.Day(allow_null=True, required=False)
    acquisition_cost_minor = fields.Whole(min_value=0, max_value=MAX_MINOR, allow_null=True, required=False)
    retention_cost_minor = fields.Whole(min_value=0, max_value=MAX_MINOR, allow_null=True, required=False)
    currency = fields.Currency(required=False)
    tags = serializers.ListField(child=fields.Text(max_length=40), max_length=50, required=False)
    custom_fields = fields.CustomFields(required=False)


class CustomerChange(CustomerInput):
    """Only what is named changes; ``version`` is the one that was read."""

    version = fields.Version()
    short_name = fields.Text(max_length=120, required=False)


class CustomerView(Records):
    queryset = Customer.objects.none()
    filterset_class = CustomerFilter
    order = Order(("sort_key", "id"), (str, int))

    def get_serializer_class(self) -> type[CustomerRow]:
        return CustomerRow if self.action == "list" else CustomerRecord

    def get_queryset(self) -> QuerySet[Customer]:
        return access.visible_customers(self.person).select_related(*LOOKUPS)

    def get_object(self) -> Customer:
        """An old id of a customer that was merged leads to the one it was merged into."""
        customer = access.get_customer_or_404(self.person, self.kwargs["pk"])
        return self._detailed(pk=customer.pk)

    @extend_schema(request=CustomerInput, responses={201: CustomerRecord})
    def create(self, request: Request) -> Response:
        if not access.may_add_customers(self.person):
            raise PermissionDenied
        values: dict[str, Any] = self._resolved(self.valid(CustomerInput))
        values = {"currency": settings.BASE_CURRENCY, "owner": self.person, **values}
        with naming_what_exists(access.visible_customers(self.person), number=values.get("number")):
            customer = services.create_customer(**values, author=self.person, now=timezone.now())
        rescore_soon([customer.pk])
        return self.created(CustomerRecord(self._detailed(customer.pk)))

    @extend_schema(request=CustomerChange, responses=CustomerRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        customer = access.get_customer_or_404(self.person, pk)
        self.changeable(customer, access.changeable_customers(self.person))
        values = self._resolved(self.valid(CustomerChange))
        version = values.pop("version")
        with naming_what_exists(access.visible_customers(self.person), number=values.get("number")):
            services.change_customer(
                customer,
                expected_version=version,
                changes=values,  # type: ignore[arg-type]
                author=self.person,
                now=timezone.now(),
            )
        rescore_soon([customer.pk])
        return Response(CustomerRecord(self._detailed(customer.pk)).data)

    def _detailed(self, pk: int) -> Customer:
        """For a customer whom he saw or wrote just now; he may have given him away."""
        customers = Customer.objects.select_related(*LOOKUPS)
        return customers.annotate(shows_profit=shows_profit(self.person, "pk")).get(pk=pk)

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        for name, model in LOOKUPS.items():
            referred(values, name, model.objects.all(), field="name")
        referred(values, "parent", access.visible_customers(self.person))
        if (
            "owner" in values
            and values["owner"] != self.person.pk
            and not access.may_assign_owner(self.person)
        ):
            raise PermissionDenied
        if values.get("owner") == self.person.pk:
            values["owner"] = self.person
        else:
            referred(values, "owner", access.possible_owners(self.person))
        return values
