"""The project manager's Monday: the board by keyboard, the meeting, its minutes, the file and the paper."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts.actions.models import Action
from accounts.surveys.models import MeetingDecision, ReviewMeeting, ReviewNote, WeekReview
from accounts.surveys.services import make_invitations, name_respondent
from tests.accounts.surveys.office import DUE, WEEK, Office, office_of, project_of
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import layout, settle, structure, violations
from tests.conftest import MONDAY, PASSWORD, World

pytestmark = pytest.mark.browser
PROJECTS = ("Line 4", "Line 5", "Line 6")


@pytest.fixture
def office(world: World) -> Office:
    """Three projects: Line 5 fell to D, Line 6 to C, Line 4 is well."""
    found = office_of(world)
    found.invite()
    found.say(found.chen, delivery="A", quality="A")
    for name, letter in (("Line 5", "D"), ("Line 6", "C")):
        project = project_of(world, name)
        name_respondent(project=project, contact=found.chen, author=None, now=MONDAY)
        make_invitations(WEEK, now=DUE)
        there = Office(world, found.version, project, found.chen, found.li)
        there.say(found.chen, delivery=letter, comment=f"{name} is late again")
    return found


def log_in(page: Page, office: Office) -> None:
    page.fill("[name=login]", office.world.manager.email)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/today/")


def test_monday(open_page: OpenPage, office: Office, tmp_path: Path) -> None:
    page = open_page(None, "/accounts/login/")
    log_in(page, office)
    page.get_by_role("link", name="Satisfaction").first.click()
    page.wait_for_url("**/satisfaction/")
    _reviews_by_keyboard(page, office)
    _goes_through_the_meeting(page)
    _finishes_the_minutes(page)
    _takes_it_away(page, office)


def _reviews_by_keyboard(page: Page, office: Office) -> None:
    worst = page.get_by_role("link", name="Line 5")
    page.keyboard.press("j")
    expect(worst).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Grades by week")).to_be_visible()
    expect(panel.locator(".offcanvas-title")).to_have_text("Line 5")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(worst).to_be_focused()
    page.keyboard.press("c")
    note = panel.get_by_label("Note for ourselves")
    expect(note).to_be_focused()
    note.type("The carrier was changed without a word")
    panel.get_by_role("button", name="Save the note").click()
    expect(worst).to_be_focused()
    assert ReviewNote.objects.get().project.name == "Line 5"
    page.keyboard.press("a")
    panel.get_by_label("Who answers for On-time delivery").select_option(label="Owner")
    panel.get_by_role("button", name="Assign", exact=True).click()
    expect(worst).to_be_focused()
    assert office.world.owner.cases.get().project.name == "Line 5"
    page.keyboard.press("r")
    pressed = page.locator('button[form="unmark"]')
    expect(pressed).to_have_count(1)
    expect(worst).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(pressed).to_have_count(2)
    page.keyboard.press("r")
    expect(pressed).to_have_count(1)
    assert WeekReview.objects.get().project.name == "Line 5"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Reviewed, and once more: not reviewed")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def _goes_through_the_meeting(page: Page) -> None:
    page.keyboard.press("m")
    page.get_by_role("button", name="Hold the meeting about 2026-W10").click()
    page.get_by_role("link", name="Meeting mode").click()
    heading, seen = page.locator("#main h1"), []
    for name in ("Line 5", "Line 6", "Line 4"):
        expect(heading).to_have_text(name)
        seen.append(name)
        if name == "Line 6":
            page.get_by_label("Decision", exact=True).fill("We keep the carrier")
            page.get_by_role("button", name="Add the decision").click()
            expect(page.locator("#main")).to_contain_text("decided by Manager")
            page.get_by_label("What is to be done").fill("Call the carrier")
            page.get_by_role("button", name="Add the action").click()
            expect(page.get_by_role("link", name="Call the carrier")).to_be_visible()
            page.locator("#main h1").click()
        page.keyboard.press("ArrowRight")
    assert sorted(seen) == sorted(PROJECTS)
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("Line 6")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Meeting about 2026-W10")).to_be_visible()
    assert MeetingDecision.objects.get().project.name == Action.objects.get().project.name == "Line 6"


def _finishes_the_minutes(page: Page) -> None:
    page.get_by_label("Notes").fill("Short and calm.")
    page.get_by_role("button", name="Save the minutes").click()
    expect(page.locator(".toast")).to_contain_text("Minutes saved.")
    page.get_by_role("button", name="Finish the minutes").click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    meeting = ReviewMeeting.objects.get()
    assert (meeting.notes, meeting.closed_at is not None) == ("Short and calm.", True)


def _takes_it_away(page: Page, office: Office) -> None:
    """The workbook and the paper say what the screen said."""
    page.goto("/satisfaction/")
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    head, *rows = book["Board"].values
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["Project"], row["On-time delivery"], row["Reviewed"]) for row in told] == [
        ("Line 5", "D", "yes"),
        ("Line 6", "C", None),
        ("Line 4", "A", None),
    ]
    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("heading", name="Satisfaction, week 10 of 2026")).to_be_visible()
    page.emulate_media(media="print")
    paper = page.locator("body").inner_text()
    for text in (*PROJECTS, "Line 5 is late again", "The carrier was changed without a word", "Manager"):
        assert text in paper
    assert "Search" not in paper
    document = page.pdf(prefer_css_page_size=True)
    assert document.startswith(b"%PDF")
    # A4 landscape in points; a page is as wide as it is said to be.
    assert b"/MediaBox [0 0 841" in document or b"/MediaBox [0 0 842" in document
    assert len(document) > 10_000


def test_without_a_script_every_step_is_a_page(office: Office) -> None:
    client = Client()
    client.force_login(office.world.manager)
    board = client.get("/satisfaction/").content.decode()
    project = office.project.pk
    for address in (
        f"/projects/{project}/satisfaction?week=2026-W10",
        f"/satisfaction/open?week=2026-W10&note={project}",
        f"/satisfaction/open?week=2026-W10&assign={project}",
        f"/satisfaction/open?week=2026-W10&cell={project}.0",
    ):
        assert "<html" in client.get(address).content.decode()
    assert 'action="/satisfaction/reviewed"' in board


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
def test_the_pages_of_the_meeting_can_be_seen_and_used(
    open_page: OpenPage, office: Office, theme: str, viewport: dict[str, int] | None
) -> None:
    options = {"theme": theme} | ({"viewport": viewport} if viewport else {})
    page = open_page(office.world.manager, "/satisfaction/meetings/?week=2026-W10", **options)
    page.get_by_role("button", name="Hold the meeting").click()
    address = page.url.removeprefix(page.evaluate("location.origin"))
    for path in (address, f"{address}/mode", "/satisfaction/meetings/", "/satisfaction/print"):
        page.goto(path)
        settle(page)
        assert structure(page) + layout(page) + violations(page) == [], path
