"""Lists by keyset, over the same pages as the screens: any depth costs the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.errors import RefusedError
from crm.queries import keyset

DEFAULT_LIMIT = keyset.PAGE_ROWS
MAX_LIMIT = 200
MAX_CURSOR = 2000


@dataclass(frozen=True)
class Order:
    """Columns without nulls ("-x": descending), the last one an id, and their types in a cursor."""

    columns: tuple[str, ...]
    types: tuple[type, ...]


class KeysetPagination(BasePagination):
    """``{"results": [...], "next": cursor or null}`` in the ``order`` of the view."""

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        order: Order = view.order  # type: ignore[union-attr]
        limit = _limit(request.query_params.get("limit", str(DEFAULT_LIMIT)))
        after = request.query_params.get("cursor", "")
        parts = [keyset.Part(queryset.prefetch_related(None), order.columns, order.types)]
        if after and (len(after) > MAX_CURSOR or keyset.place_of(after, parts) is None):
            raise RefusedError({"cursor": [_("This is no cursor of this list.")]}, "bad_cursor")
        page = keyset.page_of_ids(parts, after=after, limit=limit)
        self.next = page.older
        column = order.columns[-1].lstrip("-")
        by_id = {getattr(row, column): row for row in queryset.filter((f"{column}__in", page.rows))}
        return [by_id[pk] for pk in page.rows if pk in by_id]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": {**schema, "maxItems": MAX_LIMIT},
                "next": {"type": "string", "nullable": True},
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        cursor = {"type": "string", "maxLength": MAX_CURSOR}
        return [
            {"name": "limit", "in": "query", "required": False, "schema": limit},
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "schema": cursor,
                "description": "``next`` of the page before.",
            },
        ]


def _limit(text: str) -> int:
    # Three digits: int() itself takes ٣, 1_0 and a thousand digits.
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise ValidationError({"limit": [_("A number from 1 to %(most)s.") % {"most": MAX_LIMIT}]})
    return limit
