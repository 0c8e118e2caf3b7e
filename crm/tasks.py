"""Work that the pages leave to the workers."""

from __future__ import annotations

import random

from celery import Task, shared_task

from crm.mail import letters

MAIL_TRIES = 12


@shared_task(bind=True, max_retries=MAIL_TRIES)
def send_mail(self: Task[..., None], letter: str, kind: str, user_id: int, facts: dict[str, str]) -> None:
    """Send one letter, once; tried again after 10 s, 20 s, 40 s ... up to an hour, for about five hours."""
    try:
        letters.deliver(letter, kind, user_id, facts)
    except (letters.NotSentError, letters.TakenError) as error:
        wait = min(10 * 2**self.request.retries, 3600)
        raise self.retry(exc=error, countdown=random.uniform(wait / 2, wait)) from None  # noqa: S311
