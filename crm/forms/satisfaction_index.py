"""The filters above the index."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.queries.satisfaction_index import Cut, Wish
from crm.queries.satisfaction_index_members import Level

WEEKS = (13, 26, 52)


class IndexForm(forms.Form):
    """What stands in the address as ``level``, ``cut``, ``weeks`` and ``mean``."""

    level = forms.ChoiceField(label=_("List"), choices=Level.choices)
    cut = forms.ChoiceField(label=_("Lines of the picture"), choices=Cut.choices)
    weeks = forms.ChoiceField(
        label=_("Weeks"), choices=[(13, _("13 weeks")), (26, _("26 weeks")), (52, _("52 weeks"))]
    )
    mean = forms.ChoiceField(
        label=_("Mean"), choices=[("plain", _("Every customer the same")), ("revenue", _("By revenue"))]
    )

    def __init__(self, wish: Wish) -> None:
        super().__init__(
            {
                "level": wish.level.value,
                "cut": wish.cut.value,
                "weeks": wish.weeks,
                "mean": "revenue" if wish.is_weighted else "plain",
            }
        )
