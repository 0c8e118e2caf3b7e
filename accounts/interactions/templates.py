"""Every write of a template: the headings that the text of an interaction of a kind begins with.

What is wrong is raised as a ValidationError by field, with the codes: blank, too_long, kind_taken; what
somebody else changed in the meantime as a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import ConflictError, refuse
from accounts.interactions.models import MAX_TEMPLATE, InteractionKind, KindTemplate


@dataclass(frozen=True)
class TemplateFacts:
    """Its texts by language; an empty one is said in English."""

    kind: InteractionKind
    text: str
    text_zh_hans: str = ""
    text_zh_hant: str = ""


@transaction.atomic
def save_template(
    facts: TemplateFacts, *, stored: KindTemplate | None = None, version: int = 0
) -> KindTemplate:
    """A new one, or ``stored`` anew if ``version`` is still its present one. One for each kind."""
    texts = {name: value for name, value in asdict(facts).items() if name != "kind"}
    if not facts.text.strip():
        refuse("text", "blank", _("Type the headings."))
    for name, value in texts.items():
        if len(value) > MAX_TEMPLATE:
            refuse(name, "too_long", _("A template has at most 2,000 characters."))
    template = KindTemplate()
    if stored is not None:
        template = KindTemplate.objects.select_for_update().get(pk=stored.pk)
        if template.version != version or template.deleted_at is not None:
            raise ConflictError(template.pk)
        template.version += 1
    template.kind = facts.kind
    for name, value in texts.items():
        setattr(template, name, _plain(value))
    _refusing_a_second(template.save)
    return template


def delete_template(template: KindTemplate, *, now: dt.datetime) -> bool:
    """Offered no more; False when it was deleted before."""
    return bool(KindTemplate.objects.filter(pk=template.pk, deleted_at=None).update(deleted_at=now))


def restore_template(template: KindTemplate) -> None:
    """Undo, as long as its kind has no other."""
    deleted = KindTemplate.objects.filter(pk=template.pk)
    _refusing_a_second(lambda: deleted.update(deleted_at=None))


def _plain(text: str) -> str:
    """Lines without spaces at their ends, as a browser would send them back."""
    lines = text.replace("\0", "").strip().splitlines()
    return "\n".join(line.rstrip() for line in lines)


def _refusing_a_second(write: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        if "kind_template_once" not in str(error):
            raise
        refuse("kind", "kind_taken", _("This kind has a template already."))
