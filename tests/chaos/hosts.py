"""``make hosts``: a recompute by workers on two hosts, one of which is gone in the middle without a word.

PostgreSQL, Valkey and the timetable run on this machine, the workers in two network namespaces. The host that
is lost holds a shard in an open transaction: its cable is pulled first, so that no connection is closed, and
then everything on it is killed. The run is done all the same, everybody is scored once, and both hosts had
their part in it. Exit code 1 otherwise.

Without root or namespaces two workers of this machine stand for the hosts, and one is killed with its
connections closing: the easier case. It says so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from crm.demo import processes, servers
from tests.chaos.network import Host, NoNetworkError, network
from tests.chaos.stage import CELERY, Part

NAMES = ("near", "far")
START_SECONDS = 240.0
LEASE_SECONDS = 30
FINISH_SECONDS = LEASE_SECONDS + 45.0
"""A lease, the timetable's look at it every ten seconds, and the rest of the work on a busy machine."""
# Who finished a shard: the session says its host.
WITNESS = """
create table witness (shard_id bigint, host text);
create function testify() returns trigger language plpgsql as $$ begin
  insert into witness values (new.id, current_setting('application_name')); return null; end $$;
create trigger witness after update on scoring_runshard for each row
  when (new.state = 'done' and old.state <> 'done') execute function testify();
"""
# In the middle of a shard: its row is locked, and PostgreSQL waits for what the host says next.
AT_IT = """
select count(*) from pg_stat_activity a where application_name = %s and state = 'idle in transaction'
  and exists (select from pg_locks l where l.pid = a.pid and l.relation = 'scoring_runshard'::regclass)
"""


class LostHost:
    """The host that goes: how it is frozen, cut off and killed."""

    def __init__(self, host: Host | None, worker: Part) -> None:
        self.host, self.worker = host, worker

    def signal(self, number: signal.Signals) -> None:
        if self.host is not None:
            self.host.signal(number)
        else:
            for process in processes.family(self.worker.pid or 0):
                process.send_signal(number)

    def vanish(self) -> None:
        if self.host is not None:
            self.host.pull_the_cable()
        self.signal(signal.SIGKILL)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.hosts", description=__doc__)
    parser.add_argument("--customers", type=int, default=6000)
    parser.add_argument("--shard", type=int, default=25, help="customers in a shard")
    parser.add_argument("--no-namespaces", action="store_true", help="as on a machine without them")
    options = parser.parse_args(argv)
    folder = servers.scratch_folder()
    try:
        with two_hosts(is_wanted=not options.no_namespaces) as (address, hosts):
            return rehearse(folder, address, hosts, options.customers, options.shard)
    finally:
        shutil.rmtree(folder)


@contextmanager
def two_hosts(*, is_wanted: bool) -> Iterator[tuple[str, Sequence[Host | None]]]:
    """The address of the servers, and the hosts; None stands for this machine."""
    with ExitStack() as stack:
        try:
            if not is_wanted:
                raise NoNetworkError("not wanted")
            made = stack.enter_context(network(NAMES))
        except NoNetworkError as error:
            print(f"NO SECOND HOST ({error}): two workers of this machine, no cable to pull.", flush=True)
            yield "127.0.0.1", (None, None)
            return
        names = ", ".join(f"{host.name} {host.address}" for host in made.hosts)
        print(f"Two hosts: {names}", flush=True)
        yield made.address, made.hosts


def rehearse(
    folder: Path, address: str, hosts: Sequence[Host | None], customers: int, shard_customers: int
) -> int:
    """The exit code."""
    postgres = servers.Postgres(folder, durable=True, address=address)
    valkey = servers.Valkey(folder, durable=True, address=address)
    parts: list[Part] = []
    postgres.start()
    valkey.start()
    try:
        os.environ |= environment(postgres, valkey, shard_customers) | {
            "DJANGO_SETTINGS_MODULE": "crm.settings"
        }
        run_id, ids = prepare(customers, postgres.url)
        parts += [worker(folder, *pair) for pair in zip(NAMES, hosts, strict=True)]
        parts.append(beat(folder))
        for part in parts:
            part.start()
        lost = LostHost(hosts[1], parts[1])
        return play(postgres.url, run_id, ids, lost)
    finally:
        for part in parts:
            part.kill()
        valkey.kill()
        postgres.kill()


def environment(postgres: servers.Postgres, valkey: servers.Valkey, shard_customers: int) -> dict[str, str]:
    return servers.server_environment() | {
        "ENVIRONMENT": "test",
        "DATABASE_URL": postgres.url,
        "REDIS_URL": valkey.url,
        "SHARD_CUSTOMERS": str(shard_customers),
        "SHARD_LEASE_SECONDS": str(LEASE_SECONDS),
        "LOG_LEVEL": "WARNING",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


def prepare(customers: int, url: str) -> tuple[int, list[int]]:
    """A book, and a run of it that waits for workers."""
    import datetime as dt

    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from scoring.models import RunKind
    from scoring.services import start_run
    from scoring.tasks import instant
    from tests.scoring.book import make_book

    call_command("migrate", interactive=False, verbosity=0)
    ids = make_book(customers, orders_each=20, first=dt.datetime(2023, 1, 1, tzinfo=dt.UTC))
    with psycopg.connect(url) as session:
        session.execute(WITNESS)
    run = start_run(instant(), kind=RunKind.MANUAL)
    shards = run.shards.count()
    connection.close()
    print(f"{len(ids):,} customers in {shards} shards")
    return run.pk, ids


def worker(folder: Path, name: str, host: Host | None) -> Part:
    command = [*CELERY, "worker", "-n", f"worker@{name}", "--concurrency", "1"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    own = dict(os.environ)
    own["DATABASE_URL"] += f"?application_name={name}"
    return Part(name, host.command(command) if host else command, own, folder / "logs" / f"{name}.log")


def beat(folder: Path) -> Part:
    command = [*CELERY, "beat", "--schedule", str(folder / "timetable"), "--pidfile", ""]
    return Part("beat", command, dict(os.environ), folder / "logs" / "beat.log")


def play(url: str, run_id: int, ids: list[int], lost: LostHost) -> int:
    """Lose the host in the middle of one of its shards, and look what becomes of the run."""
    began = time.monotonic()
    with psycopg.connect(url, autocommit=True) as session:

        def asked(question: str, *values: object) -> int:
            row = session.execute(question, values).fetchone()  # type: ignore[arg-type]
            return int(row[0]) if row else 0

        done = "select count(*) from scoring_runshard where run_id = %s and state = 'done'"
        part = "select count(*) from witness where host = %s"
        both = lambda: all(asked(part, name) >= 3 for name in NAMES)  # noqa: E731
        require("both hosts work", processes.wait_until(both, seconds=START_SECONDS))
        require("a shard is caught in the middle", freeze_in_a_shard(lost, lambda: asked(AT_IT, NAMES[1])))
        lost.vanish()
        gone = time.monotonic()
        print(f"The far host is gone after {asked(done, run_id)} shards, {gone - began:.1f} s", flush=True)
        print(f"  sessions of it that PostgreSQL still holds open: {asked(AT_IT, NAMES[1])}", flush=True)
        state = "select count(*) from scoring_scoringrun where id = %s and state = 'done'"
        is_done = lambda: asked(state, run_id) == 1  # noqa: E731
        require("the run is done", processes.wait_until(is_done, seconds=FINISH_SECONDS))
        print(f"The run is done {time.monotonic() - gone:.1f} s later (a lease is {LEASE_SECONDS} s)")
        return report(asked, run_id, ids)


def freeze_in_a_shard(lost: LostHost, sessions: Callable[[], int]) -> bool:
    """Stop the host again and again until a session of it stands in an open transaction."""
    for _ in range(400):
        lost.signal(signal.SIGSTOP)
        time.sleep(0.02)
        if sessions():
            return True
        lost.signal(signal.SIGCONT)
        time.sleep(0.013)
    return False


def report(asked: Callable[..., int], run_id: int, ids: list[int]) -> int:
    scores = "select count(*) from scoring_customer_score where run_id = %s"
    once = "select count(distinct customer_id) from scoring_customer_score where run_id = %s"
    figures = {
        "customers": (len(ids), len(ids)),
        "scores": (asked(scores, run_id), len(ids)),
        "customers with a score": (asked(once, run_id), len(ids)),
        "shards not done": (asked("select count(*) from scoring_runshard where state <> 'done'"), 0),
        "shards finished twice": (
            asked("select count(*) from (select from witness group by shard_id having count(*) > 1) x"),
            0,
        ),
    }
    for name in NAMES:
        shards = asked("select count(*) from witness where host = %s", name)
        figures[f"shards of the {name} host"] = (shards, max(shards, 1))
    again = asked("select count(*) from scoring_runshard where run_id = %s and attempts > 1", run_id)
    figures["shards begun again"] = (again, max(again, 1))
    for what, (value, wanted) in figures.items():
        print(f"{what:<28} {value:>8,}  {'' if value == wanted else 'WRONG'}".rstrip())
    return 0 if all(value == wanted for value, wanted in figures.values()) else 1


def require(what: str, holds: bool) -> None:
    if not holds:
        raise SystemExit(f"NOT SO: {what}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
