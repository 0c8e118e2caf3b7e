"""Reads about single interactions."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from accounts import access
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction, InteractionParticipant
from accounts.users.models import User


def people_in(interaction: Interaction) -> QuerySet[InteractionParticipant]:
    return interaction.participants.select_related("contact", "user").order_by("id")


def versions_of(interaction: Interaction) -> QuerySet[Interaction]:
    """Every version that was believed before, the latest first."""
    earlier = Interaction.objects.filter(identity=interaction.identity, superseded_at__isnull=False)
    return earlier.select_related("superseded_by").order_by("-id")


def deleted_by(user: User, customer: Customer, identity: uuid.UUID) -> Interaction | None:
    """The last version of an interaction that this person deleted: only he may undo that."""
    versions = Interaction.objects.filter(identity=identity, customer=customer, superseded_at__isnull=False)
    current = Interaction.objects.filter(identity=OuterRef("identity"), superseded_at=None)
    loggable = access.loggable_customers(user).filter(pk=customer.pk)
    latest = versions.filter(~Exists(current), customer__in=loggable.values("pk")).order_by("-id").first()
    return latest if latest is not None and latest.superseded_by_id == user.pk else None
