"""Who sees and changes what: every sentence of accounts/access, for every kind of person.

The world: ``customer`` belongs to owner (team East with mate, led by lead), ``foreign`` to stranger.
``served`` belongs to nobody; manager manages its project, member works in it. boss leads the team of
manager and member.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404

from accounts import access
from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.orders.models import Order
from accounts.projects.models import FunctionalRole, Project, ProjectMember
from accounts.users import services
from accounts.users.models import Role, User
from tests.conftest import MONDAY, World, customer_of, person


@dataclass(frozen=True)
class Office:
    """The world and what it lacks for these tests."""

    people: dict[str, User]
    served: Customer
    project: Project
    customers: dict[str, Customer]

    def names(self, customers: object) -> set[str]:
        ids = set(customers.values_list("pk", flat=True))  # type: ignore[attr-defined]
        return {name for name, customer in self.customers.items() if customer.pk in ids}


@pytest.fixture
def office(world: World) -> Office:
    served = customer_of(None, "Served Works")
    project = Project.objects.create(
        customer=served, name="Line 4", manager=world.manager, started_on=MONDAY, known_at=MONDAY
    )
    ProjectMember.objects.create(project=project, user=world.member, functional_role=FunctionalRole.QUALITY)
    boss = person("boss")
    services.save_team(None, name="Projects", lead=boss, members=[world.manager, world.member])
    people = {**world.users, "boss": boss, "idle": person("idle", Role.MEMBER)}
    customers = {"customer": world.customer, "foreign": world.foreign, "served": served}
    return Office(people, served, project, customers)


ALL = {"customer", "foreign", "served"}
VISIBLE: dict[str, set[str]] = {
    "owner": {"customer"},
    "mate": set(),
    "lead": {"customer"},
    "stranger": {"foreign"},
    "manager": {"served"},
    "member": {"served"},
    "boss": {"served"},
    "idle": set(),
    "executive": ALL,
    "admin": ALL,
}
CHANGEABLE = VISIBLE | {"manager": set(), "member": set(), "boss": set(), "executive": set()}
LOGGABLE = VISIBLE | {"member": set()}
PROFIT = VISIBLE | {"manager": set(), "member": set(), "boss": set()}
PEOPLE = list(VISIBLE)


@pytest.mark.parametrize("who", PEOPLE)
def test_each_sees_logs_for_and_changes_the_customers_of_the_table(office: Office, who: str) -> None:
    user = office.people[who]
    assert office.names(access.visible_customers(user)) == VISIBLE[who]
    assert office.names(access.changeable_customers(user)) == CHANGEABLE[who]
    assert office.names(access.loggable_customers(user)) == LOGGABLE[who]
    assert office.names(access.profit_customers(user)) == PROFIT[who]


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_is_not_active_sees_and_may_nothing(office: Office, who: str) -> None:
    User.objects.filter(pk=office.people[who].pk).update(is_active=False, may_see_profit=True)
    user = User.objects.get(pk=office.people[who].pk)
    querysets = [
        access.visible_customers(user),
        access.changeable_customers(user),
        access.loggable_customers(user),
        access.profit_customers(user),
        access.visible_projects(user),
        access.changeable_projects(user),
        access.visible_users(user),
        access.manageable_users(user),
        access.manageable_teams(user),
        access.visible_imports(user),
    ]
    assert [queryset.count() for queryset in querysets] == [0] * len(querysets)
    rights = (access.may_import, access.may_run_jobs, access.may_add_customers, access.may_assign_owner)
    assert not any(may(user) for may in (*rights, access.may_manage_people))


def test_what_somebody_left_behind_stays_visible_to_his_lead(office: Office) -> None:
    services.deactivate(office.people["owner"])
    assert office.names(access.visible_customers(office.people["lead"])) == {"customer"}


def test_a_lead_of_several_teams_sees_the_customers_of_all(office: Office) -> None:
    lead = office.people["lead"]
    services.save_team(None, name="West", lead=lead, members=[office.people["stranger"]])
    assert office.names(access.visible_customers(lead)) == {"customer", "foreign"}


def test_a_lead_of_leads_sees_what_they_see(office: Office) -> None:
    head = person("head")
    services.save_team(None, name="Heads", lead=head, members=[office.people["lead"], office.people["boss"]])
    assert office.names(access.visible_customers(head)) == {"customer", "served"}
    assert office.names(access.changeable_customers(head)) == {"customer"}


def test_two_teams_may_lead_each_other(office: Office) -> None:
    lead, boss = office.people["lead"], office.people["boss"]
    services.save_team(None, name="One", lead=lead, members=[boss])
    services.save_team(None, name="Two", lead=boss, members=[lead])
    for user in (lead, boss):
        assert office.names(access.visible_customers(user)) == {"customer", "served"}


@pytest.mark.parametrize("role", ["executive", "admin"])
def test_the_lead_of_an_executive_or_admin_does_not_see_everything(office: Office, role: str) -> None:
    services.save_team(None, name="Board", lead=office.people["mate"], members=[office.people[role]])
    assert office.names(access.visible_customers(office.people["mate"])) == set()


def test_an_executive_who_leads_a_team_still_only_reads(office: Office) -> None:
    executive = office.people["executive"]
    services.save_team(
        None, name="Board", lead=executive, members=[office.people["owner"], office.people["manager"]]
    )
    assert office.names(access.visible_customers(executive)) == ALL
    assert not access.changeable_customers(executive).exists()
    assert not access.changeable_projects(executive).exists()
    assert not access.may_assign_owner(executive)


def test_a_person_granted_profit_sees_it_and_so_does_his_lead(office: Office) -> None:
    manager = office.people["manager"]
    manager.may_see_profit = True
    manager.save()
    assert office.names(access.profit_customers(manager)) == {"served"}
    assert office.names(access.profit_customers(office.people["boss"])) == {"served"}
    assert office.names(access.profit_customers(office.people["member"])) == set()


def test_a_grant_of_the_lead_himself_covers_all_that_he_sees(office: Office) -> None:
    boss = office.people["boss"]
    boss.may_see_profit = True
    boss.save()
    assert office.names(access.profit_customers(boss)) == {"served"}


def test_a_customer_seen_for_two_reasons_is_there_once(office: Office) -> None:
    lead = office.people["lead"]
    Project.objects.create(
        customer=office.customers["customer"], name="A", manager=lead, started_on=MONDAY, known_at=MONDAY
    )
    assert access.visible_customers(lead).count() == 1


@pytest.mark.parametrize("who", PEOPLE)
def test_the_loser_of_a_merge_is_in_no_list(office: Office, who: str) -> None:
    Customer.objects.filter(pk=office.served.pk).update(merged_into=office.customers["customer"])
    user = office.people[who]
    expected = VISIBLE[who] - {"served"}
    assert office.names(access.visible_customers(user)) == expected
    assert office.served.pk not in access.visible_projects(user).values_list("customer", flat=True)
    assert not access.changeable_projects(user).filter(customer=office.served).exists()


def test_the_old_address_of_a_merged_customer_leads_to_the_last_winner(office: Office) -> None:
    first, second = customer_of(None, "First"), customer_of(None, "Second")
    Customer.objects.filter(pk=first.pk).update(merged_into=second)
    Customer.objects.filter(pk=second.pk).update(merged_into=office.customers["customer"])
    found = access.get_customer_or_404(office.people["owner"], first.pk)
    assert found == office.customers["customer"]
    with pytest.raises(Http404):
        access.get_customer_or_404(office.people["stranger"], first.pk)


@pytest.fixture
def records(office: Office) -> Office:
    """One contact, interaction and order of every customer."""
    for number, customer in enumerate(office.customers.values()):
        Contact.objects.create(
            customer=customer, name="Contact", level=Level.SPECIALIST, known_at=MONDAY, sort_key="contact"
        )
        Interaction.objects.create(
            customer=customer, kind="call", started_at=MONDAY, author=office.people["admin"], known_at=MONDAY
        )
        Order.objects.create(
            customer=customer,
            identity=f"O-{number}",
            ordered_on=MONDAY,
            amount_minor=1,
            base_amount_minor=1,
            currency="CNY",
            known_at=MONDAY,
        )
    return office


@pytest.mark.parametrize("who", PEOPLE)
def test_what_hangs_on_a_customer_is_seen_and_changed_with_him(records: Office, who: str) -> None:
    user = records.people[who]

    def names(rows: object) -> set[str]:
        ids = set(rows.values_list("customer", flat=True))  # type: ignore[attr-defined]
        return {name for name, customer in records.customers.items() if customer.pk in ids}

    assert names(access.visible_contacts(user)) == VISIBLE[who]
    assert names(access.visible_interactions(user)) == VISIBLE[who]
    assert names(access.visible_orders(user)) == VISIBLE[who]
    assert names(access.visible_projects(user)) == VISIBLE[who] & {"served"}
    assert names(access.changeable_contacts(user)) == CHANGEABLE[who]
    assert names(access.changeable_interactions(user)) == CHANGEABLE[who]
    assert names(access.changeable_orders(user)) == CHANGEABLE[who]
    changes_project = {"served"} if who in {"manager", "boss", "admin"} else set()
    assert names(access.changeable_projects(user)) == changes_project


def test_the_author_of_an_interaction_may_correct_it_while_he_may_log_there(records: Office) -> None:
    manager, member = records.people["manager"], records.people["member"]
    mine = Interaction.objects.filter(customer=records.served)
    mine.update(author=manager)
    assert access.changeable_interactions(manager).count() == 1
    mine.update(author=member)
    assert access.changeable_interactions(member).count() == 0
    Interaction.objects.update(author=manager)
    assert access.changeable_interactions(manager).count() == 1


def test_superseded_versions_are_in_no_list(records: Office) -> None:
    admin = records.people["admin"]
    Interaction.objects.update(superseded_at=MONDAY)
    Order.objects.update(superseded_at=MONDAY)
    assert not access.visible_interactions(admin).exists()
    assert not access.changeable_interactions(admin).exists()
    assert not access.visible_orders(admin).exists()
    assert not access.changeable_orders(admin).exists()


RIGHTS = {
    "may_import": {"admin"},
    "may_run_jobs": {"admin"},
    "may_manage_people": {"admin"},
    "may_add_customers": {"admin", "owner", "mate", "lead", "stranger", "boss"},
    "may_assign_owner": {"admin", "lead", "boss"},
}


@pytest.mark.parametrize("right", RIGHTS)
def test_rights_are_those_of_the_table(office: Office, right: str) -> None:
    assert {who for who, user in office.people.items() if getattr(access, right)(user)} == RIGHTS[right]


def test_a_lead_gives_customers_to_his_people_and_an_admin_to_all_who_own(office: Office) -> None:
    people = office.people
    owners = {"owner", "mate", "lead", "boss", "stranger", "admin"}
    expected: dict[str, set[str]] = {name: set() for name in people}
    expected |= {"admin": owners, "lead": {"owner", "mate", "lead"}, "boss": {"boss"}}
    services.deactivate(people["mate"])
    for name, user in people.items():
        offered = set(access.possible_owners(user))
        assert {one for one in people if people[one] in offered} == expected[name] - {"mate"}, name


def test_only_admins_manage_people(office: Office) -> None:
    for who, user in office.people.items():
        manages = access.manageable_users(user).exists() and access.manageable_teams(user).exists()
        assert manages == (who == "admin")


BAD_IDS = [0, -1, 10**30, "abc", "", "1;drop", None, "٣", 1.5]


@pytest.mark.parametrize("bad", BAD_IDS, ids=repr)
@pytest.mark.parametrize(
    "get",
    [
        access.get_customer_or_404,
        access.get_contact_or_404,
        access.get_project_or_404,
        access.get_interaction_or_404,
        access.get_order_or_404,
        access.get_user_to_manage_or_404,
        access.get_team_to_manage_or_404,
    ],
)
def test_a_malformed_id_is_a_missing_one(world: World, get: object, bad: object) -> None:
    with pytest.raises(Http404):
        get(world.admin, bad)  # type: ignore[operator]


def test_a_foreign_and_a_missing_customer_get_the_same_answer(world: World) -> None:
    answers = []
    for pk in (world.foreign.pk, 10**9):
        with pytest.raises(Http404) as error:
            access.get_customer_or_404(world.owner, pk)
        answers.append(str(error.value))
    assert answers[0] == answers[1]


def test_nobody_is_himself_without_a_log_in(db: None) -> None:
    with pytest.raises(Http404):
        access.get_myself(AnonymousUser())


def plan_of(queryset: object) -> list[dict[str, object]]:
    """Every node of the plan that PostgreSQL ran, with its measured loops and rows."""
    text = queryset.explain(analyze=True, format="json")  # type: ignore[attr-defined]
    todo, nodes = [json.loads(text)[0]["Plan"]], []
    while todo:
        node = todo.pop()
        nodes.append(node)
        todo += node.get("Plans", [])
    return nodes


@pytest.fixture
def large_book(office: Office) -> Office:
    """100,000 customers of 400 account managers; fifty of them are the owner's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into users_user (password, email, name, sort_key, role, may_see_profit, language,
                time_zone, is_active, session_epoch)
            select '', 'am' || n || '@truenorth.test', 'AM', 'am', 'account_manager', false, 'en', 'UTC',
                true, 1
            from generate_series(1, 400) as n
            """
        )
        cursor.execute(
            """
            insert into customers_customer (short_name, legal_name, kind, stage, owner_id, currency, tags,
                custom_fields, version, sort_key, search_text, search_tokens, known_at)
            select 'C' || n, '', 'company', 'initial',
                case when n %% 2000 = 0 then %s
                else (select min(id) from users_user where name = 'AM') + n %% 400 end,
                'CNY', '{}', '{}', 1, 'c' || n, '', '{}', now()
            from generate_series(1, 100000) as n
            """,
            [office.people["owner"].pk],
        )
        cursor.execute(
            """
            insert into projects_project (customer_id, name, manager_id, started_on, version, known_at)
            select id, 'P', owner_id, '2026-01-01', 1, now() from customers_customer
            where short_name like 'C%%5'
            """,
            [],
        )
        cursor.execute("analyze users_user, customers_customer, projects_project, projects_projectmember")
    return office


def rows_read(nodes: list[dict[str, object]], table: str) -> int:
    return sum(
        int(node["Actual Rows"] * node["Actual Loops"])  # type: ignore[operator]
        for node in nodes
        if node.get("Relation Name") == table
    )


def test_who_sees_what_is_asked_once_and_from_the_side_of_the_people(large_book: Office) -> None:
    """A page of 100,000 customers takes about 25 ms, of which access is 0.5 ms."""
    for who in ("owner", "lead", "member", "boss"):
        first_page = access.visible_customers(large_book.people[who]).order_by("sort_key", "pk")[:50]
        nodes = plan_of(first_page)
        people = [node for node in nodes if node["Node Type"] == "ProjectSet"]
        assert people, who
        assert all(node["Actual Loops"] == 1 for node in people), who
        assert not any("SubPlan" in str(node.get("Filter", "")) for node in nodes), who
        assert 0 < rows_read(nodes, "customers_customer") < 101_000, who
        assert rows_read(nodes, "projects_project") < 1_000, who
        assert rows_read(nodes, "users_user") < 2_000, who


def test_related_records_do_not_read_the_whole_book(large_book: Office) -> None:
    nodes = plan_of(access.visible_contacts(large_book.people["owner"])[:50])
    assert rows_read(nodes, "customers_customer") < 1_000


def test_access_asks_once_whatever_the_number_of_teams(
    office: Office, django_assert_num_queries: object
) -> None:
    for index in range(20):
        services.save_team(
            None, name=f"T{index}", lead=office.people["lead"], members=[office.people["stranger"]]
        )
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert list(access.visible_customers(office.people["lead"]))
