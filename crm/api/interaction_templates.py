"""/api/v1/interaction-templates: with which headings the text of an interaction of each kind begins."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers

from accounts import access
from accounts.interactions.models import InteractionKind, KindTemplate
from crm.api.paging import Order
from crm.api.records import Records


class TemplateRecord(serializers.Serializer[KindTemplate]):
    """A template; an empty text is said in English."""

    id = serializers.IntegerField(source="pk")
    version = serializers.IntegerField()
    kind = serializers.ChoiceField(InteractionKind.choices)
    text = serializers.CharField()
    text_zh_hans = serializers.CharField(allow_blank=True)
    text_zh_hant = serializers.CharField(allow_blank=True)


class TemplateView(Records):
    queryset = KindTemplate.objects.none()
    serializer_class = TemplateRecord
    order = Order(("kind", "id"), (str, int))

    def get_queryset(self) -> QuerySet[KindTemplate]:
        return access.visible_templates(self.person)
