from __future__ import annotations

import pytest

from tests.accounts.surveys.office import Office, office_of
from tests.conftest import World


@pytest.fixture
def office(world: World) -> Office:
    """Invited for the week, nobody has answered."""
    office = office_of(world)
    office.invite()
    return office
