"""Everything at once, as of now; kept for some seconds, so that nobody can make the looking expensive."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass

import django
from django.conf import settings
from django.db import Error as DatabaseDown

import crm
from crm.metrics import pulse, queues, records
from crm.metrics.pulse import Pulses
from crm.metrics.queues import Queues
from crm.metrics.records import Records
from crm.metrics.valkey import DOWN, client

KEPT_SECONDS = 5


@dataclass(frozen=True)
class Disk:
    """Bytes where the uploads lie."""

    free: int
    total: int

    @property
    def share_free(self) -> float:
        return self.free / self.total


@dataclass(frozen=True)
class Versions:
    """Empty where the server does not answer."""

    truenorth: str
    django: str
    postgresql: str
    valkey: str

    @property
    def of_web(self) -> str:
        """Names of products are the same in every language."""
        return f"Truenorth {self.truenorth} · Django {self.django}"

    @property
    def of_database(self) -> str:
        return f"PostgreSQL {self.postgresql}".rstrip()

    @property
    def of_queue(self) -> str:
        return f"Valkey {self.valkey}".rstrip()


@dataclass(frozen=True)
class Reading:
    """``records`` is None when the database is away, ``queues`` and ``pulses`` when Valkey is."""

    now: dt.datetime
    records: Records | None
    queues: Queues | None
    pulses: Pulses | None
    disk: Disk | None

    @property
    def versions(self) -> Versions:
        return Versions(
            crm.VERSION,
            django.get_version(),
            self.records.server if self.records else "",
            self.queues.server if self.queues else "",
        )


_kept: list[Reading] = []


def recent(now: dt.datetime) -> Reading:
    """`read`, less than KEPT_SECONDS old."""
    if not _kept or not 0 <= (now - _kept[0].now).total_seconds() < KEPT_SECONDS:
        _kept[:] = [read(now)]
    return _kept[0]


def forget() -> None:
    """The next `recent` looks anew."""
    _kept.clear()


def read(now: dt.datetime) -> Reading:
    """One look into the queue, a fixed number of statements, one at the disk; whatever is away is None."""
    found = _valkey(now.timestamp())
    return Reading(
        now=now,
        records=_records(now),
        queues=found[0] if found else None,
        pulses=found[1] if found else None,
        disk=_disk(),
    )


def _records(now: dt.datetime) -> Records | None:
    try:
        return records.read(now)
    except DatabaseDown:
        return None


def _valkey(now: float) -> tuple[Queues, Pulses] | None:
    try:
        with client().pipeline(transaction=False) as pipe:
            queues.ask(pipe)
            of_queues = len(pipe)
            pulse.ask(pipe, now=now)
            answers = pipe.execute()
    except DOWN:
        return None
    return queues.read(answers[:of_queues], now=now), pulse.read(answers[of_queues:], now=now)


def _disk() -> Disk | None:
    try:
        usage = shutil.disk_usage(settings.MEDIA_ROOT)
    except OSError:
        return None
    return Disk(free=usage.free, total=usage.total)
