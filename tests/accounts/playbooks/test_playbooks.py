"""Playbooks: what starts once, what follows a change, what ends when the reason is gone, and by whom."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client

from accounts.actions.models import Action
from accounts.actions.services import assign_actions, finish_action
from accounts.customers.models import Stage
from accounts.customers.services import ConflictError
from accounts.playbooks.models import Doer, Ending, Playbook, PlaybookRun, RunStep, Trigger
from accounts.playbooks.services import (
    PlaybookFacts,
    StepFacts,
    Words,
    end_finished_runs,
    follow_playbook,
    save_playbook,
    start_runs,
    stop_run,
    switch_playbook,
)
from accounts.projects.services import create_project
from accounts.users.services import change_language
from crm.queries.playbooks import follow_playbooks, playbook_rows, would_start
from tests.conftest import MONDAY, World, customer_of

DAY = dt.timedelta(days=1)
CALL = StepFacts(Words("Call", "打电话", "打電話"), 0, Doer.OWNER, note="Before noon")
VISIT = StepFacts(Words("Visit"), 7, Doer.MANAGER)
REPORT = StepFacts(Words("Report"), 14, Doer.LEAD)


def facts(*steps: StepFacts, stage: str = Stage.DORMANT) -> PlaybookFacts:
    return PlaybookFacts(Words("Wake a sleeper"), Trigger.STAGE, stage, steps or (CALL, VISIT, REPORT))


def playbook_of(world: World, *steps: StepFacts) -> Playbook:
    playbook = save_playbook(facts(*steps), by=world.admin, now=MONDAY)
    switch_playbook(playbook, is_active=True, now=MONDAY)
    playbook.refresh_from_db()
    return playbook


def todo() -> dict[str, Action]:
    return {each.title: each for each in Action.objects.filter(done_at=None, dropped_at=None)}


def test_each_step_is_an_action_of_the_right_person_by_its_day(world: World) -> None:
    create_project(
        customer=world.customer, name="Line 4", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    change_language(world.owner, language="zh-hant")
    follow_playbook(playbook_of(world), [world.customer.pk], now=MONDAY)
    made = {title: (each.owner, each.due_on, each.note) for title, each in todo().items()}
    assert made == {
        "打電話": (world.owner, MONDAY.date(), "Before noon"),
        "Visit": (world.manager, MONDAY.date() + 7 * DAY, ""),
        "Report": (world.lead, MONDAY.date() + 14 * DAY, ""),
    }
    assert {each.customer for each in todo().values()} == {world.customer}


def test_whatever_comes_again_there_is_one_of_each(world: World) -> None:
    playbook = playbook_of(world)
    assert follow_playbook(playbook, [world.customer.pk], now=MONDAY) == 1
    finish_action(todo()["Call"], by=world.owner, now=MONDAY)
    for _beat in range(3):
        assert follow_playbook(playbook, [world.customer.pk], now=MONDAY + DAY) == 0
    assert (Action.objects.count(), PlaybookRun.objects.count()) == (3, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_start_one_run(world: World) -> None:
    playbook = playbook_of(world)
    started: list[int] = []

    def work() -> None:
        started.append(start_runs(playbook, [world.customer.pk, world.foreign.pk], now=MONDAY))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert sum(started) == 2
    assert (PlaybookRun.objects.count(), Action.objects.count()) == (2, 6)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_neither_run_nor_actions(world: World) -> None:
    playbook = playbook_of(world)

    class KilledError(Exception):
        pass

    @transaction.atomic
    def killed() -> None:
        start_runs(playbook, [world.customer.pk], now=MONDAY)
        raise KilledError

    with pytest.raises(KilledError):
        killed()
    assert not PlaybookRun.objects.exists()
    assert start_runs(playbook, [world.customer.pk], now=MONDAY) == 1
    assert Action.objects.count() == 3


def test_when_the_reason_is_gone_only_what_nobody_touched_is_dropped(world: World) -> None:
    playbook = playbook_of(world)
    follow_playbook(playbook, [world.customer.pk, world.foreign.pk], now=MONDAY)
    mine = Action.objects.filter(customer=world.customer)
    finish_action(mine.get(title="Call"), by=world.owner, now=MONDAY)
    assign_actions([mine.get(title="Visit").pk], to=world.mate, by=world.lead)
    follow_playbook(playbook, [world.foreign.pk], now=MONDAY + DAY)
    run = PlaybookRun.objects.get(customer=world.customer)
    assert (run.ending, run.closed_at) == (Ending.REASON_GONE, MONDAY + DAY)
    assert {(each.title, each.drop_reason) for each in mine} == {
        ("Call", ""),
        ("Visit", ""),
        ("Report", "The reason is gone"),
    }
    assert Action.objects.filter(customer=world.foreign, dropped_at=None).count() == 3
    assert follow_playbook(playbook, [world.customer.pk, world.foreign.pk], now=MONDAY + 2 * DAY) == 1


def test_open_runs_follow_a_new_version_without_piling_up(world: World) -> None:
    playbook = playbook_of(world)
    follow_playbook(playbook, [world.customer.pk], now=MONDAY)
    assign_actions([todo()["Visit"].pk], to=world.mate, by=world.lead)
    write = StepFacts(Words("Write"), 3, Doer.OWNER, note="In their language")
    later = save_playbook(facts(write, VISIT), by=world.admin, now=MONDAY, stored=playbook, version=1)
    for _beat in range(2):
        follow_playbook(later, [world.customer.pk], now=MONDAY + DAY)
    assert {(title, each.note, each.due_on) for title, each in todo().items()} == {
        ("Write", "In their language", MONDAY.date() + 3 * DAY),
        ("Visit", "", MONDAY.date() + 7 * DAY),
    }
    assert Action.objects.get(title="Report").dropped_at == MONDAY + DAY
    with pytest.raises(ConflictError):
        save_playbook(facts(CALL), by=world.admin, now=MONDAY, stored=playbook, version=1)


def test_one_that_somebody_started_ends_when_all_is_done(world: World) -> None:
    playbook = save_playbook(facts(CALL), by=world.admin, now=MONDAY)
    start_runs(playbook, [world.customer.pk], now=MONDAY, by=world.owner)
    follow_playbook(playbook, [], now=MONDAY)
    assert end_finished_runs(now=MONDAY) == 0
    finish_action(todo()["Call"], by=world.owner, now=MONDAY)
    assert end_finished_runs(now=MONDAY) == 1
    assert PlaybookRun.objects.get().ending == Ending.DONE


def test_switched_off_or_stopped_it_leaves_nothing_to_do(world: World) -> None:
    playbook = playbook_of(world)
    follow_playbook(playbook, [world.customer.pk, world.foreign.pk], now=MONDAY)
    assert stop_run(PlaybookRun.objects.get(customer=world.foreign), now=MONDAY)
    assert switch_playbook(playbook, is_active=False, now=MONDAY)
    assert not switch_playbook(playbook, is_active=False, now=MONDAY)
    assert not todo()
    assert set(PlaybookRun.objects.values_list("ending", flat=True)) == {Ending.STOPPED}


def test_stopped_by_hand_it_rests_until_its_reason_has_gone_and_come_back(world: World) -> None:
    playbook, both = playbook_of(world), [world.customer.pk, world.foreign.pk]
    follow_playbook(playbook, both, now=MONDAY)
    stop_run(PlaybookRun.objects.get(customer=world.customer), now=MONDAY)
    assert [follow_playbook(playbook, both, now=MONDAY + n * DAY) for n in range(3)] == [0, 0, 0]
    assert set(Action.objects.filter(dropped_at=None).values_list("customer", flat=True)) == {
        world.foreign.pk
    }
    follow_playbook(playbook, [world.foreign.pk], now=MONDAY + 3 * DAY)
    assert follow_playbook(playbook, both, now=MONDAY + 4 * DAY) == 1
    stop_run(PlaybookRun.objects.get(customer=world.customer, closed_at=None), now=MONDAY + 5 * DAY)
    assert follow_playbook(playbook, both, now=MONDAY + 5 * DAY) == 0
    assert start_runs(playbook, both, now=MONDAY + 5 * DAY, by=world.owner) == 1


def test_switched_off_and_on_it_starts_again(world: World) -> None:
    playbook = playbook_of(world)
    follow_playbook(playbook, [world.customer.pk], now=MONDAY)
    switch_playbook(playbook, is_active=False, now=MONDAY)
    switch_playbook(playbook, is_active=True, now=MONDAY)
    assert follow_playbook(playbook, [world.customer.pk], now=MONDAY) == 1


def test_a_customer_without_an_owner_waits(world: World) -> None:
    nobody = customer_of(None, "Ownerless")
    assert start_runs(playbook_of(world), [nobody.pk], now=MONDAY) == 0


def test_a_playbook_needs_a_step(world: World) -> None:
    empty = PlaybookFacts(Words("Nothing"), Trigger.STAGE, Stage.DORMANT, ())
    with pytest.raises(ValidationError):
        save_playbook(empty, by=world.admin, now=MONDAY)
    assert not Playbook.objects.exists()


def test_by_the_stage_it_starts_and_ends_by_itself(world: World, client: Client) -> None:
    playbook_of(world)
    world.customer.stage = Stage.DORMANT
    world.customer.save(update_fields=["stage"])
    assert would_start(Trigger.STAGE, Stage.DORMANT) == 1
    assert would_start(Trigger.FLAG_LEVEL, "critical") is None  # nothing is scored yet
    assert [follow_playbooks(now=MONDAY) for _beat in range(2)] == [1, 0]
    (row,) = playbook_rows(Playbook.objects.all())
    assert (row.running, row.ended, row.helped) == (1, 0, 0)
    world.customer.stage = Stage.CONTINUING
    world.customer.save(update_fields=["stage"])
    follow_playbooks(now=MONDAY)
    (row,) = playbook_rows(Playbook.objects.all())
    assert (row.running, row.ended, row.helped) == (0, 1, 1)


def test_the_pages_write_a_playbook_and_start_it(world: World, client: Client) -> None:
    client.force_login(world.admin)
    sent = {
        "title": "Win back",
        "starts_by": "flag_reason:silence_executive",
        "step1_title": "Ask for a visit",
        "step1_days": 3,
        "step1_who": "owner",
    }
    assert client.post("/playbooks/new", sent).status_code == 302
    playbook = Playbook.objects.get()
    assert (playbook.trigger, playbook.value, playbook.is_active) == (
        "flag_reason",
        "silence_executive",
        False,
    )
    text = client.get(f"/playbooks/{playbook.pk}").content.decode()
    assert "Ask for a visit" in text
    assert "after the first scoring run" in text
    assert client.post(f"/playbooks/{playbook.pk}", sent).status_code == 422  # without the version
    client.force_login(world.owner)
    url = f"/customers/{world.customer.pk}/playbooks/start"
    assert client.post(url, {"playbook": playbook.pk}).status_code == 302
    assert RunStep.objects.get().action.author == world.owner
    client.post(url, {"playbook": playbook.pk})
    assert Action.objects.count() == 1
    page = client.get(f"/customers/{world.customer.pk}/actions").content.decode()
    assert "0 of 1 done" in page
    assert "Playbook: Win back" in " ".join(page.split())
    made = Action.objects.get()
    assert "Win back" in client.get(f"/actions/{made.pk}").content.decode()
    assert "Playbook: Win back" in " ".join(client.get("/actions/").content.decode().split())
    client.post(f"/customers/{world.customer.pk}/playbooks/{PlaybookRun.objects.get().pk}/stop")
    assert not todo()
