"""Orders that people type: versions, money in the base currency, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.customers.models import CustomerInput
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.orders.models import Order, OrderKind
from accounts.orders.services import OrderFacts, add_order, correct_order, current_version_of, delete_order
from accounts.projects.models import Project
from tests.conftest import MONDAY, World

FACTS = OrderFacts(ordered_on=dt.date(2026, 2, 27), amount_minor=123_450, currency="CNY", number="PO-7")
LATER = MONDAY + dt.timedelta(hours=3)


def input_version(customer_id: int) -> int:
    return CustomerInput.objects.get(customer=customer_id).version


def refused(facts: OrderFacts, world: World) -> dict[str, str]:
    before = (Order.objects.count(), input_version(world.customer.pk))
    with pytest.raises(ValidationError) as caught:
        add_order(customer=world.customer, facts=facts, now=MONDAY)
    assert (Order.objects.count(), input_version(world.customer.pk)) == before
    return {field: errors[0].code for field, errors in caught.value.error_dict.items()}


def test_an_added_order_is_known_now_and_says_that_the_customer_changed(world: World) -> None:
    version = input_version(world.customer.pk)
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    order.refresh_from_db()
    assert (order.identity, order.known_at, order.superseded_at) == ("PO-7", MONDAY, None)
    assert order.base_amount_minor == 123_450
    assert order.import_id is None
    assert input_version(world.customer.pk) == version + 1


def test_a_correction_supersedes_the_old_version_at_the_moment_the_new_one_is_known(world: World) -> None:
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    correct_order(order=order, facts=replace(FACTS, amount_minor=99_900), now=LATER)
    old, new = Order.objects.order_by("id")
    assert (old.amount_minor, old.superseded_at) == (123_450, LATER)
    assert (new.amount_minor, new.known_at, new.superseded_at) == (99_900, LATER, None)
    assert old.identity == new.identity


def test_an_old_version_cannot_be_corrected_again(world: World) -> None:
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    correct_order(order=order, facts=replace(FACTS, amount_minor=1), now=LATER)
    with pytest.raises(ConflictError):
        correct_order(order=order, facts=replace(FACTS, amount_minor=2), now=LATER)
    assert list(Order.objects.filter(superseded_at=None).values_list("amount_minor", flat=True)) == [1]


def test_a_corrected_number_becomes_the_identity(world: World) -> None:
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    corrected = correct_order(order=order, facts=replace(FACTS, number="PO-8"), now=LATER)
    assert corrected.identity == "PO-8"
    assert Order.objects.filter(superseded_at=None).count() == 1


def test_a_correction_may_move_an_order_to_another_customer_and_both_changed(world: World) -> None:
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    versions = input_version(world.customer.pk), input_version(world.foreign.pk)
    correct_order(order=order, facts=FACTS, customer=world.foreign, now=LATER)
    assert Order.objects.get(superseded_at=None).customer == world.foreign
    assert (input_version(world.customer.pk), input_version(world.foreign.pk)) == (
        versions[0] + 1,
        versions[1] + 1,
    )


def test_a_deleted_order_is_no_longer_current_but_stays_readable(world: World) -> None:
    order = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    version = input_version(world.customer.pk)
    delete_order(order=order, now=LATER)
    assert not Order.objects.filter(superseded_at=None).exists()
    assert Order.objects.get().superseded_at == LATER
    assert input_version(world.customer.pk) == version + 1
    with pytest.raises(ConflictError):
        delete_order(order=order, now=LATER)


def test_two_orders_without_a_number_are_two_orders(world: World) -> None:
    for _ in range(2):
        add_order(customer=world.customer, facts=replace(FACTS, number=""), now=MONDAY)
    assert Order.objects.filter(superseded_at=None).count() == 2


@pytest.mark.parametrize(
    ("currency", "minor", "rate", "base"),
    [
        ("EUR", 10_000, "7.8125", 78_125),  # 100.00 EUR
        ("JPY", 10_000, "0.0485", 48_500),  # 10,000 yen, no minor unit: 485.00 CNY
        ("KWD", 1_000, "23.4", 2_340),  # 1.000 dinar, three decimals: 23.40 CNY
        ("USD", 1, "0.5", 1),  # half a fen, away from zero
    ],
)
def test_the_base_amount_follows_iso_4217_exponents(
    world: World, currency: str, minor: int, rate: str, base: int
) -> None:
    facts = replace(FACTS, currency=currency, amount_minor=minor, rate=Decimal(rate), direct_cost_minor=minor)
    order = add_order(customer=world.customer, facts=facts, now=MONDAY)
    assert (order.base_amount_minor, order.base_direct_cost_minor) == (base, base)


def test_a_credit_note_is_negative_and_lowers_the_base_amount(world: World) -> None:
    facts = replace(FACTS, kind=OrderKind.CREDIT_NOTE, amount_minor=-500)
    assert add_order(customer=world.customer, facts=facts, now=MONDAY).base_amount_minor == -500


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"ordered_on": dt.date(2026, 3, 3)}, {"ordered_on": "future"}),
        ({"delivered_on": dt.date(2026, 2, 1)}, {"delivered_on": "before_ordered"}),
        ({"ordered_on": dt.date(1969, 12, 31)}, {"ordered_on": "too_old"}),
        ({"promised_on": dt.date(2026, 2, 1)}, {"promised_on": "before_ordered"}),
        ({"delivered_on": dt.date(2026, 3, 3)}, {"delivered_on": "future"}),
        ({"quantity": Decimal(0)}, {"quantity": "quantity"}),
        ({"quantity": Decimal(-2)}, {"quantity": "quantity"}),
        ({"direct_cost_minor": -1}, {"direct_cost": "sign"}),
        (
            {"kind": OrderKind.CREDIT_NOTE, "amount_minor": -5, "direct_cost_minor": 1},
            {"direct_cost": "sign"},
        ),
        ({"amount_minor": -1}, {"amount": "sign"}),
        ({"kind": OrderKind.CREDIT_NOTE}, {"amount": "sign"}),
        ({"currency": "XQZ"}, {"currency": "currency"}),
        ({"currency": "EUR", "rate": Decimal(0)}, {"rate": "rate"}),
        ({"currency": "EUR"}, {"rate": "rate_missing"}),
        ({"rate": Decimal("1.1")}, {"rate": "rate"}),
        ({"amount_minor": 10**30}, {"amount": "too_large"}),
        ({"direct_cost_minor": 10**14}, {"direct_cost": "too_large"}),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(
    world: World, change: dict[str, object], answer: dict[str, str]
) -> None:
    assert refused(replace(FACTS, **change), world) == answer  # type: ignore[arg-type]


def test_the_first_day_that_scores_count_from_may_be_the_day_of_an_order(world: World) -> None:
    old = replace(FACTS, ordered_on=dt.date(1970, 1, 1))
    assert add_order(customer=world.customer, facts=old, now=MONDAY).pk


def test_a_form_saved_twice_is_one_order_with_a_number_or_without(world: World) -> None:
    for number in ("", "PO-7"):
        facts, token = replace(FACTS, number=number), uuid.uuid4()
        add_order(customer=world.customer, facts=facts, now=MONDAY, token=token)
        before = Order.objects.count(), input_version(world.customer.pk)
        with pytest.raises(AlreadySavedError):
            add_order(customer=world.customer, facts=facts, now=LATER, token=token)
        assert (Order.objects.count(), input_version(world.customer.pk)) == before
    other = replace(FACTS, amount_minor=1)
    with pytest.raises(ValidationError):
        add_order(customer=world.customer, facts=other, now=LATER, token=uuid.uuid4())


def test_an_old_version_leads_to_the_one_believed_now_until_it_is_deleted(world: World) -> None:
    first = add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    second = correct_order(order=first, facts=replace(FACTS, number="PO-8"), now=LATER)
    third = correct_order(
        order=second, facts=replace(FACTS, number="PO-8", amount_minor=1), now=LATER + dt.timedelta(hours=1)
    )
    first.refresh_from_db()
    assert current_version_of(first) == third
    delete_order(order=third, now=LATER + dt.timedelta(hours=2))
    assert current_version_of(first) is None


def test_todays_order_is_not_in_the_future(world: World) -> None:
    assert add_order(customer=world.customer, facts=replace(FACTS, ordered_on=MONDAY.date()), now=MONDAY).pk


def test_a_number_is_given_once(world: World) -> None:
    add_order(customer=world.customer, facts=FACTS, now=MONDAY)
    assert refused(FACTS, world) == {"number": "number_taken"}


def test_a_project_of_another_customer_is_refused(world: World) -> None:
    project = Project.objects.create(
        customer=world.foreign,
        name="Pump line",
        manager=world.manager,
        started_on=MONDAY.date(),
        known_at=MONDAY,
    )
    assert refused(replace(FACTS, project_id=project.pk), world) == {"project": "project_of_another"}
