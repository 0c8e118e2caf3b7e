"""The statement of the features is planned once for each connection, not once for each sweep."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from accounts.customers.models import Customer
from scoring.core.policy import default_policy
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import RunKind
from tests.conftest import World
from tests.scoring.book import score

NIGHT = dt.datetime(2026, 3, 4, 1, tzinfo=dt.UTC)
SWEEPS = 3


@pytest.mark.django_db(transaction=True)
def test_a_sweep_finds_the_plan_of_the_one_before(world: World) -> None:
    Customer.objects.update(known_at=NIGHT - dt.timedelta(days=9))
    run = score(NIGHT, kind=RunKind.NIGHTLY)
    before = _plans()
    for _sweep in range(SWEEPS):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("delete from scoring_customer_state where run_id = %s", [run.pk])
            wanted = Wanted([world.customer.pk])
            assert insert_states(run.pk, wanted, Moment(NIGHT, "UTC"), default_policy()) == 1
    generic, custom = _plans()
    assert (generic - before[0], custom - before[1]) == (SWEEPS, 0)


def _plans() -> tuple[int, int]:
    """How often statements of features were run on this connection: by a kept plan, by one of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(generic_plans), 0)::int, coalesce(sum(custom_plans), 0)::int"
            " from pg_prepared_statements where statement ~ 'insert into scoring_customer_state'"
        )
        generic, custom = cursor.fetchone()
    return generic, custom
