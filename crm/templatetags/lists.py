"""What every list needs: sortable heads whose links keep the rest of the query, and names of CSS classes."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

GRADE_CLASSES = {
    "A": "grade-a",
    "A-": "grade-a-minus",
    "B+": "grade-b-plus",
    "B": "grade-b",
    "B-": "grade-b-minus",
    "C": "grade-c",
    "D": "grade-d",
}


@register.filter
def grade_class(grade: str) -> str:
    """The CSS class of one of the seven grades; an unknown grade has none."""
    return GRADE_CLASSES.get(grade, "")


@register.simple_tag
def tier_chip(tier: str) -> SafeString:
    """``components/_tier_chip.html``, drawn once for each tier and language: a list has fifty."""
    return _drawn_tier_chip(tier, get_language())


@lru_cache(maxsize=64)
def _drawn_tier_chip(tier: str, _language: str | None) -> SafeString:
    drawn = render_to_string("components/_tier_chip.html", {"tier": tier})
    return mark_safe(drawn.strip())  # noqa: S308 -- a template has escaped it


@register.simple_tag
def grade_chip(grade: str) -> SafeString:
    """``components/_grade_chip.html`` without a title, drawn once for each grade; empty for none."""
    return _drawn_grade_chip(grade) if grade else SafeString()


@lru_cache(maxsize=64)
def _drawn_grade_chip(grade: str) -> SafeString:
    drawn = render_to_string("components/_grade_chip.html", {"grade": grade})
    return mark_safe(drawn.strip())  # noqa: S308 -- a template has escaped it


@register.inclusion_tag("components/_sort_header.html", takes_context=True)
def sort_header(
    context: RequestContext,
    key: str,
    label: str,
    *,
    numeric: bool = False,
    descending_first: bool = False,
    target: str = "#list",
) -> dict[str, Any]:
    """A <th scope="col"> whose link sorts by `key`.

    The order in force is `sort` of the page's context ("name", "-score"), else of the query string. Links
    drop the keyset cursors `after` and `before`, which belong to the order they were made in.
    """
    request = context["request"]
    current = str(context.get("sort") or request.GET.get("sort", ""))
    direction = {key: "ascending", f"-{key}": "descending"}.get(current)
    if direction is None:
        following = f"-{key}" if descending_first else key
    else:
        following = key if direction == "descending" else f"-{key}"
    return {
        "request": request,
        "key": key,
        "label": label,
        "numeric": numeric,
        "direction": direction,
        "following": following,
        "target": target,
    }
