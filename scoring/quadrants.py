"""Which quadrant of profit and cost to serve customers are in, by the states of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.customers.models import Customer
from scoring.core.indicators import gross_margin
from scoring.core.quadrants import Means, Quadrant, quadrants_of, service_share
from scoring.core.state import CustomerState
from scoring.models import ScoringRun
from scoring.policy import cuts_of
from scoring.rescore import current_run
from scoring.store import read_states

# Not a number in runs that are older than cost activities.
_MEANS = """
select coalesce(sum(costed_sales - direct_cost) filter (where costed_sales > 0)
         / nullif(sum(costed_sales) filter (where costed_sales > 0), 0), 'NaN'),
       coalesce(sum(nullif(cost_to_serve, 'NaN')) filter (where sales > 0)
         / nullif(sum(sales) filter (where sales > 0), 0), 'NaN')
from scoring_customer_state where run_id = %s
"""


@dataclass(frozen=True)
class Place:
    """A customer beside the book: ``margin`` of the costed sales, ``service``: the share of the sales that
    serving takes, both in the policy's window."""

    quadrant: Quadrant
    margin: float
    service: float
    means: Means


def place_of(customer: Customer) -> Place | None:
    """None while nothing is scored, or margin or cost to serve is not known."""
    run = current_run()
    if run is None:
        return None
    state, means, quadrants = _quadrants(run, [customer.pk])
    if not quadrants or not quadrants[0]:
        return None
    margin, service = float(gross_margin(state)[0]), float(service_share(state)[0])
    return Place(Quadrant(quadrants[0]), margin, service, means)


def customers_in(quadrant: Quadrant, run: ScoringRun) -> list[int]:
    """Ids of all of the book, ascending."""
    state, _means, quadrants = _quadrants(run, None)
    return [int(pk) for pk, found in zip(state.customer_id, quadrants, strict=True) if found == quadrant]


def _quadrants(run: ScoringRun, ids: Sequence[int] | None) -> tuple[CustomerState, Means, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(_MEANS, [run.pk])
        margin, service = cursor.fetchone() or (float("nan"), float("nan"))
    means, state = Means(float(margin), float(service)), read_states(run.pk, ids)
    found = quadrants_of(state, means, as_of_day=cuts_of(run.pk).as_of_day)
    return state, means, [str(each) for each in found]
