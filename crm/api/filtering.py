"""The pages' filters for programs: a misspelt, empty or repeated one is an error, not everything."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import CharFilter, ChoiceFilter, DateFilter, Filter, NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from crm.filters.strict import MAX_ID, WholeFilter, YesNoFilter

PAGING = {"limit", "cursor"}


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset_class(view, queryset)
        filters: dict[str, Filter] = filterset.base_filters if filterset else {}
        further = getattr(filterset, "further_filters", None)
        if further is not None:
            filters = filters | further(request.query_params)
        wrong = {
            name: [_("There is no such filter.")]
            for name in request.query_params.keys() - filters.keys() - PAGING
        }
        wrong |= {
            name: [_("Give it once.")] for name, values in request.query_params.lists() if len(values) > 1
        }
        for name, known in filters.items():
            if request.query_params.get(name) == "" and type(known) is not CharFilter:
                wrong[name] = [_("Give a value, or leave it out.")]
        if wrong:
            raise ValidationError(wrong)
        found: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return found


class StrictFilterSchema(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """Says in the OpenAPI document what drf-spectacular cannot guess."""

    target_class = "crm.api.filtering.StrictFilterBackend"
    priority = 1

    def resolve_filter_field(
        self, auto_schema: Any, model: Any, filterset_class: Any, field_name: str, filter_field: Filter
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().resolve_filter_field(  # type: ignore[no-untyped-call]
            auto_schema, model, filterset_class, field_name, filter_field
        )
        for parameter in found:
            parameter["schema"] = _schema(filter_field) or parameter["schema"]
        return found


def _schema(known: Filter) -> dict[str, Any]:
    """What this filter takes; empty for what drf-spectacular says well."""
    if isinstance(known, WholeFilter):
        return {"type": "integer", "minimum": 1, "maximum": MAX_ID}
    if isinstance(known, YesNoFilter):
        return {"type": "boolean"}
    if isinstance(known, NumberFilter):
        bounds = {"minimum": known.extra.get("min_value"), "maximum": known.extra.get("max_value")}
        return {"type": "number", **{side: value for side, value in bounds.items() if value is not None}}
    if isinstance(known, DateFilter):
        return {"type": "string", "format": "date"}
    if isinstance(known, ChoiceFilter):
        return {"type": "string", "enum": [value for value, _label in known.extra["choices"]]}
    if type(known) is CharFilter:
        length = {"maxLength": known.extra["max_length"]} if "max_length" in known.extra else {}
        return {"type": "string", "pattern": r"^[^\u0000]*$", **length}
    return {}
