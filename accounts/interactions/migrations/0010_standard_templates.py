"""Every installation begins with the templates that the product brings along."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from accounts.interactions.standard import STANDARD


def write_standard(apps: Any, _schema_editor: Any) -> None:
    """For kinds that have none."""
    templates = apps.get_model("interactions", "KindTemplate").objects
    present = set(templates.values_list("kind", flat=True))
    for facts in STANDARD:
        if facts.kind.value not in present:
            templates.create(
                kind=facts.kind.value,
                text=facts.text,
                text_zh_hans=facts.text_zh_hans,
                text_zh_hant=facts.text_zh_hant,
            )


class Migration(migrations.Migration):
    dependencies = [("interactions", "0009_kind_templates")]

    operations = [migrations.RunPython(write_standard, migrations.RunPython.noop)]
