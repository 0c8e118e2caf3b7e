"""The world of the tests: an owner, his team mate, their lead, a stranger, and one person per other role."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation
from pytest_django.plugin import DjangoDbBlocker

from accounts.customers.models import Customer
from accounts.customers.services import create_customer
from accounts.users.models import Role, Team, TeamMember, User
from accounts.users.services import create_user
from tests.servers import migrated_template

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
T = TypeVar("T")
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _nobody_reads_yet() -> None:
    """A test client leaves the language and the time zone of its last reader behind."""
    translation.deactivate()
    timezone.deactivate()


def person(name: str, role: str = Role.ACCOUNT_MANAGER) -> User:
    return create_user(email=f"{name}@truenorth.test", name=name.title(), role=role, password=PASSWORD)


def customer_of(owner: User | None, name: str) -> Customer:
    return create_customer(short_name=name, owner=owner, author=owner, currency="CNY", now=MONDAY)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """A process of many copies its database; one that is alone, or keeps its own, has nothing to gain."""
    if hasattr(request.config, "workerinput") and not request.config.getvalue("reuse_db"):
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()


def rows_for_module(blocker: DjangoDbBlocker, make: Callable[[], T]) -> Iterator[T]:
    """What a fixture of a module yields from: rows that its tests share, each of which takes back its own.

    Such a test is not transactional, and no test of its file expects an empty database.
    """
    with blocker.unblock():
        shared = transaction.atomic()
        shared.__enter__()
        try:
            made = make()
            connection.check_constraints()  # now, and not again at the end of every test
        except BaseException:
            shared.__exit__(*sys.exc_info())
            raise
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        shared.__exit__(None, None, None)


@dataclass(frozen=True)
class World:
    owner: User
    mate: User
    lead: User
    stranger: User
    manager: User
    member: User
    executive: User
    admin: User
    customer: Customer
    foreign: Customer

    @property
    def users(self) -> dict[str, User]:
        names = ("owner", "mate", "lead", "stranger", "manager", "member", "executive", "admin")
        return {name: getattr(self, name) for name in names}


@pytest.fixture
def world(db: None) -> World:
    return world_of()


def world_of() -> World:
    """``customer`` belongs to ``owner``, whose team ``lead`` leads; ``foreign`` belongs to ``stranger``."""
    people = {name: person(name) for name in ("owner", "mate", "lead", "stranger")}
    people["manager"] = person("manager", Role.PROJECT_MANAGER)
    people["member"] = person("member", Role.MEMBER)
    people["executive"] = person("executive", Role.EXECUTIVE)
    people["admin"] = person("admin", Role.ADMIN)
    team = Team.objects.create(name="East", lead=people["lead"])
    TeamMember.objects.create(team=team, user=people["owner"])
    TeamMember.objects.create(team=team, user=people["mate"])
    return World(
        **people,
        customer=customer_of(people["owner"], "Huaxing Electronics"),
        foreign=customer_of(people["stranger"], "Nordlicht Pumps"),
    )
