"""The OpenAPI document: what REST framework knows, and the failures that every operation shares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from crm.api.errors import ErrorSerializer
from crm.api.fields import Input

ALWAYS = ("400", "401", "404", "406", "422", "429")
WRITING = ("403", "409", "413", "415")


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


def _is_input(serializer: Any) -> bool:
    kind = serializer if isinstance(serializer, type) else type(serializer)
    return issubclass(kind, Input)
