"""What is to be done, by the keyboard alone: put off, done, come again; and a playbook started from Today."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.actions.models import UNDONE, Action
from accounts.actions.services import add_action
from accounts.playbooks.models import Doer, Ending, PlaybookRun, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook
from accounts.snoozes.models import Snooze
from scoring.models import ChurnFlag, FlagLevel
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.looking import violations
from tests.conftest import MONDAY, World

pytestmark = pytest.mark.browser


def test_the_due_list_is_worked_through_by_keys(open_page: OpenPage, world: World) -> None:
    """Six keys for three actions: one is put off, one is done, one is done and comes again."""
    today, now = timezone.localdate(), timezone.now()
    first, second, again = (
        add_action(
            title=title,
            customer=world.customer,
            owner=world.owner,
            author=world.owner,
            due_on=today,
            now=now,
            **({"repeat_every": 1, "repeat_unit": "week"} if title == "Report" else {}),
        )
        for title in ("Call", "Send drawings", "Report")
    )
    page = open_page(world.owner, "/actions/")
    assert violations(page) == []
    for key, row in (("s", first), ("d", second), ("d", again)):
        page.keyboard.press("j")
        expect(page.locator(f"#action-{row.pk}")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press(key)
    expect(page.locator(".todo [data-open]").first).to_have_text("Report")
    assert violations(page) == []
    assert Snooze.objects.get().key == str(first.pk)
    left = Action.objects.filter(UNDONE).exclude(pk=first.pk).get()
    assert (left.repeats_id, (left.due_on - today).days if left.due_on else None) == (again.pk, 7)


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_one_tap_on_today_starts_a_playbook_and_the_message_takes_it_back(
    open_page: OpenPage, world: World, viewport: dict[str, int], theme: str
) -> None:
    flag = ChurnFlag.objects.create(
        customer=world.customer, level=FlagLevel.WATCH, score=40, run_id=1, opened_at=MONDAY
    )
    step = StepFacts(Words("Call the buyer"), 1, Doer.OWNER)
    facts = PlaybookFacts(Words("Look closer"), Trigger.FLAG_LEVEL, "watch", (step,))
    save_playbook(facts, by=world.admin, now=timezone.now())
    page = open_page(world.owner, "/today/", viewport=viewport, theme=theme)
    start = page.locator(f"#start-{flag.pk}")
    expect(start).to_be_visible()
    assert violations(page) == []
    start.click()
    expect(page.get_by_text("Look closer has started.")).to_be_visible()
    expect(start).to_be_hidden()
    assert Action.objects.filter(UNDONE).count() == 1
    page.get_by_role("button", name="Undo").click()
    expect(start).to_be_visible()
    assert PlaybookRun.objects.get().ending == Ending.STOPPED
    assert not Action.objects.filter(UNDONE).exists()
