"""/api/v1/activity-usages: what was done for customers and what it cost; for reading."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from accounts import access
from accounts.costs.models import ActivityUsage, CostPool, Driver
from crm.api import paging
from crm.api.records import Records
from crm.filters.usages import UsageFilter


class UsageRecord(serializers.Serializer[ActivityUsage]):
    """One current version. ``activity``: its code; the cost in minor units of the company's currency."""

    id = serializers.IntegerField()
    identity = serializers.CharField()
    reference = serializers.CharField()
    customer = serializers.IntegerField(source="customer_id")
    project = serializers.IntegerField(source="project_id", allow_null=True)
    activity = serializers.CharField(source="activity.code")
    pool = serializers.ChoiceField(CostPool.choices, source="activity.pool")
    driver = serializers.ChoiceField(Driver.choices, source="activity.driver")
    used_on = serializers.DateField()
    quantity = serializers.DecimalField(18, 4)
    base_cost_minor = serializers.IntegerField()


class UsageView(Records):
    queryset = ActivityUsage.objects.none()
    serializer_class = UsageRecord
    filterset_class = UsageFilter
    order = paging.Order(("customer_id", "-used_on", "-id"), (int, str, int))

    def get_queryset(self) -> QuerySet[ActivityUsage]:
        return access.visible_usages(self.person).select_related("activity")
