"""One object of those that somebody sees; a foreign, missing and malformed id give the same 404."""

import datetime as dt
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404

from accounts.access.duties import manageable_teams, manageable_users
from accounts.access.gone import contact_gone_at, customer_gone_at
from accounts.access.records import (
    visible_contacts,
    visible_customers,
    visible_interactions,
    visible_needs,
    visible_orders,
    visible_projects,
    visible_voices,
)
from accounts.access.satisfaction import visible_actions, visible_cases
from accounts.actions.models import Action
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.needs.models import Need
from accounts.orders.models import Order
from accounts.orders.services import current_version_of
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction
from accounts.users.models import Team, User
from accounts.voice.models import Voice

M = TypeVar("M", bound=Model)


class GoneError(Http404):
    """``what`` was erased at ``at``. For whoever does not tell the two apart it is a 404."""

    def __init__(self, what: type[Model], at: dt.datetime) -> None:
        super().__init__(what._meta.verbose_name)
        self.what, self.at = what, at


def require(allowed: bool) -> None:
    """The answer to whom a page does not concern is that of a page that does not exist."""
    if not allowed:
        raise Http404


def get_or_404(queryset: QuerySet[M], value: object, *, field: str = "pk") -> M:
    """The object if ``queryset`` holds it; else, also for a malformed id, the same Http404."""
    try:
        return queryset.get(**{field: value})
    except (ObjectDoesNotExist, ValidationError, ValueError, TypeError, OverflowError) as error:
        raise Http404(queryset.model._meta.verbose_name) from error


def get_customer_or_404(user: User, pk: int | str) -> Customer:
    """The visible customer; an old id of one that was merged leads to the customer it was merged into.

    GoneError for one that was erased.
    """
    visible = visible_customers(user).select_related("owner", "parent")
    tombstones = Customer.objects.filter(merged_into__isnull=False).values_list("merged_into", flat=True)
    try:
        return visible.get(pk=pk)
    except ObjectDoesNotExist:
        while (winner := tombstones.filter(pk=pk).first()) is not None:
            pk = winner
    except (ValueError, TypeError, OverflowError) as error:
        raise Http404(Customer._meta.verbose_name) from error
    try:
        return get_or_404(visible, pk)
    except Http404:
        _refuse_gone(Customer, customer_gone_at(user, pk))
        raise


def get_contact_or_404(user: User, pk: object) -> Contact:
    """The visible contact; GoneError for one that was erased."""
    try:
        return get_or_404(visible_contacts(user).select_related("customer"), pk)
    except Http404 as error:
        if not isinstance(error.__cause__, ValueError | TypeError | OverflowError):
            _refuse_gone(Contact, contact_gone_at(user, pk))
        raise


def _refuse_gone(what: type[Model], at: dt.datetime | None) -> None:
    if at is not None:
        raise GoneError(what, at)


def get_project_or_404(user: User, pk: object) -> Project:
    return get_or_404(visible_projects(user).select_related("customer", "manager"), pk)


def get_case_or_404(user: User, pk: object) -> CorrectiveAction:
    related = ("customer", "project__manager", "dimension", "owner", "programme_version")
    return get_or_404(visible_cases(user).select_related(*related), pk)


def get_action_or_404(user: User, pk: object) -> Action:
    related = ("customer", "project", "contact", "case__dimension", "case__project", "meeting", "owner")
    return get_or_404(visible_actions(user).select_related(*related, "author", "done_by"), pk)


def get_voice_or_404(user: User, pk: object) -> Voice:
    related = ("customer", "project", "contact", "owner", "answered_by")
    return get_or_404(visible_voices(user).select_related(*related), pk)


def get_need_or_404(user: User, pk: object) -> Need:
    related = ("customer", "contact", "product_line", "owner", "author", "decided_by", "confirmed_by")
    return get_or_404(visible_needs(user).select_related(*related), pk)


def get_interaction_or_404(user: User, identity: object) -> Interaction:
    """By ``identity``, which stays the same through corrections."""
    found = visible_interactions(user).select_related("customer", "author")
    return get_or_404(found, identity, field="identity")


def get_order_or_404(user: User, pk: object) -> Order:
    return get_or_404(visible_orders(user).select_related("customer"), pk)


def get_current_order_or_404(user: User, pk: object) -> Order:
    """The version believed now, also by the id of an older one, when he sees it."""
    named = get_or_404(Order.objects.all(), pk)
    current = current_version_of(named)
    return get_order_or_404(user, current.pk if current else None)


def get_user_to_manage_or_404(user: User, pk: object) -> User:
    return get_or_404(manageable_users(user), pk)


def get_team_to_manage_or_404(user: User, pk: object) -> Team:
    return get_or_404(manageable_teams(user).select_related("lead"), pk)


def get_myself(user: User | AnonymousUser) -> User:
    """The person who asks, read anew: what a form writes must not start from a lazy object."""
    return get_or_404(User.objects.filter(is_active=True), user.pk)
