"""/api/v1/contacts"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.contacts import services
from accounts.contacts.models import Attitude, Contact, DecisionRole, Level
from crm.api import fields
from crm.api.paging import Order
from crm.api.records import Records, referred
from crm.filters.contacts import ContactFilter
from scoring.services import rescore_soon


class ContactRecord(serializers.Serializer[Contact]):
    """A person of a customer."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    name = serializers.CharField()
    title = serializers.CharField()
    department = serializers.CharField()
    level = serializers.ChoiceField(Level.choices)
    reports_to = serializers.IntegerField(source="reports_to_id", allow_null=True)
    decision_role = serializers.ChoiceField(DecisionRole.choices, allow_blank=True)
    attitude = serializers.ChoiceField(Attitude.choices)
    counterpart = serializers.IntegerField(source="counterpart_id", allow_null=True)
    email = serializers.CharField()
    phone = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    opted_out = serializers.BooleanField()
    left_on = serializers.DateField(allow_null=True)


class ContactFields(fields.Input):
    title = fields.Text(max_length=120, allow_blank=True, required=False)
    department = fields.Text(max_length=120, allow_blank=True, required=False)
    reports_to = fields.Reference(allow_null=True, required=False)
    decision_role = fields.Choice(DecisionRole.choices, allow_blank=True, required=False)
    attitude = fields.Choice(Attitude.choices, required=False)
    counterpart = fields.Reference(allow_null=True, required=False)
    email = fields.Mail(max_length=254, allow_blank=True, required=False)
    phone = fields.Text(max_length=40, allow_blank=True, required=False)
    language = fields.Choice(settings.LANGUAGES, required=False)
    time_zone = fields.TimeZone(max_length=64, required=False)
    opted_out = fields.YesNo(required=False)


class ContactInput(ContactFields):
    customer = fields.Reference()
    name = fields.Text(max_length=120)
    level = fields.Choice(Level.choices)


class ContactChange(ContactFields):
    """Only what is named changes; ``left_on`` null: he did not leave, or came back."""

    version = fields.Version()
    name = fields.Text(max_length=120, required=False)
    level = fields.Choice(Level.choices, required=False)
    left_on = fields.Day(allow_null=True, required=False)


class ContactView(Records):
    queryset = Contact.objects.none()
    serializer_class = ContactRecord
    filterset_class = ContactFilter
    order = Order(("customer_id", "sort_key", "id"), (int, str, int))

    def get_queryset(self) -> QuerySet[Contact]:
        return access.visible_contacts(self.person)

    @extend_schema(request=ContactInput, responses={201: ContactRecord})
    def create(self, request: Request) -> Response:
        values = self._resolved(self.valid(ContactInput))
        referred(values, "customer", access.visible_customers(self.person))
        self.changeable(values["customer"], access.changeable_customers(self.person))
        contact = services.create_contact(**values, author=self.person, now=timezone.now())
        rescore_soon([contact.customer_id])
        return self.created(ContactRecord(contact))

    @extend_schema(request=ContactChange, responses=ContactRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        contact = self.changeable(self.get_object(), access.changeable_contacts(self.person))
        changed = self._change(contact, self._resolved(self.valid(ContactChange)), timezone.now())
        rescore_soon([contact.customer_id])
        return Response(ContactRecord(changed).data)

    @transaction.atomic
    def _change(self, contact: Contact, values: dict[str, Any], now: dt.datetime) -> Contact:
        version = values.pop("version")
        leaves, left_on = "left_on" in values, values.pop("left_on", None)
        contact = services.change_contact(
            contact,
            expected_version=version,
            changes=values,  # type: ignore[arg-type]
            author=self.person,
            now=now,
        )
        if not leaves:
            return contact
        if left_on is None:
            return services.undo_left(contact, now=now)
        return services.mark_left(contact, left_on=left_on, author=self.person, now=now)

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        referred(values, "reports_to", access.visible_contacts(self.person))
        referred(values, "counterpart", access.visible_users(self.person))
        return values
