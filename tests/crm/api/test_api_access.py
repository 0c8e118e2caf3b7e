"""Lists, details, scores and writes of the API are what access.py says, for every role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import access
from accounts.contacts.models import Contact
from accounts.costs.models import ActivityUsage
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.orders.models import Order
from accounts.projects.models import Project
from tests.crm.api.api_book import NOW, fill, run_scoring

ROLES = ("owner", "mate", "lead", "stranger", "manager", "member", "executive", "admin")


@pytest.fixture
def book(world: Any) -> Any:
    """``customer`` has a project of the manager with the member; ``foreign`` one of the stranger."""
    fill(world, world.customer, manager=world.manager, members=[world.member])
    fill(world, world.foreign, manager=world.stranger)
    return world


def keys(queryset: Any, field: str = "pk") -> set[str]:
    return {str(value) for value in queryset.values_list(field, flat=True)}


VISIBLE = {
    "customers": lambda user: keys(access.visible_customers(user)),
    "contacts": lambda user: keys(access.visible_contacts(user)),
    "projects": lambda user: keys(access.visible_projects(user)),
    "interactions": lambda user: keys(access.visible_interactions(user), "identity"),
    "orders": lambda user: keys(access.visible_orders(user)),
    "activity-usages": lambda user: keys(access.visible_usages(user)),
    "users": lambda user: keys(access.visible_users(user)),
}
EVERYTHING = {
    "customers": (Customer, "pk"),
    "contacts": (Contact, "pk"),
    "projects": (Project, "pk"),
    "interactions": (Interaction, "identity"),
    "orders": (Order, "pk"),
    "activity-usages": (ActivityUsage, "pk"),
}


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_details_show_exactly_what_access_says(book: Any, api_of: Any, role: str) -> None:
    user = book.users[role]
    api = api_of(user)
    for resource, visible in VISIBLE.items():
        listed = {str(row["id"]) for row in api.get(resource).json()["results"]}
        assert listed == visible(user), resource
    for resource, (model, field) in EVERYTHING.items():
        for key in keys(model.objects.all(), field):
            expected = 200 if key in VISIBLE[resource](user) else 404
            assert api.get(f"{resource}/{key}").status_code == expected, (resource, key)


@pytest.mark.parametrize("role", ROLES)
def test_scores_show_exactly_the_visible_customers(book: Any, api_of: Any, role: str) -> None:
    run_scoring(NOW)
    user = book.users[role]
    api = api_of(user)
    visible = keys(access.visible_customers(user))
    rows = api.get("scores").json()["results"]
    assert {str(row["customer"]) for row in rows} == visible
    seeing_profit = keys(access.profit_customers(user))
    assert {str(row["customer"]) for row in rows if row["money_at_risk_minor"] is not None} == seeing_profit
    for customer in (book.customer, book.foreign):
        answer = api.get(f"scores/{customer.pk}")
        assert answer.status_code == (200 if str(customer.pk) in visible else 404)
        if answer.status_code == 200:
            assert_explains(answer.json(), may_see_profit=str(customer.pk) in seeing_profit)


def assert_explains(explanation: Any, *, may_see_profit: bool) -> None:
    score = explanation["score"]
    shown = sum(line["points"] or 0 for line in explanation["indicators"])
    assert shown + explanation["hidden_points"] == pytest.approx(score["score"] or 0)
    assert sum(line["points"] for line in explanation["signals"]) == pytest.approx(score["churn_score"])
    inputs = {line["code"]: line["input"] for line in explanation["indicators"]}
    assert inputs["total_sales"] == 10_000
    assert (inputs["gross_profit"] is not None) == may_see_profit
    assert (inputs["gross_margin"] is not None) == may_see_profit
    points = {line["code"]: line["points"] for line in explanation["indicators"]}
    places = {line["code"]: line["normalised"] for line in explanation["indicators"]}
    assert (points["gross_profit"] is not None) == may_see_profit
    assert (places["gross_profit"] is not None) == may_see_profit


@pytest.mark.parametrize("role", ROLES)
def test_costs_show_only_where_profit_may_be_seen(book: Any, api_of: Any, role: str) -> None:
    user = book.users[role]
    Customer.objects.update(retention_cost_minor=500)
    api = api_of(user)
    allowed = keys(access.profit_customers(user))
    for row in api.get("orders").json()["results"]:
        expected = 7_000 if str(row["customer"]) in allowed else None
        assert row["direct_cost_minor"] == expected
        assert api.get(f"orders/{row['id']}").json()["direct_cost_minor"] == expected
    for key in VISIBLE["customers"](user):
        shown = api.get(f"customers/{key}").json()["retention_cost_minor"]
        assert shown == (500 if key in allowed else None)


def change_of(resource: str, record: Any) -> dict[str, object]:
    bodies: dict[str, dict[str, object]] = {
        "customers": {"version": 1, "legal_name": "Changed"},
        "contacts": {"version": 1, "title": "Changed"},
        "projects": {"version": 1, "ended_on": "2026-02-28"},
        "interactions": {"version": record.pk, "summary": "Changed"},
        "orders": {"amount_minor": 1},
    }
    return bodies[resource]


CHANGEABLE = {
    "customers": access.changeable_customers,
    "contacts": access.changeable_contacts,
    "projects": access.changeable_projects,
    "interactions": access.changeable_interactions,
    "orders": access.changeable_orders,
}


@pytest.mark.parametrize("resource", list(CHANGEABLE))
@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_change_a_record_changes_nothing(
    book: Any, api_of: Any, role: str, resource: str
) -> None:
    user = book.users[role]
    api = api_of(user)
    model, field = EVERYTHING[resource]
    for record in model.objects.all():
        key = str(getattr(record, field))
        may = CHANGEABLE[resource](user).filter(pk=record.pk).exists()
        before = list(model.objects.order_by("pk").values())
        answer = api.patch(f"{resource}/{key}", change_of(resource, record))
        visible = key in VISIBLE[resource](user)
        assert answer.status_code == (200 if may else 403 if visible else 404), answer.content
        assert (list(model.objects.order_by("pk").values()) == before) == (not may)


@pytest.mark.parametrize("resource", ["interactions", "orders"])
@pytest.mark.parametrize("role", ["mate", "stranger", "member", "executive"])
def test_who_may_not_delete_a_fact_deletes_nothing(book: Any, api_of: Any, role: str, resource: str) -> None:
    model, field = EVERYTHING[resource]
    record = model.objects.get(customer=book.customer)
    answer = api_of(book.users[role]).delete(f"{resource}/{getattr(record, field)}")
    assert answer.status_code in {403, 404}
    assert model.objects.get(pk=record.pk).superseded_at is None


def creation_of(resource: str, book: Any) -> dict[str, object]:
    customer = book.customer.pk
    bodies: dict[str, dict[str, object]] = {
        "contacts": {"customer": customer, "name": "New", "level": "executive"},
        "projects": {
            "customer": customer,
            "name": "New",
            "manager": book.manager.pk,
            "started_on": "2026-03-01",
        },
        "interactions": {"customer": customer, "kind": "visit", "started_at": "2026-03-01T10:00:00Z"},
        "orders": {"customer": customer, "ordered_on": "2026-03-01", "amount_minor": 5},
    }
    return bodies[resource]


@pytest.mark.parametrize("resource", ["contacts", "projects", "interactions", "orders"])
@pytest.mark.parametrize("role", ROLES)
def test_only_who_may_adds_records_of_a_customer(book: Any, api_of: Any, role: str, resource: str) -> None:
    user = book.users[role]
    allowed = access.loggable_customers if resource == "interactions" else access.changeable_customers
    may = allowed(user).filter(pk=book.customer.pk).exists()
    sees = access.visible_customers(user).filter(pk=book.customer.pk).exists()
    model, _field = EVERYTHING[resource]
    before = model.objects.count()
    answer = api_of(user).post(resource, creation_of(resource, book))
    assert answer.status_code == (201 if may else 403 if sees else 422), answer.content
    assert model.objects.count() == before + may


@pytest.mark.parametrize("role", ROLES)
def test_only_account_managers_and_admins_add_customers(book: Any, api_of: Any, role: str) -> None:
    user = book.users[role]
    before = Customer.objects.count()
    answer = api_of(user).post("customers", {"short_name": "New"})
    may = access.may_add_customers(user)
    assert answer.status_code == (201 if may else 403)
    assert Customer.objects.count() == before + may
    if may:
        assert answer.json()["owner"] == user.pk


def test_only_account_managers_and_admins_keep_customers(book: Any, api_of: Any) -> None:
    address = f"customers/{book.customer.pk}"
    refused = api_of(book.admin).patch(address, {"version": 1, "owner": book.member.pk})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["owner"])
    given = api_of(book.admin).patch(address, {"version": 1, "owner": book.stranger.pk})
    assert given.json()["owner"] == book.stranger.pk


def test_a_lead_gives_customers_to_his_people_only(book: Any, api_of: Any) -> None:
    address = f"customers/{book.customer.pk}"
    lead = api_of(book.lead)
    assert lead.patch(address, {"version": 1, "owner": book.stranger.pk}).status_code == 422
    assert lead.patch(address, {"version": 1, "owner": book.mate.pk}).json()["owner"] == book.mate.pk


def test_an_account_manager_gives_no_customer_away(book: Any, api_of: Any) -> None:
    body = {"version": 1, "owner": book.stranger.pk}
    assert api_of(book.owner).patch(f"customers/{book.customer.pk}", body).status_code == 403
    book.customer.refresh_from_db()
    assert book.customer.owner == book.owner


@pytest.mark.parametrize(
    "resource", ["customers", "contacts", "projects", "interactions", "orders", "scores"]
)
def test_foreign_missing_and_malformed_ids_answer_alike(book: Any, api_of: Any, resource: str) -> None:
    api = api_of(book.owner)
    foreign = {"scores": str(book.foreign.pk)}
    if resource in EVERYTHING:
        model, field = EVERYTHING[resource]
        owner_sees = VISIBLE[resource](book.owner)
        foreign[resource] = next(iter(keys(model.objects.all(), field) - owner_sees))
    odd = ["0", "-1", "99999999", str(2**63), "9" * 400, "x", "1.5", "%00", "%F0%9F", "a%0Ab", "%2e%2e"]
    answers = {api.get(f"{resource}/{key}").content for key in [foreign[resource], *odd]}
    assert answers == {b'{"error":"not_found","message":"Not found.","fields":{}}'}


def test_references_that_he_does_not_see_are_refused(book: Any, api_of: Any) -> None:
    api = api_of(book.owner)
    foreign_contact = Contact.objects.get(customer=book.foreign)
    foreign_project = Project.objects.get(customer=book.foreign)
    interaction = creation_of("interactions", book)
    order = creation_of("orders", book)
    for path, body, field in (
        ("interactions", interaction | {"contacts": [foreign_contact.pk]}, "contacts"),
        ("orders", order | {"project": foreign_project.pk}, "project"),
        ("orders", order | {"customer": book.foreign.pk}, "customer"),
        ("customers", {"short_name": "New", "parent": book.foreign.pk}, "parent"),
    ):
        answer = api.post(path, body)
        assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])


def test_a_stranger_to_the_log_in_gets_401_and_how_to_do_better(db: None) -> None:
    for path in ("customers", "customers/1", "nowhere", "schema", "schema.json"):
        answer = Client().get(f"/api/v1/{path}")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == "Bearer"
        assert b"not_authenticated" in answer.content


def test_a_session_reads_and_needs_the_csrf_token_to_write(book: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(book.owner)
    assert client.get("/api/v1/customers").status_code == 200
    answer = client.post("/api/v1/customers", {"short_name": "New"}, content_type="application/json")
    assert answer.status_code == 403
    assert not Customer.objects.filter(short_name="New").exists()


def test_an_inactive_person_is_out_with_every_token(book: Any, api_of: Any) -> None:
    api = api_of(book.owner)
    book.owner.is_active = False
    book.owner.save()
    assert api.get("customers").status_code == 401
