"""/api/v1/projects"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.projects import services
from accounts.projects.models import FunctionalRole, Project, TeamStyle
from accounts.projects.services import Membership
from accounts.users.models import User
from crm.api import fields
from crm.api.errors import naming_what_exists
from crm.api.paging import Order
from crm.api.records import Records, referred, unknown
from crm.filters.projects import ProjectFilter
from scoring.services import rescore_soon

MAX_MEMBERS = 200


class MemberRecord(serializers.Serializer[Any]):
    """A person of the customer service project team in one functional role."""

    user = serializers.IntegerField(source="user_id")
    functional_role = serializers.ChoiceField(FunctionalRole.choices)
    styles = serializers.ListField(child=serializers.ChoiceField(TeamStyle.choices))
    dominant_style = serializers.ChoiceField(TeamStyle.choices, allow_blank=True)


class ProjectRecord(serializers.Serializer[Project]):
    """What we do for a customer."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    customer = serializers.IntegerField(source="customer_id")
    name = serializers.CharField()
    manager = serializers.IntegerField(source="manager_id")
    started_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)
    members = MemberRecord(many=True)


class MemberInput(fields.Input):
    user = fields.Reference()
    functional_role = fields.Choice(FunctionalRole.choices)
    styles = serializers.ListField(child=fields.Choice(TeamStyle.choices), max_length=4, required=False)
    dominant_style = fields.Choice(TeamStyle.choices, allow_blank=True, required=False)


class ProjectInput(fields.Input):
    customer = fields.Reference()
    name = fields.Text(max_length=160)
    manager = fields.Reference()
    started_on = fields.Day()
    ended_on = fields.Day(allow_null=True, required=False)
    members = serializers.ListField(child=MemberInput(), max_length=MAX_MEMBERS, required=False)


class ProjectChange(fields.Input):
    """Only what is named changes; ``members`` is the whole team from then on."""

    version = fields.Version()
    name = fields.Text(max_length=160, required=False)
    manager = fields.Reference(required=False)
    started_on = fields.Day(required=False)
    ended_on = fields.Day(allow_null=True, required=False)
    members = serializers.ListField(child=MemberInput(), max_length=MAX_MEMBERS, required=False)


class ProjectView(Records):
    queryset = Project.objects.none()
    serializer_class = ProjectRecord
    filterset_class = ProjectFilter
    order = Order(("customer_id", "id"), (int, int))

    def get_queryset(self) -> QuerySet[Project]:
        return access.visible_projects(self.person).prefetch_related("members")

    @extend_schema(request=ProjectInput, responses={201: ProjectRecord})
    def create(self, request: Request) -> Response:
        values = self._resolved(self.valid(ProjectInput))
        referred(values, "customer", access.visible_customers(self.person))
        customer = self.changeable(values["customer"], access.changeable_customers(self.person))
        same_name = access.visible_projects(self.person).filter(customer=customer)
        with naming_what_exists(same_name, name=values["name"]):
            project = services.create_project(**values, now=timezone.now())
        rescore_soon([customer.pk])
        return self.created(ProjectRecord(project))

    @extend_schema(request=ProjectChange, responses=ProjectRecord)
    def partial_update(self, request: Request, pk: str) -> Response:
        project = self.changeable(self.get_object(), access.changeable_projects(self.person))
        values = self._resolved(self.valid(ProjectChange))
        version, members = values.pop("version"), values.pop("members", None)
        same_name = access.visible_projects(self.person).filter(customer=project.customer_id)
        with naming_what_exists(same_name, name=values.get("name")):
            changed = services.change_project(
                project,
                expected_version=version,
                changes=values,  # type: ignore[arg-type]
                members=members,
            )
        rescore_soon([project.customer_id])
        return Response(ProjectRecord(changed).data)

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        people = access.visible_users(self.person)
        referred(values, "manager", people)
        if "members" in values:
            values["members"] = _memberships(values["members"], people)
        return values


def _memberships(members: Sequence[Mapping[str, Any]], people: QuerySet[User]) -> list[Membership]:
    known = people.in_bulk({member["user"] for member in members})
    if any(member["user"] not in known for member in members):
        raise unknown("members")
    return [
        Membership(
            user=known[member["user"]],
            functional_role=member["functional_role"],
            styles=tuple(dict.fromkeys(member.get("styles", ()))),
            dominant_style=member.get("dominant_style", ""),
        )
        for member in members
    ]
