"""How files are narrowed down."""

from __future__ import annotations

from django_filters import FilterSet, UUIDFilter

from accounts.files.models import Attachment
from crm.filters.strict import WholeFilter


class FileFilter(FilterSet):
    customer = WholeFilter()
    interaction = UUIDFilter()

    class Meta:
        model = Attachment
        fields: list[str] = []
