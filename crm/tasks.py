"""Work that the pages leave to the workers."""

from __future__ import annotations

import random

from celery import Task, shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from accounts.imports import services as imports
from accounts.imports.models import Import
from accounts.imports.queries import affected_customers
from accounts.surveys.services import make_due_invitations
from crm.mail import delivery, letters
from crm.mail.surveys import Kind
from crm.queries.today.company import refresh_company_week
from scoring import rescore
from scoring.models import RunKind
from scoring.services import MOST_AT_ONCE, rescore_soon, start_run
from scoring.tasks import instant

MAIL_TRIES = 12


@shared_task(bind=True, max_retries=MAIL_TRIES)
def send_mail(self: Task[..., None], letter: str, kind: str, user_id: int, facts: dict[str, str]) -> None:
    """Send one letter, once; tried again after 10 s, 20 s, 40 s ... up to an hour, for about five hours.

    Also when the database is away: the message is all there is of this letter.
    """
    try:
        letters.deliver(letter, kind, user_id, facts)
    except (letters.NotSentError, letters.TakenError, OperationalError, InterfaceError) as error:
        wait = min(10 * 2**self.request.retries, 3600)
        raise self.retry(exc=error, countdown=random.uniform(wait / 2, wait)) from None  # noqa: S311


@shared_task
def invite() -> None:
    """Make the invitations whose hour has come, and leave the letters that are due to the workers."""
    now = timezone.now()
    make_due_invitations(now=now)
    for invitation_id, kind in delivery.due_letters(now=now, limit=settings.INVITE_BATCH):
        queue_invitation(invitation_id, kind)


@shared_task
def send_invitation(invitation_id: int, kind: str) -> None:
    """One letter to a respondent; not tried again by itself, since the timetable asks for it again."""
    delivery.deliver(invitation_id, Kind(kind), now=timezone.now())


def queue_invitation(invitation_id: int, kind: Kind) -> None:
    """A message that comes late is worth nothing: by then the timetable has asked again."""
    send_invitation.apply_async((invitation_id, kind.value), expires=settings.INVITE_SECONDS)


@shared_task
def refresh_company_index() -> None:
    """For the Today of executives."""
    refresh_company_week(timezone.now())


@shared_task
def run_import(import_id: int) -> None:
    """One file, and then the scores of its customers. Killed in between, the sweep rescores them."""
    if imports.run_import(import_id, now=timezone.now()):
        rescore_imported(import_id)


@shared_task
def requeue_expired_imports() -> None:
    """Imports that a dead worker held, and imports whose message is lost."""
    for import_id in imports.requeue_expired():
        queue_import(import_id)


def queue_import(import_id: int) -> None:
    """Leave it to a worker; a message that comes late is worth nothing, since the timetable asks again."""
    run_import.apply_async((import_id,), expires=60)


def rescore_imported(import_id: int) -> None:
    """Few customers by themselves; many, or the first of a book, as a run of everybody."""
    done = Import.objects.select_related("created_by").get(pk=import_id)
    ids = affected_customers(done)
    if len(ids) > MOST_AT_ONCE or (ids and rescore.current_run() is None):
        start_run(instant(), kind=RunKind.MANUAL, requested_by=done.created_by)
    else:
        rescore_soon(ids)
