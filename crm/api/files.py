"""/api/v1/files: sent as multipart/form-data, one at a time; ``/content`` is the file itself."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.files import services
from accounts.files.models import Attachment
from crm.api import fields
from crm.api.idempotency import HEADER, once
from crm.api.paging import Order
from crm.api.records import Records, referred
from crm.filters.files import FileFilter
from crm.views.files import given

KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A text of your own; sent again within a day: 409 with the file it made.",
)


class FileRecord(serializers.Serializer[Attachment]):
    """A file of a customer, perhaps of one interaction. ``type`` is what its content was found to be."""

    id = serializers.IntegerField(source="pk")
    customer = serializers.IntegerField(source="customer_id")
    interaction = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    type = serializers.CharField()
    uploaded_by = serializers.IntegerField(source="uploaded_by_id")
    uploaded_at = serializers.DateTimeField(source="known_at")


@extend_schema_field({"type": "string", "format": "binary", "minLength": 1})
class Content(serializers.FileField):
    """An empty one is refused by the service, in the words of the page."""

    def __init__(self) -> None:
        super().__init__(allow_empty_file=True)


class FileInput(fields.Input):
    """A form knows texts only, so that the number of the customer is one."""

    customer = serializers.IntegerField(min_value=1, max_value=fields.MAX_ID)
    interaction = serializers.UUIDField(required=False)
    file = Content()


class FileView(Records):
    queryset = Attachment.objects.none()
    serializer_class = FileRecord
    filterset_class = FileFilter
    parser_classes = (MultiPartParser,)
    order = Order(("customer_id", "-known_at", "-id"), (int, dt.datetime, int))

    def get_queryset(self) -> QuerySet[Attachment]:
        return access.visible_files(self.person)

    @extend_schema(request={"multipart/form-data": FileInput}, responses={201: FileRecord}, parameters=[KEY])
    def create(self, request: Request) -> Response:
        values = self.valid(FileInput)
        referred(values, "customer", access.visible_customers(self.person))
        customer = values["customer"]
        if not access.loggable_customers(self.person).filter(pk=customer.pk).exists():
            raise PermissionDenied
        talks = access.visible_interactions(self.person)
        referred(values, "interaction", talks, field="identity")
        talk = values.get("interaction")
        with once(self.person, request.headers.get(HEADER, "")) as claim:
            file = services.add_file(
                customer=customer,
                content=values["file"],
                name=values["file"].name or "",
                uploaded_by=self.person,
                now=timezone.now(),
                most_bytes=settings.FILE_LIMIT_BYTES,
                interaction=talk.identity if talk else None,
            )
            claim.made(str(file.pk))
        return self.created(FileRecord(file))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        file = self.changeable(self.get_object(), access.changeable_files(self.person))
        services.delete_file(file, deleted_by=self.person, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: str) -> FileResponse:
        return given(self.get_object(), is_shown=False)
