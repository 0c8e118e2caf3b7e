"""The scores that were kept up customer by customer are those that counting everything anew gives."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

from accounts.customers.models import CustomerInput
from accounts.customers.services import company_day
from scoring import recompute, store
from scoring.core.results import Scores
from scoring.core.score import apply
from scoring.inputs import Moment, Wanted, insert_states
from scoring.models import ChurnFlag, CustomerScore, RunState, ScoringRun
from scoring.policy import cuts_of, policy_of
from scoring.queries import as_scores
from scoring.rescore import current_run

if TYPE_CHECKING:
    from tests.chaos.checks import Figures

NOWHERE = 2_000_000_000
"""A run that is not there: its partition is rolled back."""
OWN = {"customer_id", "input_version", "flag_reading", "flag_level"}
"""What a sweep does not decide anew: it is no reading, and its flags only rise."""


def check(figures: Figures) -> None:
    unfinished = ScoringRun.objects.exclude(state__in=[RunState.DONE, RunState.CANCELLED])
    figures.tell("runs", ScoringRun.objects.count())
    figures.none("runs not done", unfinished.values_list("pk", "state", "error"))
    run = current_run()
    assert run is not None, "Nobody was ever scored."
    rows = {row.customer_id: row for row in CustomerScore.objects.filter(run_id=run.pk)}
    versions = dict(CustomerInput.objects.values_list("customer", "version"))
    figures.tell("customers", len(versions))
    figures.none("customers without a score", versions.keys() - rows.keys())
    figures.none("scores of old facts", (pk for pk in rows if rows[pk].input_version != versions[pk]))
    figures.none("scored twice in a run", _doubled())
    _check_flags(figures, rows)
    _check_numbers(figures, run, rows)


def _doubled() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select run_id, customer_id from scoring_customer_score"
            " group by run_id, customer_id having count(*) > 1"
        )
        return cursor.fetchall()


def _check_flags(figures: Figures, rows: dict[int, CustomerScore]) -> None:
    flags = dict(ChurnFlag.objects.filter(cleared_at=None).values_list("customer", "level"))
    figures.tell("churn flags", len(flags))
    figures.none(
        "flags unlike the score", (pk for pk, row in rows.items() if row.flag_level != flags.get(pk, 0))
    )


def _check_numbers(figures: Figures, run: ScoringRun, rows: dict[int, CustomerScore]) -> None:
    by_day: dict[dt.date, list[CustomerScore]] = defaultdict(list)
    for row in rows.values():
        by_day[company_day(row.as_of)].append(row)
    unlike, too_low = [], []
    for scored in by_day.values():
        as_of = max(row.as_of for row in scored)
        anew = everybody_anew(run, as_of)
        for row in scored:
            stored, expected = as_scores(row).to_columns(), anew[row.customer_id].to_columns()
            names = [n for n in set(expected) - OWN if _plain(stored[n]) != _plain(expected[n])]
            unlike += [(row.customer_id, *sorted(names))] if names else []
            if expected["is_immediate"][0] and expected["flag_level"][0] > row.flag_level:
                too_low.append(row.customer_id)
    figures.none("scores unlike a full recompute", unlike)
    figures.none("flags that a full recompute would open", too_low)


def _plain(column) -> str:
    return repr(column.tolist())


def everybody_anew(run: ScoringRun, as_of: dt.datetime) -> dict[int, Scores]:
    """Counted from the facts and scored with what ``run`` fitted; nothing of it is kept."""
    moment, policy = Moment(as_of, settings.TIME_ZONE), policy_of(run.policy)
    versions = dict(CustomerInput.objects.order_by("customer").values_list("customer", "version"))
    ids = list(versions)
    with transaction.atomic():
        store.create_state_partition(NOWHERE)
        wanted = Wanted(ids, list(versions.values()), ids[0], ids[-1] + 1)
        insert_states(NOWHERE, wanted, moment, policy)
        states = store.read_states(NOWHERE)
        transaction.set_rollback(True)
    previous = None
    if run.previous is not None:
        age = recompute.days_between(run.previous, moment)
        previous = store.read_previous(run.previous.pk, states.customer_id, age)
    result = apply(states, cuts_of(run.pk), policy, moment.day_number, previous)
    return {pk: result.take([place]) for place, pk in enumerate(result.customer_id.tolist())}
