"""Of each row of Today the same menu, some sixty on a page, so it is put together in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.templatetags.icons import icon

register = template.Library()

FOR_LONG = {"growing", "unprofitable"}
_FIRST = mark_safe(' data-row-key="z"')
_WISH = '<button type="submit" form="act" class="dropdown-item" name="later" value="{} {} {}"{}>{}</button>'
_MENU = (
    '<details class="todo-snooze"><summary class="btn btn-sm btn-link" id="snooze-{}-{}">{}{}</summary>'
    '<div class="todo-menu">{}</div></details>'
)


@register.simple_tag
def later(item: Any, offers: Sequence[tuple[str, str]]) -> SafeString:
    """The menu that puts an item off. ``offers``: until when, in words; the first is pressed by the key z."""
    wishes = [*offers, ("month", _("In four weeks"))] if item.kind in FOR_LONG else offers
    buttons = format_html_join(
        "",
        _WISH,
        (
            (item.kind, item.key, wish, "" if place else _FIRST, label)
            for place, (wish, label) in enumerate(wishes)
        ),
    )
    return format_html(_MENU, item.kind, item.key, icon("clock-pause"), _("Later"), buttons)
