"""Old rows kept by the database beside what they became, said field by field.

An old row became the next old row of the same record, or the present one; both are read as JSON objects.
Names of what they point at are read afterwards, of a whole page at once: joined here, planning the statement
took longer than running it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    DateField,
    ForeignKey,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.fields.models import CustomField
from accounts.users.models import User
from crm.queries.event_source import Facts
from crm.queries.fields import all_fields
from crm.templatetags import formats
from crm.templatetags.formats import money

NOT_SHOWN = {
    "id",
    "version",
    "sort_key",
    "search_text",
    "search_tokens",
    "known_at",
    "recorded_at",
    "import_id",
    "interaction",
    "token",
}
OWN = "custom_fields"
PROFIT = {"acquisition_cost_minor", "retention_cost_minor"}
Names = dict[tuple[type[Model], Any], str]


@dataclass(frozen=True)
class Change:
    """A row and what it became; ``after`` is None where it was deleted. ``hidden``: fields not to show."""

    model: type[Model]
    before: Facts
    after: Facts | None
    actor: int | None
    hidden: frozenset[str]

    @property
    def fields(self) -> list[Any]:
        """Those that differ, in the order of the record."""
        after = self.after
        if after is None:
            return []
        return [
            field
            for field in fields_of(self.model)
            if field.name not in self.hidden and self.before[field.attname] != after[field.attname]
        ]


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


def fields_of(model: type[Model]) -> list[Any]:
    """What a page says of a change; keys that only programs read are left out."""
    return [field for field in model._meta.concrete_fields if field.name not in NOT_SHOWN]


def old_rows(model: type[Any], **whose: object) -> QuerySet[Any]:
    """Old rows of ``model`` with ``before``, ``after`` (null: it was deleted) and ``actor`` (a user's id)."""
    events: QuerySet[Any] = model.pgh_event_models["changed"].objects.all()
    row = JSONObject(**{field.attname: field.attname for field in fields_of(model)})
    later = events.filter(pgh_obj=OuterRef("pgh_obj"), pk__gt=OuterRef("pk")).order_by("pk")
    present = model.objects.filter(pk=OuterRef("pgh_obj"))
    found: QuerySet[Any] = events.filter(**whose).annotate(
        before=row,
        after=Coalesce(
            Subquery(later.values(row=row)[:1]),
            Subquery(present.values(row=row)[:1]),
            output_field=JSONField(),
        ),
        actor=Cast(KeyTextTransform("user", "pgh_context__metadata"), BigIntegerField()),
    )
    return found


def change_of(model: type[Model], facts: Facts, *, hidden: Collection[str] = ()) -> Change:
    return Change(model, facts["before"], facts["after"], facts["actor"], frozenset(hidden))


def names_in(changes: Iterable[Change]) -> Names:
    """Names of who changed something and of what old and new rows point at, a query per kind of record.

    Custom fields go by their keys.
    """
    wanted: dict[type[Any], set[Any]] = defaultdict(set)
    has_own = False
    for change in changes:
        wanted[User] |= {change.actor} - {None}
        for field in change.fields:
            has_own |= field.name == OWN
            if isinstance(field, ForeignKey) and change.after is not None:
                target: Any = field.related_model
                wanted[target] |= {change.before[field.attname], change.after[field.attname]} - {None}
    language = get_language() or "en"
    labels: Names = (
        {(CustomField, own.key): own.label_in(language) for own in all_fields()} if has_own else {}
    )
    return labels | {
        (model, pk): str(record)
        for model, ids in wanted.items()
        if ids
        for pk, record in model._default_manager.in_bulk(ids).items()
    }


def in_words(change: Change, names: Names) -> tuple[FieldChange, ...]:
    """What differs, in the active language."""
    if change.after is None:
        return ()
    currency = str(change.after.get("currency", ""))
    return tuple(
        said
        for field in change.fields
        for said in _said(field, change.before[field.attname], change.after[field.attname], names, currency)
    )


def _said(field: Any, before: Any, after: Any, names: Names, currency: str) -> Iterable[FieldChange]:
    """One change; of custom fields one for each that differs."""
    if field.name == OWN:
        return _said_of_own(before or {}, after or {}, names)
    shown = (_shown(field, value, names, currency) for value in (before, after))
    return [FieldChange(str(field.verbose_name), *shown)]


def _said_of_own(before: Facts, after: Facts, names: Names) -> list[FieldChange]:
    return [
        FieldChange(
            names.get((CustomField, key), key), _own_value(before.get(key)), _own_value(after.get(key))
        )
        for key in before | after
        if before.get(key) != after.get(key)
    ]


def _own_value(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


def when_in_words(value: dt.date | str) -> str:
    """A day, or a moment in the reader's time, also as JSON keeps them."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value) if "T" in value else dt.date.fromisoformat(value)
    if not isinstance(value, dt.datetime):
        return formats.in_words(value)
    local = timezone.localtime(value)
    return f"{formats.in_words(local.date())} {local:%H:%M}"


def _shown(field: Any, value: Any, names: Names, currency: str) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(field, ForeignKey):
        target: Any = field.related_model
        return names.get((target, value), f"#{value}")
    if field.name.endswith("_minor"):
        return money(value, currency)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, DateField):
        return when_in_words(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(value) if isinstance(value, list) else str(value)
