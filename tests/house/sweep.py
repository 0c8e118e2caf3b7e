"""Every address of the product, as Django resolves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    name: str
    """As `reverse` takes it; the route itself where there is no name."""
    route: str
    methods: frozenset[str]
    """The writing methods an API route offers; POST for a page, which must say that it refuses it."""


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, route: str, spaces: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            name = ":".join((*spaces, entry.name)) if entry.name else here
            yield Address(name, here, _methods(entry.callback))
        else:
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry, here, inner)


def _methods(view: Any) -> frozenset[str]:
    actions = getattr(view, "actions", None)
    if actions is None:
        return frozenset({"GET", "POST"})
    return frozenset(method.upper() for method in actions if method not in {"head", "options"})
