"""What every record and fact carries, so that any past day can be seen with what was known then."""

import datetime as dt
import uuid

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AlreadySavedError(Exception):
    """The form that this comes from was saved before; nothing was written now."""


class Known(models.Model):
    """``known_at``: when it counted as known; ``recorded_at``: when the row was written (audit only)."""

    known_at = models.DateTimeField(_("known at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)
    # A plain number, not a foreign key: bulk facts are written by COPY, and accounts.imports stands above.
    import_id = models.BigIntegerField(_("import"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Fact(Known):
    """A fact that is corrected by a new row: the old one stays and says when it stopped being believed."""

    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Changed(Known):
    """A record that is changed in place. ``changed_at``: since when it says what it says now; empty while it
    says what it said at first.

    With the old versions of `accounts.history` any past day can be seen. Not every new version moves it: who
    owns the record is nothing that was known then or not.
    """

    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


CURRENT = Q(superseded_at__isnull=True)
"""The rows believed now."""


def believed_as_of(as_of: dt.datetime) -> Q:
    """The rows that counted as known at an instant and were not superseded by then."""
    return Q(known_at__lte=as_of) & (CURRENT | Q(superseded_at__gt=as_of))


def save_once(record: models.Model, token: uuid.UUID | None) -> None:
    """Inserts what the form of ``token`` says. AlreadySavedError: the database has one of that token."""
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        if token is None or "token" not in str(error):
            raise
        raise AlreadySavedError(token) from error
