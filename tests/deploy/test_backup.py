"""Backup and restore by the commands of deploy/backup and docs/operate.md, over real servers.

The script speaks to `docker compose exec`; here a program of that name runs what it is given against the
local server.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crm.demo import processes
from crm.demo.servers import Postgres, as_root, scratch_folder
from tests.deploy.conftest import PASSWORD, Installation, environment_of, own_postgres
from tests.deploy.files import PROJECT, SERVICES

DOCKER = """#!/bin/sh
# docker compose exec -T <service> <program> <arguments>
shift 4
program=$1; shift
case $program in
  tar) exec tar --create --directory "$MEDIA_ROOT" . ;;
  find) shift; exec find "$ARCHIVE" "$@" ;;
  *) exec "$POSTGRES_BIN/$program" --host 127.0.0.1 --port "$PGPORT" "$@" ;;
esac
"""
FILL = """
import datetime as dt, pathlib, django
django.setup()
from crm.demo.story.book import create_book, write_order_file
from crm.demo.story.cast import create_cast
from django.core.management import call_command
now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
relations = create_book(create_cast(), now, count=12)
file = pathlib.Path("{folder}") / "orders.csv"
write_order_file(relations, file, now)
call_command("import_orders", str(file), owner="am@demo.truenorth.example")
for day in ("2026-03-01", "2026-03-02"):
    call_command("recompute", "--here", "--as-of", day)
"""


@pytest.fixture(scope="module")
def archive() -> Iterator[Path]:
    folder = scratch_folder()
    archive = folder / "archive"
    archive.mkdir()
    if as_root():
        shutil.chown(archive, "nobody")
    yield archive
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def filled(archive: Path) -> Iterator[Installation]:
    """A server set as the service ``postgres``, with a book of 12 customers and two nights of scores."""
    folder = scratch_folder()
    options = SERVICES["postgres"]["command"][2::2]
    settings = dict(option.split("=", 1) for option in options if "${" not in option)
    command = settings["archive_command"].replace("/var/lib/postgresql/archive", str(archive))
    settings["archive_command"] = command.replace("$$", "$")
    postgres = own_postgres(folder / "database", **settings)
    environment = environment_of(folder, postgres, 1) | {"ENVIRONMENT": "test"}
    installation = Installation(folder, PROJECT, environment, postgres)
    for command in ("manage.py migrate --no-input --verbosity 0", "manage.py messages --compile-only"):
        assert installation.run(f"python {command}").returncode == 0
    (folder / "media" / "upload.csv").write_text("kept")
    filled = subprocess.run(
        [sys.executable, "-c", FILL.format(folder=folder)],
        cwd=PROJECT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "crm.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert filled.returncode == 0, filled.stderr
    yield installation
    postgres.kill()
    shutil.rmtree(folder)


def back_up(filled: Installation, archive: Path, *options: str) -> Path:
    """The file that deploy/backup names."""
    programs = filled.folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "docker").write_text(DOCKER)
    (programs / "docker").chmod(0o755)
    run = subprocess.run(
        [PROJECT / "deploy" / "backup", *options, str(filled.folder / "backups")],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "POSTGRES_BIN": str(filled.postgres.program("").resolve()),
            "PGPORT": str(filled.postgres.port),
            "PGPASSWORD": PASSWORD,
            "ARCHIVE": str(archive),
            "MEDIA_ROOT": filled.environment["MEDIA_ROOT"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return Path(run.stdout.strip())


def contents(url: str) -> dict[str, tuple[int, str | None]]:
    """Rows of every table, and a digest of them in the order of their text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema') order by 1"
        ).fetchall()
        return {
            table: connection.execute(
                f"select count(*), md5(string_agg(t::text, chr(10) order by t::text)) from {table} t"
            ).fetchone()
            for (table,) in tables
        }


def sequences(url: str) -> list[tuple[str, int | None]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select sequencename, last_value from pg_sequences order by 1").fetchall()


def restore(server: Postgres, dump: Path) -> None:
    """As docs/operate.md says it."""
    subprocess.run(
        [
            server.program("pg_restore"),
            *("--host", "127.0.0.1", "--port", str(server.port), "--username", "truenorth"),
            *("--dbname", "truenorth", "--exit-on-error", "--no-owner", "--jobs", "2", dump),
        ],
        env={"PGPASSWORD": PASSWORD, "LC_ALL": "C.UTF-8"},
        check=True,
    )


def test_a_dump_in_an_empty_server_holds_the_same_rows_and_scores(
    filled: Installation, archive: Path
) -> None:
    dump = back_up(filled, archive)
    with tarfile.open(dump.with_suffix(".media.tar")) as media:
        assert "./upload.csv" in media.getnames()
    empty = own_postgres(filled.folder / "restored")
    try:
        restore(empty, dump)
        there, here = contents(filled.postgres.url), contents(empty.url)
        assert here == there
        assert sequences(empty.url) == sequences(filled.postgres.url)
        for table, least in {
            "public.customers_customer": 12,
            "public.orders_order": 300,
            "public.scoring_churnflag": 1,
        }.items():
            assert here[table][0] >= least, table
        (filled.folder / "database_url").write_text(empty.url)
        for command in ("migrate --check", "check --database default", "recompute --here --as-of 2026-03-03"):
            run = filled.run(f"python manage.py {command}")
            assert run.returncode == 0, run.stderr
    finally:
        (filled.folder / "database_url").write_text(filled.postgres.url)
        empty.kill()


def test_a_base_backup_and_the_archive_lead_back_to_the_minute_before_the_accident(
    filled: Installation, archive: Path
) -> None:
    old = archive / "of-forty-days-ago.gz"
    old.touch()
    os.utime(old, (time.time() - 40 * 86_400,) * 2)
    base = back_up(filled, archive, "--base")
    assert not old.exists()
    url = filled.postgres.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update customers_customer set legal_name = 'After the base backup'")
        before = contents(url)
        (moment,) = connection.execute("select clock_timestamp()").fetchone()
        connection.execute("delete from notices_notice")
        connection.execute("truncate interactions_interactionparticipant")
        connection.execute("select pg_switch_wal()")
    assert before["public.interactions_interactionparticipant"][0] > 0
    recovered = recover(filled.folder / "recovered", base, archive, moment)
    try:
        assert processes.wait_until(lambda: has_recovered(recovered.url), seconds=300)
        assert contents(recovered.url) == before
    finally:
        recovered.kill()


def has_recovered(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("select not pg_is_in_recovery()").fetchone() == (True,)


def recover(folder: Path, base: Path, archive: Path, moment: dt.datetime) -> Postgres:
    """As docs/operate.md says it: the files of the base backup, the archive, and until when."""
    data = folder / "postgres"
    data.mkdir(parents=True, mode=0o700)
    folder.chmod(0o711)
    (folder / "postgres.password").write_text(PASSWORD)
    with tarfile.open(base) as files:
        files.extractall(data, filter="fully_trusted")
    (data / "recovery.signal").touch()
    if as_root():
        for path in [data, *data.rglob("*")]:
            shutil.chown(path, "nobody")
    settings = {
        "restore_command": f"gunzip < {archive}/%f.gz > %p",
        "recovery_target_time": moment.isoformat(),
        "recovery_target_action": "promote",
    }
    server = Postgres(folder, durable=True, settings=settings)
    server.start()
    return server
