"""Squashed migrations lead where the ones that they replace lead."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db.migrations import Migration, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

# Of the replaced steps, what only rows of an earlier version needed.
FOR_ROWS = ("update ", "set constraints ")


@pytest.fixture(scope="module")
def chain() -> MigrationLoader:
    """As an installation has them that stopped somewhere in between."""
    return MigrationLoader(None, replace_migrations=False)


def squashed() -> list[Migration]:
    ours = MigrationLoader(None).disk_migrations.values()
    return [each for each in ours if each.replaces and each.__module__.startswith(("accounts.", "scoring."))]


def statements(migration: Migration) -> Iterator[str]:
    for operation in migration.operations:
        if isinstance(operation, RunSQL):
            given = [operation.sql] if isinstance(operation.sql, str) else operation.sql
            yield from (re.sub(r"\s+", " ", str(each)).strip() for each in given)


@pytest.mark.parametrize("migration", squashed(), ids=lambda each: each.app_label)
def test_the_models_are_those_of_the_replaced_ones(chain: MigrationLoader, migration: Migration) -> None:
    app, last = migration.replaces[-1]
    there = chain.project_state((app, last)).models
    ours = MigrationLoader(None).project_state((app, migration.name)).models
    assert written(ours, app) == written(there, app) != {}


def written(models: dict[tuple[str, str], ModelState], app: str) -> dict[str, object]:
    """Each model of ``app`` as a migration would write it down; the order of its columns does not count."""
    return {
        name: (
            {field: MigrationWriter.serialize(each) for field, each in model.fields.items()},
            {option: value for option, value in model.options.items() if value != []},
            model.bases,
        )
        for (label, name), model in models.items()
        if label == app
    }


@pytest.mark.parametrize("migration", squashed(), ids=lambda each: each.app_label)
def test_the_sql_is_that_of_the_replaced_ones(chain: MigrationLoader, migration: Migration) -> None:
    replaced = (chain.disk_migrations[name] for name in migration.replaces)
    wanted = [sql for each in replaced for sql in statements(each) if not sql.startswith(FOR_ROWS)]
    assert Counter(statements(migration)) == Counter(wanted)
