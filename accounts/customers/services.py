"""Every write of a customer. One transaction each; each says to scoring that the customer's facts changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection, transaction

from accounts import names
from accounts.customers.models import Customer, CustomerInput, CustomerOwner, CustomerStage, Stage
from accounts.users.models import User


class ConflictError(Exception):
    """Somebody else changed the record since it was read; nothing was written."""


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
    **fields: object,
) -> Customer:
    """A new customer with its first stage and owner rows; ``fields`` are further columns of `Customer`."""
    customer = Customer(
        short_name=short_name, currency=currency, owner=owner, stage=stage, known_at=now, **fields
    )
    _set_name_keys(customer)
    customer.save(force_insert=True)
    CustomerStage.objects.create(
        customer=customer, stage=stage, valid_from=now.date(), author=author, known_at=now
    )
    CustomerOwner.objects.create(
        customer=customer, owner=owner, valid_from=now.date(), author=author, known_at=now
    )
    CustomerInput.objects.create(customer=customer)
    return customer


def _set_name_keys(customer: Customer) -> None:
    former = list(customer.former_names.values_list("name", flat=True)) if customer.pk else []
    spoken = (customer.short_name, customer.legal_name, *former)
    customer.sort_key = names.sort_key(customer.short_name)
    customer.search_text = names.search_text(*spoken, customer.number or "")
    customer.search_tokens = names.search_tokens(*spoken)
