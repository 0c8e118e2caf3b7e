"""The embedded servers are like those of a production: UTF-8, closed to strangers, safe from kill -9."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm.demo import processes, servers
from crm.demo.servers import Postgres, Valkey


def test_chinese_words_have_trigrams(own_postgres: Postgres) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT cardinality(show_trgm('上海'))").fetchone()
    assert row == (3,)


def test_what_was_committed_survives_kill_9_of_postgres(own_postgres: Postgres) -> None:
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO kept VALUES (-1)")
        own_postgres.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("COMMIT")
    own_postgres.start()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT count(*), min(n) FROM kept").fetchone() == (1000, 1)


def test_a_durable_postgres_runs_with_fsync(own_postgres: Postgres) -> None:
    with psycopg.connect(own_postgres.url) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)  # type: ignore[arg-type]


def test_a_stale_lock_file_of_a_reused_process_id_does_not_stop_the_start(own_postgres: Postgres) -> None:
    own_postgres.kill()
    lock = own_postgres.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    own_postgres.start()
    assert own_postgres.is_running()


def test_a_postgres_that_was_left_behind_is_ended_before_its_data_are_opened(own_postgres: Postgres) -> None:
    first = psutil.Process(own_postgres.pid)
    second = Postgres(own_postgres.folder, durable=True)
    second.start()
    try:
        assert not processes.lives(first)
        psycopg.connect(second.url).close()
    finally:
        second.kill()


def test_queued_work_survives_kill_9_of_valkey(own_valkey: Valkey) -> None:
    client = redis.Redis.from_url(own_valkey.url)
    client.lpush("queue", "job")
    time.sleep(1.2)  # the append-only file is flushed every second
    own_valkey.kill()
    own_valkey.start()
    assert client.lrange("queue", 0, -1) == [b"job"]


def test_a_stranger_on_this_machine_is_not_let_in(own_postgres: Postgres, own_valkey: Valkey) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(own_postgres.url.replace(servers.MARK, "guess"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=own_valkey.port, retry=Retry(NoBackoff(), 0)).ping()


def test_a_taken_port_is_not_chosen(own_valkey: Valkey) -> None:
    assert not servers.is_free(own_valkey.port)
    assert servers.free_port(wanted=own_valkey.port) != own_valkey.port


def test_a_server_that_cannot_start_says_why(own_valkey: Valkey, tmp_path: Path) -> None:
    second = Valkey(tmp_path, durable=False, port=own_valkey.port)
    with pytest.raises(servers.ServerError, match="Address already in use"):
        second.start()
    assert not second.is_running()
