"""Bodies: JSON in UTF-8, no deeper than `MAX_DEPTH`, and nothing in it that no column could hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from crm.api.errors import WHOLE_BODY, RefusedError

MAX_DEPTH = 32


class StrictJSONParser(JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The body; 400 when it is no JSON or too deep, 422 when it holds NUL, a lone surrogate or 1e999.

        JSON is UTF-8 (RFC 8259), whatever charset the content type says.
        """
        try:
            parsed = super().parse(stream, media_type, {**(parser_context or {}), "encoding": "utf-8"})
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        _check(parsed, 0)
        return parsed


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ParseError(_("The JSON is nested too deeply."))
    if isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif not _storable(value):
        raise RefusedError({WHOLE_BODY: [_("A text or number in it cannot be stored.")]})


def _storable(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if not isinstance(value, str):
        return True
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
