"""The day's work without a mouse: from Today to a corrective action, from a list to a follow-up."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.interactions.models import Interaction
from accounts.surveys.models import CaseState
from tests.accounts.surveys.office import Office, office_of
from tests.browser.conftest import OpenPage
from tests.conftest import PASSWORD, World

pytestmark = pytest.mark.browser

MOST_STOPS = 60


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    found.say(found.chen, delivery="D", comment="Late again")
    return found


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, as somebody must who has no mouse."""
    for _ in range(MOST_STOPS):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{wanted} was not reached by {MOST_STOPS} stops")


def test_somebody_logs_in_and_takes_a_corrective_action_from_today_to_its_plan(
    open_page: OpenPage, office: Office
) -> None:
    page = open_page(None, "/accounts/login/")
    tab_to(page, page.get_by_label("E-mail"))
    page.keyboard.type(office.world.manager.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()

    page.keyboard.press("j")
    expect(page.locator("[data-row] [data-open]").first).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Acknowledge"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{office.case().pk}")
    page.keyboard.press("p")
    expect(page.locator("#plan-comment")).to_be_focused()
    page.keyboard.type("Two slots a week.")
    tab_to(page, page.locator("#plan-solve_by"))
    day = timezone.now().date() + dt.timedelta(days=9)
    page.keyboard.type(f"{day:%m%d%Y}")
    page.keyboard.press("Enter")
    expect(page.locator(".case-standing")).to_contain_text("Planned")
    assert office.case().state == CaseState.PLANNED
    assert office.case().solve_by == day
    page.go_back()


def test_somebody_finds_a_customer_logs_a_talk_and_sets_a_follow_up(
    open_page: OpenPage, office: Office
) -> None:
    page = open_page(office.world.owner, "/customers/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{office.world.customer.pk}")
    page.keyboard.press("l")
    form = page.locator("#quick-log form")
    expect(form).to_be_visible()
    expect(form.locator(":focus")).to_have_count(1)
    tab_to(page, form.get_by_label("Summary"))
    page.keyboard.type("Talked about the delivery.")
    tab_to(page, form.locator("[name=follow_up_on]"))
    day = timezone.now().date() + dt.timedelta(days=3)
    page.keyboard.type(f"{day:%d.%m.}")
    tab_to(page, form.get_by_role("button", name="Save"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Talked about the delivery.")
    assert Interaction.objects.get().follow_up_on == day


def test_somebody_opens_a_customer_from_the_search_of_any_page(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.owner, "/today/")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Search and commands").get_by_role("combobox")).to_be_focused()
    page.keyboard.type("huaxing")
    expect(page.get_by_role("option").first).to_contain_text("Huaxing Electronics")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{office.world.customer.pk}")
    expect(page.get_by_role("heading", level=1, name="Huaxing Electronics")).to_be_visible()


def test_somebody_narrows_the_projects_and_opens_one(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/projects/")
    row = page.locator("[data-row] [data-open]")
    expect(row).to_have_count(1)
    search = page.get_by_label("Project, customer or manager")
    tab_to(page, search)
    page.keyboard.type("nothing of that name")
    expect(page.get_by_role("heading", name="No project matches")).to_be_visible()
    expect(search).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("huaxing")
    expect(row).to_have_count(1)
    tab_to(page, row)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/projects/{office.project.pk}")


def test_the_first_stop_leads_past_the_frame(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.owner, "/customers/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize("address", ["/today/", "/customers/", "/satisfaction/", "/cases/", "/notices/"])
def test_a_question_mark_tells_every_key_of_the_page(
    open_page: OpenPage, office: Office, address: str
) -> None:
    page = open_page(office.world.manager, address)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    told = set(keys.locator("kbd").all_inner_texts())
    pressed = """[...document.querySelectorAll("[data-key], [data-row-key]")]
        .map(each => each.dataset.key ?? each.dataset.rowKey)"""
    assert {"/", "j", "k", "?", "Enter"} <= told
    assert set(page.evaluate(pressed)) <= told


def stays_within(page: Page, dialog: Locator) -> None:
    """Tab, both ways and more often than there are stops, reaches nothing else of the page."""
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        # Between the last stop and the first lies the browser's own bar, which is nothing of the page.
        inside = "each => each.contains(document.activeElement) || document.activeElement === document.body"
        assert dialog.evaluate(inside)


def has_focus_again(page: Page, wanted: Locator) -> None:
    """Also while the browser's own bar is where the keys go."""
    page.wait_for_function("each => each === document.activeElement", arg=wanted.element_handle())


def test_dialogs_keep_the_focus_and_give_it_back(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, "/satisfaction/")
    page.keyboard.press("j")
    row = page.locator("[data-row] [data-open]").first
    expect(row).to_be_focused()
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    stays_within(page, keys)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    has_focus_again(page, row)
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Grades by week")).to_be_visible()
    stays_within(page, panel)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    has_focus_again(page, row)


def test_a_question_before_a_deletion_is_answered_by_keys(open_page: OpenPage, world: World) -> None:
    page = open_page(world.admin, "/people/")
    person = world.stranger
    page.goto(f"/people/{person.pk}")
    ask = page.get_by_role("button", name="Deactivate")
    tab_to(page, ask)
    page.keyboard.press("Enter")
    question = page.get_by_role("alertdialog")
    expect(question).to_be_visible()
    stays_within(page, question)
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    has_focus_again(page, ask)
    person.refresh_from_db()
    assert person.is_active
