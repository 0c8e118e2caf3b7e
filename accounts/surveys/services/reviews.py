"""What we say about a project's week: that it was reviewed, and internal notes. The customer sees none of it.

Codes, by field: text: blank, too_long.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.surveys.models import ReviewNote, SurveyDimension, Week, WeekReview
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.users.models import User


@transaction.atomic
def mark_reviewed(project: Project, week: dt.date, *, by: User, now: dt.datetime) -> None:
    """``by`` looked at the grades of the week that begins on the Monday ``week``. Said twice, the first
    stands."""
    WeekReview.objects.bulk_create(
        [
            WeekReview(
                customer_id=project.customer_id, project=project, week=week_of(week), author=by, known_at=now
            )
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def unmark_reviewed(project: Project, week: dt.date) -> None:
    """It is to be looked at again."""
    WeekReview.objects.filter(project=project, week=week).delete()


@transaction.atomic
def add_note(
    project: Project,
    week: dt.date,
    *,
    text: str,
    dimension: SurveyDimension | None = None,
    by: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> ReviewNote:
    """A note about a dimension, or about the whole week. ``token``: AlreadySavedError when the form that it
    names was saved before."""
    require_words("text", text)
    found, is_new = ReviewNote.objects.get_or_create(
        project=project,
        week=week_of(week),
        token=token or uuid.uuid4(),
        defaults={
            "customer_id": project.customer_id,
            "dimension": dimension,
            "text": text,
            "author": by,
            "known_at": now,
        },
    )
    if not is_new:
        raise AlreadySavedError(token)
    return found


def week_of(monday: dt.date) -> Week:
    """The row of a week; a review may come before anybody was asked about it."""
    Week.objects.bulk_create([Week(monday=monday)], ignore_conflicts=True)
    return Week.objects.get(pk=monday)


def require_words(field: str, text: str) -> None:
    if not text.strip():
        refuse(field, "blank", _("Write something first."))
    if len(text) > MAX_COMMENT:
        refuse(field, "too_long", _("At most 4,000 characters fit."))
