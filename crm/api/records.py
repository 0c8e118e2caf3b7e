"""What every resource has in common: lists and details straight from access, and references to records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import access
from accounts.users.models import User
from crm.api.errors import RefusedError
from crm.api.paging import Order

M = TypeVar("M", bound=Model)


class Records(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]):
    """``get_queryset`` asks access who may see what; ``order`` is the order of its list."""

    order: Order
    lookup_value_regex = "[^/]+"

    @property
    def person(self) -> User:
        """Whoever asks; only people who are logged in get this far."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def get_object(self) -> Any:
        return access.get_or_404(self.get_queryset(), self.kwargs[self.lookup_field], field=self.lookup_field)

    def changeable(self, found: M, changeable: QuerySet[M]) -> M:
        """``found`` is visible: whether he may also change it is no secret, so 403."""
        if not changeable.filter(pk=found.pk).exists():
            raise PermissionDenied
        return found

    def created(self, record: serializers.Serializer[Any]) -> Response:
        """201 with the record and its address."""
        address = reverse(f"{self.basename}-detail", args=[record.data["id"]])
        return Response(record.data, status.HTTP_201_CREATED, headers={"Location": address})

    def valid(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body as ``serializer`` understands it."""
        form = serializer(data=self.request.data)
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        return values


def shows_profit(person: User, customer: str) -> Exists:
    """Whether he may see cost and margin of the row's customer, whose id is in column ``customer``."""
    return Exists(access.profit_customers(person).filter(pk=OuterRef(customer)))


class Profit(serializers.IntegerField):
    """Minor units, or null: unknown, or not for his eyes. Reads the annotation ``shows_profit``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        return super().get_attribute(instance) if instance.shows_profit else None


def referred(values: dict[str, Any], name: str, visible: QuerySet[M], *, field: str = "pk") -> None:
    """Replaces the reference in ``values[name]``, if any, by the record; 422 if he may not see it."""
    if values.get(name) is None:
        return
    try:
        values[name] = access.get_or_404(visible, values[name], field=field)
    except Http404:
        raise unknown(name) from None


def refuse_unknown(name: str, ids: Iterable[int], visible: QuerySet[Any]) -> None:
    """422 unless he may see every one of them."""
    wanted = set(ids)
    if wanted and visible.filter(pk__in=wanted).count() < len(wanted):
        raise unknown(name)


def unknown(name: str) -> RefusedError:
    return RefusedError({name: [_("There is no such record.")]}, "unknown_reference")
