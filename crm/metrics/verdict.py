"""What is wrong with the installation, in sentences, the worst first; nothing when all is well.

The limits are those of docs/operate.md, "What to watch": change both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.metrics.pulse import Pulses
from crm.metrics.queues import Queues
from crm.metrics.reading import Disk, Reading
from crm.metrics.records import Records
from crm.queries.outbox import State
from crm.templatetags.formats import duration, number, percent
from scoring.models import RunState

MINUTE, HOUR = 60.0, 3600.0
BEAT_SILENT = MINUTE
QUEUE_WAITS = {"celery": MINUTE, "letters": 5 * MINUTE}
RUN_TAKES = HOUR
SCORES_AGE = 26 * HOUR
IMPORT_WAITS = 2 * MINUTE
LETTER_WAITS = 15 * MINUTE
SWEEP_SILENT = MINUTE
SWEEP = "scoring.tasks.sweep_stale"
DISK_FREE, DISK_NEARLY_FULL = 0.2, 0.05


class Level(IntEnum):
    """How bad; named like the bars of cards."""

    WATCH = 1
    AT_RISK = 2
    CRITICAL = 3

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """``advice``: what to do about it; ``url``: the page where one does it, with ``link`` as its words."""

    level: Level
    title: str
    advice: str
    url: str = ""
    link: str = ""


def findings(reading: Reading) -> list[Finding]:
    """The worst first."""
    found: list[Finding] = []
    if reading.records is None:
        found.append(_no_database())
    else:
        found += [*_runs(reading.records, reading), *_waiting(reading.records)]
    if reading.queues is None or reading.pulses is None:
        found.append(_no_queue())
    else:
        found += [*_workers(reading.pulses), *_beat(reading.pulses), *_queues(reading.queues, reading.pulses)]
    if reading.records and reading.pulses:
        found += _stale(reading.records, reading.pulses)
    found += _disk(reading.disk)
    return sorted(found, key=lambda finding: -finding.level)


def beat_is_alive(pulses: Pulses | None) -> bool:
    silent = pulses.beat_silent_seconds if pulses else None
    return silent is not None and silent < BEAT_SILENT


def _no_database() -> Finding:
    return Finding(
        Level.CRITICAL,
        _("The database does not answer."),
        _("Nobody can work. Look at the server of PostgreSQL and its log."),
    )


def _no_queue() -> Finding:
    return Finding(
        Level.CRITICAL,
        _("The queue does not answer."),
        _("Start Valkey again. Pages work meanwhile; letters, scores and imports wait and are made up for."),
    )


def _workers(pulses: Pulses) -> Iterator[Finding]:
    silent = [worker for worker in pulses.workers if not worker.is_alive]
    if len(silent) == len(pulses.workers):
        yield Finding(
            Level.CRITICAL,
            _("No worker is alive."),
            _("Start one (“docker compose up --detach worker”). What waits in the queue is done then."),
        )
        return
    for worker in silent:
        facts = {"name": worker.name, "time": duration(worker.silent_seconds)}
        yield Finding(
            Level.WATCH,
            _("The worker %(name)s has been silent for %(time)s.") % facts,
            _("It was killed, or it hangs. The others do its work; its log says why."),
        )


def _beat(pulses: Pulses) -> Iterator[Finding]:
    if beat_is_alive(pulses):
        return
    silent = pulses.beat_silent_seconds
    if silent is None:
        title = _("The timetable has never run.")
    else:
        title = _("The timetable has been silent for %(time)s.") % {"time": duration(silent)}
    yield Finding(
        Level.CRITICAL,
        title,
        _("Start beat (“docker compose up --detach beat”): it sends the letters and starts the nightly run."),
    )


def _queues(queues: Queues, pulses: Pulses) -> Iterator[Finding]:
    if any(worker.is_alive for worker in pulses.workers):
        advice = _("More workers take more at a time (“docker compose up --detach --scale worker=4”).")
    else:
        advice = _("It is worked off as soon as a worker is alive.")
    for queue in queues.lengths:
        waited = queue.oldest_seconds
        if waited is None or waited < QUEUE_WAITS[queue.name]:
            continue
        name = _("Queue of letters") if queue.name == "letters" else _("Queue of everything else")
        facts = {"queue": name, "time": duration(waited), "count": number(queue.waiting)}
        yield Finding(
            Level.AT_RISK,
            ngettext(
                "%(queue)s: waiting for %(time)s, %(count)s message.",
                "%(queue)s: waiting for %(time)s, %(count)s messages.",
                queue.waiting,
            )
            % facts,
            advice,
        )


def _runs(records: Records, reading: Reading) -> Iterator[Finding]:
    jobs, to_jobs = reverse("jobs"), _("To the jobs")
    last = records.last_run(*RunState.values)
    if last is not None and last.state == RunState.FAILED:
        yield Finding(
            Level.CRITICAL,
            _("The last run, %(number)s, failed.") % {"number": last.pk},
            _("Everybody reads the scores of the run before it. Its page says what went wrong."),
            reverse("job", args=[last.pk]),
            _("Look at the run"),
        )
    under_way = records.last_run(RunState.COUNTING, RunState.SCORING)
    if under_way is not None and (taken := _age(under_way.opened_at, reading)) > RUN_TAKES:
        yield Finding(
            Level.AT_RISK,
            _("Run %(number)s has been under way for %(time)s.")
            % {"number": under_way.pk, "time": duration(taken)},
            _("Look whether its pieces are getting fewer."),
            reverse("job", args=[under_way.pk]),
            _("Look at the run"),
        )
    done = records.last_run(RunState.DONE)
    if done is not None and under_way is None and (age := _age(done.opened_at, reading)) > SCORES_AGE:
        yield Finding(
            Level.AT_RISK,
            _("Nobody has been scored anew for %(time)s.") % {"time": duration(age)},
            _("The nightly run did not begin or did not end."),
            jobs,
            to_jobs,
        )


def _waiting(records: Records) -> Iterator[Finding]:
    letters = records.letters
    if (waited := records.imports.waiting.oldest_seconds or 0.0) > IMPORT_WAITS:
        yield Finding(
            Level.AT_RISK,
            _("An import has waited for %(time)s.") % {"time": duration(waited)},
            _("No worker takes it: see whether the workers are alive or have too much to do."),
            reverse("imports"),
            _("To the imports"),
        )
    outbox = reverse("outbox")
    if (late := letters.due.oldest_seconds or 0.0) > LETTER_WAITS:
        facts = {"count": number(letters.due.count), "time": duration(late)}
        yield Finding(
            Level.AT_RISK,
            _("Letters are late: %(count)s are due, the first for %(time)s.") % facts,
            _("Where the workers are alive, the mail server takes nothing: their log says why."),
            f"{outbox}?state={State.WAITING}",
            _("To the Outbox"),
        )
    if letters.failed:
        yield Finding(
            Level.WATCH,
            ngettext("%(count)s letter failed.", "%(count)s letters failed.", letters.failed)
            % {"count": number(letters.failed)},
            _("The mail server refused it for good. Mend the address and send it again."),
            f"{outbox}?state={State.FAILED}",
            _("To the Outbox"),
        )


def _stale(records: Records, pulses: Pulses) -> Iterator[Finding]:
    swept = pulses.last_done.get(SWEEP)
    if records.stale and (swept is None or swept > SWEEP_SILENT):
        yield Finding(
            Level.AT_RISK,
            ngettext(
                "%(count)s customer changed and is not scored anew.",
                "%(count)s customers changed and are not scored anew.",
                records.stale,
            )
            % {"count": number(records.stale)},
            _("They are looked for every few seconds, and were not lately: see workers and timetable."),
        )


def _disk(disk: Disk | None) -> Iterator[Finding]:
    if disk is None:
        yield Finding(
            Level.AT_RISK,
            _("The folder of the uploads is not there."),
            _("Make the folder that MEDIA_ROOT names, and let web server and workers write in it."),
        )
    elif disk.share_free < DISK_FREE:
        yield Finding(
            Level.CRITICAL if disk.share_free < DISK_NEARLY_FULL else Level.WATCH,
            _("%(share)s of the disk with the uploads are free.") % {"share": percent(disk.share_free)},
            _("Make room, or make it larger, before imports fail."),
        )


def _age(since: dt.datetime, reading: Reading) -> float:
    return (reading.now - since).total_seconds()
