"""What a year must look like, from the calendar and from what people did; in plain Python.

Nothing of the product is imported here: this is the other opinion that it is compared with, respondent by
respondent and minute by minute, however slow that is.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
FIRST_PLACE = dt.timedelta(hours=14)
"""Where the day begins first it does so that long before UTC."""

# Like China's days of 2026 and early 2027: off, and worked instead.
_OFF = (
    ("2026-04-04", 3),
    ("2026-05-01", 5),
    ("2026-06-19", 3),
    ("2026-09-25", 3),
    ("2026-10-01", 7),
    ("2027-01-01", 3),
    ("2027-02-05", 8),
)
HOLIDAYS = frozenset(dt.date.fromisoformat(first) + DAY * n for first, count in _OFF for n in range(count))
MADE_UP = frozenset(
    dt.date.fromisoformat(day)
    for day in ("2026-03-28", "2026-05-09", "2026-09-20", "2026-10-10", "2027-02-14")
)


@dataclass(frozen=True)
class Rules:
    """A version of the programme, in force for the weeks that begin while it is active."""

    since: dt.datetime
    send_weekday: int
    send_hour: int
    close_weekday: int
    acknowledge_hours: int
    plan_hours: int
    low: frozenset[str]
    customer: int | None = None


@dataclass
class Person:
    """A contact. ``opted_out`` and ``left``: from when it was known, and what."""

    zone: str
    opted_out: list[tuple[dt.datetime, bool]] = field(default_factory=list)
    left: list[tuple[dt.datetime, dt.date]] = field(default_factory=list)


@dataclass
class Work:
    """A project. ``ended``: from when it was known, and on which day."""

    customer: int
    started_on: dt.date
    ended: list[tuple[dt.datetime, dt.date]] = field(default_factory=list)


@dataclass
class Asked:
    """A respondent. ``states``: from when, which, and of a pause the first day on which he is asked again."""

    project: int
    contact: int
    states: list[tuple[dt.datetime, str, dt.date | None]] = field(default_factory=list)


@dataclass
class Ledger:
    """What happened, kept by whoever made it happen. Keys are the ids of the records.

    ``beats``: the instants at which due invitations were made to the end.
    """

    rules: list[Rules] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)
    works: dict[int, Work] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    beats: list[dt.datetime] = field(default_factory=list)
    answers: dict[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """An answer that was taken as new: whose, on which week, the letters by dimension; what stood before."""

    project: int
    contact: int
    monday: dt.date
    at: dt.datetime
    letters: dict[str, str]
    low: frozenset[str]


@dataclass(frozen=True)
class Times:
    sent_on: dt.date
    due: dt.datetime
    closes: dt.datetime


def times_of(rules: Rules, monday: dt.date, zone: str) -> Times:
    """By the wall clock of the respondent; daylight saving is the zone's business."""
    sent = monday
    while sent.isoweekday() != rules.send_weekday:
        sent += DAY
    last = sent + DAY
    while last.isoweekday() != rules.close_weekday:
        last += DAY
    place = ZoneInfo(zone)
    due = dt.datetime.combine(sent, dt.time(rules.send_hour), place)
    closes = dt.datetime.combine(last + DAY, dt.time(0), place)
    return Times(sent, due.astimezone(dt.UTC), closes.astimezone(dt.UTC))


def rules_of(ledger: Ledger, monday: dt.date, customer: int) -> Rules:
    """The newest of his customer's that was in force when the week began anywhere, else of everybody's."""
    begins = dt.datetime.combine(monday, dt.time(), dt.UTC) - FIRST_PLACE
    own = [each for each in ledger.rules if each.customer == customer and each.since <= begins]
    general = [each for each in ledger.rules if each.customer is None]
    begun = [each for each in general if each.since <= begins] or general[:1]
    return (own or begun)[-1]


def invitations(ledger: Ledger, mondays: Iterable[dt.date]) -> dict[tuple[int, int, dt.date], Times]:
    """Every invitation that must be there, by project, contact and Monday; and no other may be."""
    found = {}
    for monday in mondays:
        for asked in ledger.asked:
            work, person = ledger.works[asked.project], ledger.people[asked.contact]
            times = times_of(rules_of(ledger, monday, work.customer), monday, person.zone)
            if any(_is_asked(asked, work, person, monday, times, beat) for beat in _beats(ledger, times)):
                found[asked.project, asked.contact, monday] = times
    return found


def _beats(ledger: Ledger, times: Times) -> Sequence[dt.datetime]:
    first = bisect.bisect_left(ledger.beats, times.due)
    return ledger.beats[first : bisect.bisect_left(ledger.beats, times.closes)]


def _is_asked(
    asked: Asked, work: Work, person: Person, monday: dt.date, times: Times, now: dt.datetime
) -> bool:
    """As it was known ``now``: a respondent at his hour and still one, there, of a project that ran."""
    if not (_is_active(asked, times.due, person.zone) and _is_active(asked, now, person.zone)):
        return False
    if any([opted_out for at, opted_out in person.opted_out if at <= now][-1:]):
        return False
    if any(day <= times.sent_on for day in [day for at, day in person.left if at <= now][-1:]):
        return False
    ended = [day for at, day in work.ended if at <= now][-1:]
    return work.started_on <= times.sent_on and not any(day < monday for day in ended)


def _is_active(asked: Asked, now: dt.datetime, zone: str) -> bool:
    known = [(state, until) for at, state, until in asked.states if at <= now]
    if not known:
        return False
    state, until = known[-1]
    if state == "paused" and until is not None:
        return dt.datetime.combine(until, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC) <= now
    return state == "active"


def is_worked(day: dt.date) -> bool:
    return day in MADE_UP or (day.isoweekday() <= 5 and day not in HOLIDAYS)


OPENS, CLOSES = 9 * 60, 18 * 60
"""Minutes after midnight, where the company is."""
COMPANY = ZoneInfo("Asia/Shanghai")


def after(start: dt.datetime, minutes: float) -> dt.datetime:
    """The instant at which so many working minutes have gone by."""
    now, left = start.astimezone(COMPANY), minutes
    while True:
        midnight = dt.datetime.combine(now.date(), dt.time(), COMPANY)
        begin = max((now - midnight) / MINUTE, OPENS)
        if is_worked(now.date()) and begin < CLOSES:
            if left <= CLOSES - begin:
                return (midnight + MINUTE * (begin + left)).astimezone(dt.UTC)
            left -= CLOSES - begin
        now = midnight + DAY
