"""A small book by the product's own services: people, customers, projects, respondents, orders."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer
from accounts.customers.services import create_customer
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.services import create_project
from accounts.surveys.models import ProgrammeVersion
from accounts.surveys.services import ensure_programme, name_respondent
from accounts.surveys.weeks import clock_of, weeks_possibly_open
from accounts.users.models import Role, User
from accounts.users.services import create_user

PASSWORD = "correct horse battery staple"
LONG_AGO = dt.timedelta(days=60)
ORDERS_EACH = 6
# Between the end of Thursday and Friday's hour no week is open where the respondents are.
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago")
MARGIN = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Book:
    """``named``: (project, contact) of everybody who is asked; ``unnamed``: of those who are to be named."""

    owners: list[str]
    managers: list[str]
    admin: str
    customers: dict[str, list[int]]
    numbers: list[str]
    zone: str
    named: list[tuple[int, int]]
    unnamed: list[tuple[int, int]]


def make_book(*, customers: int, respondents_each: int, seed: int) -> Book:
    """``respondents_each``: per customer, on one project; a fifth of them are named only in the course."""
    rolled, now = random.Random(seed), timezone.now()
    then = now - LONG_AGO
    zone = open_zone(ensure_programme(now=then), now)
    people = {
        role: [
            create_user(email=f"{role}{number}@chaos.example", name=role, role=role, password=PASSWORD)
            for number in range(count)
        ]
        for role, count in {Role.ACCOUNT_MANAGER: 3, Role.PROJECT_MANAGER: 2, Role.ADMIN: 1}.items()
    }
    owners, managers = people[Role.ACCOUNT_MANAGER], people[Role.PROJECT_MANAGER]
    book = Book(
        [user.email for user in owners],
        [user.email for user in managers],
        people[Role.ADMIN][0].email,
        {user.email: [] for user in owners},
        [f"C{number}" for number in range(customers)],
        zone,
        [],
        [],
    )
    for number in range(customers):
        owner, manager = owners[number % len(owners)], managers[number % len(managers)]
        with transaction.atomic():
            _customer(book, number, owner, manager, respondents_each, rolled, then)
    return book


def open_zone(version: ProgrammeVersion, now: dt.datetime) -> str:
    """A time zone in which a week is open now and stays so for a while."""
    for zone in ZONES:
        if open_weeks(version, zone, now - MARGIN) and open_weeks(version, zone, now + MARGIN):
            return zone
    raise RuntimeError("No week is open anywhere.")


def open_weeks(version: ProgrammeVersion, zone: str, now: dt.datetime) -> list[dt.date]:
    """Mondays of the weeks that somebody in this zone is asked about at ``now``."""
    clocks = {monday: clock_of(version, monday, zone) for monday in weeks_possibly_open(now)}
    return [monday for monday, clock in clocks.items() if clock.due_at <= now < clock.closes_at]


def _customer(
    book: Book,
    number: int,
    owner: User,
    manager: User,
    respondents: int,
    rolled: random.Random,
    then: dt.datetime,
) -> None:
    customer = create_customer(
        short_name=f"Customer {number}",
        number=book.numbers[number],
        currency="CNY",
        owner=owner,
        author=owner,
        now=then,
    )
    book.customers[owner.email].append(customer.pk)
    start = then.date() - dt.timedelta(days=rolled.randrange(300, 900))
    project = create_project(
        customer=customer, name=f"Project {number}", manager=manager, started_on=start, now=then
    )
    for place in range(respondents):
        contact = create_contact(
            customer=customer,
            name=f"Contact {number}-{place}",
            level=rolled.choice(list(Level)),
            author=owner,
            now=then,
            email=f"contact-{number}-{place}@chaos.example",
            time_zone=book.zone,
        )
        if place % 5 == 4:
            book.unnamed.append((project.pk, contact.pk))
        else:
            name_respondent(project=project, contact=contact, author=owner, now=then)
            book.named.append((project.pk, contact.pk))
    _orders(customer, rolled, then)


def _orders(customer: Customer, rolled: random.Random, then: dt.datetime) -> None:
    for _ in range(rolled.randrange(1, ORDERS_EACH)):
        day = then.date() - dt.timedelta(days=rolled.randrange(1, 700))
        facts = OrderFacts(ordered_on=day, amount_minor=rolled.randrange(10_000, 9_000_000), currency="CNY")
        add_order(customer=customer, facts=facts, now=then)
