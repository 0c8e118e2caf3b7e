"""Until when something is to be done, said the same way everywhere: on pages, in letters and in files.

A deadline is an instant, or a day whose last moment still is in time. Minutes are as fine as it gets.
"""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.templatetags.formats import reader_locale

Deadline = dt.datetime | dt.date


def in_words(until: Deadline) -> str:
    """In the reader's locale and time zone: "Nov 20, 2026, 14:30", of a day "Nov 20, 2026"."""
    local = timezone.localtime(until) if isinstance(until, dt.datetime) else until
    day = str(format_date(local, format="medium", locale=reader_locale()))
    if not isinstance(local, dt.datetime):
        return day
    return _("%(day)s, %(time)s") % {"day": day, "time": f"{local:%H:%M}"}


def in_a_cell(until: Deadline | None) -> str:
    """For a file: "2026-11-20 14:30", of a day "2026-11-20"; a spreadsheet would give a day an hour."""
    if isinstance(until, dt.datetime):
        return f"{timezone.localtime(until):%Y-%m-%d %H:%M}"
    return until.isoformat() if until else ""
