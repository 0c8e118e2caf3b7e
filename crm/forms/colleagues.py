"""Fields that name one of us: all of us while we are few, else who is chosen and who is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy

from accounts.users.models import User
from crm.forms.records import PickerSelect, PickerSelectMultiple

MOST_OFFERED = 200
"""Ten thousand people in each of a project's lines were two megabytes of options."""

Options = list[tuple[Any, Any]]


class PeopleSelect(PickerSelect):
    """What it offers is read when it is drawn, and not at all for what is only saved."""

    people: QuerySet[User] = User.objects.none()
    offered: Callable[[], Options] = staticmethod(list)
    empty: Options = []
    among: str = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        options = self.offered()
        if len(options) > MOST_OFFERED:
            options = self._chosen(value)
            attrs = (attrs or {}) | {"data-picker-url": f"{reverse_lazy('user_options')}{self.among}"}
        self.choices = [*self.empty, *options]
        return super().get_context(name, value, attrs)

    def _chosen(self, value: Any) -> Options:
        values = value if isinstance(value, list | tuple) else [value]
        ids = {int(str(one)) for one in values if str(one).isascii() and str(one).isdigit()}
        return _named(self.people.filter(pk__in=[one for one in ids if one < 2**63]))


class PeopleSelectMultiple(PeopleSelect, PickerSelectMultiple):
    """Several of them."""


def offer_people(
    fields: Iterable[Any],
    people: QuerySet[User],
    *,
    among: str = "",
    offered: Callable[[], Options] | None = None,
) -> None:
    """Let these fields, whose widgets are of this file, name one of ``people``.

    ``among``: "owners" where not everybody is one of them; ``offered``: what `reading` of the same people
    gave, for forms that share one list.
    """
    options = offered or reading(people)
    for field in fields:
        field.queryset = people
        widget = field.widget
        widget.people, widget.offered = people, options
        widget.among = f"?among={among}" if among else ""
        if not isinstance(field, forms.ModelMultipleChoiceField) and field.empty_label is not None:
            widget.empty = [("", field.empty_label)]


def reading(people: QuerySet[User]) -> Callable[[], Options]:
    """All of them by name, read once and when asked for; more than `MOST_OFFERED` are too many to offer."""
    return cache(partial(_read, people))


def _read(people: QuerySet[User]) -> Options:
    return _named(people.order_by("sort_key", "pk")[: MOST_OFFERED + 1])


def _named(people: QuerySet[User]) -> Options:
    return [(person.pk, str(person)) for person in people]
