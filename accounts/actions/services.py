"""Every write of an action (to-do). What is overdue is scored: callers rescore its customer after each write.

What is wrong is raised as a ValidationError by field, with the codes: title: blank, too_long; note: too_long;
due_on: too_far, repeated; owner: gone; customer, project, contact, need, interaction: other_customer;
repeat_every: repeats; repeat_until: too_early. What somebody else changed in the meantime is a ConflictError.
Nothing is written then.
"""

from __future__ import annotations

import calendar
import datetime as dt
import uuid
from collections.abc import Collection
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions.models import MAX_NOTE, MAX_REASON, MOST_REPEATED, UNDONE, Action, RepeatUnit
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.facts import CURRENT, save_once
from accounts.interactions.models import Interaction
from accounts.needs.models import Need
from accounts.notices.services import tell_each
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction, ReviewMeeting
from accounts.users.models import User

ASSIGNED_NOTICE = "action_assigned"
MAX_TITLE = 200
RHYTHM = ("repeat_every", "repeat_unit", "repeat_day", "repeat_until")
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
    repeat_every: int | None
    repeat_unit: str
    repeat_until: dt.date | None


class Rhythm(TypedDict, total=False):
    """How it comes again; without ``repeat_every`` it does not."""

    repeat_every: int | None
    repeat_unit: str
    repeat_until: dt.date | None


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
    need: Need | None = None,
    interaction: Interaction | None = None,
    token: uuid.UUID | None = None,
    **rhythm: Unpack[Rhythm],
) -> Action:
    """Somebody is to do something by a day; whoever else wrote it, the owner is told.

    The customer, where not given, is that of what it belongs to. AlreadySavedError: ``token`` came before.
    """
    source = case or project or contact or need or interaction
    action = Action(
        title=title.strip(),
        note=note,
        owner=owner,
        due_on=due_on,
        customer=customer or (source.customer if source else None),
        project=project or (case.project if case else None),
        contact=contact,
        case=case,
        meeting=meeting,
        need=need,
        interaction=interaction.identity if interaction else None,
        author=author,
        token=token,
        known_at=now,
        **rhythm,
    )
    _check(action, now)
    _write(action)
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
    owner_before, customer_before = current.owner_id, current.customer_id
    for name, value in changes.items():
        setattr(current, name, value.strip() if name == "title" and isinstance(value, str) else value)
    _check(current, now)
    current.version += 1
    current.changed_at = now
    current.save(update_fields={*changes, *RHYTHM, "version", "changed_at"})
    _bump_each({customer_before, current.customer_id})
    if current.owner_id != owner_before:
        _tell_owner(current, by=by)
    return current


def finish_action(action: Action, *, by: User, now: dt.datetime) -> bool:
    """It is done; False when it was before, or is no longer wanted. What repeats is followed by the next."""
    return bool(finish_actions([action.pk], by=by, now=now))


@transaction.atomic
def finish_actions(ids: Collection[int], *, by: User, now: dt.datetime) -> int:
    """Those of them that were to be done are done; how many. Four queries, however many they are."""
    undone = Action.objects.filter(UNDONE, pk__in=ids).order_by("pk").select_for_update(no_key=True)
    found = list(undone)
    Action.objects.filter(pk__in=[each.pk for each in found]).update(
        done_at=now, done_by=by, changed_at=now, version=F("version") + 1
    )
    following = [copy for each in found if (copy := _next_of(each, now)) is not None]
    if following:
        # One that somebody has touched stays where the action before it was brought back and done again.
        Action.objects.bulk_create(following, ignore_conflicts=True)
    _bump(found)
    return len(found)


@transaction.atomic
def drop_action(action: Action, *, now: dt.datetime, reason: str = "") -> bool:
    """It is no longer wanted, nor is its repetition; False when it was done or dropped before."""
    undone = Action.objects.filter(UNDONE, pk=action.pk)
    why = " ".join(reason.split())[:MAX_REASON]
    is_dropped = bool(
        undone.update(dropped_at=now, drop_reason=why, changed_at=now, version=F("version") + 1)
    )
    if is_dropped:
        _bump([action])
    return is_dropped


def reopen_action(action: Action, *, now: dt.datetime) -> bool:
    """It is still to be done, also when it was dropped; False when it was open."""
    return bool(reopen_actions([action.pk], now=now))


@transaction.atomic
def reopen_actions(ids: Collection[int], *, now: dt.datetime) -> int:
    """Those of them that had ended are to be done again; how many.

    The next of one that repeats goes again, unless somebody has touched it.
    """
    ended = Action.objects.filter(pk__in=ids).exclude(UNDONE).order_by("pk")
    found = list(ended.select_for_update(no_key=True))
    pks = [each.pk for each in found]
    Action.objects.filter(pk__in=pks).update(
        done_at=None,
        done_by=None,
        dropped_at=None,
        drop_reason="",
        changed_at=now,
        version=F("version") + 1,
    )
    Action.objects.filter(UNDONE, repeats__in=pks, version=1).delete()
    _bump(found)
    return len(found)


@transaction.atomic
def assign_actions(ids: Collection[int], *, to: User, by: User) -> int:
    """Those of them that are to be done are for ``to`` to do, who is told of each; how many."""
    if not to.is_active:
        refuse("owner", "gone", _("This person no longer works here."))
    theirs = Action.objects.filter(UNDONE, pk__in=ids).exclude(owner=to).order_by("pk")
    found = list(theirs.select_for_update(no_key=True))
    Action.objects.filter(pk__in=[each.pk for each in found]).update(owner=to, version=F("version") + 1)
    for each in found:
        each.owner = to
    _tell_owners(found, by=by)
    return len(found)


def next_day(action: Action, after: dt.date) -> dt.date | None:
    """The first day of its rhythm after ``after`` and after its own; None where there is none.

    Counted from its own day, so that a rhythm keeps its weekday; months keep the day of the month.
    """
    if action.repeat_every is None or action.due_on is None:
        return None
    due, every = action.due_on, action.repeat_every
    if action.repeat_unit == RepeatUnit.MONTH:
        passed = (after.year - due.year) * 12 + after.month - due.month
        steps = max(1, passed // every)
        day = _in_months(due, steps * every, action.repeat_day or due.day)
        if day <= after:
            day = _in_months(due, (steps + 1) * every, action.repeat_day or due.day)
    else:
        span = every * (7 if action.repeat_unit == RepeatUnit.WEEK else 1)
        steps = max(1, (after - due).days // span + 1)
        day = due + dt.timedelta(days=steps * span)
    is_over = action.repeat_until is not None and day > action.repeat_until
    return None if is_over else day


def hand_over_actions(*, leaving: User, to: User) -> int:
    """What ``leaving`` was to do is for ``to`` to do; how many. Set-wise."""
    return Action.objects.filter(UNDONE, owner=leaving).update(owner=to, version=F("version") + 1)


def _write(action: Action) -> None:
    save_once(action, action.token)
    _bump([action])


def _bump(found: Collection[Action]) -> None:
    _bump_each({each.customer_id for each in found})


def _bump_each(customer_ids: Collection[int | None]) -> None:
    """Of what concerns no customer nothing is scored."""
    concerned = [pk for pk in customer_ids if pk is not None]
    if concerned:
        bump(concerned)


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
    for field in ("project", "contact", "case", "need"):
        about = getattr(action, field)
        if about is not None and about.customer_id != action.customer_id:
            refuse(field, "other_customer", _("This belongs to another customer."))
    if action.interaction is not None:
        talks = Interaction.objects.filter(CURRENT, identity=action.interaction, customer=action.customer_id)
        if not talks.exists():
            refuse("interaction", "other_customer", _("This belongs to another customer."))
    _check_rhythm(action)


def _check_rhythm(action: Action) -> None:
    """And note the day of the month that it is meant for."""
    if action.repeat_every is None:
        action.repeat_unit, action.repeat_until, action.repeat_day = "", None, None
        return
    if not 1 <= action.repeat_every <= MOST_REPEATED or action.repeat_unit not in RepeatUnit.values:
        refuse("repeat_every", "repeats", _("Say after how many days, weeks or months it comes again."))
    if action.due_on is None:
        refuse("due_on", "repeated", _("What comes again needs its first day."))
    if action.repeat_until is not None and action.repeat_until < action.due_on:
        refuse("repeat_until", "too_early", _("The last day is before the first."))
    is_kept = action.repeat_day and _in_months(action.due_on, 0, action.repeat_day) == action.due_on
    action.repeat_day = action.repeat_day if is_kept else action.due_on.day


def _in_months(start: dt.date, months: int, day: int) -> dt.date:
    """``day`` of the month that is ``months`` after that of ``start``, or the last of a shorter one."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def _next_of(action: Action, now: dt.datetime) -> Action | None:
    day = next_day(action, company_day(now))
    if day is None:
        return None
    return Action(
        title=action.title,
        note=action.note,
        owner_id=action.owner_id,
        due_on=day,
        customer_id=action.customer_id,
        project_id=action.project_id,
        contact_id=action.contact_id,
        case_id=action.case_id,
        need_id=action.need_id,
        repeat_every=action.repeat_every,
        repeat_unit=action.repeat_unit,
        repeat_day=action.repeat_day,
        repeat_until=action.repeat_until,
        repeats=action,
        author_id=action.author_id,
        known_at=now,
    )


def _tell_owner(action: Action, *, by: User) -> None:
    """Without the customer: whoever is given something to do must hear of it, also if he sees no more."""
    _tell_owners([action], by=by)


def _tell_owners(found: Collection[Action], *, by: User) -> None:
    tell_each(
        ASSIGNED_NOTICE,
        [(each.owner, {"action": each.pk, "by": by.pk}) for each in found if each.owner_id != by.pk],
    )
