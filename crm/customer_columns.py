"""The columns that the list of customers can show, beside the name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields.models import CustomField, FieldKind

OWN = "cf_"
"""What the keys and the filters of custom fields begin with."""


@dataclass(frozen=True)
class Column:
    """``sort``: its name in the order, empty where one cannot sort by it; ``own``: its custom field."""

    key: str
    label: Any
    sort: str = ""
    is_numeric: bool = False
    descends_first: bool = False
    is_usual: bool = False
    own: CustomField | None = None


COLUMNS = (
    Column("tier", _("Tier"), "tier", is_usual=True),
    Column("score", _("Score"), "score", is_numeric=True, descends_first=True, is_usual=True),
    Column("flag", _("Churn flag"), "churn", descends_first=True, is_usual=True),
    Column("index", _("Satisfaction"), "index", is_numeric=True, is_usual=True),
    Column("lowest", _("Lowest grade")),
    Column("sales", _("Recent sales"), "sales", is_numeric=True, descends_first=True, is_usual=True),
    Column("profit", _("Profit"), "profit", is_numeric=True, descends_first=True),
    Column("value", _("Expected value"), "value", is_numeric=True, descends_first=True),
    Column("risk", _("Money at risk"), "risk", is_numeric=True, descends_first=True),
    Column("owner", _("Owner"), "owner", is_usual=True),
    Column("team", _("Team"), "team"),
    Column("stage", pgettext_lazy("of a customer", "Stage"), "stage", is_usual=True),
    Column("contact", _("Last contact"), "contact", is_usual=True),
    Column("follow_up", _("Follow-up"), "follow_up", is_usual=True),
    Column("number", _("Customer number")),
    Column("kind", _("Kind")),
    Column("region", _("Region")),
    Column("channel", _("Sales channel")),
    Column("market", _("Local market")),
    Column("group", _("Group")),
    Column("tags", _("Tags"), "tags"),
)
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)


OF_MONEY = {"profit", "value", "risk"}


def shows_money(columns: Iterable[Column]) -> bool:
    """Whether one of them says what a customer earns us."""
    return any(column.key in OF_MONEY for column in columns)


def shows_lowest(columns: Iterable[Column]) -> bool:
    return any(column.key == "lowest" for column in columns)


def all_columns(own: Iterable[CustomField]) -> tuple[Column, ...]:
    """Every column that can be chosen: ours, then the custom fields in their order."""
    language = get_language() or "en"
    return COLUMNS + tuple(
        Column(
            f"{OWN}{field.key}",
            field.label_in(language),
            f"{OWN}{field.key}",
            is_numeric=field.kind == FieldKind.NUMBER,
            descends_first=field.kind == FieldKind.NUMBER,
            own=field,
        )
        for field in own
    )


def chosen_columns(keys: Sequence[str], own: Iterable[CustomField]) -> tuple[Column, ...]:
    """Those of ``keys`` that exist, in the order of the table; the usual ones where none is left."""
    wanted = set(keys)
    found = tuple(column for column in all_columns(own) if column.key in wanted)
    return found or tuple(column for column in COLUMNS if column.is_usual)
