"""The page of a customer and its form: what is shown to whom, conflicts, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer, CustomerInput, CustomerOwner, CustomerStage
from accounts.customers.services import change_customer
from accounts.interactions.models import Interaction, InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import FunctionalRole
from accounts.projects.services import Membership, create_project
from crm.queries.timeline import events_of
from tests.accounts.surveys.office import DAY, DUE, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import score

MOST_QUERIES = 12
PARTS = ("", "/people", "/projects", "/orders", "/history")


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


@pytest.fixture
def project_world(world: World) -> World:
    create_project(
        customer=world.customer,
        name="Boards",
        manager=world.manager,
        started_on=MONDAY.date(),
        now=MONDAY,
        members=[Membership(user=world.member, functional_role=FunctionalRole.QUALITY)],
    )
    return world


def typed(customer: Customer, **values: object) -> dict[str, object]:
    """What the form sends when nothing but ``values`` was changed."""
    present = {
        "version": customer.version,
        "short_name": customer.short_name,
        "legal_name": customer.legal_name,
        "kind": customer.kind,
        "stage": customer.stage,
        "currency": customer.currency,
        "tags": ", ".join(customer.tags),
    }
    return present | values


def touch(world: World, days_ago: int) -> Interaction:
    return log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL, started_at=MONDAY - dt.timedelta(days=days_ago), summary="Weekly call"
        ),
        contacts=[],
        users=[world.owner.pk],
        author=world.owner,
        now=MONDAY,
    )


def order(world: World, number: str, ordered_on: dt.date) -> Order:
    facts = OrderFacts(
        ordered_on=ordered_on, amount_minor=123_400, currency="CNY", number=number, direct_cost_minor=77_700
    )
    return add_order(customer=world.customer, facts=facts, now=MONDAY)


@pytest.mark.parametrize("part", PARTS)
def test_a_foreign_customer_does_not_exist(owner: Client, world: World, part: str) -> None:
    assert owner.get(f"/customers/{world.foreign.pk}{part}").status_code == 404
    assert owner.get(f"/customers/{world.customer.pk}{part}").status_code == 200


def test_the_address_of_a_merged_customer_leads_to_the_one_it_was_merged_into(
    owner: Client, world: World
) -> None:
    Customer.objects.filter(pk=world.foreign.pk).update(merged_into=world.customer)
    answer = owner.get(f"/customers/{world.foreign.pk}")
    assert answer.headers["Location"] == f"/customers/{world.customer.pk}"
    assert "was merged into Huaxing Electronics" in owner.get(answer.headers["Location"]).content.decode()


def test_cost_is_shown_only_to_whom_profit_is(client: Client, project_world: World) -> None:
    order(project_world, "PO-1", MONDAY.date())
    Customer.objects.filter(pk=project_world.customer.pk).update(acquisition_cost_minor=5_555_00)
    shown = {}
    for name in ("owner", "lead", "executive", "admin", "manager", "member"):
        client.force_login(project_world.users[name])
        pages = [
            client.get(f"/customers/{project_world.customer.pk}{part}").content.decode() for part in PARTS
        ]
        shown[name] = any("777.00" in page or "5,555.00" in page for page in pages)
    assert shown == {
        "owner": True,
        "lead": True,
        "executive": True,
        "admin": True,
        "manager": False,
        "member": False,
    }


def test_whoever_may_not_change_sees_no_button_and_cannot_post(client: Client, project_world: World) -> None:
    customer = project_world.customer
    for name in ("manager", "member", "executive"):
        client.force_login(project_world.users[name])
        assert (
            f"/customers/{customer.pk}/edit" not in client.get(f"/customers/{customer.pk}").content.decode()
        )
        answer = client.post(f"/customers/{customer.pk}/edit", typed(customer, short_name="Taken over"))
        assert answer.status_code == 403, name
    client.force_login(project_world.stranger)
    assert client.post(f"/customers/{customer.pk}/edit", typed(customer)).status_code == 404
    stored = Customer.objects.get(pk=customer.pk)
    assert (stored.short_name, stored.version) == ("Huaxing Electronics", 1)


def test_a_new_customer_belongs_to_whoever_adds_it(owner: Client, world: World) -> None:
    answer = owner.post(
        "/customers/new",
        {
            "short_name": "大同机械",
            "kind": "company",
            "stage": "prospect",
            "currency": "cny",
            "tags": "新, 出口",
        },
    )
    added = Customer.objects.get(short_name="大同机械")
    assert answer.headers["Location"] == f"/customers/{added.pk}"
    assert (added.owner, added.currency, added.tags) == (world.owner, "CNY", ["新", "出口"])
    assert CustomerOwner.objects.get(customer=added).owner == world.owner


def test_members_do_not_add_customers(client: Client, world: World) -> None:
    before = Customer.objects.count()
    for name in ("member", "manager", "executive"):
        client.force_login(world.users[name])
        answer = client.post("/customers/new", {"short_name": "X", "kind": "company", "currency": "CNY"})
        assert answer.status_code == 403
    assert Customer.objects.count() == before


def test_a_saved_form_changes_what_was_typed_and_nothing_else(owner: Client, world: World) -> None:
    Customer.objects.filter(pk=world.customer.pk).update(custom_fields={"erp": "7"}, employees=12)
    world.customer.refresh_from_db()
    answer = owner.post(
        f"/customers/{world.customer.pk}/edit",
        typed(world.customer, stage="initial", employees="12", acquisition_cost="1200.50"),
    )
    assert answer.status_code == 302
    stored = Customer.objects.get(pk=world.customer.pk)
    assert (stored.stage, stored.employees, stored.acquisition_cost_minor) == ("initial", 12, 120_050)
    assert (stored.owner, stored.custom_fields) == (world.owner, {"erp": "7"})
    assert CustomerStage.objects.filter(customer=stored).count() == 2


def test_an_account_manager_cannot_give_his_customer_away_but_his_lead_can(
    client: Client, world: World
) -> None:
    client.force_login(world.owner)
    client.post(f"/customers/{world.customer.pk}/edit", typed(world.customer, owner=world.stranger.pk))
    assert Customer.objects.get(pk=world.customer.pk).owner == world.owner
    client.force_login(world.lead)
    world.customer.refresh_from_db()
    answer = client.post(
        f"/customers/{world.customer.pk}/edit", typed(world.customer, owner=world.stranger.pk)
    )
    assert answer.status_code == 422
    client.post(f"/customers/{world.customer.pk}/edit", typed(world.customer, owner=world.mate.pk))
    assert Customer.objects.get(pk=world.customer.pk).owner == world.mate


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(owner: Client, world: World) -> None:
    opened = typed(world.customer)
    change_customer(
        world.customer,
        expected_version=1,
        changes={"legal_name": "Huaxing Holding"},
        author=world.lead,
        now=MONDAY,
    )
    answer = owner.post(f"/customers/{world.customer.pk}/edit", opened | {"short_name": "HX"})

    stored = Customer.objects.get(pk=world.customer.pk)
    assert answer.status_code == 422
    assert (stored.short_name, stored.legal_name) == ("Huaxing Electronics", "Huaxing Holding")
    differences = {row.label: row.stored for row in answer.context["form"].differences}
    assert differences == {"Short name": "Huaxing Electronics", "Legal name": "Huaxing Holding"}
    assert 'value="HX"' in answer.content.decode()

    # Saving again, knowing what is stored now, is a choice.
    version = answer.context["form"]["version"].value()
    again = opened | {"short_name": "HX", "legal_name": "Huaxing Holding", "version": version}
    assert owner.post(f"/customers/{world.customer.pk}/edit", again).status_code == 302
    assert Customer.objects.get(pk=world.customer.pk).short_name == "HX"


def test_a_form_without_a_version_meets_a_conflict(owner: Client, world: World) -> None:
    form = typed(world.customer, short_name="HX")
    del form["version"]
    assert owner.post(f"/customers/{world.customer.pk}/edit", form).status_code == 422
    assert Customer.objects.get(pk=world.customer.pk).short_name == "Huaxing Electronics"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("short_name", ""),
        ("short_name", "x" * 121),
        ("short_name", "a\x00b"),
        ("currency", "XXZ"),
        ("employees", "-1"),
        ("employees", "99999999999"),
        ("acquired_on", "31.12.2026"),
        ("acquisition_cost", "1.005"),
        ("parent", "abc"),
        ("parent", "999999999999999999999"),
        ("industry", "7"),
        ("tags", ", ".join(str(number) for number in range(21))),
    ],
)
def test_what_is_typed_wrong_is_said_at_the_field_and_nothing_is_written(
    owner: Client, world: World, field: str, value: str
) -> None:
    answer = owner.post(f"/customers/{world.customer.pk}/edit", typed(world.customer) | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Customer.objects.get(pk=world.customer.pk).version == 1


def test_a_foreign_customer_is_no_group(owner: Client, world: World) -> None:
    answer = owner.post(
        f"/customers/{world.customer.pk}/edit", typed(world.customer, parent=world.foreign.pk)
    )
    assert answer.status_code == 422
    assert "Nordlicht" not in answer.content.decode()


def test_a_paste_of_ten_megabytes_gets_a_clear_answer(owner: Client, world: World) -> None:
    answer = owner.post(
        f"/customers/{world.customer.pk}/edit", typed(world.customer, legal_name="x" * 10 * 2**20)
    )
    assert answer.status_code == 413
    assert "more text than a form can take" in answer.content.decode()
    assert Customer.objects.get(pk=world.customer.pk).version == 1


def test_the_timeline_pages_through_everything_once_newest_first(owner: Client, world: World) -> None:
    for days in range(15):
        touch(world, days)
        order(world, f"PO-{days}", MONDAY.date() - dt.timedelta(days=days))
    seen, cursor = [], ""
    for _page in range(20):
        page = events_of(world.customer, world.owner, after=cursor, limit=4)
        seen += page.rows
        if page.older is None:
            break
        cursor = page.older
    assert len(seen) == len({(event.kind, event.record.pk) for event in seen}) == 32
    assert [event.at for event in seen] == sorted((event.at for event in seen), reverse=True)


def test_older_entries_come_as_a_fragment_and_without_javascript(owner: Client, world: World) -> None:
    for days in range(25):
        touch(world, days)
    page = owner.get(f"/customers/{world.customer.pk}")
    older = page.context["events"].older
    fragment = owner.get(f"/customers/{world.customer.pk}?after={older}", headers={"HX-Request": "true"})
    plain = owner.get(f"/customers/{world.customer.pk}?after={older}")
    assert len(fragment.context["events"].rows) == len(plain.context["events"].rows) == 7
    assert "<html" not in fragment.content.decode()


def test_thirty_events_take_as_many_queries_as_three(owner: Client, world: World) -> None:
    """Of a customer who is scored and grades our work: everything the page can ask for."""
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    score(DUE + DAY)
    score(DUE + 2 * DAY)

    def queries_after(count: int) -> int:
        for days in range(count):
            touch(world, days)
            order(world, f"PO-{count}-{days}", MONDAY.date())
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(f"/customers/{world.customer.pk}").status_code == 200
        return len(captured)

    assert owner.get(f"/customers/{world.customer.pk}").context["standing"].score is not None
    assert queries_after(3) == queries_after(30) <= MOST_QUERIES


def test_the_next_follow_up_is_open_until_the_customer_was_touched_again(owner: Client, world: World) -> None:
    def follow_up() -> dt.date | None:
        step = owner.get(f"/customers/{world.customer.pk}").context["standing"].next_step
        return step.due_on if step else None

    promised = MONDAY.date() + dt.timedelta(days=7)
    log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL,
            started_at=MONDAY,
            follow_up_on=promised,
            follow_up_by_id=world.owner.pk,
        ),
        contacts=[],
        users=[],
        author=world.owner,
        now=MONDAY,
    )
    assert follow_up() == promised
    later = MONDAY + dt.timedelta(days=8)
    log_interaction(
        customer=world.customer,
        facts=InteractionFacts(kind=InteractionKind.CALL, started_at=later),
        contacts=[],
        users=[],
        author=world.owner,
        now=later,
    )
    assert follow_up() is None


def test_people_are_shown_by_level_with_the_gaps(owner: Client, world: World) -> None:
    create_contact(
        customer=world.customer,
        name="单国强",
        level=Level.EXECUTIVE,
        counterpart=world.owner,
        author=world.owner,
        now=MONDAY,
    )
    create_contact(
        customer=world.customer, name="Li Na", level=Level.SPECIALIST, author=world.owner, now=MONDAY
    )
    levels = owner.get(f"/customers/{world.customer.pk}/people").context["levels"]
    assert [(group.level, [person.name for person in group.people], group.is_gap) for group in levels] == [
        (Level.EXECUTIVE, ["单国强"], False),
        (Level.MANAGEMENT, [], True),
        (Level.SPECIALIST, ["Li Na"], True),
        (Level.OPERATIONAL, [], True),
    ]


def test_the_history_says_who_changed_what_from_what_to_what(owner: Client, world: World) -> None:
    owner.post(
        f"/customers/{world.customer.pk}/edit", typed(world.customer, short_name="HX", stage="initial")
    )
    world.customer.refresh_from_db()
    owner.post(f"/customers/{world.customer.pk}/edit", typed(world.customer, short_name="HX Group"))
    entries = owner.get(f"/customers/{world.customer.pk}/history").context["entries"]
    assert [[(c.label, c.before, c.after) for c in entry.changes] for entry in entries] == [
        [("short name", "HX", "HX Group")],
        [("short name", "Huaxing Electronics", "HX"), ("stage", "Prospect", "Initial")],
    ]
    assert {entry.who for entry in entries} == {"Owner"}


def test_an_order_is_added_corrected_and_deleted_from_the_page(owner: Client, world: World) -> None:
    form = {
        "number": "PO-7",
        "kind": "order",
        "ordered_on": "2026-02-01",
        "currency": "CNY",
        "rate": "1",
        "amount": "1200.50",
        "direct_cost": "800",
    }
    owner.post(f"/customers/{world.customer.pk}/orders/new", form)
    added = Order.objects.get(superseded_at=None)
    assert (added.amount_minor, added.direct_cost_minor, added.number) == (120_050, 80_000, "PO-7")

    owner.post(f"/orders/{added.pk}/edit", form | {"amount": "1300", "version": added.pk})
    corrected = Order.objects.get(superseded_at=None)
    assert (corrected.identity, corrected.amount_minor) == (added.identity, 130_000)

    version = CustomerInput.objects.get(customer=world.customer).version
    owner.post(f"/orders/{corrected.pk}/delete")
    assert not Order.objects.filter(superseded_at=None).exists()
    assert CustomerInput.objects.get(customer=world.customer).version == version + 1


def test_what_an_order_cannot_be_is_said_at_the_field(owner: Client, world: World) -> None:
    tomorrow = timezone.now().date() + dt.timedelta(days=2)
    form = {"kind": "order", "ordered_on": str(tomorrow), "currency": "CNY", "rate": "1", "amount": "-5"}
    answer = owner.post(f"/customers/{world.customer.pk}/orders/new", form)
    assert answer.status_code == 422
    assert "ordered_on" in answer.context["form"].errors
    assert not Order.objects.exists()


def test_a_project_manager_cannot_touch_orders(client: Client, project_world: World) -> None:
    kept = order(project_world, "PO-1", MONDAY.date())
    client.force_login(project_world.manager)
    assert client.post(f"/customers/{project_world.customer.pk}/orders/new", {}).status_code == 403
    assert client.post(f"/orders/{kept.pk}/edit", {}).status_code == 403
    assert client.post(f"/orders/{kept.pk}/delete").status_code == 403
    client.force_login(project_world.stranger)
    assert client.post(f"/orders/{kept.pk}/delete").status_code == 404
    assert Order.objects.get(pk=kept.pk).superseded_at is None
