"""Who changed what of a record, from what to what: old rows kept by the database, beside what came next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, Model, QuerySet

from accounts.users.models import User
from crm.queries.changes import FieldChange, when_in_words

MOST_SHOWN = 100
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


@dataclass(frozen=True)
class Entry:
    """One change of one record. ``who`` is empty where no page or API call was behind it."""

    at: dt.datetime
    who: str
    subject: str
    name: str
    was_deleted: bool
    changes: tuple[FieldChange, ...]


def changes_of(record: Model) -> list[Entry]:
    """The latest changes of one record whose old versions are kept, newest first."""
    model: type[Any] = type(record)
    found = _changes(model, model.objects.filter(pk=record.pk), "id", record.pk)
    return _entries(found, NOT_SHOWN)


def _entries(found: list[_Change], hidden: set[str]) -> list[Entry]:
    names = _names(found)
    people = User.objects.in_bulk({change.user_id for change in found if change.user_id})
    entries = [_entry(change, names, people, hidden) for change in found]
    return [entry for entry in entries if entry.changes or entry.was_deleted]


@dataclass(frozen=True)
class _Change:
    model: type[Model]
    at: dt.datetime
    user_id: int | None
    was_deleted: bool
    before: dict[str, Any]
    after: dict[str, Any]


def _changes(model: type[Any], present: QuerySet[Any], column: str, value: int) -> list[_Change]:
    """Old rows newest first. What an old row was changed to is the next old row of it, or the present one."""
    events = model.pgh_event_models["changed"].objects.filter(**{column: value})
    columns = [field.attname for field in model._meta.concrete_fields]
    rows = events.order_by("-pgh_id").values(
        "pgh_created_at", "pgh_label", "pgh_context__metadata", *columns
    )[:MOST_SHOWN]
    following: dict[int, dict[str, Any]] = {row["id"]: row for row in present.values(*columns)}
    changes = []
    for row in rows:
        context = row["pgh_context__metadata"] or {}
        changes.append(
            _Change(
                model=model,
                at=row["pgh_created_at"],
                user_id=context.get("user"),
                was_deleted=row["pgh_label"] == "deleted",
                before=row,
                after=following.get(row["id"], row),
            )
        )
        following[row["id"]] = row
    return changes


def _entry(
    change: _Change, names: dict[tuple[type[Any], Any], str], people: dict[int, User], hidden: set[str]
) -> Entry:
    person = people.get(change.user_id or 0)
    return Entry(
        at=change.at,
        who=str(person or ""),
        subject=str(change.model._meta.verbose_name),
        name=_name_of(change.before),
        was_deleted=change.was_deleted,
        changes=tuple(
            FieldChange(
                label=str(field.verbose_name),
                before=_shown(field, change.before[field.attname], names),
                after=_shown(field, change.after[field.attname], names),
            )
            for field in change.model._meta.concrete_fields
            if field.name not in hidden and change.before[field.attname] != change.after[field.attname]
        ),
    )


def _name_of(row: dict[str, Any]) -> str:
    return next((str(row[column]) for column in ("short_name", "name", "title") if row.get(column)), "")


def _shown(field: Any, value: Any, names: dict[tuple[type[Any], Any], str]) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(field, ForeignKey):
        return names.get((_target(field), value), f"#{value}")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, dt.date):
        return when_in_words(value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _names(changes: Iterable[_Change]) -> dict[tuple[type[Any], Any], str]:
    """Names of the records that old and new rows point to, one query per kind of record."""
    wanted: dict[type[Any], set[Any]] = defaultdict(set)
    for change in changes:
        for field in change.model._meta.concrete_fields:
            before, after = change.before[field.attname], change.after[field.attname]
            if isinstance(field, ForeignKey) and before != after:
                wanted[_target(field)] |= {before, after} - {None}
    return {
        (model, pk): str(record)
        for model, ids in wanted.items()
        for pk, record in model._default_manager.in_bulk(ids).items()
    }


def _target(field: Any) -> type[Any]:
    """The model that a foreign key points to; by now a class, no longer a name."""
    model: type[Any] = field.related_model
    return model
