"""The people, customers, projects and respondents of the simulated year, by the product's own services."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace

from django.db import transaction

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer
from accounts.customers.services import create_customer
from accounts.projects.models import FunctionalManager, FunctionalRole, Project
from accounts.projects.services import create_project
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, Respondent, SurveyProgramme
from accounts.surveys.services import name_respondent, publish_version
from accounts.surveys.services.calendars import create_calendar, set_day
from accounts.surveys.standard import STANDARD, VersionFacts
from accounts.users.models import Role, Team, TeamMember, User
from accounts.users.services import create_user
from tests.year.expected import CLOSES, HOLIDAYS, MADE_UP, OPENS, Asked, Ledger, Person, Rules, Work

ZONES = (
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)
PROJECTS_PER_MANAGER = 25
PROJECTS_PER_CUSTOMER = 2
SHARED = 0.1
"""Of the respondents who are asked about a second project of their company."""
LATER = 0.15
"""Of the projects that start in the course of the year."""


@dataclass
class Book:
    """``zones``: by contact; ``respondents``: their ids in the order of the ledger's ``asked``."""

    ledger: Ledger
    managers: list[User] = field(default_factory=list)
    lead: User | None = None
    respondents: list[int] = field(default_factory=list)
    facts: VersionFacts = STANDARD


def make_book(
    *, projects: int, respondents: int, start: dt.datetime, weeks: int, rolled: random.Random
) -> Book:
    book = Book(Ledger())
    _people(book, projects)
    _programme(book, start)
    each = respondents / projects
    wanted = 0.0
    customer: Customer | None = None
    known: list[Contact] = []
    for number in range(projects):
        if customer is None or number % PROJECTS_PER_CUSTOMER == 0:
            customer, known = _customer(number, start), []
        wanted += each
        with transaction.atomic():
            project = _project(book, customer, number, start, weeks, rolled)
            for _ in range(int(wanted)):
                _respondent(book, project, known, start, rolled)
        wanted -= int(wanted)
    return book


def _people(book: Book, projects: int) -> None:
    count = max(2, projects // PROJECTS_PER_MANAGER)
    book.managers = [_person(f"pm{number}", Role.PROJECT_MANAGER) for number in range(count)]
    book.lead = _person("lead", Role.PROJECT_MANAGER)
    _person("executive", Role.EXECUTIVE)
    _person("admin", Role.ADMIN)
    quality = _person("quality", Role.PROJECT_MANAGER)
    FunctionalManager.objects.create(functional_role=FunctionalRole.QUALITY, user=quality)
    team = Team.objects.create(name="Projects", lead=book.lead)
    TeamMember.objects.bulk_create(TeamMember(team=team, user=user) for user in book.managers)


def _person(name: str, role: str) -> User:
    return create_user(email=f"{name}@year.example", name=name, role=role)


def _programme(book: Book, start: dt.datetime) -> None:
    calendar = create_calendar(name="China", country="CN")
    for day in sorted(HOLIDAYS):
        set_day(calendar, day=day, is_working=False)
    for day in sorted(MADE_UP):
        set_day(calendar, day=day, is_working=True)
    book.facts = replace(
        STANDARD,
        work_weekdays=(1, 2, 3, 4, 5),
        work_from=OPENS,
        work_until=CLOSES,
        calendar_id=calendar.pk,
    )
    programme = SurveyProgramme.objects.get_or_create(kind=ProgrammeKind.WEEKLY, defaults={"name": "Weekly"})[
        0
    ]
    publish(book, book.facts, now=start, programme=programme)


def publish(
    book: Book,
    facts: VersionFacts,
    *,
    now: dt.datetime,
    programme: SurveyProgramme | None = None,
    customer: Customer | None = None,
) -> ProgrammeVersion:
    """A version in force from now on, in the ledger as well."""
    programme = programme or SurveyProgramme.objects.get(is_weekly=True)
    version = publish_version(programme, facts=facts, author=None, now=now, customer=customer)
    low = frozenset(grade.letter for grade in facts.grades if grade.opens_case)
    book.ledger.rules.append(
        Rules(
            since=now,
            send_weekday=facts.send_weekday,
            send_hour=facts.send_hour,
            close_weekday=facts.close_weekday,
            acknowledge_hours=facts.acknowledge_hours,
            plan_hours=facts.plan_hours,
            low=low,
            customer=customer.pk if customer else None,
        )
    )
    return version


def _customer(number: int, start: dt.datetime) -> Customer:
    return create_customer(
        short_name=f"Customer {number}", currency="CNY", owner=None, author=None, now=start
    )


def _project(
    book: Book, customer: Customer, number: int, start: dt.datetime, weeks: int, rolled: random.Random
) -> Project:
    begins = start.date() - dt.timedelta(days=rolled.randrange(10, 900))
    if rolled.random() < LATER:
        begins = start.date() + dt.timedelta(days=rolled.randrange(3, max(4, weeks * 7 - 10)))
    manager = book.managers[number % len(book.managers)]
    project = create_project(
        customer=customer, name=f"Project {number}", manager=manager, started_on=begins, now=start
    )
    book.ledger.works[project.pk] = Work(customer.pk, begins)
    return project


def _respondent(
    book: Book, project: Project, known: list[Contact], start: dt.datetime, rolled: random.Random
) -> None:
    taken = {each.contact for each in book.ledger.asked if each.project == project.pk}
    free = [contact for contact in known if contact.pk not in taken]
    if free and rolled.random() < SHARED:
        contact = rolled.choice(free)
    else:
        number = len(book.ledger.people)
        contact = create_contact(
            customer=project.customer,
            name=f"Contact {number}",
            level=rolled.choice(list(Level)),
            author=None,
            now=start,
            email=f"contact{number}@year.example",
            time_zone=ZONES[number % len(ZONES)],
        )
        known.append(contact)
        book.ledger.people[contact.pk] = Person(contact.time_zone)
    named: Respondent = name_respondent(project=project, contact=contact, author=None, now=start)
    book.respondents.append(named.pk)
    book.ledger.asked.append(Asked(project.pk, contact.pk, [(start, "active", None)]))
