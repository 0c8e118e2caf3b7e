"""The Jobs page: what ran, doing it again, and who may."""

from __future__ import annotations

import pytest
from django.test import Client

from scoring.models import RunState, ScoringRun
from tests.conftest import World
from tests.crm.views.test_explanations import score_everybody


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    client.force_login(world.admin)
    return client


def test_an_admin_sees_what_ran(admin: Client) -> None:
    score_everybody()
    html = admin.get("/jobs/").content.decode()
    assert "Everybody reads the scores as of <time" in html
    assert "Done" in html


def test_without_a_run_the_page_says_what_to_do(admin: Client) -> None:
    assert "No run yet" in admin.get("/jobs/").content.decode()


def test_recompute_now_opens_one_run_that_shows_its_progress(admin: Client, world: World) -> None:
    response = admin.post("/jobs/start", follow=True)
    run = ScoringRun.objects.get()
    assert run.requested_by == world.admin
    assert run.state == RunState.COUNTING
    html = response.content.decode()
    assert 'hx-trigger="every 2s"' in html
    progress = admin.get(f"/jobs/{run.pk}").content.decode()
    assert "0 of 1 parts done" in progress
    assert f'hx-get="/jobs/{run.pk}"' in progress


def test_recompute_now_starts_nothing_while_a_run_is_under_way(admin: Client) -> None:
    admin.post("/jobs/start")
    html = admin.post("/jobs/start", follow=True).content.decode()
    assert "A recompute is running already" in html
    assert ScoringRun.objects.count() == 1
    ScoringRun.objects.update(state=RunState.DONE)
    assert "The recompute has started" in admin.post("/jobs/start", follow=True).content.decode()
    assert ScoringRun.objects.count() == 2


def test_a_run_can_be_stopped_and_taken_up_again(admin: Client) -> None:
    admin.post("/jobs/start")
    run = ScoringRun.objects.get()
    admin.post(f"/jobs/{run.pk}/cancel")
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    admin.post(f"/jobs/{run.pk}/retry")
    run.refresh_from_db()
    assert run.state == RunState.COUNTING


def test_a_failure_is_shown_with_its_text_and_a_way_to_run_again(admin: Client) -> None:
    admin.post("/jobs/start")
    ScoringRun.objects.update(state=RunState.FAILED, error="ValueError: day 9")
    html = admin.get(f"/jobs/{ScoringRun.objects.get().pk}").content.decode()
    assert "ValueError: day 9" in html
    assert "Run again" in html


@pytest.mark.parametrize("who", ["owner", "lead", "manager", "member", "executive"])
def test_nobody_else_starts_a_recompute(client: Client, world: World, who: str) -> None:
    client.force_login(world.users[who])
    assert client.get("/jobs/").status_code == 404
    assert client.post("/jobs/start").status_code == 404
    assert not ScoringRun.objects.exists()


def test_a_refresh_of_the_runs_brings_along_which_scores_are_read(admin: Client) -> None:
    score_everybody()
    refreshed = admin.get("/jobs/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="current-scores" hx-swap-oob="true"' in refreshed
    assert "Everybody reads the scores as of <time" in refreshed
    assert "hx-swap-oob" not in admin.get("/jobs/").content.decode()
