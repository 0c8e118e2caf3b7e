"""Every write of a customer. One transaction each; each says to scoring that the customer's facts changed.

What is wrong is raised as a ValidationError by field, with the codes: future, blank, group_loop,
number_taken, unknown_field, invalid_value; what somebody else changed in the meantime as a ConflictError.
Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.customers.models import (
    Customer,
    CustomerInput,
    CustomerKind,
    CustomerOwner,
    CustomerStage,
    FormerName,
    Industry,
    LocalMarket,
    Region,
    SalesChannel,
    Stage,
)
from accounts.fields.values import checked_values
from accounts.history import changed_since
from accounts.users.models import User

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

GROUPS_LOCK = 0x7472_0001
"""Advisory lock held while a group is changed: two changes at once could close a loop that neither sees."""


class ConflictError(Exception):
    """Somebody else changed the record since it was read; nothing was written."""


class CustomerFields(TypedDict, total=False):
    """Columns that may be given for a new customer. Costs in minor units of ``currency``."""

    number: str | None
    legal_name: str
    kind: CustomerKind | str
    parent: Customer | None
    industry: Industry | None
    region: Region | None
    channel: SalesChannel | None
    market: LocalMarket | None
    employees: int | None
    acquired_on: dt.date | None
    acquisition_cost_minor: int | None
    retention_cost_minor: int | None
    tags: list[str]
    custom_fields: dict[str, object]
    import_id: int | None


class CustomerChanges(CustomerFields, total=False):
    """Columns to change; those not named stay as they are."""

    short_name: str
    currency: str
    stage: Stage
    owner: User | None


def company_day(now: dt.datetime) -> dt.date:
    """The calendar day of ``now`` where the company is."""
    return now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def refuse(field: str, code: str, message: str | _StrPromise) -> NoReturn:
    """The record cannot be written because of ``field``; the code is for programs, the message for people."""
    raise ValidationError({field: ValidationError(message, code=code)})


def refuse_future(field: str, day: dt.date, now: dt.datetime) -> None:
    """One day of grace: somebody east of the company may already write tomorrow's date."""
    if day > company_day(now) + dt.timedelta(days=1):
        refuse(field, "future", _("This date lies in the future."))


def bump(customer_ids: Iterable[int]) -> None:
    """Say that facts of these customers changed. Rows are taken in id order: writers never deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with taken as (
                select customer_id from customers_customerinput
                where customer_id = any(%s) order by customer_id for update
            )
            update customers_customerinput as input set version = input.version + 1
            from taken where taken.customer_id = input.customer_id
            """,
            [list(customer_ids)],
        )


@transaction.atomic
def create_customer(
    *,
    short_name: str,
    currency: str,
    now: dt.datetime,
    author: User | None,
    owner: User | None = None,
    stage: Stage = Stage.PROSPECT,
    **fields: Unpack[CustomerFields],
) -> Customer:
    """A new customer with its first stage and owner rows; ``fields`` are further columns of `Customer`."""
    if "custom_fields" in fields:
        fields["custom_fields"] = checked_values(fields["custom_fields"], stored={})
    customer = Customer(
        short_name=short_name, currency=currency, owner=owner, stage=stage, known_at=now, **fields
    )
    _set_name_keys(customer)
    _save(customer)
    today = company_day(now)
    CustomerStage.objects.create(
        customer=customer, stage=stage, valid_from=today, author=author, known_at=now
    )
    CustomerOwner.objects.create(
        customer=customer, owner=owner, valid_from=today, author=author, known_at=now
    )
    CustomerInput.objects.create(customer=customer)
    return customer


@transaction.atomic
def change_customer(
    customer: Customer,
    *,
    expected_version: int,
    changes: CustomerChanges,
    author: User | None,
    now: dt.datetime,
    keep_former_name: bool = False,
    merge: bool = False,
) -> Customer:
    """Change the named columns; a new stage or owner is dated today. Returns the customer as written.

    ``keep_former_name`` keeps the short name that was replaced, so that the customer is still found by it.
    Raises ConflictError when the record no longer has ``expected_version``; with ``merge`` only when one of
    the named columns was changed since.
    """
    current = _taken(customer, None if merge else expected_version)
    if merge and changed_since(current, expected_version, changes):
        raise ConflictError(customer.pk)
    if "parent" in changes:
        _refuse_group_loop(current, changes["parent"])
    if "custom_fields" in changes:
        kept = checked_values(changes["custom_fields"], stored=current.custom_fields)
        changes = changes | {"custom_fields": kept}
    differing = {name: value for name, value in changes.items() if getattr(current, name) != value}
    if not differing:
        return current
    today = company_day(now)
    if "stage" in differing:
        _date_stage(current, changes["stage"], today, author, now, reason="")
    if "owner" in differing:
        _date_owner(current, changes["owner"], today, author, now)
    if keep_former_name and "short_name" in differing:
        FormerName.objects.create(customer=current, name=current.short_name, until=today, known_at=now)
    for name, value in differing.items():
        setattr(current, name, value)
    _set_name_keys(current)
    _write(current, *differing, "sort_key", "search_text", "search_tokens")
    return current


@transaction.atomic
def change_stage(
    customer: Customer,
    *,
    stage: Stage,
    author: User | None,
    now: dt.datetime,
    valid_from: dt.date | None = None,
    reason: str = "",
) -> Customer:
    """A dated stage row, from today or ``valid_from``; today's stage is that of the latest row."""
    valid_from = valid_from or company_day(now)
    refuse_future("valid_from", valid_from, now)
    current = _taken(customer)
    _date_stage(current, stage, valid_from, author, now, reason)
    latest = current.stages.order_by("-valid_from", "-id").values_list("stage", flat=True)[0]
    if latest != current.stage:
        current.stage = latest
        _write(current, "stage")
    else:
        bump([current.pk])
    return current


@transaction.atomic
def change_owner(
    customer: Customer, *, owner: User | None, author: User | None, now: dt.datetime
) -> Customer:
    """Hand the customer to another account manager (or nobody) from today on."""
    current = _taken(customer)
    if current.owner != owner:
        _date_owner(current, owner, company_day(now), author, now)
        current.owner = owner
        _write(current, "owner")
    return current


@transaction.atomic
def add_former_name(
    customer: Customer, *, name: str, now: dt.datetime, until: dt.date | None = None
) -> FormerName:
    """A name the customer used to have; it is found by that name from now on."""
    name = names.cleaned(name)
    if not name:
        refuse("name", "blank", _("Type a name."))
    current = _taken(customer)
    former = FormerName.objects.create(customer=current, name=name, until=until, known_at=now)
    _set_name_keys(current)
    _write(current, "search_text", "search_tokens")
    return former


def take_customer(customer_id: int) -> Customer:
    """The customer's row, locked until the transaction ends; rows that point to it may still be inserted."""
    return Customer.objects.select_for_update(no_key=True).get(pk=customer_id)


def _taken(customer: Customer, expected_version: int | None = None) -> Customer:
    current = take_customer(customer.pk)
    if expected_version is not None and current.version != expected_version:
        raise ConflictError(customer.pk)
    return current


def _write(customer: Customer, *columns: str) -> None:
    customer.version += 1
    _save(customer, update_fields=[*columns, "version"])
    bump([customer.pk])


def _save(customer: Customer, **how: Any) -> None:
    try:
        with transaction.atomic():
            customer.save(**(how or {"force_insert": True}))
    except IntegrityError as error:
        if "number" not in str(error):
            raise
        refuse("number", "number_taken", _("Another customer has this number."))


def _date_stage(
    customer: Customer, stage: Stage, day: dt.date, author: User | None, now: dt.datetime, reason: str
) -> None:
    CustomerStage.objects.create(
        customer=customer, stage=stage, valid_from=day, author=author, reason=reason, known_at=now
    )


def _date_owner(
    customer: Customer, owner: User | None, day: dt.date, author: User | None, now: dt.datetime
) -> None:
    CustomerOwner.objects.create(customer=customer, owner=owner, valid_from=day, author=author, known_at=now)


def _refuse_group_loop(customer: Customer, parent: Customer | None) -> None:
    if parent is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [GROUPS_LOCK])
        cursor.execute(
            """
            with recursive above(id) as (
                select %s::bigint
                union
                select parent_id from customers_customer join above using (id) where parent_id is not null
            )
            select exists (select from above where id = %s)
            """,
            [parent.pk, customer.pk],
        )
        (is_loop,) = cursor.fetchone()
    if is_loop:
        refuse("parent", "group_loop", _("A customer cannot belong to a group that belongs to itself."))


def _set_name_keys(customer: Customer) -> None:
    customer.short_name = names.cleaned(customer.short_name)
    customer.legal_name = names.cleaned(customer.legal_name)
    if not customer.short_name:
        refuse("short_name", "blank", _("Type a name."))
    former = list(customer.former_names.values_list("name", flat=True)) if customer.pk else []
    spoken = (customer.short_name, customer.legal_name, *former)
    customer.sort_key = names.sort_key(customer.short_name)
    customer.search_text = names.search_text(*spoken, customer.number or "")
    customer.search_tokens = names.search_tokens(*spoken, customer.number or "")
