"""Every write of a need. Its clocks are scored: callers rescore the customer after each of them.

What is wrong is raised as a ValidationError by field, with the codes: blank, too_long, too_many, future,
too_old, past, too_far, other_customer, gone, unknown, needed, state; what somebody else changed in the
meantime as a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.needs.models import (
    LEAST_IMPORTANT,
    LIVE,
    MAX_REASON,
    MAX_TEXT,
    MOST_IMPORTANT,
    Capability,
    Decision,
    Need,
    NeedAbout,
    NeedExpression,
    NeedLevel,
    NeedOrigin,
    NeedState,
    StrategicFit,
)
from accounts.notices.services import tell
from accounts.orders.money import CURRENCIES
from accounts.users.models import User

OWNED_NOTICE = "need_owned"
MAX_TITLE, MAX_RUN_BY, MAX_MUST_FIT = 200, 200, 400
MOST_TAGS, LONGEST_TAG = 20, 40
MAX_MINOR = 10**15
OLDEST = dt.timedelta(days=20 * 366)
FARTHEST = dt.timedelta(days=20 * 366)
STATE_OF = {
    Decision.ACCEPT: NeedState.ACCEPTED,
    Decision.NEGOTIATE: NeedState.NEGOTIATING,
    Decision.DECLINE: NeedState.DECLINED,
    Decision.PARK: NeedState.PARKED,
}
JUDGED_FOR_GOOD = {NeedState.DELIVERED, NeedState.CONFIRMED}
"""What was delivered was accepted: who thinks otherwise takes the delivery back first."""


@dataclass(frozen=True, kw_only=True)
class NeedFacts:
    """What is needed. ``budget_minor`` in minor units of ``currency``, which empty is the customer's."""

    title: str
    about: NeedAbout
    raised_on: dt.date
    owner_id: int
    text: str = ""
    origin: NeedOrigin = NeedOrigin.ORGANISATION
    expression: NeedExpression = NeedExpression.STATED
    level: NeedLevel = NeedLevel.BASIC
    contact_id: int | None = None
    product_line_id: int | None = None
    tags: tuple[str, ...] = ()
    budget_minor: int | None = None
    currency: str = ""
    needed_on: dt.date | None = None
    run_by: str = ""
    must_fit: str = ""
    importance: int = 3


@dataclass(frozen=True, kw_only=True)
class Triage:
    """What we think of it and what we decided; the reason is never empty."""

    decision: Decision
    reason: str
    fit: StrategicFit
    capability: Capability


def facts_of(need: Need) -> NeedFacts:
    """What the need says now, to change a part of it."""
    return NeedFacts(
        title=need.title,
        about=NeedAbout(need.about),
        raised_on=need.raised_on,
        owner_id=need.owner_id,
        text=need.text,
        origin=NeedOrigin(need.origin),
        expression=NeedExpression(need.expression),
        level=NeedLevel(need.level),
        contact_id=need.contact_id,
        product_line_id=need.product_line_id,
        tags=tuple(need.tags),
        budget_minor=need.budget_minor,
        currency=need.currency,
        needed_on=need.needed_on,
        run_by=need.run_by,
        must_fit=need.must_fit,
        importance=need.importance,
    )


@transaction.atomic
def add_need(
    *,
    customer: Customer,
    facts: NeedFacts,
    author: User,
    now: dt.datetime,
    interaction: uuid.UUID | None = None,
    token: uuid.UUID | None = None,
) -> Need:
    """Note what is needed; its owner is told unless he noted it himself.

    ``interaction``: the identity of the talk it was heard in, one of this customer. Raises AlreadySavedError
    when the form that ``token`` names was saved before.
    """
    _check(customer, facts, now)
    need = Need(
        customer=customer,
        author=author,
        known_at=now,
        interaction=interaction,
        token=token,
        **_columns(customer, facts),
    )
    try:
        with transaction.atomic():
            need.save(force_insert=True)
    except IntegrityError:
        if token is not None and Need.objects.filter(token=token).exists():
            raise AlreadySavedError(token) from None
        raise
    bump([customer.pk])
    _tell_owner(need, by=author)
    return need


@transaction.atomic
def change_need(need: Need, *, facts: NeedFacts, expected_version: int, by: User, now: dt.datetime) -> Need:
    """Correct what was noted; a new owner is told. Raises ConflictError after somebody else's change."""
    current = _taken(need, expected_version)
    _check(current.customer, facts, now)
    before = current.owner_id
    for name, value in _columns(current.customer, facts).items():
        setattr(current, name, value)
    _saved(current, now)
    if current.owner_id != before:
        _tell_owner(current, by=by)
    return current


@transaction.atomic
def triage_need(need: Need, *, triage: Triage, expected_version: int, by: User, now: dt.datetime) -> Need:
    """Decide about it, or decide anew while nothing is delivered. What is not accepted is promised no more.

    Raises ConflictError after somebody else's change.
    """
    current = _taken(need, expected_version)
    if current.state in JUDGED_FOR_GOOD:
        refuse("decision", "state", _("This is delivered: take the delivery back first."))
    if not triage.reason.strip():
        refuse("reason", "blank", _("Say why."))
    if len(triage.reason) > MAX_REASON:
        refuse("reason", "too_long", _("This has at most 1,000 characters."))
    for name, value in asdict(triage).items():
        setattr(current, name, value)
    current.decided_by, current.decided_at = by, now
    if triage.decision != Decision.ACCEPT:
        current.promised_on = None
    current.state = NeedState.PROMISED if current.promised_on else STATE_OF[triage.decision]
    return _saved(current, now)


@transaction.atomic
def promise_need(need: Need, *, on: dt.date, now: dt.datetime) -> Need:
    """The customer is promised it for a day, or for another day. The same day again changes nothing."""
    current = _locked(need)
    if current.promised_on == on:
        return current
    if current.state not in {NeedState.ACCEPTED, NeedState.PROMISED}:
        refuse("promised_on", "state", _("Only what is accepted and not yet delivered can be promised."))
    today = company_day(now)
    if on < today:
        refuse("promised_on", "past", _("This day is over."))
    if on > today + FARTHEST:
        refuse("promised_on", "too_far", _("Choose a day within twenty years."))
    current.promised_on, current.state = on, NeedState.PROMISED
    return _saved(current, now)


@transaction.atomic
def deliver_need(need: Need, *, on: dt.date, now: dt.datetime) -> Need:
    """He got what he needed on a day. Said again it changes nothing."""
    current = _locked(need)
    if current.delivered_on == on:
        return current
    if current.state not in {NeedState.ACCEPTED, NeedState.PROMISED}:
        refuse("delivered_on", "state", _("Only what is accepted and not yet delivered can be delivered."))
    _check_done("delivered_on", on, current.raised_on, now)
    current.delivered_on, current.state = on, NeedState.DELIVERED
    return _saved(current, now)


@transaction.atomic
def confirm_need(need: Need, *, on: dt.date, now: dt.datetime, contact_id: int | None = None) -> Need:
    """The customer says that it is what he needed. Said again it changes nothing."""
    current = _locked(need)
    if current.confirmed_on == on and current.confirmed_by_id == contact_id:
        return current
    if current.state != NeedState.DELIVERED or current.delivered_on is None:
        refuse("confirmed_on", "state", _("Only what is delivered and not yet confirmed can be confirmed."))
    _check_done("confirmed_on", on, current.delivered_on, now)
    _check_contact("confirmed_by", current.customer, contact_id)
    current.confirmed_on, current.confirmed_by_id = on, contact_id
    current.state = NeedState.CONFIRMED
    return _saved(current, now)


@transaction.atomic
def step_back(need: Need, *, now: dt.datetime) -> Need:
    """The last step is taken back: confirmed, delivered, promised, decided; of what is raised nothing."""
    current = _locked(need)
    if current.state == NeedState.RAISED:
        return current
    if current.state == NeedState.CONFIRMED:
        current.confirmed_on = current.confirmed_by = None
        current.state = NeedState.DELIVERED
    elif current.state == NeedState.DELIVERED:
        current.delivered_on = None
        current.state = NeedState.PROMISED if current.promised_on else NeedState.ACCEPTED
    elif current.state == NeedState.PROMISED:
        current.promised_on, current.state = None, NeedState.ACCEPTED
    else:
        current.decision = current.reason = ""
        current.decided_by = current.decided_at = None
        current.state = NeedState.RAISED
    return _saved(current, now)


def hand_over_needs(*, leaving: User, to: User) -> int:
    """What somebody who leaves still had to do about needs; how many. In the caller's transaction."""
    return Need.objects.filter(LIVE, owner=leaving).update(owner=to, version=F("version") + 1)


def _taken(need: Need, expected_version: int) -> Need:
    current = _locked(need)
    if current.version != expected_version:
        raise ConflictError(need.pk)
    return current


def _locked(need: Need) -> Need:
    return Need.objects.select_for_update(no_key=True).get(pk=need.pk)


def _saved(need: Need, now: dt.datetime) -> Need:
    need.version += 1
    need.changed_at = now
    need.save()
    bump([need.customer_id])
    return need


def _columns(customer: Customer, facts: NeedFacts) -> dict[str, object]:
    """Deciding is in time until `NEED_TRIAGE_DAYS` after it was raised."""
    triage_by = facts.raised_on + dt.timedelta(days=settings.NEED_TRIAGE_DAYS)
    return asdict(facts) | {
        "title": facts.title.strip(),
        "tags": list(facts.tags),
        "currency": facts.currency or customer.currency,
        "triage_by": triage_by,
    }


def _check(customer: Customer, facts: NeedFacts, now: dt.datetime) -> None:
    _check_words(facts)
    _check_days(facts, company_day(now))
    if not LEAST_IMPORTANT <= facts.importance <= MOST_IMPORTANT:
        refuse("importance", "unknown", _("The importance is a number from 1 to 5."))
    if facts.budget_minor is not None and not 0 <= facts.budget_minor <= MAX_MINOR:
        refuse("budget", "unknown", _("This is no budget."))
    if facts.currency and facts.currency not in CURRENCIES:
        refuse("currency", "unknown", _("This is no currency code, such as CNY or EUR."))
    _check_contact("contact", customer, facts.contact_id)
    if not User.objects.filter(pk=facts.owner_id, is_active=True).exists():
        refuse("owner", "gone", _("This person does not work here any more."))


def _check_words(facts: NeedFacts) -> None:
    if not facts.title.strip():
        refuse("title", "blank", _("Say what is needed."))
    limits = (
        ("title", facts.title.strip(), MAX_TITLE),
        ("text", facts.text, MAX_TEXT),
        ("run_by", facts.run_by, MAX_RUN_BY),
        ("must_fit", facts.must_fit, MAX_MUST_FIT),
    )
    for field, words, most in limits:
        if len(words) > most:
            refuse(field, "too_long", _("This is too long."))
    if len(facts.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in facts.tags):
        refuse("tags", "too_many", _("At most 20 tags of at most 40 characters each."))


def _check_days(facts: NeedFacts, today: dt.date) -> None:
    if facts.raised_on > today:
        refuse("raised_on", "future", _("This day has not come yet."))
    if facts.raised_on < today - OLDEST:
        refuse("raised_on", "too_old", _("This is more than twenty years ago."))
    if facts.needed_on is not None and facts.needed_on < facts.raised_on:
        refuse("needed_on", "past", _("Choose a day after it was raised."))
    if facts.needed_on is not None and facts.needed_on > today + FARTHEST:
        refuse("needed_on", "too_far", _("Choose a day within twenty years."))


def _check_done(field: str, on: dt.date, earliest: dt.date, now: dt.datetime) -> None:
    if on > company_day(now):
        refuse(field, "future", _("This day has not come yet."))
    if on < earliest:
        refuse(field, "past", _("This is before the step before it."))


def _check_contact(field: str, customer: Customer, contact_id: int | None) -> None:
    if contact_id is not None and not Contact.objects.filter(pk=contact_id, customer=customer).exists():
        refuse(field, "other_customer", _("This contact belongs to another customer."))


def _tell_owner(need: Need, *, by: User) -> None:
    if need.owner_id != by.pk:
        tell(need.owner, OWNED_NOTICE, {"need": need.pk, "by": by.pk}, need.customer)
