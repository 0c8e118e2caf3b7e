"""The OpenAPI document: what REST framework knows, and the failures that every operation shares."""

from __future__ import annotations

from typing import Any

from django_filters import CharFilter, Filter
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.openapi import AutoSchema

from crm.api.errors import ErrorSerializer
from crm.api.fields import Input
from crm.filters.strict import MAX_ID, WholeFilter

# 413: larger than DATA_UPLOAD_MAX_MEMORY_SIZE is a 400 here as everywhere in Django.
ALWAYS = ("400", "401", "404", "406", "422", "429")
WRITING = ("403", "409", "415")


class Schema(AutoSchema):
    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is None:
            return None
        statuses = ALWAYS if self.method == "GET" else (*ALWAYS, *WRITING)
        error = self.resolve_serializer(ErrorSerializer, "response").ref
        for status in statuses:
            content = {"application/json": {"schema": error}}
            operation["responses"].setdefault(status, {"description": "", "content": content})
        return operation

    def _map_serializer(
        self, serializer: Any, direction: str, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_serializer(  # type: ignore[no-untyped-call]
            serializer, direction, bypass_extensions
        )
        if _is_input(serializer) and "properties" in schema:
            schema["additionalProperties"] = False
        return schema


class StrictFilters(DjangoFilterExtension):
    """Says of the filters what drf-spectacular cannot guess: bounds of numbers and texts."""

    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Filter
    ) -> list[dict[str, Any]]:
        resolve = super().resolve_filter_field
        found: list[dict[str, Any]] = resolve(auto_schema, model, filterset_class, field_name, filter_field)
        for parameter in found:
            if isinstance(filter_field, WholeFilter):
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
            elif type(filter_field) is CharFilter:
                parameter["schema"] |= {"pattern": r"^[^\u0000]*$"}
                if "max_length" in filter_field.extra:
                    parameter["schema"]["maxLength"] = filter_field.extra["max_length"]
        return found


def _is_input(serializer: Any) -> bool:
    kind = serializer if isinstance(serializer, type) else type(serializer)
    return issubclass(kind, Input)
