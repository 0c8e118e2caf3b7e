"""/api/v1/interactions: an address names the interaction, ``version`` one version of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.interactions import services
from accounts.interactions.models import Direction, Interaction, InteractionKind, Sentiment
from accounts.interactions.services import MAX_MINUTES, MAX_PARTICIPANTS, InteractionFacts
from crm.api import fields
from crm.api.errors import StaleError
from crm.api.idempotency import HEADER, once
from crm.api.paging import Order
from crm.api.records import Records, referred, refuse_unknown
from crm.filters.interactions import InteractionFilter
from scoring.services import rescore_soon

MAX_SUMMARY = 20_000
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A text of your own; sent again within a day: 409 with the interaction it made.",
)


class InteractionRecord(serializers.Serializer[Interaction]):
    """A touch between a customer's people and ours. ``contacts`` and ``users`` took part."""

    id = serializers.UUIDField(source="identity")
    version = serializers.IntegerField(source="pk")
    customer = serializers.IntegerField(source="customer_id")
    project = serializers.IntegerField(source="project_id", allow_null=True)
    kind = serializers.ChoiceField(InteractionKind.choices)
    direction = serializers.ChoiceField(Direction.choices)
    started_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    summary = serializers.CharField()
    sentiment = serializers.ChoiceField(Sentiment.choices, allow_null=True)
    follow_up_on = serializers.DateField(allow_null=True)
    follow_up_by = serializers.IntegerField(source="follow_up_by_id", allow_null=True)
    follow_up_done_at = serializers.DateTimeField(allow_null=True, read_only=True)
    author = serializers.IntegerField(source="author_id")
    contacts = serializers.SerializerMethodField()
    users = serializers.SerializerMethodField()

    def get_contacts(self, interaction: Interaction) -> list[int]:
        return [row.contact_id for row in interaction.participants.all() if row.contact_id]

    def get_users(self, interaction: Interaction) -> list[int]:
        return [row.user_id for row in interaction.participants.all() if row.user_id]


class InteractionFields(fields.Input):
    project = fields.Reference(allow_null=True, required=False)
    direction = fields.Choice(Direction.choices, required=False)
    minutes = fields.Whole(min_value=0, max_value=MAX_MINUTES, required=False)
    summary = fields.Text(max_length=MAX_SUMMARY, allow_blank=True, required=False)
    sentiment = fields.Choice(Sentiment.choices, allow_null=True, required=False)
    follow_up_on = fields.Day(allow_null=True, required=False)
    follow_up_by = fields.Reference(allow_null=True, required=False)
    contacts = serializers.ListField(child=fields.Reference(), max_length=MAX_PARTICIPANTS, required=False)
    users = serializers.ListField(child=fields.Reference(), max_length=MAX_PARTICIPANTS, required=False)


class InteractionInput(InteractionFields):
    customer = fields.Reference()
    kind = fields.Choice(InteractionKind.choices)
    started_at = fields.Instant()


class InteractionChange(InteractionFields):
    """Only what is named changes; ``contacts`` and ``users`` are all who took part."""

    version = fields.Version()
    kind = fields.Choice(InteractionKind.choices, required=False)
    started_at = fields.Instant(required=False)


class InteractionView(Records):
    queryset = Interaction.objects.none()
    serializer_class = InteractionRecord
    filterset_class = InteractionFilter
    lookup_field = "identity"
    order = Order(("customer_id", "-started_at", "-id"), (int, str, int))

    def get_queryset(self) -> QuerySet[Interaction]:
        return access.visible_interactions(self.person).prefetch_related("participants")

    @extend_schema(request=InteractionInput, responses={201: InteractionRecord}, parameters=[KEY])
    def create(self, request: Request) -> Response:
        values = self.valid(InteractionInput)
        referred(values, "customer", access.visible_customers(self.person))
        customer = values.pop("customer")
        if not access.loggable_customers(self.person).filter(pk=customer.pk).exists():
            raise PermissionDenied
        contacts, users = self._people(values)
        with once(self.person, request.headers.get(HEADER, "")) as claim:
            interaction = services.log_interaction(
                customer=customer,
                facts=InteractionFacts(**_facts(values)),
                contacts=contacts or (),
                users=users or (),
                author=self.person,
                now=timezone.now(),
            )
            claim.made(str(interaction.identity))
        rescore_soon([customer.pk])
        return self.created(InteractionRecord(interaction))

    @extend_schema(request=InteractionChange, responses=InteractionRecord)
    def partial_update(self, request: Request, identity: str) -> Response:
        interaction = self.changeable(self.get_object(), access.changeable_interactions(self.person))
        values = self.valid(InteractionChange)
        if values.pop("version") != interaction.pk:
            raise StaleError
        contacts, users = self._people(values)
        corrected = services.correct_interaction(
            interaction,
            facts=replace(services.facts_of(interaction), **_facts(values)),
            corrected_by=self.person,
            now=timezone.now(),
            contacts=contacts,
            users=users,
        )
        rescore_soon([interaction.customer_id])
        return Response(InteractionRecord(corrected).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, identity: str) -> Response:
        interaction = self.changeable(self.get_object(), access.changeable_interactions(self.person))
        services.delete_interaction(interaction, deleted_by=self.person, now=timezone.now())
        rescore_soon([interaction.customer_id])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _people(self, values: dict[str, Any]) -> tuple[list[int] | None, list[int] | None]:
        """Who took part, all known to him; None where the body does not say."""
        contacts, users = values.pop("contacts", None), values.pop("users", None)
        follow_up_by = values.get("follow_up_by")
        refuse_unknown("contacts", contacts or (), access.visible_contacts(self.person))
        colleagues = access.visible_users(self.person)
        refuse_unknown("users", users or (), colleagues)
        refuse_unknown("follow_up_by", [follow_up_by] if follow_up_by else (), colleagues)
        return contacts, users


def _facts(values: dict[str, Any]) -> dict[str, Any]:
    """Columns of the facts by the names that `InteractionFacts` has for them."""
    columns = {"project": "project_id", "follow_up_by": "follow_up_by_id"}
    return {columns.get(name, name): value for name, value in values.items()}
