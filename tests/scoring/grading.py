"""Projects, their respondents, and a week's grades in one line each."""

from __future__ import annotations

import datetime as dt

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer
from accounts.orders.models import Order, OrderKind
from accounts.orders.services import OrderFacts, add_order
from accounts.projects.models import Project
from accounts.projects.services import create_project
from accounts.surveys.models import Invitation
from accounts.surveys.services import (
    AnswerFacts,
    ensure_programme,
    issue_token,
    make_invitations,
    name_respondent,
    record_answer,
)
from tests.accounts.surveys.office import DAY, DUE, HOUR, WEEK
from tests.conftest import MONDAY, World

NEXT = WEEK + 7 * DAY
ALL = ("quality", "delivery", "communication", "service", "support")
POINTS = {"A": 100, "A-": 80, "B+": 60, "B": 40, "B-": 20, "C": 0, "D": -100}


def project_of(
    world: World, name: str, customer: Customer, *people: str, level: Level = Level.SPECIALIST
) -> Project:
    """A project whose respondents have these names."""
    ensure_programme(now=MONDAY)
    project = create_project(customer=customer, name=name, manager=world.manager, started_on=WEEK, now=MONDAY)
    for person in people:
        contact = create_contact(
            customer=customer,
            name=person,
            level=level,
            author=world.owner,
            now=MONDAY,
            email=f"{person.lower()}@{customer.pk}.test",
            time_zone="UTC",
        )
        name_respondent(project=project, contact=contact, author=world.manager, now=MONDAY)
    return project


def invite(week: dt.date = WEEK) -> None:
    make_invitations(week, now=DUE + (week - WEEK))


def say(
    project: Project, person: str, grades: str, *, week: dt.date = WEEK, at: dt.datetime = DUE + HOUR
) -> None:
    """``grades``: letters in the order of the dimensions, "-" where one is left out."""
    contact = Contact.objects.get(name=person, customer=project.customer_id)
    invitation = Invitation.objects.get(project=project, contact=contact, week=week)
    given = {code: letter for code, letter in zip(ALL, grades.split(), strict=True) if letter != "-"}
    record_answer(
        token=issue_token(invitation, now=DUE),
        facts=AnswerFacts(grades=given),
        idempotency_key=f"{project.pk} {person} {week} {at}",
        now=at,
    )


def order(customer: Customer, amount: int, day: dt.date, kind: OrderKind = OrderKind.ORDER) -> Order:
    facts = OrderFacts(ordered_on=day, amount_minor=amount, currency="CNY", kind=kind)
    return add_order(customer=customer, facts=facts, now=MONDAY)
