"""``make chaos MINUTES=10 SEED=1``: people work while everything is killed, and nothing is lost or doubled.

Starts an installation of its own, lets people work over HTTP for so long while a killer does ``kill -9`` of
every part, waits until all is up and done, and compares what was confirmed to people with what is there.
The exit code is 1 when anything is missing, doubled or unlike. The figures go to chaos-results/.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import random
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

from crm.demo.servers import scratch_folder
from tests.chaos.stage import PROJECT, Stage

RESULTS = PROJECT / "chaos-results"
INVITE_SECONDS = 3
# Leases as short as the killer's pauses, so that many run out; small shards, so that many are cut.
SETTINGS = {
    "INVITE_SECONDS": str(INVITE_SECONDS),
    "LETTER_LEASE_SECONDS": "6",
    "SHARD_LEASE_SECONDS": "5",
    "SHARD_CUSTOMERS": "20",
    "SWEEP_SECONDS": "1",
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=None, help="of the killer and of the people")
    parser.add_argument("--every", type=float, default=5.0, help="mean seconds between two kills")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the figures")
    parser.add_argument("--keep", action="store_true", help="keep data and logs")
    options = parser.parse_args(argv)
    seed = random.randrange(10_000) if options.seed is None else options.seed
    folder = scratch_folder()
    say(f"seed {seed}, {options.minutes:g} minutes, {folder}")
    stage = Stage(folder, dict(SETTINGS))
    try:
        is_good = run(stage, options, seed)
    finally:
        for part in stage.parts.values():
            part.kill()
        stage.valkey.kill()
        stage.postgres.kill()
    if options.keep or not is_good:
        say(f"Data and logs are kept: {folder}")
    else:
        shutil.rmtree(folder)
    return 0 if is_good else 1


def run(stage: Stage, options: argparse.Namespace, seed: int) -> bool:
    """Whether every figure is what it must be."""
    seconds = options.minutes * 60
    customers = min(120, round(30 + 9 * options.minutes))
    respondents = 5
    # So that letters go out during two thirds of the storm.
    batch = max(2, round(INVITE_SECONDS * customers * respondents / (0.67 * seconds)))
    stage.settings["INVITE_BATCH"] = str(batch)
    stage.start_servers()
    os.environ |= stage.environment | {"DJANGO_SETTINGS_MODULE": "crm.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    from tests.chaos.storm import Storm

    storm = Storm(stage, seed, options.every, say)
    storm.prepare(customers=customers, respondents_each=respondents)
    say("The storm begins.")
    storm.rage(seconds)
    say("Everything is up again; waiting until nothing is left to do.")
    figures = storm.close()
    print()
    for line in figures.lines:
        print(f"{line.what:<42} {line.value:>8,}  {'' if line.is_good else 'WRONG':<6} {line.note}".rstrip())
    is_good = all(line.is_good for line in figures.lines)
    facts = {"at": f"{dt.datetime.now(tz=dt.UTC):%Y%m%dT%H%M%S}", "seed": seed, "minutes": options.minutes}
    facts |= {"every": options.every, "settings": stage.settings, "machine": platform.platform()}
    facts |= {"cores": os.cpu_count(), "load": os.getloadavg(), "is_good": is_good}
    options.results.mkdir(parents=True, exist_ok=True)
    path = options.results / f"{facts['at']}-{seed}.json"
    lines = [asdict(line) | {"is_good": line.is_good} for line in figures.lines]
    plain = facts | storm.told() | {"lines": lines}
    path.write_text(json.dumps(plain, indent=1))
    say(f"{'Nothing is lost or doubled.' if is_good else 'SOMETHING IS WRONG.'} Written to {path}")
    return is_good


BEGAN = time.monotonic()


def say(line: str) -> None:
    print(f"{time.monotonic() - BEGAN:7.1f} s  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
