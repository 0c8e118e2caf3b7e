from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.accounts.surveys.office import Office, office_of
from tests.conftest import World
from tests.crm.mail.postbox import BACKEND, Postbox, postbox


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def office(world: World) -> Office:
    """Chen and Li are invited for the week; nothing is sent."""
    office = office_of(world)
    office.invite()
    return office


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as box:
        yield box


@pytest.fixture
def sending(box: Postbox, settings: Settings) -> Postbox:
    """The server, and this process sends to it."""
    settings.EMAIL_BACKEND = BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
    return box
