"""Hosts on one machine: a bridge, and for each host a network namespace with an address of its own.

Needs root and iproute2. Processes of a host reach the others by TCP only, and its cable can be pulled.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


class NoNetworkError(RuntimeError):
    """This machine makes no network namespaces; the message says why."""


@dataclass(frozen=True)
class Host:
    name: str
    address: str
    cable: str

    def command(self, command: Sequence[str | Path]) -> list[str]:
        """The same command, on this host."""
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def pids(self) -> list[int]:
        return [int(pid) for pid in _run("ip", "netns", "pids", self.name).split()]

    def signal(self, number: signal.Signals) -> int:
        """To everything that runs on it; how many processes that were."""
        pids = self.pids()
        for pid in pids:
            os.kill(pid, number)
        return len(pids)

    def pull_the_cable(self) -> None:
        """Nothing comes or goes any more, and nobody is told: connections hang."""
        _run("ip", "link", "set", self.cable, "down")


@dataclass(frozen=True)
class Network:
    """``address``: of the machine itself, where the servers listen."""

    address: str
    hosts: tuple[Host, ...]


@contextmanager
def network(names: Sequence[str]) -> Iterator[Network]:
    """Everything of it is gone at the end, with what runs on the hosts. Raises NoNetworkError."""
    _require()
    mark = f"tn{os.getpid() % 100_000}"
    bridge, subnet = f"{mark}br", _free_subnet()
    hosts = [
        Host(f"{mark}-{name}", f"{subnet}.{11 + place}", f"{mark}v{place}")
        for place, name in enumerate(names)
    ]
    try:
        _run("ip", "link", "add", bridge, "type", "bridge")
        _run("ip", "address", "add", f"{subnet}.1/24", "dev", bridge)
        _run("ip", "link", "set", bridge, "up")
        for host in hosts:
            _add(host, bridge)
        yield Network(f"{subnet}.1", tuple(hosts))
    finally:
        for host in hosts:
            _remove(host)
        subprocess.run(["ip", "link", "delete", bridge], check=False, capture_output=True)


def _add(host: Host, bridge: str) -> None:
    inside = f"{host.cable}i"
    _run("ip", "netns", "add", host.name)
    _run("ip", "link", "add", host.cable, "type", "veth", "peer", "name", inside)
    _run("ip", "link", "set", inside, "netns", host.name)
    _run("ip", "link", "set", host.cable, "master", bridge, "up")
    _run("ip", "-n", host.name, "address", "add", f"{host.address}/24", "dev", inside)
    _run("ip", "-n", host.name, "link", "set", inside, "up")
    _run("ip", "-n", host.name, "link", "set", "lo", "up")


def _remove(host: Host) -> None:
    with suppress(NoNetworkError, ProcessLookupError):
        host.signal(signal.SIGKILL)
    for command in (["netns", "delete", host.name], ["link", "delete", host.cable]):
        subprocess.run(["ip", *command], check=False, capture_output=True)


def _require() -> None:
    if os.geteuid() != 0:
        raise NoNetworkError("network namespaces need root")
    if shutil.which("ip") is None:
        raise NoNetworkError("the program ip (iproute2) is missing")


def _free_subnet() -> str:
    taken = _run("ip", "-4", "-o", "address")
    for number in range(1, 255):
        subnet = f"10.213.{number}"
        if f" {subnet}." not in taken:
            return subnet
    raise NoNetworkError("every network of 10.213 is taken")


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoNetworkError(f"`{' '.join(command)}` says: {done.stderr.strip()}")
    return done.stdout
