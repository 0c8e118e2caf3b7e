"""Every write of a file: keep it, delete it, undo that, and remove for good what was deleted days ago.

What is wrong is raised as a ValidationError at ``file``, with the codes: empty, too_large, not_taken,
not_as_named, too_packed, other_customer. Nothing is kept then.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.customers.models import Customer
from accounts.customers.services import refuse
from accounts.files.models import Attachment
from accounts.files.types import BY_SUFFIX, is_as_named, is_too_packed, suffix_of, type_of
from accounts.interactions.models import Interaction
from accounts.users.models import User

FOLDER = "files"
LONGEST_NAME = 160
LONGEST_SUFFIX = 10
REMOVED_AT_ONCE = 100


def add_file(
    *,
    customer: Customer,
    content: File[bytes],
    name: str,
    uploaded_by: User,
    now: dt.datetime,
    most_bytes: int,
    interaction: uuid.UUID | None = None,
) -> Attachment:
    """A new file of ``customer``. Its name is only shown: the storage has one of its own."""
    name = _shown_name(name)
    body = _read(content, name, most_bytes)
    kind = _checked_type(name, body)
    if interaction is not None and not _is_talk_of(customer, interaction):
        refuse("file", "other_customer", _("This interaction belongs to another customer."))
    key = uuid.uuid4().hex
    path = default_storage.save(f"{FOLDER}/{key[:2]}/{key}", ContentFile(body))
    try:
        return Attachment.objects.create(
            customer=customer,
            interaction=interaction,
            name=name,
            path=path,
            bytes=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            type=kind,
            uploaded_by=uploaded_by,
            known_at=now,
        )
    except BaseException:
        default_storage.delete(path)
        raise


def delete_file(file: Attachment, *, deleted_by: User, now: dt.datetime) -> bool:
    """Not shown from now on; False when it was deleted before."""
    present = Attachment.objects.filter(pk=file.pk, deleted_at=None)
    return bool(present.update(deleted_at=now, deleted_by=deleted_by))


def restore_file(file: Attachment, *, by: User) -> bool:
    """Undo, for whoever deleted it; False when there is nothing to undo."""
    deleted = Attachment.objects.filter(pk=file.pk, deleted_by=by)
    return bool(deleted.update(deleted_at=None, deleted_by=None))


def remove_deleted_files(*, before: dt.datetime) -> int:
    """Remove content and rows of what was deleted before that moment; how many, of at most `REMOVED_AT_ONCE`.

    The content goes first: killed in between, the row is still there and is found again.
    """
    with transaction.atomic():
        old = Attachment.objects.select_for_update(skip_locked=True).filter(deleted_at__lt=before)
        removed = list(old.order_by("deleted_at")[:REMOVED_AT_ONCE])
        for file in removed:
            default_storage.delete(file.path)
        Attachment.objects.filter(pk__in=[file.pk for file in removed]).delete()
    return len(removed)


def _read(content: File[bytes], name: str, most_bytes: int) -> bytes:
    if (content.size or 0) > most_bytes:
        refuse(
            "file",
            "too_large",
            _("%(name)s is too large: at most %(most)s MB.") % {"name": name, "most": most_bytes // 2**20},
        )
    body: bytes = content.read()
    if not body:
        refuse("file", "empty", _("%(name)s is empty.") % {"name": name})
    return body


def _checked_type(name: str, body: bytes) -> str:
    if suffix_of(name) not in BY_SUFFIX:
        kinds = ", ".join(sorted(suffix[1:] for suffix in BY_SUFFIX))
        refuse(
            "file",
            "not_taken",
            _("%(name)s is of a kind that is not kept. Kept are: %(kinds)s.")
            % {"name": name, "kinds": kinds},
        )
    found = type_of(body)
    if not is_as_named(name, found):
        refuse(
            "file",
            "not_as_named",
            _("%(name)s is not what its name says: the content is something else.") % {"name": name},
        )
    if is_too_packed(body):
        refuse("file", "too_packed", _("%(name)s would unpack to far more than it is.") % {"name": name})
    return BY_SUFFIX[suffix_of(name)]


def _is_talk_of(customer: Customer, identity: uuid.UUID) -> bool:
    return Interaction.objects.filter(identity=identity, customer=customer, superseded_at=None).exists()


def _shown_name(name: str) -> str:
    """Without folders and unseen characters; a long one keeps its end, which says what it is."""
    plain = names.cleaned(name.replace("\\", "/").rsplit("/", 1)[-1])
    end = suffix_of(plain)[-LONGEST_SUFFIX:]
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - len(end)] + end
