"""A calendar as text (RFC 5545). Every text is escaped and folded by the library: a summary with line breaks
stays a summary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from crm.calendar_text import plain
from crm.queries.calendar import Entry

DAY = dt.timedelta(days=1)


def calendar_of(entries: Iterable[Entry]) -> bytes:
    """The same entries are the same bytes, so that an unchanged calendar is not sent again.

    Without a method: with one, the stamp of an event would have to be the time of this very answer.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Truenorth//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Truenorth"))
    for entry in entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical())


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{urlsplit(settings.PUBLIC_URL).hostname or 'truenorth'}")
    changed_at = entry.changed_at.astimezone(dt.UTC)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", entry.sequence)
    event.add("summary", plain(entry.summary))
    if entry.description:
        event.add("description", plain(entry.description))
    event.add("url", entry.url)
    if isinstance(entry.starts, dt.datetime):
        event.add("dtstart", entry.starts.astimezone(dt.UTC))
        event.add("dtend", (entry.ends or entry.starts).astimezone(dt.UTC))
    else:
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.starts + DAY)
    event.add("transp", "OPAQUE" if entry.uid.startswith(("interaction-", "appointment-")) else "TRANSPARENT")
    return event
