"""Handing over what a person keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import Customer, CustomerInput, CustomerOwner
from accounts.handover import hand_over
from accounts.projects.models import Project
from accounts.surveys.models import CaseEvent
from accounts.surveys.services import assign_case
from accounts.users.services import deactivate
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import MONDAY, World, customer_of

FRIDAY = MONDAY + dt.timedelta(days=4)


def project(customer: Customer, manager: object, name: str, ended_on: dt.date | None = None) -> Project:
    return Project.objects.create(
        customer=customer, manager=manager, name=name, started_on=MONDAY, ended_on=ended_on, known_at=MONDAY
    )


def test_customers_and_open_projects_go_to_the_one_who_stays(world: World) -> None:
    running = project(world.customer, world.owner, "Pumps")
    ended = project(world.customer, world.owner, "Valves", ended_on=MONDAY)
    version = CustomerInput.objects.get(customer=world.customer).version
    moved = hand_over(leaving=world.owner, to=world.mate, author=world.admin, now=FRIDAY)
    world.customer.refresh_from_db()
    row = CustomerOwner.objects.filter(customer=world.customer).latest("valid_from")
    assert moved == 1
    assert (world.customer.owner, world.customer.version) == (world.mate, 2)
    assert (row.owner, row.valid_from, row.author) == (world.mate, FRIDAY.date(), world.admin)
    assert CustomerInput.objects.get(customer=world.customer).version == version + 1
    assert Project.objects.get(pk=running.pk).manager == world.mate
    assert Project.objects.get(pk=ended.pk).manager == world.owner
    assert Customer.objects.get(pk=world.foreign.pk).owner == world.stranger


def test_the_loser_of_a_merge_keeps_its_owner(world: World) -> None:
    loser = customer_of(world.owner, "Huaxing (old)")
    Customer.objects.filter(pk=loser.pk).update(merged_into=world.customer)
    assert hand_over(leaving=world.owner, to=world.mate, author=None, now=FRIDAY) == 1
    assert Customer.objects.get(pk=loser.pk).owner == world.owner


def test_nothing_is_written_when_somebody_takes_over_from_himself(world: World) -> None:
    assert hand_over(leaving=world.owner, to=world.owner, author=None, now=FRIDAY) == 0
    assert CustomerOwner.objects.filter(customer=world.customer).count() == 1


def test_open_corrective_actions_go_along_and_their_log_says_so(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D", quality="D")
    office.say(office.chen, at=DUE + 2 * HOUR, delivery="D", quality="A")
    hand_over(leaving=world.manager, to=world.mate, author=world.admin, now=DUE + 3 * HOUR)
    assert office.case().owner == world.mate
    assert office.case("quality").owner == world.manager
    event = CaseEvent.objects.get(kind="assigned")
    assert (event.case, event.author, event.assignee) == (office.case(), world.admin, world.mate)
    assert event.known_at == DUE + 3 * HOUR


def test_a_closed_one_whose_owner_left_is_opened_again_for_the_manager_of_the_project(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    assign_case(office.case(), owner=world.owner, by=world.manager, now=DUE + 2 * HOUR)
    office.say(office.chen, at=DUE + 3 * HOUR, delivery="A")
    deactivate(world.owner)
    office.say(office.chen, at=DUE + 4 * HOUR, delivery="D")
    assert (office.case().owner, office.case().times_reopened) == (world.manager, 1)


def test_it_takes_as_many_queries_for_thirty_customers_as_for_three(world: World) -> None:
    counts = []
    for number in (3, 30):
        for index in range(number):
            customer_of(world.owner, f"Works {number}-{index}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            hand_over(leaving=world.owner, to=world.mate, author=None, now=FRIDAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_it_takes_as_many_queries_for_thirty_corrective_actions_as_for_five(world: World) -> None:
    counts = []
    for number in (1, 6):
        for index in range(number):
            office = office_of(replace(world, customer=customer_of(world.owner, f"Works {number}-{index}")))
            office.invite()
            office.say(office.chen, quality="D", delivery="D", communication="D", service="D", support="D")
        with CaptureQueriesContext(connection) as queries:
            hand_over(leaving=world.manager, to=world.mate, author=None, now=DUE + 2 * HOUR)
        counts.append(len(queries))
    assert CaseEvent.objects.filter(kind="assigned").count() == 35
    assert counts[0] == counts[1]
