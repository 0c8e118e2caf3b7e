"""A short storm, as ``make chaos`` raises a long one; and that its checks find what is planted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.interactions.models import Direction, InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.surveys.models import Answer, CorrectiveAction, Invitation, LetterKind
from crm.mail.surveys import message_id
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.chaos import checks, scores
from tests.chaos.browser import Outcome, Request, Traffic
from tests.chaos.checks import Figures
from tests.chaos.killer import Outage
from tests.chaos.people import Entry, Journal
from tests.chaos.postbox import Letter
from tests.conftest import World
from tests.scoring.book import score
from tests.servers import PROJECT

SECONDS = 40
SEED = 7
STORM = pytest.mark.xdist_group("chaos")
# Two parts are away at a time at most, and on a busy machine they take long to come back.
FEWEST_KILLS = 4


@STORM
def test_after_a_short_storm_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos", "--minutes", str(SECONDS / 60), "--seed", str(SEED)]
    command += ["--every", "2.5", "--results", str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    (file,) = tmp_path.glob("*.json")
    told = json.loads(file.read_text())
    assert told["is_good"]
    value = {line["what"]: line["value"] for line in told["lines"]}
    assert value["kills"] >= FEWEST_KILLS
    assert len(told["kills"]) >= FEWEST_KILLS, "every kind once before any comes again"
    assert value["confirmed writes"] > 0
    assert value["invitations due"] == value["letters that arrived"] - value["letters sent again"] > 100


def found(figures: Figures) -> dict[str, int]:
    """What is wrong, by its name."""
    return {line.what: line.value for line in figures.lines if not line.is_good}


def test_writes_that_are_missing_doubled_or_refused_and_there_are_found(world: World) -> None:
    logged = log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL, started_at=timezone.now(), direction=Direction.INBOUND
        ),
        contacts=[],
        users=[],
        author=world.owner,
        now=timezone.now(),
    )
    there, nowhere = str(logged.identity), "0" * 8
    for identity, outcome, wrong in [
        (there, Outcome.CONFIRMED, {}),
        (there, Outcome.UNKNOWN, {}),
        (nowhere, Outcome.UNKNOWN, {}),
        (nowhere, Outcome.REFUSED, {}),
        (nowhere, Outcome.CONFIRMED, {"confirmed and missing": 1}),
        (there, Outcome.REFUSED, {"refused and there": 1}),
    ]:
        figures = Figures()
        checks.check_writes(figures, Journal([Entry("interaction", identity, outcome)]))
        assert found(figures) == wrong
    logged.pk, logged.superseded_at = None, timezone.now()
    logged.save(force_insert=True)
    figures = Figures()
    checks.check_writes(figures, Journal([Entry("interaction", there, Outcome.CONFIRMED)]))
    assert found(figures) == {"written twice": 1}


def test_an_answer_without_a_grade_and_a_letter_that_did_not_come_are_found(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, key="form", at=DUE + HOUR, quality="A", delivery="D")
    for grades, low, wrong in [("2", "1", {}), ("3", "1", {"answers without all of their grades": 1})]:
        figures, facts = Figures(), {"grades": grades, "low": low}
        entry = Entry("answer", "form", Outcome.CONFIRMED, facts)
        checks.check_answers(figures, Journal([entry]))
        checks.check_cases(figures, Journal([entry]))
        assert found(figures) == wrong
    assert CorrectiveAction.objects.count() == Answer.objects.count() == 1
    Invitation.objects.update(sent_at=DUE)
    one, two = (Letter(message_id(each, LetterKind.INVITATION), "", "") for each in Invitation.objects.all())
    for letters, wrong in [
        ([one, two, two], {}),
        ([one], {"invitations without a letter": 1}),
        ([one, two, Letter("<x>", "", "")], {"letters of no invitation": 1}),
    ]:
        figures = Figures()
        checks.check_letters(figures, letters)
        assert found(figures) == wrong


def test_a_fault_page_and_a_503_while_nothing_was_away_are_found() -> None:
    outage = Outage("postgres", 10.0, 20.0)
    for status, began, wrong in [
        (200, 1.0, {}),
        (503, 11.0, {}),
        (503, 1.0, {"503 while nothing was away": 1}),
        (500, 11.0, {"bare 500": 1}),
        (502, 11.0, {"bare 502": 1}),
    ]:
        figures = Figures()
        traffic = Traffic([Request("GET", "/", status, began, began + 0.5)])
        checks.check_traffic(figures, traffic, [outage])
        assert found(figures) == wrong


@pytest.mark.django_db(transaction=True)
def test_scores_of_old_facts_and_flags_unlike_them_are_found(world: World) -> None:
    run = score(timezone.now(), kind=RunKind.MANUAL)
    figures = Figures()
    scores.check(figures)
    assert found(figures) == {}
    CustomerScore.objects.filter(run_id=run.pk, customer_id=world.customer.pk).update(
        input_version=99, coverage=0.123
    )
    ChurnFlag.objects.create(
        customer=world.foreign,
        level=FlagLevel.WATCH,
        score=1.0,
        run_id=run.pk,
        opened_at=timezone.now(),
    )
    figures = Figures()
    scores.check(figures)
    assert found(figures) == {
        "scores of old facts": 1,
        "flags unlike the score": 1,
        "scores unlike a full recompute": 1,
    }
