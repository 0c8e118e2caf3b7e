"""The Celery application. The timetable stands here; what the tasks do stands in each package's tasks.py."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from celery import Celery, Task
from celery.app.log import Logging
from celery.beat import PersistentScheduler
from celery.bootsteps import StartStopStep
from celery.schedules import crontab
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Queue

from crm.metrics import pulse
from crm.metrics.queues import ENQUEUED_AT, QUEUES

if TYPE_CHECKING:
    AnyTask = Task[..., Any]
else:
    AnyTask = Task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
# Before anything imports numpy: a small fit is 15 times slower with BLAS threads on busy cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class MeasuredTask(AnyTask):
    """Every task: its message says since when it waits, and its end is counted."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        headers = (options.pop("headers", None) or {}) | {ENQUEUED_AT: time.time()}
        return super().apply_async(*args, headers=headers, **options)

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        self.request.update(truenorth_began=time.monotonic())

    def after_return(
        self, status: str, retval: Any, task_id: str, args: Any, kwargs: Any, einfo: Any
    ) -> None:
        self._count(status)

    def on_retry(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        self._count("RETRY")

    def _count(self, outcome: str) -> None:
        began = getattr(self.request, "truenorth_began", None)
        if began is not None and self.name:
            pulse.task_ended(self.name, outcome, seconds=time.monotonic() - began, now=time.time())


class OneLog(Logging):
    """Workers and beat log as the web does, by LOG_LEVEL and LOG_FORMAT.

    Celery's own set-up lets only warnings through unless told otherwise, and writes some as plain text.
    """

    def setup_logging_subsystem(self, *args: Any, **options: Any) -> bool:
        return True


class Timetable(PersistentScheduler):
    """Beat, which leaves a sign of life whenever it puts something into the queue."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        super().apply_entry(entry, producer=producer)
        pulse.beat_is_alive(now=time.time())


class SignOfLife(StartStopStep):
    """A part of each worker, in the loop that also takes its messages: when it hangs, this falls silent."""

    requires = ("celery.worker.components:Timer",)

    def start(self, parent: Any) -> None:
        pulse.worker_begins(parent.hostname, now=time.time())
        self.repeated = parent.timer.call_repeatedly(pulse.BEAT_SECONDS, self._show, (parent.hostname,))

    def stop(self, parent: Any) -> None:
        self.repeated.cancel()
        pulse.worker_takes_leave(parent.hostname)

    def _show(self, name: str) -> None:
        pulse.worker_is_alive(name, now=time.time())


app = Celery("truenorth", task_cls=MeasuredTask, log=OneLog)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].update({DjangoStructLogInitStep, SignOfLife})
app.conf.beat_scheduler = f"{__name__}:Timetable"
app.autodiscover_tasks()

# A worker takes from both queues in turn: a thousand letters do not keep a rescore waiting.
app.conf.task_queues = tuple(Queue(name, routing_key=name) for name in QUEUES)
app.conf.task_routes = {"crm.tasks.send_invitation": {"queue": "letters"}}

# `expires`: a timetable entry that waited longer than its own period is worth nothing.
app.conf.beat_schedule = {
    "sweep-stale-customers": {
        "task": "scoring.tasks.sweep_stale",
        "schedule": settings.SWEEP_SECONDS,
        "options": {"expires": settings.SWEEP_SECONDS},
    },
    "requeue-expired-shards": {
        "task": "scoring.tasks.requeue_expired_shards",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "requeue-expired-imports": {
        "task": "crm.tasks.requeue_expired_imports",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "requeue-expired-changes": {
        "task": "crm.tasks.requeue_expired_changes",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "make-invitations": {
        "task": "crm.tasks.invite",
        "schedule": settings.INVITE_SECONDS,
        "options": {"expires": settings.INVITE_SECONDS},
    },
    "ask-about-occasions": {
        "task": "crm.tasks.ask_about_occasions",
        "schedule": settings.OCCASION_SECONDS,
        "options": {"expires": settings.OCCASION_SECONDS},
    },
    "ring-clocks": {
        "task": "crm.tasks.ring_clocks",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "send-digests": {
        "task": "crm.tasks.send_digests",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "follow-playbooks": {
        "task": "crm.tasks.follow_playbooks",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "refresh-company-index": {
        "task": "crm.tasks.refresh_company_index",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "nightly-run": {
        "task": "scoring.tasks.open_nightly_run",
        "schedule": crontab(hour=str(settings.NIGHTLY_HOUR), minute="0"),
        "options": {"expires": 6 * 3600},
    },
    "remove-deleted-files": {
        "task": "crm.tasks.remove_deleted",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "drop-old-runs": {
        "task": "scoring.tasks.drop_old_runs",
        "schedule": crontab(hour=str((settings.NIGHTLY_HOUR + 1) % 24), minute="0"),
        "options": {"expires": 6 * 3600},
    },
}
if settings.BOUNCE_MAILDIR:
    app.conf.beat_schedule["take-bounces"] = {
        "task": "crm.tasks.take_bounces",
        "schedule": 60,
        "options": {"expires": 60},
    }
