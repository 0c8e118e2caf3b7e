"""Every failure in one shape: ``{"error": code, "message": text, "fields": {name: [texts]}}``.

400: what the schema rules out. 422: well-formed, and refused by a rule that a schema cannot say (an unknown
reference, a date in the future). 409: somebody else was first; ``existing`` then names the present record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as RuleError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.customers.services import ConflictError

WHOLE_BODY = "body"
# The services speak of amounts, which pages type in major units; the API has them in minor ones.
_API_NAMES = {"amount": "amount_minor", "direct_cost": "direct_cost_minor"}


class RefusedError(APIException):
    """A rule beyond the schema; ``fields`` says what is wrong where."""

    status_code: int = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "refused"
    default_detail = _("This cannot be done; see the fields.")

    def __init__(self, fields: Mapping[str, Sequence[object]], code: str | None = None) -> None:
        super().__init__(code=code)
        self.fields = {name: [str(text) for text in texts] for name, texts in fields.items()}


class TakenError(RefusedError):
    """Such a record exists already: ``existing`` is its id."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "taken"
    default_detail = _("There is such a record already.")

    def __init__(self, fields: Mapping[str, Sequence[object]], existing: int | str | None) -> None:
        super().__init__(fields)
        self.existing = existing


class StaleError(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = _("Somebody else changed this record since it was read; nothing was written.")


class TooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The body is too large.")


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of every failure; ``existing`` only where a record stands in the way."""

    error = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]
    existing = serializers.CharField(required=False)


@contextmanager
def naming_what_exists(visible: QuerySet[Any], **lookup: object) -> Iterator[None]:
    """Turns a service's ``..._taken`` into 409 with the id of the record that he may see, if there is one."""
    try:
        yield
    except RuleError as error:
        if not _code(error).endswith("_taken"):
            raise
        existing = visible.filter(**lookup).values_list("pk", flat=True).first()
        raise TakenError(_by_field(error), existing) from error


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler; None (a server error) for what is nobody's fault but ours."""
    if isinstance(error, Http404):
        error = NotFound()  # the same text whatever was asked for
    elif isinstance(error, RequestDataTooBig):
        error = TooLargeError()
    elif isinstance(error, ConflictError):
        error = StaleError()
    elif isinstance(error, RuleError):
        error = RefusedError(_by_field(error), _code(error))
    response = exception_handler(error, context)
    if response is not None:
        response.data = _body(error, response)
    return response


def _body(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        message = str(_("Some fields are not valid."))
        return {"error": "invalid", "message": message, "fields": _flat(error.detail)}
    detail = response.data["detail"]
    body = {"error": detail.code, "message": str(detail), "fields": getattr(error, "fields", {})}
    if isinstance(error, TakenError) and error.existing is not None:
        body["existing"] = str(error.existing)
    return body


def _by_field(error: RuleError) -> dict[str, Sequence[object]]:
    if not hasattr(error, "error_dict"):
        return {WHOLE_BODY: error.messages}
    return {_API_NAMES.get(name, name): texts for name, texts in error.message_dict.items()}


def _code(error: RuleError) -> str:
    """The code of the first thing that was wrong."""
    if hasattr(error, "error_dict"):
        error = next(iter(error.error_dict.values()))[0]
    return error.code or RefusedError.default_code


def _flat(detail: Any) -> dict[str, list[str]]:
    """Nested details under dotted names: ``participants.0.contact``."""
    found: dict[str, list[str]] = {}
    for path, text in _leaves(detail, ()):
        found.setdefault(".".join(path) or WHOLE_BODY, []).append(text)
    return found


def _leaves(detail: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = () if name == "non_field_errors" else (str(name),)
            yield from _leaves(inner, (*path, *step))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _leaves(inner, (*path, str(index)) if nested else path)
    else:
        yield path, str(detail)
