"""/api/v1/scores: the customers of the current run, by customer id."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts import access
from crm.api.paging import order_by
from crm.api.records import Records, shows_profit
from crm.filters.scores import ScoreFilter
from scoring.models import CurrentRun, CustomerScore, FlagLevel, Tier

TIER_NAMES = [(tier.name.lower(), tier.label) for tier in Tier]
FLAG_NAMES = [(flag.name.lower(), flag.label) for flag in FlagLevel]


class TierField(serializers.ChoiceField):
    def __init__(self) -> None:
        super().__init__(TIER_NAMES)

    def to_representation(self, value: Any) -> str:
        return Tier(value).name.lower()


class FlagField(serializers.ChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(FLAG_NAMES, **options)

    def to_representation(self, value: Any) -> str:
        return FlagLevel(value).name.lower()


class ProfitNumber(serializers.FloatField):
    """Null: not defined, or not for his eyes. Reads the annotation ``shows_profit``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) if instance.shows_profit else None


class ScoreRow(serializers.Serializer[CustomerScore]):
    """What the current run says of a customer. Money in minor units of the company's currency."""

    customer = serializers.IntegerField(source="customer_id")
    run = serializers.IntegerField(source="run_id")
    as_of = serializers.DateTimeField()
    score = serializers.FloatField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    tier = TierField()
    pending_tier = TierField()
    borderline = serializers.BooleanField()
    coverage = serializers.FloatField()
    churn_score = serializers.FloatField()
    flag = FlagField(source="flag_level")
    p_alive = serializers.FloatField(allow_null=True)
    expected_purchases = serializers.FloatField(allow_null=True)
    expected_value_minor = ProfitNumber()
    money_at_risk_minor = ProfitNumber()


class ScoreView(Records):
    queryset = CustomerScore.objects.none()
    serializer_class = ScoreRow
    filterset_class = ScoreFilter
    lookup_field = "customer"
    order = order_by(customer_id=int)

    def get_queryset(self) -> QuerySet[CustomerScore]:
        visible = access.visible_customers(self.person)
        return CustomerScore.objects.filter(
            run__in=CurrentRun.objects.values("run"), customer__in=visible.values("pk")
        ).annotate(shows_profit=shows_profit(self.person, "customer_id"))
