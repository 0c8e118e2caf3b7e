"""Migrations: an index or constraint that is added in place leaves the same models as Django's way."""

from __future__ import annotations

from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from crm.management.commands.migrate import lists_that_grow


def grown(state: ProjectState) -> ProjectState:
    state.add_index("shop", "order", models.Index(fields=["day"], name="order_by_day"))
    check = models.CheckConstraint(condition=models.Q(day__gt=0), name="order_day")
    state.add_constraint("shop", "order", check)
    return state


def state_of() -> ProjectState:
    state = ProjectState()
    fields = [("id", models.AutoField(primary_key=True)), ("day", models.IntegerField())]
    state.add_model(ModelState("shop", "Order", fields, {"indexes": [], "constraints": []}))
    return state


def lists(state: ProjectState) -> list[list[str]]:
    meta = state.apps.get_model("shop", "order")._meta
    return [[each.name for each in meta.indexes], [each.name for each in meta.constraints]]


def test_a_list_that_grows_in_place_is_the_one_django_renders() -> None:
    theirs, ours = state_of(), state_of()
    before = ours.apps.get_model("shop", "order")
    assert lists(ours) == lists(theirs) == [[], []]
    with lists_that_grow():
        grown(ours)
    assert lists(ours) == lists(grown(theirs)) == [["order_by_day"], ["order_day"]]
    assert ours == theirs
    assert ours.apps.get_model("shop", "order") is before
    assert theirs.apps.get_model("shop", "order") is not before
