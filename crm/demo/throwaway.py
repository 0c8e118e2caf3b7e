"""PostgreSQL and Valkey for one command or one test run: fresh, fast, and gone afterwards."""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crm.demo import processes, servers
from crm.demo.home import PROJECT
from crm.demo.stopping import Stop, StopFlag


@contextmanager
def throwaway_servers() -> Iterator[dict[str, str]]:
    """The variables that name two fresh servers; both are gone, with their data, at the end.

    One that is named in the environment already is used as it is.
    """
    folder = servers.scratch_folder()
    kinds: dict[str, type[servers.Server]] = {"DATABASE_URL": servers.Postgres, "REDIS_URL": servers.Valkey}
    started: dict[str, servers.Server] = {}
    try:
        for variable, kind in kinds.items():
            if variable not in os.environ:
                started[variable] = kind(folder, durable=False)
                started[variable].start()
        yield {variable: server.url for variable, server in started.items()}
    finally:
        for server in started.values():
            server.kill()
        shutil.rmtree(folder)


def execute(command: Sequence[str]) -> int:
    """Run a command with fresh servers named in its environment; its exit code, 130 after a stop."""
    flag = StopFlag()
    with throwaway_servers() as urls:
        environment = servers.server_environment() | {"ENVIRONMENT": "demo"} | urls
        environment |= {"ENVIRONMENT": os.environ.get("ENVIRONMENT", "demo")}
        child = processes.spawn(command, log=None, folder=PROJECT, environment=environment)
        try:
            while child.poll() is None:
                flag.check()
                time.sleep(0.1)
        except Stop:
            return 130
        finally:
            processes.end(child.pid, ask=signal.SIGTERM, seconds=15.0)
    return child.returncode


def serve() -> int:
    """Print the URLs of two fresh servers as one line of JSON, and keep them until our input ends.

    The input ends however the process that holds its other end does, by ``kill -9`` as well.
    """
    StopFlag()  # a stop is the business of the process that started us
    with throwaway_servers() as urls:
        print(json.dumps(urls), flush=True)
        sys.stdin.read()
    return 0
