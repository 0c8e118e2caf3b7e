"""Writes of a customer: dated rows, names, conflicts, groups."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.customers.models import Customer, CustomerInput, Stage
from accounts.customers.services import (
    ConflictError,
    add_former_name,
    change_customer,
    change_owner,
    change_stage,
    create_customer,
)
from tests.conftest import MONDAY, World

TUESDAY = MONDAY + dt.timedelta(days=1)


def input_version(customer: Customer) -> int:
    return CustomerInput.objects.get(customer=customer).version


def test_a_change_writes_the_named_columns_and_bumps_the_facts(world: World) -> None:
    before = input_version(world.customer)

    changed = change_customer(
        world.customer,
        expected_version=1,
        changes={"short_name": "华兴电子", "employees": 40},
        author=world.owner,
        now=TUESDAY,
    )

    stored = Customer.objects.get(pk=world.customer.pk)
    assert (stored.short_name, stored.employees, stored.version) == ("华兴电子", 40, 2)
    assert stored.sort_key == "hua xing dian zi"
    assert {"华兴", "华", "电子"} <= set(stored.search_tokens)
    assert changed == stored
    assert input_version(world.customer) == before + 1


def test_the_second_of_two_changes_to_the_same_version_is_refused_and_loses_nothing(world: World) -> None:
    change_customer(
        world.customer, expected_version=1, changes={"employees": 40}, author=world.owner, now=TUESDAY
    )

    with pytest.raises(ConflictError):
        change_customer(
            world.customer,
            expected_version=1,
            changes={"employees": 50, "legal_name": "Other"},
            author=world.mate,
            now=TUESDAY,
        )

    stored = Customer.objects.get(pk=world.customer.pk)
    assert (stored.employees, stored.legal_name, stored.version) == (40, "", 2)


def test_a_change_to_the_same_values_writes_nothing(world: World) -> None:
    before = input_version(world.customer)
    change_customer(
        world.customer,
        expected_version=1,
        changes={"short_name": world.customer.short_name, "stage": Stage.PROSPECT},
        author=world.owner,
        now=TUESDAY,
    )
    assert Customer.objects.get(pk=world.customer.pk).version == 1
    assert input_version(world.customer) == before
    assert world.customer.stages.count() == 1


def test_stage_and_owner_changes_leave_dated_rows(world: World) -> None:
    change_customer(
        world.customer,
        expected_version=1,
        changes={"stage": Stage.INITIAL, "owner": world.mate},
        author=world.lead,
        now=TUESDAY,
    )
    stages = world.customer.stages.order_by("id").values_list("stage", "valid_from", "author")
    owners = world.customer.owners.order_by("id").values_list("owner", "valid_from", "author")
    assert list(stages) == [
        (Stage.PROSPECT, MONDAY.date(), world.owner.pk),
        (Stage.INITIAL, TUESDAY.date(), world.lead.pk),
    ]
    assert list(owners) == [
        (world.owner.pk, MONDAY.date(), world.owner.pk),
        (world.mate.pk, TUESDAY.date(), world.lead.pk),
    ]


def test_a_stage_dated_before_the_latest_one_does_not_become_todays_stage(world: World) -> None:
    change_stage(world.customer, stage=Stage.CONTINUING, author=world.owner, now=TUESDAY)
    late_entry = MONDAY.date() - dt.timedelta(days=300)
    changed = change_stage(
        world.customer, stage=Stage.INITIAL, valid_from=late_entry, author=world.owner, now=TUESDAY
    )
    assert changed.stage == Stage.CONTINUING
    assert world.customer.stages.count() == 3


def test_a_stage_in_the_future_is_refused(world: World) -> None:
    with pytest.raises(ValidationError) as refusal:
        change_stage(
            world.customer,
            stage=Stage.LOST,
            valid_from=TUESDAY.date() + dt.timedelta(days=2),
            author=world.owner,
            now=TUESDAY,
        )
    assert refusal.value.error_dict["valid_from"][0].code == "future"
    assert world.customer.stages.count() == 1


def test_handing_over_dates_the_new_owner_once(world: World) -> None:
    for _again in range(2):
        change_owner(world.customer, owner=world.mate, author=world.lead, now=TUESDAY)
    assert Customer.objects.get(pk=world.customer.pk).owner == world.mate
    assert world.customer.owners.count() == 2


def test_a_former_name_is_found_like_the_present_one(world: World) -> None:
    add_former_name(world.customer, name="大同机械", now=TUESDAY)
    stored = Customer.objects.get(pk=world.customer.pk)
    assert "大同" in stored.search_tokens
    assert "datongjixie" in stored.search_text
    assert stored.sort_key == "huaxing electronics"


def test_renaming_can_keep_the_old_name(world: World) -> None:
    change_customer(
        world.customer,
        expected_version=1,
        changes={"short_name": "HX Group"},
        author=world.owner,
        now=TUESDAY,
        keep_former_name=True,
    )
    assert [former.name for former in world.customer.former_names.all()] == ["Huaxing Electronics"]
    assert "huaxing electronics" in Customer.objects.get(pk=world.customer.pk).search_text


def test_a_group_cannot_contain_itself_through_others(world: World) -> None:
    chain = [world.customer]
    for name in ("Middle", "Top"):
        parent = create_customer(
            short_name=name, currency="CNY", owner=world.owner, author=world.owner, now=MONDAY
        )
        change_customer(
            chain[-1], expected_version=1, changes={"parent": parent}, author=world.owner, now=TUESDAY
        )
        chain.append(parent)

    with pytest.raises(ValidationError) as refusal:
        change_customer(
            chain[-1],
            expected_version=1,
            changes={"parent": world.customer},
            author=world.owner,
            now=TUESDAY,
        )
    assert refusal.value.error_dict["parent"][0].code == "group_loop"
    assert Customer.objects.get(pk=chain[-1].pk).parent is None


def test_a_number_belongs_to_one_customer(world: World) -> None:
    change_customer(
        world.customer, expected_version=1, changes={"number": "K-1"}, author=world.owner, now=TUESDAY
    )
    with pytest.raises(ValidationError) as refusal:
        change_customer(
            world.foreign, expected_version=1, changes={"number": "K-1"}, author=world.admin, now=TUESDAY
        )
    assert refusal.value.error_dict["number"][0].code == "number_taken"
    assert Customer.objects.get(pk=world.foreign.pk).number is None
