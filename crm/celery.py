"""The Celery application. The timetable stands here; what the tasks do stands in each package's tasks.py."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
# Before anything imports numpy: a small fit is 15 times slower with BLAS threads on busy cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("truenorth")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

# A worker takes from both queues in turn: a thousand letters do not keep a rescore waiting.
app.conf.task_queues = tuple(Queue(name, routing_key=name) for name in ("celery", "letters"))
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
    "make-invitations": {
        "task": "crm.tasks.invite",
        "schedule": settings.INVITE_SECONDS,
        "options": {"expires": settings.INVITE_SECONDS},
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
    "drop-old-runs": {
        "task": "scoring.tasks.drop_old_runs",
        "schedule": crontab(hour=str((settings.NIGHTLY_HOUR + 1) % 24), minute="0"),
        "options": {"expires": 6 * 3600},
    },
}
