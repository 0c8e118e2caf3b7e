"""The keyboard on Today: the focus goes from row to row, also when the row that held it goes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scoring.models import ChurnFlag, FlagLevel
from tests.browser.conftest import OpenPage
from tests.conftest import MONDAY, World, customer_of

pytestmark = pytest.mark.browser


@pytest.fixture
def rows(world: World) -> list[str]:
    """Ids of the links of four flagged customers, from top to bottom."""
    flags = [
        ChurnFlag.objects.create(
            customer=customer_of(world.owner, f"Customer {number}"),
            level=FlagLevel.WATCH,
            score=40 - number,
            run_id=1,
            opened_at=MONDAY,
        )
        for number in range(4)
    ]
    return [f"flag-{flag.pk}" for flag in flags]


def swapped(page: Page, count: int) -> None:
    expect(page.locator("#today .todo-section .todo")).to_have_count(count)


def test_the_focus_goes_on_when_a_row_is_put_off_or_acknowledged(
    open_page: OpenPage, world: World, rows: list[str]
) -> None:
    page = open_page(world.owner, "/today/")
    first, second, third, fourth = (page.locator(f"#{row}") for row in rows)
    for _ in range(4):
        page.keyboard.press("j")
    expect(fourth).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("k")
    expect(second).to_be_focused()
    page.keyboard.press("z")
    swapped(page, 3)
    expect(third).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("z")
    swapped(page, 2)
    expect(third).to_be_focused()
    page.locator(f"#acknowledge-{rows[0].removeprefix('flag-')}").click()
    swapped(page, 1)
    expect(third).to_be_focused()
    page.keyboard.press("z")
    swapped(page, 0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(first).to_be_hidden()
