"""A project with a complaint, and its manager at the screen."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.projects.models import FunctionalRole, ProjectMember
from accounts.surveys.models import CorrectiveAction
from tests.accounts.surveys.office import Office, office_of
from tests.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    ProjectMember.objects.create(
        project=found.project, user=world.member, functional_role=FunctionalRole.QUALITY
    )
    found.invite()
    return found


@pytest.fixture
def case(office: Office) -> CorrectiveAction:
    office.say(office.chen, delivery="D", comment="Three days late.\nAgain.")
    return office.case()


@pytest.fixture
def manager(client: Client, world: World) -> Client:
    client.force_login(world.manager)
    return client
