"""The form of a template, and the field of an interaction's text that offers it."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.interactions.models import MAX_TEMPLATE, InteractionKind, KindTemplate
from accounts.interactions.templates import TemplateFacts
from crm.forms.records import RecordForm
from crm.queries.interaction_templates import kinds_without, texts_in

USE = "use_template"
"""The name of the button that asks for it; nothing is saved then."""


def _text(label: Any, *, required: bool = False) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 6})
    return forms.CharField(label=label, max_length=MAX_TEMPLATE, required=required, widget=area)


class TemplateForm(RecordForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=InteractionKind.choices)
    text = _text(_("Template"), required=True)
    text_zh_hans = _text(_("Template in simplified Chinese"))
    text_zh_hant = _text(_("Template in traditional Chinese"))

    def __init__(self, data: Any = None, *, stored: KindTemplate | None = None) -> None:
        super().__init__(data, stored=stored)
        offered = [kind.value for kind in kinds_without()] + ([stored.kind] if stored else [])
        field: Any = self.fields["kind"]
        field.choices = [choice for choice in InteractionKind.choices if choice[0] in offered]
        self.fields["text"].help_text = _("One heading a line; each begins an empty text of this kind.")
        self.fields["text_zh_hans"].help_text = _("Left empty, the English one is offered.")

    def facts(self) -> TemplateFacts:
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return TemplateFacts(**values | {"kind": InteractionKind(values["kind"])})


class SummaryInput(forms.Textarea):
    """A text, and below it the button that begins it with the template of its kind.

    Templates are read when it is drawn, and not at all for what is only saved.
    """

    template_name = "interactions/_summary_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        texts = texts_in(get_language() or "en")
        return context | {"templates": json.dumps(texts) if texts else "", "use": USE}


def template_of(kind: str) -> str:
    """What somebody who reads the present language is offered for ``kind``; "" for none."""
    return texts_in(get_language() or "en").get(kind, "")
