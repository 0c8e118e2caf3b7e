"""Every write of a custom field's definition.

What is wrong is raised as a ValidationError by field: blank, key_form, key_taken, kind_in_use, choices,
choice_in_use.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.customers.models import Customer
from accounts.customers.services import refuse
from accounts.fields.models import KEY_PATTERN, CustomField, FieldKind, Subject

MOST_CHOICES = 100
MOST_FIELDS = 50
FIELDS_LOCK = 0x7472_0021
"""Advisory lock while a kind or a choice is changed: a value given meanwhile would no longer fit."""


@dataclass(frozen=True)
class FieldFacts:
    """``choices`` are those of a choice, in their order; the other kinds have none."""

    label: str
    kind: FieldKind
    label_zh_hans: str = ""
    label_zh_hant: str = ""
    choices: Sequence[str] = ()
    is_required: bool = False
    position: int = 0


@transaction.atomic
def add_field(*, key: str, facts: FieldFacts) -> CustomField:
    """A further field of every customer's record."""
    if not re.match(KEY_PATTERN, key):
        refuse("key", "key_form", _("Small letters, digits and underscores, beginning with a letter."))
    if CustomField.objects.filter(subject=Subject.CUSTOMER, archived_at=None).count() >= MOST_FIELDS:
        refuse("key", "too_many", _("There are fifty fields already; archive one first."))
    field = CustomField(subject=Subject.CUSTOMER, key=key)
    _set(field, facts)
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError as error:
        if "custom_field_key_once" not in str(error):
            raise
        refuse("key", "key_taken", _("Another field has this key."))
    return field


@transaction.atomic
def change_field(field: CustomField, facts: FieldFacts) -> CustomField:
    """Everything but its key. The kind stays, and so does every choice that a customer has."""
    _lock()
    current = CustomField.objects.select_for_update().get(pk=field.pk)
    if facts.kind != current.kind and is_in_use(current):
        refuse("kind", "kind_in_use", _("Customers have values of this kind. Archive it and add another."))
    gone = set(current.choices) - set(facts.choices) if facts.kind == current.kind else set()
    for choice in sorted(gone):
        if Customer.objects.filter(custom_fields__contains={current.key: choice}).exists():
            refuse("choices", "choice_in_use", _("A customer has a choice that is missing here."))
    _set(current, facts)
    current.save()
    return current


def archive_field(field: CustomField, *, now: dt.datetime) -> None:
    """Nobody is asked for it any more; the values stay readable."""
    CustomField.objects.filter(pk=field.pk, archived_at=None).update(archived_at=now)


def restore_field(field: CustomField) -> None:
    CustomField.objects.filter(pk=field.pk).update(archived_at=None)


def is_in_use(field: CustomField) -> bool:
    """Whether a customer has a value of it."""
    return Customer.objects.filter(custom_fields__has_key=field.key).exists()


def _set(field: CustomField, facts: FieldFacts) -> None:
    field.label = names.cleaned(facts.label)
    if not field.label:
        refuse("label", "blank", _("Type a name."))
    choices = [choice.strip() for choice in facts.choices if choice.strip()]
    field.choices = list(dict.fromkeys(choices)) if facts.kind == FieldKind.CHOICE else []
    if facts.kind == FieldKind.CHOICE and not 1 <= len(field.choices) <= MOST_CHOICES:
        refuse("choices", "choices", _("From one to a hundred choices, one a line."))
    if any(len(choice) > 80 for choice in field.choices):
        refuse("choices", "choices", _("At most 80 characters in a choice."))
    field.kind = facts.kind
    field.label_zh_hans = names.cleaned(facts.label_zh_hans)
    field.label_zh_hant = names.cleaned(facts.label_zh_hant)
    field.is_required, field.position = facts.is_required, facts.position


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [FIELDS_LOCK])
