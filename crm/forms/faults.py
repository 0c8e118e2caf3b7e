"""What a form refuses, as a list that leads to the fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """What is refused: the name of the field, its id on the page, and why."""

    label: str
    field_id: str
    message: str


def faults_of(form: Any, whose: str) -> list[Fault]:
    """Of one form: the name of a field says which line it stands in."""
    found = []
    for name, messages in form.errors.items():
        if name not in form.fields:
            continue
        field = form[name]
        label = f"{field.label} · {whose}" if whose else str(field.label)
        target = field.id_for_label or f"{field.auto_id}_0"
        found += [Fault(label, target, str(message)) for message in messages]
    return found
