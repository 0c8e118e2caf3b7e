"""Actions that come again: the next is made once, on its own weekday or day of the month, until its end."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.actions.models import Action
from accounts.actions.services import add_action, change_action, finish_action, next_day, reopen_action
from tests.conftest import MONDAY, World

DAY = dt.timedelta(days=1)


def again(world: World, due: dt.date, every: int, unit: str, until: dt.date | None = None) -> Action:
    return add_action(
        title="Ask how it runs",
        owner=world.owner,
        author=world.owner,
        customer=world.customer,
        due_on=due,
        repeat_every=every,
        repeat_unit=unit,
        repeat_until=until,
        now=MONDAY,
    )


def test_days_and_weeks_are_counted_from_its_own_day(world: World) -> None:
    wednesday = dt.date(2026, 3, 4)
    weekly = again(world, wednesday, 2, "week")
    assert next_day(weekly, dt.date(2026, 3, 3)) == dt.date(2026, 3, 18)
    assert next_day(weekly, dt.date(2026, 3, 18)) == dt.date(2026, 4, 1)
    daily = again(world, wednesday, 3, "day")
    assert next_day(daily, dt.date(2026, 3, 9)) == dt.date(2026, 3, 10)


def test_a_month_keeps_its_day_also_after_a_shorter_one(world: World) -> None:
    action = again(world, dt.date(2026, 1, 31), 1, "month")
    days = []
    for _month in range(3):
        finish_action(action, by=world.owner, now=dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC))
        action = Action.objects.get(repeats=action)
        days.append(action.due_on)
    assert days == [dt.date(2026, 2, 28), dt.date(2026, 3, 31), dt.date(2026, 4, 30)]


def test_what_is_done_late_comes_next_after_today(world: World) -> None:
    action = again(world, dt.date(2025, 11, 15), 1, "month")
    assert next_day(action, MONDAY.date()) == dt.date(2026, 3, 15)


def test_after_its_last_day_it_does_not_come_again(world: World) -> None:
    action = again(world, MONDAY.date(), 1, "week", until=MONDAY.date() + 7 * DAY)
    finish_action(action, by=world.owner, now=MONDAY)
    action = Action.objects.get(repeats=action)
    finish_action(action, by=world.owner, now=MONDAY)
    assert not Action.objects.filter(repeats=action).exists()


def test_taken_back_and_done_again_there_is_one_next(world: World) -> None:
    action = again(world, MONDAY.date(), 1, "week")
    finish_action(action, by=world.owner, now=MONDAY)
    assert reopen_action(action, now=MONDAY)
    assert Action.objects.count() == 1
    assert finish_action(action, by=world.owner, now=MONDAY)
    following = Action.objects.get(repeats=action)
    change_action(following, version=1, by=world.owner, now=MONDAY, title="Ask about the new line")
    assert reopen_action(action, now=MONDAY)
    assert finish_action(action, by=world.owner, now=MONDAY)
    assert Action.objects.get(repeats=action).title == "Ask about the new line"


@pytest.mark.django_db(transaction=True)
def test_done_by_two_at_once_there_is_one_next(world: World) -> None:
    action = again(world, MONDAY.date(), 1, "week")
    said: list[bool] = []

    def finish() -> None:
        said.append(finish_action(action, by=world.owner, now=MONDAY))
        connection.close()

    both = [threading.Thread(target=finish) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(said) == [False, True]
    assert Action.objects.filter(repeats=action).count() == 1


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"due_on": None}, "due_on: repeated"),
        ({"repeat_unit": ""}, "repeat_every: repeats"),
        ({"repeat_every": 400}, "repeat_every: repeats"),
        ({"repeat_until": MONDAY.date() - DAY}, "repeat_until: too_early"),
    ],
)
def test_a_rhythm_that_makes_no_sense_is_refused(world: World, facts: dict, problem: str) -> None:  # type: ignore[type-arg]
    sent = {"due_on": MONDAY.date(), "repeat_every": 1, "repeat_unit": "week"} | facts
    with pytest.raises(ValidationError) as error:
        add_action(title="Call", owner=world.owner, author=world.owner, now=MONDAY, **sent)
    ((field, (found,)),) = error.value.error_dict.items()
    assert f"{field}: {found.code}" == problem
    assert not Action.objects.exists()
