"""Who is offered a saved view, and who changes it. It widens nothing: each reader finds what he may see."""

from django.db.models import Q, QuerySet

from accounts.lists.models import BulkChange, SavedView
from accounts.users.models import User


def visible_views(user: User) -> QuerySet[SavedView]:
    """His own and those that are shared; nobody's list of chosen columns."""
    return _named().filter(Q(owner=user.pk) | Q(is_shared=True), deleted_at=None)


def changeable_views(user: User) -> QuerySet[SavedView]:
    """His own, also deleted ones; an admin also clears away what others share."""
    mine = Q(owner=user.pk)
    return _named().filter(mine | Q(is_shared=True) if user.is_admin else mine)


def visible_bulk_changes(user: User) -> QuerySet[BulkChange]:
    """What he changed himself."""
    return BulkChange.objects.filter(author=user.pk)


def may_manage_fields(user: User) -> bool:
    """Whether he says which custom fields a customer has."""
    return user.is_admin


def _named() -> QuerySet[SavedView]:
    return SavedView.objects.exclude(name="")
