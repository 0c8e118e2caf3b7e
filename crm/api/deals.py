"""/api/v1/contracts and /api/v1/opportunities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.deals import services
from accounts.deals.models import (
    MAX_REASON,
    Contract,
    ContractKind,
    ContractState,
    Opportunity,
    OpportunityStage,
    Renewal,
)
from accounts.deals.services import MAX_MINOR, MAX_NUMBER, MAX_TITLE, ContractFacts, OpportunityFacts
from crm.api import fields
from crm.api.idempotency import HEADER, once
from crm.api.interactions import KEY
from crm.api.paging import Order
from crm.api.records import Records, referred, refuse_unknown
from crm.filters.deals import ContractFilter, OpportunityFilter
from scoring.services import rescore_soon


class ContractRecord(serializers.Serializer[Contract]):
    """``value_minor``: of a year, in minor units of ``currency``; ``notice_on``: the last day to end it."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    number = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(ContractKind.choices)
    state = serializers.ChoiceField(ContractState.choices)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    renewal = serializers.ChoiceField(Renewal.choices)
    notice_on = serializers.DateField(allow_null=True)
    value_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    owner = serializers.IntegerField(source="owner_id")
    ended_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    renews = serializers.IntegerField(source="renews_id", allow_null=True)


class ContractFields(fields.Input):
    number = fields.Text(max_length=MAX_NUMBER, allow_blank=True, required=False)
    kind = fields.Choice(ContractKind.choices, required=False)
    ends_on = fields.Day(allow_null=True, required=False)
    renewal = fields.Choice(Renewal.choices, required=False)
    notice_on = fields.Day(allow_null=True, required=False)
    value_minor = fields.Whole(min_value=0, max_value=MAX_MINOR, allow_null=True, required=False)
    currency = fields.Currency(required=False)
    owner = fields.Reference(required=False)


class ContractInput(ContractFields):
    """Without ``owner`` it is the customer's."""

    customer = fields.Reference()
    title = fields.Text(max_length=MAX_TITLE)
    starts_on = fields.Day()


class ContractChange(ContractFields):
    """Only what is named changes."""

    version = fields.Version()
    title = fields.Text(max_length=MAX_TITLE, required=False)
    starts_on = fields.Day(required=False)


class ContractView(Records):
    queryset = Contract.objects.none()
    serializer_class = ContractRecord
    filterset_class = ContractFilter
    order = Order(("-id",), (int,))

    def get_queryset(self) -> QuerySet[Contract]:
        return access.visible_contracts(self.person).select_related("customer")

    @extend_schema(request=ContractInput, responses={201: ContractRecord}, parameters=[KEY])
    def create(self, request: Request) -> Response:
        values = _of_colleague(self, self.valid(ContractInput))
        referred(values, "customer", access.visible_customers(self.person))
        customer = self.changeable(values.pop("customer"), access.changeable_customers(self.person))
        values.setdefault("owner_id", customer.owner_id or self.person.pk)
        with once(self.person, request.headers.get(HEADER, "")) as claim:
            contract = services.add_contract(
                customer=customer, facts=ContractFacts(**values), author=self.person, now=timezone.now()
            )
            claim.made(str(contract.pk))
        rescore_soon([customer.pk])
        return self.created(ContractRecord(contract))

    @extend_schema(request=ContractChange, responses=ContractRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        contract = self.changeable(self.get_object(), access.changeable_contracts(self.person))
        values = _of_colleague(self, self.valid(ContractChange))
        version = values.pop("version")
        facts = replace(services.contract_facts_of(contract), **values)
        changed = services.change_contract(
            contract, facts=facts, expected_version=version, now=timezone.now()
        )
        rescore_soon([contract.customer_id])
        return Response(ContractRecord(changed).data)


class OpportunityRecord(serializers.Serializer[Opportunity]):
    """``value_minor`` in minor units of ``currency``; ``probability`` in percent."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    need = serializers.IntegerField(source="need_id", allow_null=True)
    title = serializers.CharField()
    stage = serializers.ChoiceField(OpportunityStage.choices)
    value_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    probability = serializers.IntegerField()
    expected_on = serializers.DateField(allow_null=True)
    lost_reason = serializers.CharField()
    order_number = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    owner = serializers.IntegerField(source="owner_id")


class OpportunityFields(fields.Input):
    stage = fields.Choice(OpportunityStage.choices, required=False)
    value_minor = fields.Whole(min_value=0, max_value=MAX_MINOR, allow_null=True, required=False)
    currency = fields.Currency(required=False)
    probability = fields.Whole(min_value=0, max_value=100, required=False)
    expected_on = fields.Day(allow_null=True, required=False)
    need = fields.Reference(allow_null=True, required=False)
    lost_reason = fields.Text(max_length=MAX_REASON, allow_blank=True, required=False)
    order_number = fields.Text(max_length=96, allow_blank=True, required=False)
    owner = fields.Reference(required=False)


class OpportunityInput(OpportunityFields):
    """Without ``owner`` it is the customer's. A ``stage`` of lost needs its ``lost_reason``."""

    customer = fields.Reference()
    title = fields.Text(max_length=MAX_TITLE)


class OpportunityChange(OpportunityFields):
    """Only what is named changes."""

    version = fields.Version()
    title = fields.Text(max_length=MAX_TITLE, required=False)


class OpportunityView(Records):
    queryset = Opportunity.objects.none()
    serializer_class = OpportunityRecord
    filterset_class = OpportunityFilter
    order = Order(("-id",), (int,))

    def get_queryset(self) -> QuerySet[Opportunity]:
        return access.visible_opportunities(self.person).select_related("customer")

    @extend_schema(request=OpportunityInput, responses={201: OpportunityRecord}, parameters=[KEY])
    def create(self, request: Request) -> Response:
        values = _of_colleague(self, self.valid(OpportunityInput))
        referred(values, "customer", access.visible_customers(self.person))
        customer = values.pop("customer")
        if not access.loggable_customers(self.person).filter(pk=customer.pk).exists():
            raise PermissionDenied
        values.setdefault("owner_id", customer.owner_id or self.person.pk)
        with once(self.person, request.headers.get(HEADER, "")) as claim:
            chance = services.add_opportunity(
                customer=customer, facts=OpportunityFacts(**values), author=self.person, now=timezone.now()
            )
            claim.made(str(chance.pk))
        return self.created(OpportunityRecord(chance))

    @extend_schema(request=OpportunityChange, responses=OpportunityRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        chance = self.changeable(self.get_object(), access.changeable_opportunities(self.person))
        values = _of_colleague(self, self.valid(OpportunityChange))
        version = values.pop("version")
        facts = replace(services.opportunity_facts_of(chance), **values)
        changed = services.change_opportunity(
            chance, facts=facts, expected_version=version, now=timezone.now()
        )
        return Response(OpportunityRecord(changed).data)


def _of_colleague(view: Records, values: dict[str, Any]) -> dict[str, Any]:
    """By the names that the facts have; the owner and the need are known to whoever asks."""
    owner, need = values.get("owner"), values.get("need")
    refuse_unknown("owner", [owner] if owner else (), access.visible_users(view.person))
    refuse_unknown("need", [need] if need else (), access.visible_needs(view.person))
    for name in ("owner", "need"):
        if name in values:
            values[f"{name}_id"] = values.pop(name)
    return values
