"""Custom fields: defined by an admin, checked when written, seen in form, list, filter, file and API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.customers.models import Customer
from accounts.customers.services import change_customer
from accounts.fields.models import CustomField, FieldKind
from accounts.fields.services import FieldFacts, archive_field, change_field
from tests.conftest import MONDAY, World
from tests.crm.listed import field
from tests.crm.test_customers_list import names

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def give(world: World, values: dict[str, object]) -> Customer:
    world.customer.refresh_from_db()
    return change_customer(
        world.customer,
        expected_version=world.customer.version,
        changes={"custom_fields": values},
        author=world.owner,
        now=MONDAY,
    )


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldKind.TEXT, " Plant 4 ", "Plant 4"),
        (FieldKind.NUMBER, "12.50", 12.5),
        (FieldKind.NUMBER, 7, 7),
        (FieldKind.DATE, dt.date(2026, 1, 2), "2026-01-02"),
        (FieldKind.CHOICE, "green", "green"),
        (FieldKind.YES_NO, "true", True),
    ],
)
def test_a_value_is_kept_as_its_kind_says(world: World, kind: FieldKind, given: object, kept: object) -> None:
    field("own", kind, choices=["green", "red"])
    assert give(world, {"own": given}).custom_fields == {"own": kept}


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (FieldKind.TEXT, 5),
        (FieldKind.NUMBER, "many"),
        (FieldKind.NUMBER, "NaN"),
        (FieldKind.NUMBER, True),
        (FieldKind.DATE, "2026-02-30"),
        (FieldKind.CHOICE, "blue"),
        (FieldKind.YES_NO, "perhaps"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    world: World, kind: FieldKind, given: object
) -> None:
    field("own", kind, choices=["green", "red"])
    with pytest.raises(ValidationError) as refusal:
        give(world, {"own": given})
    assert refusal.value.error_dict["custom_fields"][0].code == "invalid_value"
    world.customer.refresh_from_db()
    assert world.customer.custom_fields == {}


def test_an_unknown_key_is_refused_but_what_stands_there_stays(world: World) -> None:
    Customer.objects.filter(pk=world.customer.pk).update(custom_fields={"erp": 7})
    field("own")
    assert give(world, {"erp": 7, "own": "x"}).custom_fields == {"erp": 7, "own": "x"}
    with pytest.raises(ValidationError):
        give(world, {"erp": 8})


def test_an_archived_field_takes_nothing_and_its_values_stay_readable(owner: Client, world: World) -> None:
    own = field("own")
    give(world, {"own": "Halle 4"})
    archive_field(own, now=MONDAY)
    with pytest.raises(ValidationError):
        give(world, {"own": "Halle 5"})
    assert "Halle 4" in owner.get(f"/customers/{world.customer.pk}").content.decode()
    assert 'name="cf_own"' not in owner.get(f"/customers/{world.customer.pk}/edit").content.decode()


def test_kind_and_choices_stay_while_a_customer_has_them(world: World) -> None:
    own = field("own", FieldKind.CHOICE, choices=["green", "red"])
    give(world, {"own": "red"})
    with pytest.raises(ValidationError):
        change_field(own, FieldFacts(label="Own", kind=FieldKind.TEXT))
    with pytest.raises(ValidationError):
        change_field(own, FieldFacts(label="Own", kind=FieldKind.CHOICE, choices=["green"]))
    changed = change_field(own, FieldFacts(label="New", kind=FieldKind.CHOICE, choices=["red"]))
    assert (changed.label, changed.choices) == ("New", ["red"])


@pytest.mark.parametrize(
    ("kind", "value", "finds", "misses"),
    [
        (FieldKind.TEXT, "Halle 4", "cf_own=halle", "cf_own=werk"),
        (FieldKind.NUMBER, 12.5, "cf_own_min=12&cf_own_max=13", "cf_own_min=13"),
        (FieldKind.NUMBER, 12, "cf_own=12", "cf_own=13"),
        (FieldKind.DATE, "2026-01-02", "cf_own_max=2026-01-02", "cf_own_min=2026-01-03"),
        (FieldKind.CHOICE, "green", "cf_own=green", "cf_own=red"),
        (FieldKind.YES_NO, True, "cf_own=true", "cf_own=false"),
    ],
)
def test_lists_and_the_api_filter_by_it(
    owner: Client, world: World, kind: FieldKind, value: object, finds: str, misses: str
) -> None:
    field("own", kind, choices=["green", "red"])
    give(world, {"own": value})
    assert names(owner, f"?{finds}") == [world.customer.short_name]
    assert names(owner, f"?{misses}") == []
    assert owner.get(f"/customers/filters?{finds}").status_code == 200
    found = owner.get(f"/api/v1/customers?{finds}")
    assert [row["id"] for row in found.json()["results"]] == [world.customer.pk]


def test_it_is_asked_for_in_the_form_and_shown_in_list_and_file(owner: Client, world: World) -> None:
    field("own", FieldKind.NUMBER)
    page = owner.get(f"/customers/{world.customer.pk}/edit")
    values = {
        name: bound.value() for name, bound in ((b.name, b) for b in page.context["form"]) if bound.value()
    }
    saved = owner.post(f"/customers/{world.customer.pk}/edit", values | {"cf_own": "5"})
    assert saved.status_code == 302
    world.customer.refresh_from_db()
    assert world.customer.custom_fields == {"own": 5}
    assert 'data-label="Own">5<' in owner.get("/customers/?columns=cf_own").content.decode()
    file = b"".join(owner.get("/customers/export.csv?columns=cf_own").streaming_content).decode("utf-8-sig")
    assert file.splitlines() == ["Customer number,Customer,Industry,Own", ",Huaxing Electronics,,5"]


def test_an_admin_defines_changes_and_archives_one(client: Client, world: World) -> None:
    client.force_login(world.admin)
    facts = {"label": "Plant", "key": "plant", "kind": "choice", "choices": "A\nB\n", "position": "0"}
    assert client.post("/fields/new", facts).status_code == 302
    own = CustomField.objects.get()
    assert (own.key, own.choices) == ("plant", ["A", "B"])
    assert client.post("/fields/new", facts).status_code == 422
    assert client.post("/fields/new", facts | {"key": "1x"}).status_code == 422
    client.post(f"/fields/{own.pk}/archive")
    own.refresh_from_db()
    assert own.archived_at is not None
    assert "Archived" in client.get("/fields/").content.decode()


def test_a_filter_of_a_field_that_is_not_there_finds_nothing_and_says_so(owner: Client, world: World) -> None:
    page = owner.get("/customers/?cf_gone=x")
    assert page.context["page"].rows == []
    assert page.context["faults"] == ["cf_gone: there is no such field any more."]
