"""What squashed migrations make their tables with: all of an app at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Tables(Operation):
    """New tables and their triggers, each made as it is when all of them are known.

    Django draws whatever is related to a new model anew, for each of them: with 130 models that is most of
    the time an empty database takes. Here they are drawn once, when the first table is made.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        """``operations``: CreateModel and AddTrigger, in any order that the triggers allow."""
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)
        # Now, and not at the end of the migration: keys over several columns come next, and need the indexes.
        for statement in schema_editor.deferred_sql:
            schema_editor.execute(statement)
        schema_editor.deferred_sql.clear()

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """A trigger goes with its table."""
        for operation in reversed(self.operations):
            if hasattr(operation, "options"):
                operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.operations)} tables and triggers"
