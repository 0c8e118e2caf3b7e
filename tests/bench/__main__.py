"""``make bench SIZE=10000``: measure the product, on real servers and data of the size that is said.

The data are kept in BENCH_FOLDER (default: truenorth-bench in the folder of temporary files) and made
again when the schema has changed. ``make bench-compare A=… B=…`` shows two results files side by side.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import sys
import tempfile
from pathlib import Path

import psycopg

from crm.demo.servers import FOLDER_FOR_ROOT, Postgres, Valkey, as_root

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("engine", "models", "web", "import")
RESULTS = PROJECT / "bench-results"
# A server as docs/operate.md would set it on a machine with 16 GB; every commit is on disk.
POSTGRES = {
    "shared_buffers": "2GB",
    "effective_cache_size": "8GB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--only", choices=PARTS, action="append", help="these parts alone")
    parser.add_argument("--compare", nargs=2, type=Path, metavar="FILE")
    options = parser.parse_args(argv)
    if options.compare:
        from tests.bench.results import compare

        print(compare(*options.compare))
        return 0
    run(options.size, options.only or list(PARTS))
    return 0


def run(size: int, parts: list[str]) -> None:
    folder = home() / str(size)
    folder.mkdir(parents=True, exist_ok=True)
    postgres = Postgres(folder / "servers", durable=True, settings=POSTGRES)
    valkey = Valkey(folder / "servers", durable=True)
    postgres.start()
    valkey.start()
    try:
        database = f"bench_{size}_{schema()}"
        is_new = create(postgres, database)
        os.environ |= {
            "ENVIRONMENT": "test",
            "DJANGO_SETTINGS_MODULE": "crm.settings",
            "DATABASE_URL": postgres.url_of(database),
            "REDIS_URL": valkey.url,
            "LOG_LEVEL": "WARNING",
        }
        from tests.bench.everything import measure

        create(postgres, "bench_import", anew=True)
        measure(size, parts, folder, is_new=is_new, import_url=postgres.url_of("bench_import"))
    finally:
        valkey.stop()
        postgres.stop()


def home() -> Path:
    if named := os.environ.get("BENCH_FOLDER"):
        return Path(named)
    return (FOLDER_FOR_ROOT if as_root() else Path(tempfile.gettempdir())) / "truenorth-bench"


def schema() -> str:
    """Changes with any migration and with the way the book is made."""
    files = [*PROJECT.glob("*/migrations/0*.py"), *PROJECT.glob("*/*/migrations/0*.py")]
    files += [Path(__file__).with_name(name) for name in ("book.py", "workspace.py")]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:10]


def create(postgres: Postgres, database: str, *, anew: bool = False) -> bool:
    """Whether the database was made now. Those of other schemas are dropped: each takes gigabytes."""
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        there = {name for (name,) in connection.execute("select datname from pg_database")}
        family = "bench_import" if anew else database.rpartition("_")[0]
        for name in there:
            if name.startswith(family) and (anew or name != database):
                connection.execute(f'drop database "{name}" with (force)')
        if not anew and database in there:
            return False
        connection.execute(f'create database "{database}"')
    return True


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
