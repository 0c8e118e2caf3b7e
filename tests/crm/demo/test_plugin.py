"""What tests/servers.py gives the other tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.db import connection

from crm.demo import processes
from tests.servers import FIRST, TOGETHER, StartWorker, share_of_work

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.worker
def test_a_worker_starts_is_killed_and_starts_again(celery_worker_process: StartWorker) -> None:
    worker = celery_worker_process(concurrency=2)
    family = processes.family(worker.pid)
    assert len(family) >= 3
    worker.kill()
    assert not any(processes.lives(process) for process in family)
    worker.start()
    assert worker.is_running()
    worker.stop()
    assert not worker.is_running()
    assert "Warm shutdown" in worker.log.read_text()


@pytest.mark.django_db
def test_the_servers_of_the_run_are_the_ones_that_the_settings_name() -> None:
    assert connection.settings_dict["NAME"].startswith("test_")
    assert os.environ["REDIS_URL"] == settings.CELERY_BROKER_URL
    assert settings.ENVIRONMENT == "test"


def test_servers_end_with_the_test_run_that_was_killed() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    run = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import tests.servers as s, time; s._start_servers(); print(1, flush=True); time.sleep(99)",
        ],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"1\n"
    started = psutil.Process(run.pid).children(recursive=True)
    assert {"postgres", "valkey-server"} <= {process.name() for process in started}
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert processes.wait_until(lambda: not any(processes.lives(each) for each in started), seconds=300)


def run_apart(folder: Path, tests: dict[str, str], *options: str) -> str:
    """What pytest prints over a folder with these ``tests`` (text by path), with our plugin alone."""
    for name, text in tests.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p tests.servers --import-mode=importlib\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:django", *options, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout


def test_what_shares_something_dear_is_run_by_one_process_in_turns(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for beginning in [*TOGETHER, *FIRST]:
        assert (PROJECT / beginning).exists()
    assert {share_of_work(f"tests/deploy/test_{name}.py::test_it") for name in "ab"} == {"deploy"}
    assert share_of_work(request.node.nodeid) == request.node.nodeid
    tests = {
        f"tests/deploy/test_{name}.py": "def test_it(worker_id, n):\n    print('by', worker_id)\n"
        for name in "ab"
    }
    tests["conftest.py"] = "def pytest_generate_tests(metafunc):\n    metafunc.parametrize('n', range(5))\n"
    printed = run_apart(tmp_path, tests, "-n", "2", "--dist", "loadgroup", "-rP")
    assert "10 passed" in printed, printed
    assert len(set(re.findall(r"^by (gw\d)", printed, re.MULTILINE))) == 1


@pytest.mark.parametrize("processes", ["0", "1"])
def test_a_failure_is_named_at_once(tmp_path: Path, processes: str) -> None:
    tests = {
        "tests/test_a.py": "def test_it():\n    assert 1 == 2\n",
        "tests/test_b.py": "def test_it():\n    pass\n",
    }
    printed = run_apart(tmp_path, tests, "-n", processes, "-v")
    named = printed.index("FAILED at call: tests/test_a.py::test_it - assert 1 == 2")
    assert named < printed.rindex("tests/test_b.py::test_it"), printed
    assert named < printed.index("= FAILURES ="), printed


def test_what_takes_long_is_begun_first_and_the_others_in_the_order_of_their_files(tmp_path: Path) -> None:
    names = [
        "tests/accounts/test_a.py",
        "tests/chaos/test_b.py",
        "tests/crm/test_c.py",
        "tests/year/test_d.py",
    ]
    printed = run_apart(
        tmp_path, dict.fromkeys(names, "def test_it():\n    pass\n"), "-n", "1", "--dist", "loadgroup", "-v"
    )
    begun = re.findall(r"PASSED (\S+)::test_it", printed)
    assert begun == [names[1], names[3], names[0], names[2]], printed
