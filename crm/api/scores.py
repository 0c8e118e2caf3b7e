"""/api/v1/scores: the customers of the current run, by customer id."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from crm import wording
from crm.api.paging import Order
from crm.api.records import Records, shows_profit
from crm.explaining import PROFIT_INDICATORS
from crm.filters.scores import ScoreFilter
from scoring import queries
from scoring.core.explain import IndicatorLine, NoDataReason, SignalLine
from scoring.core.policy import IndicatorCode, Normalisation, SignalCode
from scoring.models import CustomerScore, FlagLevel, Tier
from scoring.queries import Explanation

TIER_NAMES = [(tier.name.lower(), tier.label) for tier in Tier]
FLAG_NAMES = [(flag.name.lower(), flag.label) for flag in FlagLevel]


class TierField(serializers.ChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(TIER_NAMES, **options)

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


class IndicatorRecord(serializers.Serializer[IndicatorLine]):
    """One indicator: its input in its own unit, 0..1 after normalising, weight, and points of the score.

    The numbers of an indicator about profit are null for those who may not see profit: with the weight, its
    points would tell the customer's place.
    """

    code = serializers.ChoiceField([(code.value, code.value) for code in IndicatorCode])
    name = serializers.SerializerMethodField()
    normalisation = serializers.ChoiceField([(way.value, way.value) for way in Normalisation])
    higher_is_better = serializers.BooleanField()
    input = serializers.SerializerMethodField()
    normalised = serializers.SerializerMethodField()
    policy_weight = serializers.FloatField()
    weight = serializers.FloatField()
    points = serializers.SerializerMethodField()
    no_data = serializers.ChoiceField([(why.value, why.value) for why in NoDataReason], allow_null=True)

    def get_name(self, line: IndicatorLine) -> str:
        return str(wording.INDICATORS[line.code])

    def get_input(self, line: IndicatorLine) -> float | None:
        return None if self._is_hidden(line) else line.input

    def get_normalised(self, line: IndicatorLine) -> float | None:
        return None if self._is_hidden(line) else line.normalised

    def get_points(self, line: IndicatorLine) -> float | None:
        return None if self._is_hidden(line) else line.points

    def _is_hidden(self, line: IndicatorLine) -> bool:
        return line.code in PROFIT_INDICATORS and not self.context["shows_profit"]


class SignalRecord(serializers.Serializer[SignalLine]):
    """One churn signal: severity 0 at ``start``, 1 at ``full``; ``input`` null: it does not apply."""

    code = serializers.ChoiceField([(code.value, code.value) for code in SignalCode])
    name = serializers.SerializerMethodField()
    input = serializers.FloatField(allow_null=True)
    severity = serializers.FloatField()
    points = serializers.FloatField()
    most_points = serializers.FloatField()
    start = serializers.FloatField()
    full = serializers.FloatField()

    def get_name(self, line: SignalLine) -> str:
        return str(wording.SIGNALS[line.code])


class ExplanationRecord(serializers.Serializer[Explanation]):
    """A score taken apart: the indicators' points and ``hidden_points`` sum to it.

    ``hidden_points``: what the indicators about profit add, for those who may not see them; else 0. The
    points of the signals sum to the churn score.
    """

    score = ScoreRow()
    policy = serializers.IntegerField(source="run.policy.number")
    next_tier = TierField(source="value.next_tier", allow_null=True)
    next_cut = serializers.FloatField(source="value.next_cut", allow_null=True)
    indicators = IndicatorRecord(source="value.lines", many=True)
    hidden_points = serializers.SerializerMethodField()
    signals = SignalRecord(source="churn.lines", many=True)

    def get_hidden_points(self, explanation: Explanation) -> float:
        if self.context["shows_profit"]:
            return 0.0
        return sum(line.points for line in explanation.value.lines if line.code in PROFIT_INDICATORS)


class ScoreView(Records):
    queryset = CustomerScore.objects.none()
    serializer_class = ScoreRow
    filterset_class = ScoreFilter
    lookup_field = "customer"
    order = Order(("customer_id",), (int,))

    def get_queryset(self) -> QuerySet[CustomerScore]:
        visible = access.visible_customers(self.person)
        return queries.scores_of(visible).annotate(shows_profit=shows_profit(self.person, "customer_id"))

    @extend_schema(responses=ExplanationRecord)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = access.get_customer_or_404(self.person, kwargs["customer"])
        explanation = queries.explanation_of(customer)
        if explanation is None:
            raise NotFound
        row = access.get_or_404(self.get_queryset(), customer.pk, field="customer")
        record = ExplanationRecord(
            replace(explanation, score=row),
            context={"shows_profit": row.shows_profit},  # type: ignore[attr-defined]
        )
        return Response(record.data)
