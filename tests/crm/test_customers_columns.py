"""The list of customers: its columns, orders by money, satisfaction and last contact, and further filters."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.lists.models import LastContact
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from crm.queries.customers import with_touches
from tests.conftest import MONDAY, World, customer_of
from tests.crm.test_customers_list import current_run, give_score, names

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def give_state(run: int, customer: Customer, *, sales: float = 0.0, index: float = float("nan")) -> None:
    """A row of the state; what pages do not read is zero."""
    known = {
        "run_id": run,
        "customer_id": customer.pk,
        "recent_sales": sales,
        "satisfaction_level": index,
        "lowest_points": index,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_name = 'scoring_customer_state'"
        )
        columns = dict(cursor.fetchall())
        cursor.execute(
            f"create table if not exists state_of_test_{run} partition of scoring_customer_state"
            f" for values in ({run})"
        )
        values = [known.get(name, kind == "boolean" or 0) for name, kind in columns.items()]
        places = ", ".join(["%s"] * len(columns))
        cursor.execute(f"insert into scoring_customer_state ({', '.join(columns)}) values ({places})", values)


def talk(world: World, customer: Customer, at: dt.datetime, follow_up: dt.date | None = None) -> Interaction:
    return Interaction.objects.create(
        customer=customer,
        kind="call",
        started_at=at,
        author=world.owner,
        known_at=at,
        follow_up_on=follow_up,
        follow_up_by=world.owner if follow_up else None,
    )


def test_last_contacts_are_those_of_the_interactions_however_they_are_written(world: World) -> None:
    other = customer_of(world.owner, "Other")
    first = talk(world, world.customer, MONDAY, (MONDAY + 9 * DAY).date())
    later = talk(world, world.customer, MONDAY + 2 * DAY, (MONDAY + 5 * DAY).date())
    talk(world, other, MONDAY)

    def agrees() -> dict[int, dt.datetime | None]:
        """What the table says, which is what the interactions say."""
        asked = {
            row.pk: (row.last_contact_at, row.follow_up_on)
            for row in with_touches(Customer.objects.filter(pk__in=[world.customer.pk, other.pk]))
        }
        kept = {row.pk: (row.at, row.follow_up_on) for row in LastContact.objects.all()}
        assert kept == asked
        return {pk: at for pk, (at, _due) in kept.items()}

    assert agrees() == {world.customer.pk: MONDAY + 2 * DAY, other.pk: MONDAY}
    Interaction.objects.filter(pk=later.pk).update(superseded_at=MONDAY + 3 * DAY)
    assert agrees()[world.customer.pk] == MONDAY
    Interaction.objects.filter(pk=first.pk).update(follow_up_done_at=MONDAY, follow_up_done_by=world.owner)
    agrees()
    Interaction.objects.filter(pk=first.pk).update(customer=other, started_at=MONDAY + 4 * DAY)
    assert agrees() == {world.customer.pk: None, other.pk: MONDAY + 4 * DAY}
    Interaction.objects.all().delete()
    assert agrees() == {world.customer.pk: None, other.pk: None}


def test_sales_index_and_contact_sort_and_whoever_has_none_stands_last(owner: Client, world: World) -> None:
    run = current_run()
    small, large = (customer_of(world.owner, name) for name in ("Small", "Large"))
    give_state(run, small, sales=100.0, index=-20.0)
    give_state(run, large, sales=900.0, index=80.0)
    give_state(run, world.customer, sales=500.0)
    talk(world, large, MONDAY)
    talk(world, small, MONDAY + DAY)
    none = world.customer.short_name
    assert names(owner, "?sort=-sales") == ["Large", none, "Small"]
    assert names(owner, "?sort=index") == ["Small", "Large", none]
    assert names(owner, "?sort=-contact") == ["Small", "Large", none]
    assert names(owner, "?sort=contact") == ["Large", "Small", none]


def test_filters_by_index_contact_team_and_several_tags(owner: Client, world: World) -> None:
    run = current_run()
    low, high = (customer_of(world.owner, name) for name in ("Low", "High"))
    give_state(run, low, index=-20.0)
    give_state(run, high, index=80.0)
    talk(world, low, MONDAY)
    Customer.objects.filter(pk=low.pk).update(tags=["vip", "east"])
    Customer.objects.filter(pk=high.pk).update(tags=["vip"])
    none = world.customer.short_name
    assert names(owner, "?index_max=0") == ["Low"]
    assert names(owner, "?index_min=0&index_max=90") == ["High"]
    assert names(owner, "?contact=never&sort=name") == ["High", none]
    assert names(owner, f"?contact_before={(MONDAY + 2 * DAY).date()}") == ["Low"]
    assert names(owner, f"?contact_after={(MONDAY + 2 * DAY).date()}") == []
    assert names(owner, "?tag=vip, east") == ["Low"]
    assert len(names(owner, f"?team={world.owner.team_memberships.get().team_id}")) == 3
    assert names(owner, "?team=999999") == []


def test_chosen_columns_are_kept_and_stand_in_the_export(owner: Client, world: World) -> None:
    owner.post("/customers/columns", {"column": ["tags", "region"]})
    assert [column.key for column in owner.get("/customers/").context["columns"]] == ["region", "tags"]
    head = b"".join(owner.get("/customers/export.csv").streaming_content).decode("utf-8-sig").splitlines()[0]
    assert head == "Customer number,Customer,Industry,Region,Tags"
    assert [column.key for column in owner.get("/customers/?columns=owner").context["columns"]] == ["owner"]


def test_what_a_customer_earns_us_is_told_to_nobody_else_by_value_or_order(
    client: Client, world: World
) -> None:
    run = current_run()
    rich = customer_of(None, "Zulu")
    for customer, value in ((rich, 900.0), (world.customer, 10.0)):
        give_score(run, customer, score=1.0)
        with connection.cursor() as cursor:
            cursor.execute(
                "update scoring_customer_score set expected_value_minor = %s where customer_id = %s",
                [value, customer.pk],
            )
    for customer in (rich, world.customer):
        project = Project.objects.create(
            customer=customer, name="P", manager=world.manager, started_on=MONDAY, known_at=MONDAY
        )
        ProjectMember.objects.create(
            project=project, user=world.member, functional_role=FunctionalRole.QUALITY
        )
    client.force_login(world.member)
    page = client.get("/customers/?columns=value&sort=-value").context["page"]
    assert [row.name for row in page.rows] == ["Huaxing Electronics", "Zulu"]
    assert [row.expected_value_minor for row in page.rows] == [None, None]
    client.force_login(world.executive)
    assert names(client, "?sort=-value")[0] == "Zulu"


def test_a_workbook_holds_what_the_list_shows(owner: Client, world: World) -> None:
    customer_of(world.owner, "=1+1")
    book = load_workbook(io.BytesIO(owner.get("/customers/export.xlsx?sort=name&columns=owner").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("Customer number", "Customer", "Industry", "Owner")
    assert [row[1] for row in rows[1:]] == ["=1+1", "Huaxing Electronics"]
