"""Which activity interactions of each kind use."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.costs.models import Activity
from accounts.interactions.costing import COUNTED
from accounts.interactions.models import InteractionKind, KindActivity
from crm.forms.records import RecordField


class KindActivitiesForm(forms.Form):
    """A field for each kind, named as the kind."""

    def __init__(self, data: Any = None) -> None:
        present = dict(KindActivity.objects.values_list("kind", "activity"))
        super().__init__(data, initial=present)
        offered = Activity.objects.filter(driver__in=COUNTED, is_active=True) | Activity.objects.filter(
            pk__in=present.values()
        )
        for kind in InteractionKind:
            self.fields[kind.value] = RecordField(
                offered.order_by("name"), label=kind.label, required=False, empty_label=_("Costs nothing")
            )

        self.is_offered = offered.exists()

    def chosen(self) -> dict[InteractionKind, Activity | None]:
        return {kind: self.cleaned_data[kind.value] for kind in InteractionKind}
