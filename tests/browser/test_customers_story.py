"""The story of a list: narrowed, kept, sent to a colleague, assigned, taken back, exported as it is seen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts.customers.models import Customer
from accounts.lists.models import SavedView
from accounts.surveys.services import ensure_programme
from tests.browser import looking
from tests.browser.conftest import PHONE, OpenPage
from tests.conftest import MONDAY, World, customer_of
from tests.crm.test_customers_columns import give_state
from tests.crm.test_customers_list import current_run, give_score

pytestmark = pytest.mark.browser
COLUMNS = "score,index,lowest,sales,owner,team,stage,tags"
THUMB = 44
"""The side of what a thumb presses, in pixels."""


@pytest.fixture
def book(world: World) -> Iterator[World]:
    ensure_programme(now=MONDAY)
    run = current_run()
    names = ("Alpha Drives", "Bravo Pumps", "华星仪表")
    for place, name in enumerate(names):
        made = customer_of((world.owner, world.mate)[place % 2], name)
        Customer.objects.filter(pk=made.pk).update(tags=["fair", "east"][: place + 1])
        give_score(run, made, score=40.5 + place)
        give_state(run, made, sales=123_400.0 * (place + 1), index=(0.0, 80.0, float("nan"))[place])
    yield world
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists score_of_test_{run}, state_of_test_{run}")


def complaints(page: Page) -> list[str]:
    looking.settle(page)
    return looking.violations(page)


def shown(page: Page) -> list[str]:
    return page.locator("tbody .row-name a").all_inner_texts()


def downloaded(page: Page, press: Any) -> bytes:
    with page.expect_download() as started:
        press.click()
    return Path(started.value.path()).read_bytes()


def rows_of_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_list_is_narrowed_kept_and_sent(open_page: OpenPage, book: World) -> None:
    page = open_page(book.lead, "/customers/")
    page.keyboard.press("f")
    page.keyboard.type("alpha")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="More filters").click()
    panel = page.locator("#panel-body")
    panel.get_by_label("Tags").fill("fair")
    panel.get_by_label("Lowest grade").select_option("A-")
    panel.get_by_role("button", name="Show customers").press("Enter")
    expect(page.get_by_role("link", name="Remove the filter Lowest grade: A- or worse")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(2)
    assert complaints(page) == []
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Fairs")
    page.get_by_label("Offer it to everybody").check()
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("link", name="Fairs")).to_have_attribute("aria-current", "page")
    assert SavedView.objects.get().query == {"tag": "fair", "lowest": "A-"}
    address = page.url

    theirs = open_page(book.mate, address)
    expect(theirs.get_by_role("link", name="Fairs")).to_have_attribute("aria-current", "page")
    assert sorted(shown(page)) == ["Alpha Drives", "Bravo Pumps"]
    assert shown(theirs) == ["Bravo Pumps"]
    stranger = open_page(book.stranger, address)
    expect(stranger.get_by_text("No customer matches")).to_be_visible()


def test_rows_are_assigned_and_taken_back(open_page: OpenPage, book: World) -> None:
    page = open_page(book.lead, "/customers/?columns=owner&sort=name")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator(".chosen-count")).to_contain_text("2 chosen")
    names = shown(page)[:2]
    page.get_by_role("button", name="Change the chosen").press("Enter")
    expect(page.get_by_text("2 customers will be changed.")).to_be_visible()
    page.get_by_label("Assign to an owner").check()
    expect(page.get_by_label("Tag", exact=True)).to_be_hidden()
    assert complaints(page) == []
    before = dict(Customer.objects.filter(short_name__in=names).values_list("short_name", "owner"))
    page.locator("select[name=owner]").evaluate(
        "(select, pk) => (select.tomselect ? select.tomselect.setValue(pk) : (select.value = pk))",
        str(book.mate.pk),
    )
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("were changed.").or_(page.get_by_text("was changed.")).first).to_be_visible()
    owned = Customer.objects.filter(short_name__in=names)
    assert set(owned.values_list("owner", flat=True)) == {book.mate.pk}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert dict(owned.values_list("short_name", "owner")) == before


def test_a_file_says_what_the_screen_says_cell_by_cell(open_page: OpenPage, book: World) -> None:
    page = open_page(book.lead, f"/customers/?columns={COLUMNS}&sort=-tags")
    head = page.locator("thead th:not(.cell-choose)").all_inner_texts()
    cells = page.locator("tbody tr").evaluate_all(
        """rows => rows.map(row => [...row.cells].slice(1).map(cell =>
             (cell.querySelector("a") ?? cell).innerText.trim()))"""
    )
    lines = rows_of_csv(downloaded(page, page.get_by_role("link", name="CSV")))
    assert lines[0][3:] == [name.strip() for name in head[1:]]
    assert len(lines) == len(cells) + 1 == 5
    for line, cell in zip(lines[1:], cells, strict=True):
        assert [line[1], *line[3:]] == [plain(text) for text in cell]
    book_file = load_workbook(io.BytesIO(downloaded(page, page.get_by_role("link", name="XLSX"))))
    found = [["" if cell is None else str(cell) for cell in row] for row in book_file.active.values]
    assert [[number_or_text(cell) for cell in row] for row in found] == [
        [number_or_text(cell) for cell in row] for row in lines
    ]


def plain(text: str) -> str:
    """What stands on the screen as a file has it: no dash for nothing, no thousands, no currency."""
    if text == "–":
        return ""
    money = text.removeprefix("CN¥").replace(",", "")
    if text.startswith("CN¥"):
        return f"{float(money):.1f}"
    lines = [part for part in text.split("\n") if part]
    if len(lines) > 1:
        return ", ".join(lines)
    return (
        f"{float(text):.1f}" if text.replace(".", "").isdigit() else text.replace("fair east", "fair, east")
    )


def number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_on_a_phone_a_thumb_chooses_cards_and_takes_them_along(open_page: OpenPage, book: World) -> None:
    page = open_page(book.lead, "/customers/?sort=name", viewport=PHONE)
    boxes = page.locator("tbody input[name=chosen]")
    names = shown(page)
    for place in (0, 2):
        box = boxes.nth(place)
        area = box.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= THUMB
        box.click(position={"x": 3, "y": THUMB / 2})
        expect(box).to_be_checked()
    expect(page.locator(".chosen-count")).to_contain_text("2 chosen")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert complaints(page) == []
    lines = rows_of_csv(downloaded(page, page.get_by_role("button", name="Export the chosen as CSV")))
    assert [line[1] for line in lines[1:]] == [names[0], names[2]]
    # The row's link is not under the box.
    page.locator("tbody .row-name a").first.click(trial=True)


def test_rows_are_walked_and_opened_by_keys(open_page: OpenPage, world: World) -> None:
    customer_of(world.mate, "Alpha Drives")
    page = open_page(world.lead, "/customers/?sort=name")
    names = shown(page)
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    expect(page.locator("tbody .row-name a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(names[1])
