"""Reads about files."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.customers.models import Customer
from accounts.files.models import NOT_DELETED, Attachment
from accounts.interactions.models import Interaction
from accounts.keys import among
from crm.queries import keyset


def page_of_files(customer: Customer, *, after: str = "", before: str = "") -> keyset.Page[Attachment]:
    """A customer's files, the latest first; ``talk_at``: when the interaction of a file was."""
    found = Attachment.objects.filter(NOT_DELETED, customer=customer)
    order = [keyset.Part(found, ("-known_at", "-pk"), (dt.datetime, int))]
    page = keyset.page_or_first(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    talk = Interaction.objects.filter(identity=OuterRef("interaction"), superseded_at=None)
    rows = (
        Attachment.objects.filter(pk__in=among(page.rows))
        .select_related("uploaded_by")
        .annotate(talk_at=Subquery(talk.values("started_at")[:1]))
        .order_by("-known_at", "-pk")
    )
    return keyset.Page(list(rows), page.newer, page.older, count, is_exact)


def files_of_interaction(identity: uuid.UUID, customer: Customer) -> QuerySet[Attachment]:
    found = Attachment.objects.filter(NOT_DELETED, interaction=identity, customer=customer)
    return found.select_related("uploaded_by").order_by("-known_at", "-pk")
