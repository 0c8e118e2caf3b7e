"""Every write of an action (to-do). Nothing here is scored, so no customer is rescored after it.

What is wrong is raised as a ValidationError by field, with the codes: title: blank, too_long; note: too_long;
due_on: too_far; owner: gone; customer, project, contact: other_customer; state: dropped. What somebody else
changed in the meantime is a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions.models import MAX_NOTE, UNDONE, Action
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.notices.services import tell
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction, ReviewMeeting
from accounts.users.models import User

ASSIGNED_NOTICE = "action_assigned"
MAX_TITLE = 200
FARTHEST = dt.timedelta(days=5 * 366)


class ActionChanges(TypedDict, total=False):
    """Columns to change; those not named stay as they are."""

    title: str
    note: str
    owner: User
    due_on: dt.date | None
    customer: Customer | None
    project: Project | None
    contact: Contact | None


@transaction.atomic
def add_action(
    *,
    title: str,
    owner: User,
    author: User,
    now: dt.datetime,
    due_on: dt.date | None = None,
    note: str = "",
    customer: Customer | None = None,
    project: Project | None = None,
    contact: Contact | None = None,
    case: CorrectiveAction | None = None,
    meeting: ReviewMeeting | None = None,
    token: uuid.UUID | None = None,
) -> Action:
    """Somebody is to do something by a day; he is told unless he wrote it himself.

    The customer follows from a case, project or contact where it is not given. ``token`` names the form that
    it was typed into: AlreadySavedError when that was saved before, be it at this moment.
    """
    project = project or (case.project if case else None)
    source = case or project or contact
    action = Action(
        title=title.strip(),
        note=note,
        owner=owner,
        due_on=due_on,
        customer=customer or (source.customer if source else None),
        project=project,
        contact=contact,
        case=case,
        meeting=meeting,
        author=author,
        token=token,
        known_at=now,
    )
    _check(action, now)
    _save_once(action)
    _tell_owner(action, by=author)
    return action


@transaction.atomic
def change_action(
    action: Action, *, version: int, by: User, now: dt.datetime, **changes: Unpack[ActionChanges]
) -> Action:
    """Raises ConflictError when ``version``, the one that was read, is no longer the present one."""
    current = Action.objects.select_for_update(no_key=True, of=("self",)).get(pk=action.pk)
    if current.version != version:
        raise ConflictError(action.pk)
    owner_before = current.owner_id
    for name, value in changes.items():
        setattr(current, name, value.strip() if name == "title" and isinstance(value, str) else value)
    _check(current, now)
    current.version += 1
    current.save(update_fields=[*changes, "version"])
    if current.owner_id != owner_before:
        _tell_owner(current, by=by)
    return current


def finish_action(action: Action, *, by: User, now: dt.datetime) -> bool:
    """It is done; False when it was before, or is no longer wanted."""
    undone = Action.objects.filter(UNDONE, pk=action.pk)
    return bool(undone.update(done_at=now, done_by=by, version=F("version") + 1))


def drop_action(action: Action, *, now: dt.datetime) -> bool:
    """It is no longer wanted; False when it was done or dropped before."""
    undone = Action.objects.filter(UNDONE, pk=action.pk)
    return bool(undone.update(dropped_at=now, version=F("version") + 1))


def reopen_action(action: Action) -> bool:
    """It is still to be done, also when it was dropped; False when it was open."""
    ended = Action.objects.filter(pk=action.pk).exclude(UNDONE)
    return bool(ended.update(done_at=None, done_by=None, dropped_at=None, version=F("version") + 1))


def hand_over_actions(*, leaving: User, to: User) -> int:
    """What ``leaving`` was to do is for ``to`` to do; how many. Set-wise."""
    return Action.objects.filter(UNDONE, owner=leaving).update(owner=to, version=F("version") + 1)


def _save_once(action: Action) -> None:
    """A token names one action: the database refuses the second."""
    try:
        with transaction.atomic():
            action.save(force_insert=True)
    except IntegrityError as error:
        if action.token is None or "token" not in str(error):
            raise
        raise AlreadySavedError(action.token) from error


def _check(action: Action, now: dt.datetime) -> None:
    if not action.title:
        refuse("title", "blank", _("Say what is to be done."))
    if len(action.title) > MAX_TITLE:
        refuse("title", "too_long", _("Say it in 200 characters; there is room for more in the note."))
    if len(action.note) > MAX_NOTE:
        refuse("note", "too_long", _("A note has at most 4,000 characters."))
    if action.due_on is not None and abs(action.due_on - company_day(now)) > FARTHEST:
        refuse("due_on", "too_far", _("Choose a day within five years."))
    if not action.owner.is_active:
        refuse("owner", "gone", _("This person no longer works here."))
    for field in ("project", "contact", "case"):
        about = getattr(action, field)
        if about is not None and about.customer_id != action.customer_id:
            refuse(field, "other_customer", _("This belongs to another customer."))


def _tell_owner(action: Action, *, by: User) -> None:
    """Without the customer: whoever is given something to do must hear of it, also if he sees no more."""
    if action.owner_id != by.pk:
        tell(action.owner, ASSIGNED_NOTICE, {"action": action.pk, "by": by.pk})
