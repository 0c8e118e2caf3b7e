"""Work that the pages leave to the workers."""

from __future__ import annotations

import datetime as dt
import random

from celery import Task, shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from accounts import access
from accounts.deals.clocks import ring_contracts
from accounts.files.services import remove_deleted_files
from accounts.imports import services as imports
from accounts.imports.models import Import
from accounts.imports.queries import affected_customers
from accounts.lists import bulk
from accounts.needs.clocks import ring_needs
from accounts.occasions.services import make_due_occasions
from accounts.reminding.services import digests_to_post, make_due_digests, mark_digests_posted
from accounts.surveys.models import LetterKind
from accounts.surveys.services import make_due_invitations
from accounts.surveys.services.alarms import letters_to_post, mark_posted, raise_alarms
from accounts.users.models import User
from accounts.voice.clocks import ring_voices
from crm.mail import bounces, delivery, letters, pace
from crm.queries import playbooks
from crm.queries.satisfaction_index_company import refresh_company_weeks
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
        letters.deliver(letter, kind, user_id, facts, now=timezone.now())
    except (letters.NotSentError, letters.TakenError, OperationalError, InterfaceError) as error:
        wait = min(10 * 2**self.request.retries, 3600)
        raise self.retry(exc=error, countdown=random.uniform(wait / 2, wait)) from None  # noqa: S311


@shared_task
def invite() -> None:
    """Make the invitations whose hour has come, and leave the letters that are due to the workers."""
    now = timezone.now()
    make_due_invitations(now=now)
    batch = pace.batch(settings.INVITE_BATCH, seconds=settings.INVITE_SECONDS)
    for place, (pk, kind) in enumerate(delivery.due_letters(now=now, limit=batch)):
        queue_invitation(pk, kind, after_seconds=pace.seconds_of(place))


@shared_task
def ask_about_occasions() -> None:
    """Make the invitations after deliveries and of yearly surveys whose day has come; `invite` sends them."""
    make_due_occasions(now=timezone.now())


@shared_task
def send_invitation(pk: int, kind: str) -> None:
    """One letter to a respondent; not tried again by itself, since the timetable asks for it again."""
    delivery.deliver(pk, LetterKind(kind), now=timezone.now())


def queue_invitation(pk: int, kind: LetterKind, *, after_seconds: float = 0) -> None:
    """A message that comes late is worth nothing: by then the timetable has asked again."""
    send_invitation.apply_async(
        (pk, kind.value),
        countdown=after_seconds,
        expires=settings.INVITE_SECONDS + after_seconds,
    )


@shared_task
def take_bounces() -> None:
    """What mail servers on the way reported since the last time."""
    bounces.take_folder(now=timezone.now())


@shared_task
def ring_clocks() -> None:
    """Tell what the clocks of voices, needs, contracts and corrective actions say, and leave the letters
    about the last to the workers.

    They are marked after they are posted: whoever was killed in between posts the same letters again.
    """
    now = timezone.now()
    ring_voices(now=now)
    ring_needs(now=now)
    ring_contracts(now=now)
    raise_alarms(now=now)
    waiting = letters_to_post()
    people = User.objects.in_bulk({letter.person for letter in waiting})
    for letter in waiting:
        letters.post_alarm(people[letter.person], letter.alarms)
    mark_posted({pk for letter in waiting for pk in letter.alarms}, now=now)


@shared_task
def send_digests() -> None:
    """The letter of the day for whose hour has come; marked after it is posted, and named by its day."""
    now = timezone.now()
    make_due_digests(now=now)
    waiting = digests_to_post()
    for digest in waiting:
        letters.post_digest(digest.user, digest.day)
    mark_digests_posted([digest.pk for digest in waiting], now=now)


@shared_task
def follow_playbooks() -> None:
    """Start and end playbooks as the scores say, which a run or a sweep may have changed."""
    playbooks.follow_playbooks(now=timezone.now())


@shared_task
def refresh_company_index() -> None:
    """For the Today of executives, and for the line beside everybody's index."""
    refresh_company_week(timezone.now())
    refresh_company_weeks(timezone.now())


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


@shared_task
def change_customers(change_id: int) -> None:
    """One change of many customers, and then their scores; of more than a few the sweep sees to those."""
    ids = bulk.run_change(change_id, changeable=access.changeable_customers, now=timezone.now())
    rescore_soon(ids or [])


@shared_task
def requeue_expired_changes() -> None:
    """Changes that a dead worker held, and changes whose message is lost."""
    for change_id in bulk.requeue_expired(now=timezone.now()):
        change_customers.apply_async((change_id,), expires=60)


@shared_task
def remove_deleted() -> None:
    """Files that were deleted so long ago that nobody brings them back."""
    remove_deleted_files(before=timezone.now() - dt.timedelta(days=settings.FILE_KEEP_DAYS))


def rescore_imported(import_id: int) -> None:
    """Few customers by themselves; many, or the first of a book, as a run of everybody."""
    done = Import.objects.select_related("created_by").get(pk=import_id)
    ids = affected_customers(done)
    if len(ids) > MOST_AT_ONCE or (ids and rescore.current_run() is None):
        start_run(instant(), kind=RunKind.MANUAL, requested_by=done.created_by)
    else:
        rescore_soon(ids)
