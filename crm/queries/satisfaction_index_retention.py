"""Retention of the customers whose grades the reader sees, in words."""

from __future__ import annotations

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.users.models import User
from scoring.satisfaction.retention import Band, Retention, retention_of

BANDS: dict[Band, str | Promise] = {
    Band.TOP: _("80 and better"),
    Band.HIGH: _("60 to 80"),
    Band.MIDDLE: _("40 to 60"),
    Band.LOW: _("0 to 40"),
    Band.NEGATIVE: _("Below 0"),
    Band.SILENT: _("Asked, and silent"),
    Band.NOT_ASKED: _("Not asked"),
}


def retention_for(user: User, *, as_of: dt.datetime) -> Retention:
    projects = access.graded_projects(user).order_by("pk")
    return retention_of(dict(projects.values_list("pk", "customer_id")), as_of=as_of)
