"""/api/v1/users: who the ids of owners, managers and authors are."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from accounts import access
from accounts.users.models import User
from crm.api.paging import Order
from crm.api.records import Records


class UserRecord(serializers.Serializer[User]):
    """A colleague."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class UserView(Records):
    queryset = User.objects.none()
    serializer_class = UserRecord
    order = Order(("sort_key", "id"), (str, int))

    def get_queryset(self) -> QuerySet[User]:
        return access.visible_users(self.person)
