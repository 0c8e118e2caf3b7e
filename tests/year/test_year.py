"""Six weeks, as ``make year`` lets a year pass; and that its checks find what is planted."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from accounts.notices.models import Notice
from accounts.surveys.models import CaseAlarm, Invitation
from accounts.surveys.services.alarms import raise_alarms
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK, Office, office_of
from tests.chaos.checks import Figures
from tests.conftest import MONDAY, World
from tests.servers import PROJECT, database_url_of_tests
from tests.year import checks, expected
from tests.year.book import Book
from tests.year.expected import Asked, Ledger, Person, Rules, Said, Work
from tests.year.owners import Owners, Round

LOW = frozenset({"C", "D"})
RULES = Rules(
    since=MONDAY,
    send_weekday=5,
    send_hour=14,
    close_weekday=4,
    acknowledge_hours=24,
    plan_hours=72,
    low=LOW,
)
SIZE = ["--weeks", "6", "--projects", "24", "--respondents", "72", "--beat-minutes", "240", "--kills", "8"]


@pytest.mark.usefixtures("transactional_db")
def test_after_six_weeks_nothing_is_missing_doubled_or_silent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.year", *SIZE, "--seed", "1", "--here", "--results", str(tmp_path)]
    environment = os.environ | {"DATABASE_URL": database_url_of_tests()}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    (file,) = tmp_path.glob("*.json")
    value = {line["what"]: line["value"] for line in json.loads(file.read_text())["lines"]}
    assert value["invitations due"] == value["invitations"] > 250
    assert value["answers"] > 200
    assert value["workers killed"] >= 8
    for what in ("low grades", "alarms", "tasks delivered twice", "POSTs that came twice", "pauses"):
        assert value[what] > 0, what


@pytest.fixture
def office(world: World) -> Office:
    return office_of(world)


def ledger_of(office: Office) -> Ledger:
    """What the office is, in the ledger's words."""
    contacts = (office.chen.pk, office.li.pk)
    return Ledger(
        rules=[RULES],
        people={pk: Person("UTC") for pk in contacts},
        works={office.project.pk: Work(office.project.customer_id, WEEK)},
        asked=[Asked(office.project.pk, pk, [(MONDAY, "active", None)]) for pk in contacts],
        beats=[DUE],
    )


def wrong(check: Callable[[Figures], None]) -> dict[str, int]:
    figures = Figures()
    check(figures)
    return {line.what: line.value for line in figures.lines if not line.is_good}


def invitations(ledger: Ledger) -> dict[str, int]:
    return wrong(lambda figures: checks.check_invitations(figures, ledger, first=WEEK, last=WEEK))


def test_invitations_missing_too_many_or_at_other_hours_are_found(office: Office) -> None:
    ledger = ledger_of(office)
    assert invitations(ledger) == {"due and not there": 2}
    office.invite()
    assert invitations(ledger) == {}
    ledger.asked.pop()
    assert invitations(ledger) == {"there and not due": 1}
    Invitation.objects.update(due_at=DUE - HOUR)
    assert invitations(ledger) == {"there and not due": 1, "with other hours": 1}


def said_of(office: Office, **letters: str) -> Said:
    low = frozenset(code for code, letter in letters.items() if letter in LOW)
    return Said(office.project.pk, office.chen.pk, WEEK, DUE + HOUR, letters, low)


def test_answers_and_cases_that_are_lost_or_made_up_are_found(office: Office) -> None:
    ledger = ledger_of(office)
    office.invite()
    office.say(office.chen, key="first", delivery="D", quality="A")

    def found() -> dict[str, int]:
        return wrong(lambda figures: checks.check_answers(figures, ledger)) | wrong(
            lambda figures: checks.check_cases(figures, ledger)
        )

    assert found() == {"answers nobody gave": 1, "cases of no low grade": 1}
    ledger.answers["first"] = said_of(office, delivery="D", quality="A")
    assert found() == {}
    ledger.answers["first"] = said_of(office, delivery="D", quality="C")
    assert found() == {"low grades without a case": 1}
    ledger.answers["second"] = said_of(office, quality="B")
    assert found() == {"answers missing": 1, "low grades without a case": 1}


def owners_of(ledger: Ledger) -> Owners:
    return Owners(Book(ledger), Random(1), lambda _at, _action: None)


def alarms(owners: Owners) -> dict[str, int]:
    return wrong(lambda figures: checks.check_alarms(figures, owners))


def test_a_clock_missed_in_silence_is_found_and_one_told_of_for_nothing(office: Office) -> None:
    office.invite()
    office.say(office.chen, delivery="D")
    owners, late = owners_of(ledger_of(office)), DUE + HOUR + DAY
    owners.look_at_clocks(late - HOUR)
    assert owners.missed == {}
    owners.look_at_clocks(late)
    assert alarms(owners) == {"missed in silence": 1}
    raise_alarms(now=late)
    assert alarms(owners) == {}
    CaseAlarm.objects.filter(step="line").update(raised_at=late + HOUR)
    assert alarms(owners) == {"told late": 1}
    Notice.objects.filter(kind="survey_case_missed").delete()
    assert alarms(owners).keys() == {"told late", "notices of alarms"}
    owners.missed.clear()
    assert alarms(owners).keys() == {"told of what was not missed", "notices of alarms"}


def test_a_clock_that_ends_at_another_time_is_found(office: Office) -> None:
    office.invite()
    office.say(office.chen, delivery="D")
    owners = owners_of(ledger_of(office))
    owners.look_at_cases()
    (begun,) = owners.rounds
    # The office works around the clock, and the year's people only in their hours.
    assert begun.stored == DUE + HOUR + DAY
    assert wrong(lambda figures: checks.check_clocks(figures, owners.rounds)) == {
        "clocks that end at another time": 1
    }
    owners.rounds = [replace(begun, until=begun.stored, plan_until=begun.plan_stored)]
    assert wrong(lambda figures: checks.check_clocks(figures, owners.rounds)) == {}


@pytest.mark.parametrize(("late", "is_enough"), [(4, True), (7, False)])
def test_fewer_than_nineteen_of_twenty_are_not_enough(office: Office, late: int, is_enough: bool) -> None:
    owners = owners_of(ledger_of(office))
    begun = Round(0, DUE, DUE + DAY, DUE + DAY, DUE + DAY, DUE + DAY, DUE + 2 * DAY, 0, "quality")
    owners.rounds = [
        replace(begun, case=number, acknowledged=DUE + (2 if number < late else 1) * DAY)
        for number in range(100)
    ]
    found = wrong(lambda figures: checks.check_shares(figures, owners, CLOSED))
    assert ("in time" not in found) == is_enough


@pytest.mark.parametrize(
    ("monday", "zone", "due"),
    [
        ("2026-03-23", "Europe/Berlin", "2026-03-27T13:00+00:00"),
        ("2026-03-30", "Europe/Berlin", "2026-04-03T12:00+00:00"),
        ("2026-03-30", "Australia/Sydney", "2026-04-03T03:00+00:00"),
        ("2026-04-06", "Australia/Sydney", "2026-04-10T04:00+00:00"),
        ("2026-03-30", "Pacific/Kiritimati", "2026-04-03T00:00+00:00"),
    ],
)
def test_two_in_the_afternoon_is_there_where_one_is(monday: str, zone: str, due: str) -> None:
    times = expected.times_of(RULES, dt.date.fromisoformat(monday), zone)
    assert times.due == dt.datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("start", "hours", "until"),
    [
        ("2026-03-27T17:00+08:00", 2, "2026-03-28T10:00+08:00"),  # a Saturday that is worked
        ("2026-04-03T17:00+08:00", 2, "2026-04-07T10:00+08:00"),  # three days off
        ("2026-03-27T08:00+08:00", 9, "2026-03-27T18:00+08:00"),
        ("2026-03-29T12:00+08:00", 0.5, "2026-03-30T09:30+08:00"),  # a Sunday
    ],
)
def test_working_hours_go_by_on_working_days_alone(start: str, hours: float, until: str) -> None:
    end = expected.after(dt.datetime.fromisoformat(start), hours * 60)
    assert end == dt.datetime.fromisoformat(until)
