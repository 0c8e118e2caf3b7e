"""Stopping what runs: the page polls and replaces its form while the question stands open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.imports.models import Import, ImportState
from crm.demo import processes
from scoring.models import RunKind, RunState, ScoringRun
from scoring.services import start_run
from tests.browser.conftest import OpenPage
from tests.conftest import MONDAY, World

pytestmark = pytest.mark.browser


def stop_after_the_form_was_replaced(page) -> None:
    page.evaluate("window.before = document.querySelector('form[data-confirm]')")
    page.get_by_role("button", name="Stop").click()
    dialog = page.locator("#confirm")
    expect(dialog).to_be_visible()
    assert processes.wait_until(lambda: not page.evaluate("window.before.isConnected"), seconds=300)
    dialog.locator("[data-accept]").click()


def test_an_import_is_stopped_however_long_the_question_stood_open(open_page: OpenPage, world: World) -> None:
    running = Import.objects.create(
        state=ImportState.RUNNING, step="checking", file_name="orders.csv", sha256="x", bytes=1
    )
    page = open_page(world.admin, f"/imports/{running.pk}")
    gap = page.evaluate(
        "document.querySelector('form[data-confirm]').getBoundingClientRect().top"
        " - document.querySelector('progress').getBoundingClientRect().bottom"
    )
    assert gap >= 8
    assert page.evaluate("getComputedStyle(document.querySelector('progress')).animationName") == "waiting"
    stop_after_the_form_was_replaced(page)
    expect(page.get_by_text("The import is stopped.")).to_be_visible()
    running.refresh_from_db()
    assert running.state == ImportState.CANCELLED


def test_a_recompute_is_stopped_however_long_the_question_stood_open(
    open_page: OpenPage, world: World
) -> None:
    run = start_run(MONDAY, kind=RunKind.MANUAL, requested_by=world.admin)
    page = open_page(world.admin, f"/jobs/{run.pk}")
    stop_after_the_form_was_replaced(page)
    expect(page.get_by_text("The run is stopped.")).to_be_visible()
    assert ScoringRun.objects.get().state == RunState.CANCELLED


def test_every_icon_that_the_import_page_names_is_in_the_sprite(open_page: OpenPage, world: World) -> None:
    page = open_page(world.admin, "/imports/")
    named = page.evaluate(
        "[...document.querySelectorAll('svg use')].map(use => use.getAttribute('href').split('#')[1])"
    )
    sprite = page.request.get("/static/icons.svg").text()
    assert "file-import" in named
    assert [name for name in named if f'id="{name}"' not in sprite] == []
