"""A corrective action with the keyboard alone, with an impatient mouse, and to a screen reader."""

from __future__ import annotations

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.surveys.models import CaseEvent, CaseInteraction, ConfirmationRequest
from accounts.surveys.services import acknowledge_case, issue_confirmation_token
from crm.queries.case_work import OFFERED
from tests.accounts.surveys.office import DAY, DUE, HOUR, Office, office_of
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.conftest import World

pytestmark = pytest.mark.browser


@pytest.fixture
def office(world: World) -> Office:
    found = office_of(world)
    found.invite()
    found.say(found.chen, delivery="D", comment="Late again.")
    return found


def test_it_is_acknowledged_planned_and_taken_further_without_a_mouse(
    open_page: OpenPage, office: Office
) -> None:
    page = open_page(office.world.manager, f"/cases/{office.case().pk}")
    state = page.locator(".case-standing")
    expect(page.get_by_role("button", name="Acknowledge")).to_be_focused()
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Acknowledged")
    page.keyboard.press("p")
    expect(page.locator("#plan-comment")).to_be_focused()
    page.keyboard.type("Two slots a week.")
    page.locator("#plan-solve_by").fill((dt.datetime.now(tz=dt.UTC).date() + 30 * DAY).isoformat())
    page.locator("#plan-solve_by").press("Enter")
    expect(state).to_contain_text("Planned")
    page.keyboard.press("c")
    comment = page.locator("#comment-comment")
    expect(comment).to_be_focused()
    page.keyboard.type("Mr Chen agrees.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#log")).to_contain_text("Mr Chen agrees.")
    page.keyboard.press("a")
    expect(page.locator(".case-assign select, .case-assign input[role=combobox]").last).to_be_focused()
    page.keyboard.press("Escape")
    kinds = CaseEvent.objects.filter(case=office.case()).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["opened", "acknowledged", "planned", "commented"]


def test_an_older_talk_is_found_and_linked_without_a_mouse(open_page: OpenPage, office: Office) -> None:
    now = dt.datetime.now(dt.UTC)
    for number in range(OFFERED + 2):
        facts = InteractionFacts(
            kind=InteractionKind.CALL, started_at=now - number * DAY, summary=f"Call number {number}"
        )
        log_interaction(
            customer=office.world.customer,
            facts=facts,
            contacts=[],
            users=[],
            author=office.world.manager,
            now=now,
        )
    page = open_page(office.world.manager, f"/cases/{office.case().pk}")
    page.get_by_text("Link one that is logged").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(f"number {OFFERED + 1}")
    expect(page.locator("#link-interaction option")).to_have_count(1)
    expect(page.locator("#talk")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".case-talk")).to_contain_text(f"Call number {OFFERED + 1}")
    assert CaseInteraction.objects.get().case == office.case()


def test_a_double_click_saves_once(open_page: OpenPage, office: Office) -> None:
    page = open_page(office.world.manager, f"/cases/{office.case().pk}")
    page.fill("#comment-comment", "Called, nobody there.")
    page.get_by_role("button", name="Save the comment").dblclick()
    expect(page.locator("#log")).to_contain_text("Called, nobody there.")
    assert CaseEvent.objects.filter(kind="commented").count() == 1


def test_from_the_complaint_to_the_customers_word_and_what_prevents_it(
    open_page: OpenPage, office: Office
) -> None:
    case, manager = office.case(), office.world.manager
    acknowledge_case(case, by=manager, now=DUE + 2 * HOUR)
    page = open_page(manager, f"/cases/{case.pk}?do=step")
    page.get_by_text("Corrected", exact=True).last.click()
    page.fill("#step-comment", "A second truck drives.")
    page.get_by_role("button", name="Save the step").click()
    expect(page.locator(".case-standing")).to_contain_text("Corrected")
    page.keyboard.press("t")
    page.get_by_label("What is to be done").fill("Extend the contract")
    page.get_by_role("button", name="Save the action").click()
    expect(page.locator(".todo")).to_contain_text("Extend the contract")
    page.locator(".todo").get_by_role("button", name="Done").click()
    expect(page.locator(".todo-done")).to_contain_text("Extend the contract")
    page.get_by_label("What we did, for the customer to read").fill("We send two trucks now.")
    page.get_by_role("button", name="Ask the customer").click()
    expect(page.locator(".case-asked")).to_contain_text("Chen")
    request = ConfirmationRequest.objects.get()
    link = issue_confirmation_token(request, now=dt.datetime.now(tz=dt.UTC))
    his = open_page(None, f"/s/c/{link}")
    expect(his.locator("main")).to_contain_text("We send two trucks now.")
    assert office.case().is_open
    his.get_by_role("button", name="It is solved").click()
    his.wait_for_load_state()
    page.reload()
    expect(page.locator(".case-standing")).to_contain_text("Confirmed by the customer")
    page.get_by_role("textbox", name="What keeps it from coming again").fill("Two carriers by contract.")
    page.get_by_role("button", name="Save the prevention").click()
    page.get_by_role("link", name="8D report").click()
    expect(page.locator("article")).to_contain_text("Two carriers by contract.")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    document = page.pdf(prefer_css_page_size=True)
    # A4 in points: the paper says how large it is.
    assert b"/MediaBox [0 0 594" in document or b"/MediaBox [0 0 595" in document
    page.emulate_media(media="print")
    assert "Print" not in page.locator("body").inner_text()


@pytest.mark.parametrize(("viewport", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_page_and_list_are_accessible_and_fit(
    open_page: OpenPage, office: Office, viewport: dict[str, int], theme: str
) -> None:
    office.say(office.li, at=DUE + HOUR, quality="C")
    addresses = ("/cases/", "/cases/board", "/cases/figures", f"/cases/{office.case().pk}?do=plan")
    page = open_page(office.world.manager, viewport=viewport, theme=theme)
    for address in (*addresses, f"/cases/{office.case().pk}", f"/cases/{office.case().pk}/report"):
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        assert [violation["id"] for violation in violations] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
