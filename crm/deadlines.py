"""Until when something is to be done, said the same way everywhere: on pages and in letters.

A deadline is an instant, or a day whose last moment still is in time. Minutes are as fine as it gets.
"""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.templatetags.formats import reader_locale, zone_name

Deadline = dt.datetime | dt.date


def in_words(until: Deadline) -> str:
    """In the reader's locale and time zone: "Nov 20, 2026, 14:30 (Berlin)", of a day "Nov 20, 2026"."""
    local = timezone.localtime(until) if isinstance(until, dt.datetime) else until
    day = str(format_date(local, format="medium", locale=reader_locale()))
    if not isinstance(local, dt.datetime):
        return day
    moment = _("%(day)s, %(time)s") % {"day": day, "time": f"{local:%H:%M}"}
    return _("{moment} ({zone})").format(moment=moment, zone=zone_name())
