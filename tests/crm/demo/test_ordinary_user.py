"""Servers start for people who are not root, as they do for root: these tests run as an ordinary user.

Where the tests themselves run as root, a user namespace makes an ordinary user of the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
ASK = """
import os, psycopg, redis
print(os.geteuid(), psycopg.connect(os.environ["DATABASE_URL"]).execute("SHOW server_encoding").fetchone()[0],
      redis.Redis.from_url(os.environ["REDIS_URL"]).ping())
"""


def test_servers_start_for_an_ordinary_user() -> None:
    as_user = ["unshare", "--user", "--map-user=1", "--map-group=1"] if os.geteuid() == 0 else []
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    command = [*as_user, sys.executable, "-m", "crm.demo", "exec", "--", sys.executable, "-c", ASK]
    result = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment | {"ENVIRONMENT": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    user, encoding, answer = result.stdout.split()
    assert int(user) != 0
    assert (encoding, answer) == ("UTF8", "True")


def test_exec_hands_on_the_exit_code() -> None:
    command = [sys.executable, "-m", "crm.demo", "exec", "--", sys.executable, "-c", "raise SystemExit(7)"]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 7
