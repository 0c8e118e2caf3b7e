"""Icons of the one sprite that the asset build makes out of the names found in templates and Python."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=1024)
def icon(name: str, css_class: str = "") -> SafeString:
    """One Tabler icon, hidden from screen readers: a word stands beside every icon."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"icon {css_class}".rstrip(),
        static("icons.svg"),
        name,
    )
