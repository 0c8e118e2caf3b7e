"""Reads of the templates that the texts of interactions begin with."""

from __future__ import annotations

from accounts.interactions.models import InteractionKind, KindTemplate


def all_templates() -> list[KindTemplate]:
    """In the order of the kinds."""
    kinds = list(InteractionKind.values)
    found = KindTemplate.objects.filter(deleted_at=None)
    return sorted(found, key=lambda template: kinds.index(template.kind))


def kinds_without() -> list[InteractionKind]:
    """Kinds that one may still be written for."""
    taken = set(KindTemplate.objects.filter(deleted_at=None).values_list("kind", flat=True))
    return [kind for kind in InteractionKind if kind.value not in taken]


def texts_in(language: str) -> dict[str, str]:
    """By kind, what is offered to somebody who reads ``language``."""
    found = KindTemplate.objects.filter(deleted_at=None)
    return {template.kind: template.text_in(language) for template in found}
