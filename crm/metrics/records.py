"""What stands in the database and says whether the work gets done, in a fixed number of statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Min, Q

from accounts.imports.models import Import, ImportState
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries import mailing as of_occasions
from accounts.surveys.models import OPEN, CorrectiveAction, Invitation
from accounts.surveys.queries.mailing import OPEN_AT_MOST, to_ask, to_remind, to_send
from crm.queries import cases, outbox
from scoring.models import RunShard, RunState, ScoringRun, ShardState
from scoring.rescore import stale_customers

MOST_STALE = 10_000
"""Further ones are not counted: whoever is so far behind is recomputing everybody."""


@dataclass(frozen=True)
class LastRun:
    """The last run of a kind in a state; ``seconds`` from opening to scores, None unless it is done."""

    pk: int
    kind: str
    state: str
    opened_at: dt.datetime
    seconds: float | None


@dataclass(frozen=True)
class Waiting:
    """``oldest_seconds``: since the oldest became due; None when nothing waits."""

    count: int
    oldest_seconds: float | None

    @classmethod
    def of(cls, count: int, since: dt.datetime | None, now: dt.datetime) -> Waiting:
        return cls(count, None if since is None else (now - since).total_seconds())


@dataclass(frozen=True)
class Imports:
    waiting: Waiting
    running: int


@dataclass(frozen=True)
class Letters:
    """Of the open weeks and surveys: how many are in each state of the Outbox, and those due and not sent."""

    by_state: dict[str, int]
    due: Waiting

    @property
    def failed(self) -> int:
        """Those that came back as well."""
        return sum(self.by_state[state] for state in outbox.GIVEN_UP_STATES)


@dataclass(frozen=True)
class Cases:
    open: int
    overdue: int


@dataclass(frozen=True)
class Records:
    """``server``: the version of PostgreSQL; ``database_bytes``: tables and indexes, without its log."""

    runs: tuple[LastRun, ...]
    shards_waiting: int
    shards_running: int
    imports: Imports
    letters: Letters
    cases: Cases
    stale: int
    server: str
    database_bytes: int

    def last_run(self, *states: str) -> LastRun | None:
        """Of any kind."""
        return max((run for run in self.runs if run.state in states), key=lambda run: run.pk, default=None)


def read(now: dt.datetime) -> Records:
    """Eleven statements. Raises django.db.Error when the database does not answer."""
    unfinished = RunShard.objects.filter(run__state=RunState.COUNTING)
    shards = unfinished.aggregate(
        waiting=Count("pk", filter=Q(state=ShardState.WAITING)),
        running=Count("pk", filter=Q(state=ShardState.RUNNING)),
    )
    return Records(
        runs=_runs(),
        shards_waiting=shards["waiting"],
        shards_running=shards["running"],
        imports=_imports(now),
        letters=_letters(now),
        cases=_cases(now),
        stale=len(stale_customers(MOST_STALE, as_of=now)),
        server=".".join(map(str, connection.get_database_version())),
        database_bytes=_database_bytes(),
    )


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_database_size(current_database())")
        (found,) = cursor.fetchone()
    return int(found)


def _runs() -> tuple[LastRun, ...]:
    found = ScoringRun.objects.order_by("kind", "state", "-pk").distinct("kind", "state")
    rows = found.values_list("pk", "kind", "state", "opened_at", "scored_at")
    return tuple(
        LastRun(
            pk,
            kind,
            state,
            opened_at,
            (scored_at - opened_at).total_seconds() if state == RunState.DONE and scored_at else None,
        )
        for pk, kind, state, opened_at, scored_at in rows
    )


def _imports(now: dt.datetime) -> Imports:
    found = Import.objects.aggregate(
        waiting=Count("pk", filter=Q(state=ImportState.WAITING)),
        since=Min("created_at", filter=Q(state=ImportState.WAITING)),
        running=Count("pk", filter=Q(state=ImportState.RUNNING)),
    )
    return Imports(Waiting.of(found["waiting"], found["since"], now), found["running"])


def _letters(now: dt.datetime) -> Letters:
    open_weeks = Invitation.objects.filter(week__gte=(now - OPEN_AT_MOST).date(), closes_at__gt=now)
    sums = {state.value: Count("pk", filter=where) for state, where in outbox.CONDITIONS.items()}
    first = to_send(now=now).order_by().aggregate(count=Count("pk"), since=Min("due_at"))
    again = to_remind(now=now).order_by().aggregate(count=Count("pk"), since=Min("reminder_at"))
    asked = to_ask(now=now).order_by().aggregate(count=Count("pk"), since=Min("known_at"))
    other = of_occasions.to_send(now=now).order_by().aggregate(count=Count("pk"), since=Min("due_at"))
    due = (first, again, asked, other)
    since = min((each["since"] for each in due if each["since"]), default=None)
    waiting = Waiting.of(sum(each["count"] for each in due), since, now)
    by_state = open_weeks.aggregate(**sums)
    for state, count in OccasionInvitation.objects.filter(closes_at__gt=now).aggregate(**sums).items():
        by_state[state] += count
    return Letters(by_state, waiting)


def _cases(now: dt.datetime) -> Cases:
    found = cases.with_due_at(CorrectiveAction.objects.filter(OPEN, customer__merged_into=None))
    return Cases(**found.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now))))
