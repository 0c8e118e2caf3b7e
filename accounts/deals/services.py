"""Every write of contracts, opportunities and supply shares.

Contracts and shares are scored: callers rescore the customer after each write of them.

What is wrong is raised as a ValidationError by field, with the codes: blank, too_long, past, future, unknown,
gone, other_customer, needed, state, above_all, twice; what somebody else changed in the meantime as a
ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse, refuse_future
from accounts.deals.models import (
    MAX_REASON,
    OPEN,
    Competitor,
    Contract,
    ContractKind,
    ContractState,
    Opportunity,
    OpportunityStage,
    Renewal,
    SupplyShare,
)
from accounts.facts import CURRENT, AlreadySavedError
from accounts.needs.models import Need
from accounts.notices.services import tell
from accounts.orders.models import Order
from accounts.orders.money import CURRENCIES
from accounts.users.models import User

RISING_NOTICE = "competitor_rising"
MAX_TITLE, MAX_NUMBER, MAX_NAME = 200, 64, 120
MAX_MINOR = 10**15
MOST_COMPETITORS = 20
QUARTER = dt.timedelta(days=91)
ALL = Decimal(100)

D = TypeVar("D", Contract, Opportunity)


@dataclass(frozen=True, kw_only=True)
class ContractFacts:
    """Money in minor units of ``currency``, which empty is the customer's."""

    title: str
    starts_on: dt.date
    owner_id: int
    number: str = ""
    kind: ContractKind = ContractKind.SUPPLY
    ends_on: dt.date | None = None
    renewal: Renewal = Renewal.BY_HAND
    notice_on: dt.date | None = None
    value_minor: int | None = None
    currency: str = ""
    is_draft: bool = False


@dataclass(frozen=True, kw_only=True)
class OpportunityFacts:
    """``probability`` in percent. Won: ``order_number`` may name the order. Lost: ``lost_reason`` why."""

    title: str
    owner_id: int
    stage: OpportunityStage = OpportunityStage.LEAD
    value_minor: int | None = None
    currency: str = ""
    probability: int = 20
    expected_on: dt.date | None = None
    need_id: int | None = None
    lost_reason: str = ""
    order_number: str = ""


def contract_facts_of(contract: Contract) -> ContractFacts:
    """What stands in it now, to change a part of it."""
    return ContractFacts(
        title=contract.title,
        starts_on=contract.starts_on,
        owner_id=contract.owner_id,
        number=contract.number,
        kind=ContractKind(contract.kind),
        ends_on=contract.ends_on,
        renewal=Renewal(contract.renewal),
        notice_on=contract.notice_on,
        value_minor=contract.value_minor,
        currency=contract.currency,
        is_draft=contract.state == ContractState.DRAFT,
    )


def opportunity_facts_of(opportunity: Opportunity) -> OpportunityFacts:
    """What it is now, to change a part of it."""
    return OpportunityFacts(
        title=opportunity.title,
        owner_id=opportunity.owner_id,
        stage=OpportunityStage(opportunity.stage),
        value_minor=opportunity.value_minor,
        currency=opportunity.currency,
        probability=opportunity.probability,
        expected_on=opportunity.expected_on,
        need_id=opportunity.need_id,
        lost_reason=opportunity.lost_reason,
        order_number=opportunity.order_number,
    )


@transaction.atomic
def add_contract(
    *,
    customer: Customer,
    facts: ContractFacts,
    author: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
    renews: Contract | None = None,
) -> Contract:
    """A new contract; with ``renews`` the one that it goes on from is renewed and gives no alarm any more.

    Raises AlreadySavedError when the form that ``token`` names was saved before.
    """
    _check_contract(customer, facts)
    if renews is not None:
        before = Contract.objects.select_for_update(no_key=True).get(pk=renews.pk)
        if before.state != ContractState.ACTIVE or before.customer_id != customer.pk:
            refuse("renews", "state", _("Only a contract that holds can be renewed, and only once."))
        before.state = ContractState.RENEWED
        _saved_contract(before, now)
    columns = _contract_columns(customer, facts)
    made = Contract(customer=customer, author=author, known_at=now, token=token, renews=renews, **columns)
    _inserted(made, token)
    bump([customer.pk])
    return made


@transaction.atomic
def change_contract(
    contract: Contract, *, facts: ContractFacts, expected_version: int, now: dt.datetime
) -> Contract:
    """Correct what stands in it. Raises ConflictError after somebody else's change."""
    current = _taken(Contract, contract.pk, expected_version)
    _check_contract(current.customer, facts)
    columns = _contract_columns(current.customer, facts)
    if current.state in {ContractState.RENEWED, ContractState.ENDED}:
        columns.pop("state")
    for name, value in columns.items():
        setattr(current, name, value)
    return _saved_contract(current, now)


@transaction.atomic
def end_contract(contract: Contract, *, on: dt.date, reason: str, now: dt.datetime) -> Contract:
    """It ends and is not renewed. Said again it changes nothing."""
    current = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    if current.state == ContractState.ENDED and current.reason == reason and current.ended_on == on:
        return current
    if current.state not in {ContractState.ACTIVE, ContractState.DRAFT}:
        refuse("reason", "state", _("This contract is over already."))
    _check_reason("reason", reason)
    refuse_future("ended_on", on, now)
    if on < current.starts_on:
        refuse("ended_on", "past", _("This is before it starts."))
    current.state, current.ended_on, current.reason = ContractState.ENDED, on, reason
    return _saved_contract(current, now)


@transaction.atomic
def add_opportunity(
    *,
    customer: Customer,
    facts: OpportunityFacts,
    author: User,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> Opportunity:
    """Raises AlreadySavedError when the form that ``token`` names was saved before."""
    _check_opportunity(customer, facts)
    columns = _opportunity_columns(customer, facts, closed_on=None, now=now)
    made = Opportunity(customer=customer, author=author, known_at=now, token=token, **columns)
    return _inserted(made, token)


@transaction.atomic
def change_opportunity(
    opportunity: Opportunity, *, facts: OpportunityFacts, expected_version: int, now: dt.datetime
) -> Opportunity:
    """What changed, its stage too. Raises ConflictError after somebody else's change."""
    current = _taken(Opportunity, opportunity.pk, expected_version)
    _check_opportunity(current.customer, facts)
    columns = _opportunity_columns(current.customer, facts, closed_on=current.closed_on, now=now)
    for name, value in columns.items():
        setattr(current, name, value)
    return _saved(current)


@transaction.atomic
def say_shares(
    *,
    customer: Customer,
    on: dt.date,
    ours: Decimal | None,
    theirs: Mapping[str, Decimal],
    author: User,
    now: dt.datetime,
) -> list[SupplyShare]:
    """Who supplies which share on a day, in percent; what was said of that day before is superseded.

    A name that is new becomes a competitor. Of competitors whose share is above that of a quarter ago the
    customer's owner is told, unless he said it himself.
    """
    _check_shares(on, ours, theirs, now)
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    before = _shares_of(customer, on - QUARTER)
    SupplyShare.objects.filter(CURRENT, customer=customer, valid_on=on).update(superseded_at=now)
    rivals = _competitors(theirs)
    said: list[tuple[Competitor | None, Decimal]] = [
        (rivals[name.strip().casefold()], share) for name, share in theirs.items()
    ]
    if ours is not None:
        said.append((None, ours))
    rows = SupplyShare.objects.bulk_create(
        SupplyShare(
            customer=customer, competitor=rival, valid_on=on, share=share, author=author, known_at=now
        )
        for rival, share in said
    )
    bump([customer.pk])
    rising = [rival.name for rival, share in said if rival and share > before.get(rival.pk, share)]
    if rising and customer.owner is not None and customer.owner_id != author.pk:
        tell(customer.owner, RISING_NOTICE, {"names": rising}, customer)
    return rows


def hand_over_deals(*, leaving: User, to: User) -> None:
    """What somebody who leaves still had to see to. In the caller's transaction."""
    holds = Q(state__in=[ContractState.DRAFT, ContractState.ACTIVE])
    Contract.objects.filter(holds, owner=leaving).update(owner=to, version=F("version") + 1)
    Opportunity.objects.filter(OPEN, owner=leaving).update(owner=to, version=F("version") + 1)


def _competitors(theirs: Mapping[str, Decimal]) -> dict[str, Competitor]:
    """By name in any case; those that are new are added."""
    names = {name.strip().casefold(): name.strip() for name in theirs}
    known = {rival.name.casefold(): rival for rival in Competitor.objects.all()}
    Competitor.objects.bulk_create(
        [Competitor(name=name) for key, name in names.items() if key not in known], ignore_conflicts=True
    )
    if any(key not in known for key in names):
        known = {rival.name.casefold(): rival for rival in Competitor.objects.all()}
    return known


def _shares_of(customer: Customer, day: dt.date) -> dict[int, Decimal]:
    """What was believed of each competitor on a day: the latest said of it by then."""
    latest = (
        SupplyShare.objects.filter(CURRENT, customer=customer, valid_on__lte=day, competitor__isnull=False)
        .order_by("competitor", "-valid_on")
        .distinct("competitor")
    )
    return {row.competitor_id: row.share for row in latest if row.competitor_id}


def _inserted(made: D, token: uuid.UUID | None) -> D:
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        if token is not None and type(made)._default_manager.filter(token=token).exists():
            raise AlreadySavedError(token) from None
        raise
    return made


def _taken(model: type[D], pk: int, expected_version: int) -> D:
    current = model._default_manager.select_for_update(no_key=True).get(pk=pk)
    if current.version != expected_version:
        raise ConflictError(pk)
    return current


def _saved(record: D) -> D:
    record.version += 1
    record.save()
    return record


def _saved_contract(contract: Contract, now: dt.datetime) -> Contract:
    contract.changed_at = now
    bump([contract.customer_id])
    return _saved(contract)


def _contract_columns(customer: Customer, facts: ContractFacts) -> dict[str, object]:
    columns: dict[str, object] = asdict(facts)
    is_draft = columns.pop("is_draft")
    return columns | {
        "title": facts.title.strip(),
        "currency": facts.currency or customer.currency,
        "state": ContractState.DRAFT if is_draft else ContractState.ACTIVE,
    }


def _opportunity_columns(
    customer: Customer, facts: OpportunityFacts, *, closed_on: dt.date | None, now: dt.datetime
) -> dict[str, object]:
    """It is won or lost on the day on which somebody says so; then it is certain."""
    is_open = facts.stage not in {OpportunityStage.WON, OpportunityStage.LOST}
    certain = {OpportunityStage.WON: 100, OpportunityStage.LOST: 0}
    return asdict(facts) | {
        "title": facts.title.strip(),
        "currency": facts.currency or customer.currency,
        "closed_on": None if is_open else closed_on or company_day(now),
        "probability": certain.get(facts.stage, facts.probability),
        "lost_reason": facts.lost_reason if facts.stage == OpportunityStage.LOST else "",
        "order_number": facts.order_number if facts.stage == OpportunityStage.WON else "",
    }


def _check_contract(customer: Customer, facts: ContractFacts) -> None:
    _check_common(facts.title, facts.value_minor, facts.currency, facts.owner_id)
    if len(facts.number) > MAX_NUMBER:
        refuse("number", "too_long", _("This is too long."))
    if facts.ends_on is not None and facts.ends_on < facts.starts_on:
        refuse("ends_on", "past", _("This is before it starts."))
    if facts.notice_on is not None and facts.ends_on is not None and facts.notice_on > facts.ends_on:
        refuse("notice_on", "future", _("Notice is given before it ends."))


def _check_opportunity(customer: Customer, facts: OpportunityFacts) -> None:
    _check_common(facts.title, facts.value_minor, facts.currency, facts.owner_id)
    if not 0 <= facts.probability <= 100:
        refuse("probability", "unknown", _("A probability is from 0 to 100 percent."))
    if facts.need_id is not None and not Need.objects.filter(pk=facts.need_id, customer=customer).exists():
        refuse("need", "other_customer", _("This need is another customer's."))
    if facts.stage == OpportunityStage.LOST:
        _check_reason("lost_reason", facts.lost_reason)
    if facts.stage == OpportunityStage.WON and facts.order_number:
        ordered = Order.objects.filter(CURRENT, customer=customer, identity=facts.order_number)
        if not ordered.exists():
            refuse("order_number", "other_customer", _("The customer has no order of this number."))


def _check_common(title: str, value_minor: int | None, currency: str, owner_id: int) -> None:
    if not title.strip():
        refuse("title", "blank", _("Give it a title."))
    if len(title.strip()) > MAX_TITLE:
        refuse("title", "too_long", _("This is too long."))
    if value_minor is not None and not 0 <= value_minor <= MAX_MINOR:
        refuse("value", "unknown", _("This is no amount."))
    if currency and currency not in CURRENCIES:
        refuse("currency", "unknown", _("This is no currency code, such as CNY or EUR."))
    if not User.objects.filter(pk=owner_id, is_active=True).exists():
        refuse("owner", "gone", _("This person does not work here any more."))


def _check_reason(field: str, reason: str) -> None:
    if not reason.strip():
        refuse(field, "blank", _("Say why."))
    if len(reason) > MAX_REASON:
        refuse(field, "too_long", _("This has at most 1,000 characters."))


def _check_shares(on: dt.date, ours: Decimal | None, theirs: Mapping[str, Decimal], now: dt.datetime) -> None:
    refuse_future("valid_on", on, now)
    shares = [*theirs.values(), *([ours] if ours is not None else [])]
    if not shares:
        refuse("ours", "needed", _("Say at least one share."))
    if any(not 0 <= share <= ALL for share in shares):
        refuse("ours", "unknown", _("A share is from 0 to 100 percent."))
    if sum(shares) > ALL:
        refuse("ours", "above_all", _("Together this is more than 100 percent."))
    names = [name.strip() for name in theirs]
    if any(not name or len(name) > MAX_NAME for name in names) or len(names) > MOST_COMPETITORS:
        refuse("theirs", "unknown", _("Name each competitor in at most 120 characters, and at most twenty."))
    if len({name.casefold() for name in names}) < len(names):
        refuse("theirs", "twice", _("Each competitor stands here once."))
