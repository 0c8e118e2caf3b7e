"""Every write of an interaction. A correction is a new version; a deleted one is superseded by nothing.

What is wrong is raised as a ValidationError by field, with the codes: future, too_old, other_customer,
minutes, before_start, too_far, too_many; what somebody else changed in the meantime as a ConflictError.
Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact, ContactLevel
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.interactions.costing import take_usage_back, write_usage
from accounts.interactions.models import (
    Direction,
    Interaction,
    InteractionKind,
    InteractionParticipant,
    Sentiment,
)
from accounts.projects.models import Project
from accounts.users.models import User

MAX_MINUTES = 24 * 60
MAX_PARTICIPANTS = 200
FIRST_MOMENT = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LATEST_FOLLOW_UP = dt.timedelta(days=5 * 366)
CLOCKS_DIFFER = dt.timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class InteractionFacts:
    """What an interaction says. Ids, so that pages, API and channels that come in give the same."""

    kind: InteractionKind
    started_at: dt.datetime
    direction: Direction = Direction.OUTBOUND
    minutes: int = 0
    summary: str = ""
    sentiment: Sentiment | None = None
    project_id: int | None = None
    follow_up_on: dt.date | None = None
    follow_up_by_id: int | None = None


@transaction.atomic
def log_interaction(
    *,
    customer: Customer,
    facts: InteractionFacts,
    contacts: Sequence[int],
    users: Sequence[int],
    author: User,
    now: dt.datetime,
    identity: uuid.UUID | None = None,
) -> Interaction:
    """A new interaction; ``contacts`` and ``users`` are the ids of those who took part.

    Each contact stands at the level he had on that day, and keeps it when he is promoted. ``identity`` names
    the form it was typed into: AlreadySavedError when that was saved before, be it at this moment.
    """
    try:
        with transaction.atomic():
            return _write_version(
                customer_id=customer.pk,
                identity=identity or uuid.uuid4(),
                facts=facts,
                contacts=contacts,
                users=users,
                author_id=author.pk,
                now=now,
            )
    except IntegrityError as error:
        if "interaction_one_current" not in str(error):
            raise
        raise AlreadySavedError from error


@transaction.atomic
def correct_interaction(
    interaction: Interaction,
    *,
    facts: InteractionFacts,
    corrected_by: User,
    now: dt.datetime,
    contacts: Sequence[int] | None = None,
    users: Sequence[int] | None = None,
) -> Interaction:
    """A new version with the same identity and author; participants not given are copied.

    A follow-up that is done stays done unless it is promised anew: for another day, or by somebody else.
    Raises ConflictError when this version is no longer the current one.
    """
    present = interaction.participants.values_list("contact", "user")
    _supersede(interaction, by=corrected_by, now=now)
    return _write_version(
        customer_id=interaction.customer_id,
        identity=interaction.identity,
        facts=facts,
        contacts=[contact for contact, _user in present if contact] if contacts is None else contacts,
        users=[user for _contact, user in present if user] if users is None else users,
        author_id=interaction.author_id,
        now=now,
        earlier=interaction,
    )


@transaction.atomic
def delete_interaction(interaction: Interaction, *, deleted_by: User, now: dt.datetime) -> None:
    """No longer believed from ``now`` on; what was believed before stays readable."""
    _supersede(interaction, by=deleted_by, now=now)
    take_usage_back(interaction, now=now)
    bump([interaction.customer_id])


@transaction.atomic
def restore_interaction(deleted: Interaction, *, now: dt.datetime) -> Interaction:
    """Undo of a deletion: the last version again, as a new one. Restored twice it stays one."""
    Interaction.objects.select_for_update().get(pk=deleted.pk)
    present = Interaction.objects.filter(identity=deleted.identity, superseded_at=None).first()
    if present:
        return present
    people = deleted.participants.values_list("contact", "user")
    return _write_version(
        customer_id=deleted.customer_id,
        identity=deleted.identity,
        facts=facts_of(deleted),
        contacts=[contact for contact, _user in people if contact],
        users=[user for _contact, user in people if user],
        author_id=deleted.author_id,
        now=now,
        earlier=deleted,
    )


@transaction.atomic
def complete_follow_up(interaction: Interaction, *, by: User, now: dt.datetime) -> bool:
    """The promise is kept; False when it was before, or there is none."""
    promised = _current(interaction).filter(follow_up_on__isnull=False, follow_up_done_at=None)
    is_done = bool(promised.update(follow_up_done_at=now, follow_up_done_by=by))
    if is_done:
        bump([interaction.customer_id])
    return is_done


@transaction.atomic
def reopen_follow_up(interaction: Interaction) -> bool:
    """Undo: it is still to be done; False when it was not done."""
    done = _current(interaction).filter(follow_up_done_at__isnull=False)
    is_open = bool(done.update(follow_up_done_at=None, follow_up_done_by=None))
    if is_open:
        bump([interaction.customer_id])
    return is_open


def facts_of(interaction: Interaction) -> InteractionFacts:
    """What a version says, for a next one that says something else: ``replace(facts_of(it), minutes=30)``."""
    sentiment = interaction.sentiment
    return InteractionFacts(
        kind=InteractionKind(interaction.kind),
        started_at=interaction.started_at,
        direction=Direction(interaction.direction),
        minutes=interaction.minutes,
        summary=interaction.summary,
        sentiment=None if sentiment is None else Sentiment(sentiment),
        project_id=interaction.project_id,
        follow_up_on=interaction.follow_up_on,
        follow_up_by_id=interaction.follow_up_by_id,
    )


def _current(interaction: Interaction) -> QuerySet[Interaction]:
    return Interaction.objects.filter(identity=interaction.identity, superseded_at=None)


def _supersede(interaction: Interaction, *, by: User, now: dt.datetime) -> None:
    current = Interaction.objects.filter(pk=interaction.pk, superseded_at=None)
    if not current.update(superseded_at=now, superseded_by=by):
        raise ConflictError(interaction.pk)
    InteractionParticipant.objects.filter(interaction=interaction.pk).update(superseded_at=now)


def _write_version(
    *,
    customer_id: int,
    identity: uuid.UUID,
    facts: InteractionFacts,
    contacts: Sequence[int],
    users: Sequence[int],
    author_id: int,
    now: dt.datetime,
    earlier: Interaction | None = None,
) -> Interaction:
    _check(facts, customer_id, now)
    if max(len(contacts), len(users)) > MAX_PARTICIPANTS:
        refuse("contacts", "too_many", _("At most 200 people can be named."))
    levels = _levels_on_the_day(customer_id, contacts, facts.started_at)
    interaction = Interaction.objects.create(
        customer_id=customer_id,
        identity=identity,
        author_id=author_id,
        known_at=now,
        **asdict(facts),
        **_kept_promise(earlier, facts),
    )
    shared = {
        "interaction": interaction,
        "customer_id": customer_id,
        "started_at": facts.started_at,
        "known_at": now,
    }
    InteractionParticipant.objects.bulk_create(
        [
            *(InteractionParticipant(contact_id=pk, level=level, **shared) for pk, level in levels.items()),
            *(InteractionParticipant(user_id=pk, **shared) for pk in dict.fromkeys(users)),
        ]
    )
    # Before the bump: whoever sets a rate holds the activity first and the customers after it.
    write_usage(interaction, now=now, is_corrected=earlier is not None)
    bump([customer_id])
    return interaction


def _kept_promise(earlier: Interaction | None, facts: InteractionFacts) -> dict[str, Any]:
    if earlier is None:
        return {}
    # Read anew: it may have been done after the form was opened.
    stored = Interaction.objects.get(pk=earlier.pk)
    same = (stored.follow_up_on, stored.follow_up_by_id) == (facts.follow_up_on, facts.follow_up_by_id)
    if not same:
        return {}
    return {
        "follow_up_done_at": stored.follow_up_done_at,
        "follow_up_done_by_id": stored.follow_up_done_by_id,
    }


def _check(facts: InteractionFacts, customer_id: int, now: dt.datetime) -> None:
    if facts.started_at > now + CLOCKS_DIFFER:
        refuse("started_at", "future", _("An interaction is logged when it has happened."))
    if facts.started_at < FIRST_MOMENT:
        refuse("started_at", "too_old", _("An interaction cannot be older than 1970."))
    if not 0 <= facts.minutes <= MAX_MINUTES:
        refuse("minutes", "minutes", _("An interaction takes at most a day: 1,440 minutes."))
    _check_follow_up(facts, now)
    if facts.project_id is None:
        return
    if not Project.objects.filter(pk=facts.project_id, customer=customer_id).exists():
        refuse("project", "other_customer", _("This project belongs to another customer."))


def _check_follow_up(facts: InteractionFacts, now: dt.datetime) -> None:
    if facts.follow_up_on is None:
        return
    # Where the day begins last it is still the day before.
    first = (facts.started_at.astimezone(dt.UTC) - dt.timedelta(hours=12)).date()
    if facts.follow_up_on < first:
        refuse("follow_up_on", "before_start", _("A follow-up cannot be due before the interaction."))
    if facts.follow_up_on > company_day(now) + LATEST_FOLLOW_UP:
        refuse("follow_up_on", "too_far", _("A follow-up is due within five years."))


def _levels_on_the_day(customer_id: int, contacts: Sequence[int], at: dt.datetime) -> dict[int, str]:
    """Level by contact id; before a contact's first dated row his first level counts."""
    dated: QuerySet[ContactLevel] = ContactLevel.objects.filter(contact=OuterRef("pk"))
    on_the_day = dated.filter(valid_from__lte=company_day(at)).order_by("-valid_from", "-id")
    first = dated.order_by("valid_from", "id")
    levels = dict(
        Contact.objects.filter(pk__in=contacts, customer=customer_id).values_list(
            "pk",
            Coalesce(Subquery(on_the_day.values("level")[:1]), Subquery(first.values("level")[:1]), "level"),
        )
    )
    if len(levels) < len(set(contacts)):
        refuse("contacts", "other_customer", _("This contact belongs to another customer."))
    return levels
