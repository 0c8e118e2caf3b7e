"""/api/v1/needs: what customers want of us. Each step of the way is a change of its own fields."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.customers.services import company_day
from accounts.needs import services
from accounts.needs.models import (
    LEAST_IMPORTANT,
    MAX_REASON,
    MAX_TEXT,
    MOST_IMPORTANT,
    Capability,
    Decision,
    Need,
    NeedAbout,
    NeedExpression,
    NeedLevel,
    NeedOrigin,
    NeedState,
    StrategicFit,
)
from accounts.needs.services import (
    LONGEST_TAG,
    MAX_MINOR,
    MAX_MUST_FIT,
    MAX_RUN_BY,
    MAX_TITLE,
    MOST_TAGS,
    NeedFacts,
    Triage,
)
from accounts.orders.models import ProductLine
from crm.api import fields
from crm.api.errors import RefusedError, StaleError
from crm.api.idempotency import HEADER, once
from crm.api.interactions import KEY
from crm.api.paging import Order
from crm.api.records import Records, referred, refuse_unknown
from crm.filters.needs import NeedRecordFilter
from scoring.services import rescore_soon

JUDGED = ("decision", "reason", "fit", "capability")


class NeedRecord(serializers.Serializer[Need]):
    """``budget_minor`` in minor units of ``currency``; ``triage_by``: the last day to decide in time."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    contact = serializers.IntegerField(source="contact_id", allow_null=True)
    title = serializers.CharField()
    text = serializers.CharField()
    about = serializers.ChoiceField(NeedAbout.choices)
    level = serializers.ChoiceField(NeedLevel.choices)
    origin = serializers.ChoiceField(NeedOrigin.choices)
    expression = serializers.ChoiceField(NeedExpression.choices)
    importance = serializers.IntegerField()
    product_line = serializers.CharField(source="product_line.name", default=None, allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    budget_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    needed_on = serializers.DateField(allow_null=True)
    run_by = serializers.CharField()
    must_fit = serializers.CharField()
    raised_on = serializers.DateField()
    interaction = serializers.UUIDField(allow_null=True)
    owner = serializers.IntegerField(source="owner_id")
    state = serializers.ChoiceField(NeedState.choices)
    triage_by = serializers.DateField()
    decision = serializers.ChoiceField(Decision.choices, allow_blank=True)
    reason = serializers.CharField()
    fit = serializers.ChoiceField(StrategicFit.choices, allow_blank=True)
    capability = serializers.ChoiceField(Capability.choices, allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    promised_on = serializers.DateField(allow_null=True)
    delivered_on = serializers.DateField(allow_null=True)
    confirmed_on = serializers.DateField(allow_null=True)


class NeedFields(fields.Input):
    text = fields.Text(max_length=MAX_TEXT, allow_blank=True, required=False)
    level = fields.Choice(NeedLevel.choices, required=False)
    origin = fields.Choice(NeedOrigin.choices, required=False)
    expression = fields.Choice(NeedExpression.choices, required=False)
    importance = fields.Whole(min_value=LEAST_IMPORTANT, max_value=MOST_IMPORTANT, required=False)
    contact = fields.Reference(allow_null=True, required=False)
    product_line = fields.Text(max_length=120, allow_null=True, required=False)
    tags = serializers.ListField(
        child=fields.Text(max_length=LONGEST_TAG), max_length=MOST_TAGS, required=False
    )
    budget_minor = fields.Whole(min_value=0, max_value=MAX_MINOR, allow_null=True, required=False)
    currency = fields.Currency(required=False)
    needed_on = fields.Day(allow_null=True, required=False)
    run_by = fields.Text(max_length=MAX_RUN_BY, allow_blank=True, required=False)
    must_fit = fields.Text(max_length=MAX_MUST_FIT, allow_blank=True, required=False)
    owner = fields.Reference(required=False)


class NeedInput(NeedFields):
    """Without ``owner`` it is the customer's, without ``raised_on`` it was raised today."""

    customer = fields.Reference()
    title = fields.Text(max_length=MAX_TITLE)
    about = fields.Choice(NeedAbout.choices)
    raised_on = fields.Day(required=False)


class NeedChange(NeedFields):
    """Only what is named changes. A ``decision`` comes with ``reason``, ``fit`` and ``capability``."""

    version = fields.Version()
    title = fields.Text(max_length=MAX_TITLE, required=False)
    about = fields.Choice(NeedAbout.choices, required=False)
    raised_on = fields.Day(required=False)
    decision = fields.Choice(Decision.choices, required=False)
    reason = fields.Text(max_length=MAX_REASON, required=False)
    fit = fields.Choice(StrategicFit.choices, required=False)
    capability = fields.Choice(Capability.choices, required=False)
    promised_on = fields.Day(required=False)
    delivered_on = fields.Day(required=False)
    confirmed_on = fields.Day(required=False)


class NeedView(Records):
    queryset = Need.objects.none()
    serializer_class = NeedRecord
    filterset_class = NeedRecordFilter
    order = Order(("-id",), (int,))

    def get_queryset(self) -> QuerySet[Need]:
        return access.visible_needs(self.person).select_related("customer", "product_line")

    @extend_schema(request=NeedInput, responses={201: NeedRecord}, parameters=[KEY])
    def create(self, request: Request) -> Response:
        values, now = self._resolved(self.valid(NeedInput)), timezone.now()
        referred(values, "customer", access.visible_customers(self.person))
        customer = values.pop("customer")
        if not access.loggable_customers(self.person).filter(pk=customer.pk).exists():
            raise PermissionDenied
        values.setdefault("owner_id", customer.owner_id or self.person.pk)
        values.setdefault("raised_on", company_day(now))
        with once(self.person, request.headers.get(HEADER, "")) as claim:
            need = services.add_need(
                customer=customer, facts=NeedFacts(**values), author=self.person, now=now
            )
            claim.made(str(need.pk))
        rescore_soon([customer.pk])
        return self.created(NeedRecord(need))

    @extend_schema(request=NeedChange, responses=NeedRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        need = self.changeable(self.get_object(), access.changeable_needs(self.person))
        values = self._resolved(self.valid(NeedChange))
        changed = self._change(need, values, timezone.now())
        rescore_soon([need.customer_id])
        return Response(NeedRecord(changed).data)

    @transaction.atomic
    def _change(self, need: Need, values: dict[str, Any], now: dt.datetime) -> Need:
        """What is noted, then the steps in the order of the way: all of it or nothing."""
        if values.pop("version") != need.version:
            raise StaleError
        judged = {name: values.pop(name) for name in JUDGED if name in values}
        steps = {
            name: values.pop(name)
            for name in ("promised_on", "delivered_on", "confirmed_on")
            if name in values
        }
        if values:
            facts = replace(services.facts_of(need), **values)
            need = services.change_need(
                need, facts=facts, expected_version=need.version, by=self.person, now=now
            )
        if judged:
            need = services.triage_need(
                need, triage=_triage(judged), expected_version=need.version, by=self.person, now=now
            )
        if "promised_on" in steps:
            need = services.promise_need(need, on=steps["promised_on"], now=now)
        if "delivered_on" in steps:
            need = services.deliver_need(need, on=steps["delivered_on"], now=now)
        if "confirmed_on" in steps:
            need = services.confirm_need(need, on=steps["confirmed_on"], now=now)
        return need

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        """By the names that `NeedFacts` has for them."""
        referred(values, "product_line", ProductLine.objects.all(), field="name")
        refuse_unknown("contact", _given(values, "contact"), access.visible_contacts(self.person))
        refuse_unknown("owner", _given(values, "owner"), access.visible_users(self.person))
        if "product_line" in values:
            line = values.pop("product_line")
            values["product_line_id"] = line and line.pk
        for name in ("contact", "owner"):
            if name in values:
                values[f"{name}_id"] = values.pop(name)
        if "tags" in values:
            values["tags"] = tuple(dict.fromkeys(values["tags"]))
        return values


def _given(values: dict[str, Any], name: str) -> list[int]:
    return [values[name]] if values.get(name) else []


def _triage(judged: dict[str, Any]) -> Triage:
    missing = [name for name in JUDGED if name not in judged]
    if missing:
        raise RefusedError({name: [_("A decision needs this.")] for name in missing}, "needed")
    return Triage(
        decision=Decision(judged["decision"]),
        reason=judged["reason"],
        fit=StrategicFit(judged["fit"]),
        capability=Capability(judged["capability"]),
    )
