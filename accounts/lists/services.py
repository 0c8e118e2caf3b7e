"""Every write of a saved view. It concerns whoever saved it, and no score.

What is wrong is raised as a ValidationError by field: blank, name_taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.customers.services import refuse
from accounts.lists.models import SavedView
from accounts.users.models import User


@dataclass(frozen=True)
class Shown:
    """What a view shows: values by filter, columns, and the order. Callers have checked them."""

    query: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()
    sort: str = ""


@transaction.atomic
def save_view(
    owner: User, *, name: str, shown: Shown, is_shared: bool = False, is_default: bool = False
) -> SavedView:
    """A list kept under a name of its owner's."""
    view = SavedView(owner=owner, is_shared=is_shared)
    _show(view, shown)
    return _named(view, name=name, is_shared=is_shared, is_default=is_default)


@transaction.atomic
def change_view(view: SavedView, *, name: str, is_shared: bool, is_default: bool) -> SavedView:
    """Its name, who is offered it, and whether it opens first."""
    return _named(view, name=name, is_shared=is_shared, is_default=is_default)


@transaction.atomic
def update_view(view: SavedView, *, shown: Shown) -> SavedView:
    """Show something else under the same name."""
    _show(view, shown)
    view.save(update_fields=["query", "columns", "sort"])
    return view


def delete_view(view: SavedView, *, now: dt.datetime) -> None:
    SavedView.objects.filter(pk=view.pk).update(deleted_at=now, is_default=False)


@transaction.atomic
def restore_view(view: SavedView) -> SavedView:
    """Take the deletion back; refused when its owner has another one of this name by now."""
    view.deleted_at = None
    return _named(view, name=view.name, is_shared=view.is_shared, is_default=False)


@transaction.atomic
def keep_columns(owner: User, columns: Sequence[str]) -> SavedView:
    """The columns that he sees in every list that names none of its own."""
    kept, _is_new = SavedView.objects.update_or_create(
        owner=owner, name="", deleted_at=None, defaults={"columns": list(columns)}
    )
    return kept


def _show(view: SavedView, shown: Shown) -> None:
    view.query, view.columns, view.sort = dict(shown.query), list(shown.columns), shown.sort


def _named(view: SavedView, *, name: str, is_shared: bool, is_default: bool) -> SavedView:
    view.name, view.is_shared, view.is_default = names.cleaned(name), is_shared, is_default
    if not view.name:
        refuse("name", "blank", _("Type a name."))
    if is_default:
        SavedView.objects.filter(owner=view.owner, is_default=True).exclude(pk=view.pk).update(
            is_default=False
        )
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        if "view_name_once_per_owner" not in str(error):
            raise
        refuse("name", "name_taken", _("You have another view of this name."))
    return view
