"""What a notice becomes when somebody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.notices.models import Notice

Facts = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """``icon``: a name of the sprite; ``url``: where it leads; ``bar``: how bad it is, or empty."""

    icon: str
    text: str
    url: str
    bar: str = ""


def customer_url(notice: Notice) -> str:
    return reverse("customer", args=[notice.customer_id]) if notice.customer_id else ""
