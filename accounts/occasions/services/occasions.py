"""Asking by hand, and taking it back. Codes, by field: programme: retired; contacts: nobody, other_customer,
left, no_address, opted_out, rested, already_asked; project, interaction, order: other_customer; happened_on:
future, too_old; about: too_long; event: unknown.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import company_day, refuse, refuse_future
from accounts.facts import AlreadySavedError
from accounts.interactions.models import Interaction
from accounts.occasions.clocks import Rhythm, times_from
from accounts.occasions.models import EventKind, Occasion, OccasionInvitation
from accounts.occasions.queries.asking import (
    LEFT,
    NO_ADDRESS,
    OPTED_OUT,
    RESTED,
    Candidate,
    active_version,
    candidates_among,
)
from accounts.orders.models import Order
from accounts.projects.models import Project
from accounts.surveys.models import ProgrammeVersion, SurveyProgramme
from accounts.surveys.weeks import DAY
from accounts.users.models import User

# With the programme's id: the lock of whom it asks, so that two who ask at once see each other's rest.
ASKING_LOCK = 0x6F63_6361 << 32
MAX_ABOUT = 160
OLDEST = 366 * DAY
OBSTACLES = {
    LEFT: _("%(name)s has left the company."),
    NO_ADDRESS: _("%(name)s has no e-mail address."),
    OPTED_OUT: _("%(name)s wants no surveys."),
    RESTED: _("%(name)s was asked a short while ago."),
}


@transaction.atomic
def ask_about(
    *,
    programme: SurveyProgramme,
    customer: Customer,
    contacts: Sequence[Contact],
    event: str,
    happened_on: dt.date,
    about: str,
    author: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
    project: Project | None = None,
    order_identity: str = "",
    interaction: Interaction | None = None,
    even_if_rested: bool = False,
) -> Occasion:
    """Ask these contacts; their letters go out at the sending hour of theirs, ``wait_days`` after the event.

    About an order or an interaction that the survey knows already the contacts are added to that occasion.
    Raises AlreadySavedError when the form that ``token`` names was saved before.
    """
    version = _begun(programme, token)
    new = Occasion(
        programme=programme,
        programme_version=version,
        customer=customer,
        project=project,
        event=event,
        happened_on=happened_on,
        about=" ".join(about.split()),
        order_identity=order_identity,
        interaction=interaction,
        author=author,
        token=token,
        known_at=now,
    )
    _check(new, now)
    occasion = _known_about(new) or new
    _check_contacts(version, occasion, contacts, now=now, even_if_rested=even_if_rested)
    if occasion is new:
        _insert(new)
    OccasionInvitation.objects.bulk_create(
        invitation_of(occasion, version, contact, now=now) for contact in contacts
    )
    return occasion


@transaction.atomic
def cancel_invitation(invitation: OccasionInvitation) -> bool:
    """Take an invitation back that is neither sent nor answered; whether it could be. An occasion about which
    nobody is asked any more goes with it."""
    unsent = OccasionInvitation.objects.select_for_update().filter(
        pk=invitation.pk, sent_at=None, answered_at=None
    )
    current = unsent.first()
    if current is None:
        return False
    current.delete()
    left = OccasionInvitation.objects.filter(occasion=current.occasion_id)
    if not left.exists() and current.occasion.author_id is not None:
        current.occasion.delete()
    return True


def lock_asking(programme_id: int) -> None:
    """Until the transaction ends nobody else asks by this programme."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ASKING_LOCK + programme_id])


def version_to_ask(programme: SurveyProgramme) -> ProgrammeVersion:
    """The active version with its rules; refuses a survey that has none."""
    version = active_version(programme)
    if version is None:
        refuse("programme", "retired", _("This survey is not published: nobody can be asked."))
    return version


def rhythm_of(version: ProgrammeVersion) -> Rhythm:
    return Rhythm(version.send_hour, version.remind_after_days, version.rules.answer_days)


def invitation_of(
    occasion: Occasion, version: ProgrammeVersion, contact: Contact, *, now: dt.datetime
) -> OccasionInvitation:
    """An invitation, not saved. It is of the occasion's version, also where another holds by now."""
    wanted = occasion.happened_on + version.rules.wait_days * DAY
    times = times_from(wanted, rhythm_of(version), contact.time_zone, now=now)
    return OccasionInvitation(
        occasion=occasion,
        customer_id=occasion.customer_id,
        contact=contact,
        programme_version_id=occasion.programme_version_id,
        level=contact.level,
        due_at=times.due_at,
        reminder_at=times.reminder_at,
        closes_at=times.closes_at,
        known_at=now,
    )


def _begun(programme: SurveyProgramme, token: uuid.UUID | None) -> ProgrammeVersion:
    lock_asking(programme.pk)
    if token is not None and Occasion.objects.filter(token=token).exists():
        raise AlreadySavedError(token)
    return version_to_ask(programme)


def _known_about(new: Occasion) -> Occasion | None:
    """What the survey was asked about before; of an interaction in whatever version it was then."""
    found = Occasion.objects.filter(programme=new.programme)
    if new.order_identity:
        return found.filter(order_identity=new.order_identity).first()
    if new.interaction is not None:
        return found.filter(interaction__identity=new.interaction.identity).first()
    return None


def _insert(occasion: Occasion) -> None:
    try:
        with transaction.atomic():
            occasion.save(force_insert=True)
    except IntegrityError:
        if occasion.token is not None and Occasion.objects.filter(token=occasion.token).exists():
            raise AlreadySavedError(occasion.token) from None
        raise


def _check(new: Occasion, now: dt.datetime) -> None:
    if new.event not in ("", *EventKind.values):
        refuse("event", "unknown", _("There is no such event."))
    refuse_future("happened_on", new.happened_on, now)
    if new.happened_on < company_day(now) - OLDEST:
        refuse("happened_on", "too_old", _("This is more than a year ago."))
    if len(new.about) > MAX_ABOUT:
        refuse("about", "too_long", _("This has at most 160 characters."))
    if new.project is not None and new.project.customer_id != new.customer_id:
        refuse("project", "other_customer", _("This project belongs to another customer."))
    if new.interaction is not None and new.interaction.customer_id != new.customer_id:
        refuse("interaction", "other_customer", _("This belongs to another customer."))
    if new.order_identity:
        orders = Order.objects.filter(identity=new.order_identity, superseded_at=None)
        if not orders.filter(customer=new.customer_id).exists():
            refuse("order", "other_customer", _("This order belongs to another customer."))


def _check_contacts(
    version: ProgrammeVersion,
    occasion: Occasion,
    contacts: Sequence[Contact],
    *,
    now: dt.datetime,
    even_if_rested: bool,
) -> None:
    if not contacts or len({each.pk for each in contacts}) < len(contacts):
        refuse("contacts", "nobody", _("Choose at least one contact, each once."))
    if any(each.customer_id != occasion.customer_id for each in contacts):
        refuse("contacts", "other_customer", _("This contact belongs to another customer."))
    if occasion.customer.merged_into_id is not None:
        refuse("contacts", "other_customer", _("This customer was merged with another one."))
    found = candidates_among(version, list(contacts), now=now)
    asked = OccasionInvitation.objects.filter(occasion=occasion.pk)
    known = set(asked.values_list("contact", flat=True))
    problems = [
        problem for each in found if (problem := _problem(each, known, even_if_rested=even_if_rested))
    ]
    if problems:
        raise ValidationError({"contacts": problems})


def _problem(candidate: Candidate, known: set[int], *, even_if_rested: bool) -> ValidationError | None:
    values = {"name": candidate.contact.name}
    if candidate.contact.pk in known:
        return ValidationError(_("%(name)s was asked about this."), code="already_asked", params=values)
    obstacle = candidate.obstacle
    if not obstacle or (obstacle == RESTED and even_if_rested):
        return None
    return ValidationError(OBSTACLES[obstacle], code=obstacle, params=values)
