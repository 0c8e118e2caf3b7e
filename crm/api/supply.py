"""/api/v1/supply-shares: who supplies which share of what a customer buys."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.deals import services
from accounts.deals.models import SupplyShare
from accounts.deals.services import MAX_NAME, MOST_COMPETITORS
from crm.api import fields
from crm.api.errors import RefusedError
from crm.api.paging import Order
from crm.api.records import Records, referred
from crm.filters.deals import SupplyShareFilter
from scoring.services import rescore_soon


class ShareRecord(serializers.Serializer[SupplyShare]):
    """``share`` in percent of what the customer buys; ``competitor`` is null where the share is ours."""

    id = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    competitor = serializers.CharField(source="competitor.name", allow_null=True, default=None)
    valid_on = serializers.DateField()
    share = serializers.DecimalField(5, 2)


class RivalInput(fields.Input):
    name = fields.Text(max_length=MAX_NAME)
    share = fields.Exact(digits=5, places=2)


class SharesInput(fields.Input):
    """All shares of one day: what was said of that day before is replaced. Together at most 100."""

    customer = fields.Reference()
    valid_on = fields.Day()
    ours = fields.Exact(digits=5, places=2, allow_null=True, required=False)
    theirs = serializers.ListField(child=RivalInput(), max_length=MOST_COMPETITORS, required=False)


class SupplyShareView(Records):
    queryset = SupplyShare.objects.none()
    serializer_class = ShareRecord
    filterset_class = SupplyShareFilter
    order = Order(("-valid_on", "-id"), (str, int))

    def get_queryset(self) -> QuerySet[SupplyShare]:
        return access.visible_shares(self.person).select_related("competitor")

    @extend_schema(request=SharesInput, responses={201: ShareRecord(many=True)})
    def create(self, request: Request) -> Response:
        values = self.valid(SharesInput)
        referred(values, "customer", access.visible_customers(self.person))
        customer = self.changeable(values["customer"], access.changeable_customers(self.person))
        theirs = _by_name(values.get("theirs", []))
        rows = services.say_shares(
            customer=customer,
            on=values["valid_on"],
            ours=values.get("ours"),
            theirs=theirs,
            author=self.person,
            now=timezone.now(),
        )
        rescore_soon([customer.pk])
        return Response([ShareRecord(row).data for row in rows], status.HTTP_201_CREATED)


def _by_name(said: list[dict[str, Any]]) -> dict[str, Any]:
    by_name = {each["name"]: each["share"] for each in said}
    if len(by_name) < len(said):
        raise RefusedError({"theirs": [_("Each competitor stands here once.")]})
    return by_name
