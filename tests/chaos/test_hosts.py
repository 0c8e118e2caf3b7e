"""Two hosts, one lost in the middle of a run: in network namespaces where this machine makes them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.chaos.network import NoNetworkError, network
from tests.servers import PROJECT

pytestmark = pytest.mark.xdist_group("chaos")


def rehearsal(*options: str) -> str:
    """What it prints."""
    command = [sys.executable, "-m", "tests.chaos.hosts", "--customers", "2000", *options]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    print(done.stdout)
    return done.stdout


def makes_hosts() -> bool:
    try:
        with network(["probe"]):
            return True
    except NoNetworkError as error:
        print(f"This machine makes no hosts: {error}")
        return False


def test_a_run_goes_on_when_a_host_is_gone_without_a_word() -> None:
    told = rehearsal()
    assert "WRONG" not in told
    if makes_hosts():
        assert "Two hosts: " in told
        assert "that PostgreSQL still holds open: 1" in told, "nobody has told it that the host is gone"
    else:
        assert "NO SECOND HOST" in told


def test_without_namespaces_two_workers_of_this_machine_stand_for_the_hosts() -> None:
    told = rehearsal("--no-namespaces")
    assert "NO SECOND HOST (not wanted)" in told
    assert "WRONG" not in told
