"""``migrate`` as Django has it, except that an index or a constraint does not draw all models anew.

For each of them Django renders its model and whatever is related to that again, though only a list of the
model grows: with 340 of them that is half of the time an empty database takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.state import ProjectState


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with lists_that_grow():
            super().handle(*args, **options)


@contextmanager
def lists_that_grow() -> Iterator[None]:
    """Within it, a state that gets an index or a constraint keeps the models it has rendered."""
    states: Any = ProjectState
    rendered_anew = states._append_option
    states._append_option = _appended
    try:
        yield
    finally:
        states._append_option = rendered_anew


def _appended(state: ProjectState, app_label: str, model_name: str, option: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [*options[option], added]
    if "apps" in state.__dict__:
        model = state.apps.get_model(app_label, model_name)
        setattr(model._meta, option, list(options[option]))
