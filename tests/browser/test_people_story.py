"""The customer's page and its people, as an account manager and a colleague meet them: two windows over one
fact, the timeline by kind, somebody who leaves, somebody who moves, and all of it on a phone."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.contacts.models import Attitude, Contact, ContactMove, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer
from accounts.needs.models import NeedAbout
from accounts.needs.services import NeedFacts, add_need
from accounts.orders.services import OrderFacts, add_order
from accounts.surveys.models import Respondent
from tests.accounts.surveys.office import office_of
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.looking import layout, settle, violations
from tests.conftest import MONDAY, World, customer_of
from tests.crm.links import keep_open, link_of

pytestmark = pytest.mark.browser


def person(world: World, name: str, level: Level, above: Contact | None = None, email: str = "") -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=level,
        reports_to=above,
        email=email,
        author=world.owner,
        now=MONDAY,
    )


def looks_right(page: Page) -> None:
    # Where bars that stay cover half of a box, axe takes it for a box too small to hit.
    page.evaluate("scrollTo(0, 0)")
    settle(page)
    assert violations(page) == []
    assert layout(page) == []


def open_fact(page: Page, field: str) -> None:
    page.locator(f"#facts a[href$='/facts/{field}']").focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_two_windows_over_one_fact_of_a_customer_show_both_and_another_fact_is_merged(
    open_page: OpenPage, world: World, viewport: dict[str, int]
) -> None:
    address = f"/customers/{world.customer.pk}"
    mine = open_page(world.owner, address, viewport=viewport, expected_status=422)
    theirs = open_page(world.lead, address)
    open_fact(mine, "employees")
    open_fact(theirs, "employees")
    theirs.locator("#facts input[name=employees]").fill("41")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#facts")).to_contain_text("41")

    mine.locator("#facts input[name=employees]").fill("40")
    mine.keyboard.press("Enter")
    stored = mine.locator("#facts [role=alert]").filter(has_text="Stored now")
    expect(stored).to_contain_text("41")
    expect(mine.locator("#facts input[name=employees]")).to_have_value("40")
    looks_right(mine)
    assert Customer.objects.get(pk=world.customer.pk).employees == 41
    mine.get_by_role("button", name="Save mine").click()
    expect(mine.get_by_role("button", name="Undo")).to_be_visible()
    assert Customer.objects.get(pk=world.customer.pk).employees == 40

    open_fact(theirs, "legal_name")
    theirs.locator("#facts input[name=legal_name]").fill("Huaxing Holding")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#facts")).to_contain_text("Huaxing Holding")
    now = Customer.objects.get(pk=world.customer.pk)
    assert (now.employees, now.legal_name) == (40, "Huaxing Holding")


def test_two_windows_over_one_fact_of_a_contact_and_what_is_stored_can_stay(
    open_page: OpenPage, world: World
) -> None:
    chen = person(world, "Chen", Level.MANAGEMENT)
    mine = open_page(world.owner, f"/contacts/{chen.pk}", expected_status=422)
    theirs = open_page(world.lead, f"/contacts/{chen.pk}")
    open_fact(mine, "attitude")
    open_fact(theirs, "attitude")
    theirs.locator("#facts select[name=attitude]").select_option("opponent")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_role("button", name="Undo")).to_be_visible()
    mine.locator("#facts select[name=attitude]").select_option("supporter")
    mine.get_by_role("button", name="Save").click()
    expect(mine.locator("#facts [role=alert]").filter(has_text="Stored now")).to_contain_text("Opponent")
    looks_right(mine)
    mine.get_by_role("link", name="Keep what is stored").click()
    expect(mine.locator("#facts")).to_contain_text("Opponent")
    assert Contact.objects.get(pk=chen.pk).attitude == Attitude.OPPONENT


def test_the_timeline_is_narrowed_to_needs_scrolled_and_read_without_scripts(
    open_page: OpenPage, world: World
) -> None:
    for number in range(25):
        day = MONDAY.date()
        facts = NeedFacts(
            title=f"Need {number}", about=NeedAbout.PRICE, raised_on=day, owner_id=world.owner.pk
        )
        add_need(customer=world.customer, facts=facts, author=world.owner, now=MONDAY)
        order = OrderFacts(ordered_on=day, amount_minor=100, currency="CNY", number=f"PO-{number}")
        add_order(customer=world.customer, facts=order, now=MONDAY)
    page = open_page(world.owner, f"/customers/{world.customer.pk}", viewport=PHONE)
    entries = page.locator("#events > .event")
    expect(entries).to_have_count(20)
    page.get_by_label("Needs", exact=True).check()
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?kind=needs")
    expect(entries.filter(has_text="PO-")).to_have_count(0)
    page.locator("#older-events").scroll_into_view_if_needed()
    expect(entries).to_have_count(25)
    looks_right(page)

    bare = open_page(world.owner, f"/customers/{world.customer.pk}?kind=needs", scripts=False)
    bare.get_by_role("link", name="Show older entries").click()
    expect(bare.locator("#events > .event")).to_have_count(5)
    expect(bare.get_by_label("Needs", exact=True)).to_be_checked()


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_who_leaves_hands_over_reports_and_surveys_and_the_link_says_so(
    open_page: OpenPage, world: World, viewport: dict[str, int]
) -> None:
    office = office_of(world)
    office.invite()
    keep_open()
    ann = person(world, "Ann", Level.SPECIALIST, above=office.chen, email="ann@huaxing.test")
    link = link_of(office, office.chen)
    page = open_page(world.owner, f"/contacts/{office.chen.pk}", viewport=viewport)
    page.get_by_role("link", name="Mark as having left").click()
    looks_right(page)
    page.locator("select[name=successor]").select_option(str(office.li.pk), force=True)
    page.locator("select[name=instead]").select_option(str(ann.pk), force=True)
    page.get_by_role("button", name="Mark as having left").click()
    expect(page.get_by_text("is asked from the next letter on")).to_be_visible()
    expect(page.get_by_text("Now with Li")).to_be_visible()
    looks_right(page)
    assert Contact.objects.get(pk=ann.pk).reports_to == office.li
    assert Respondent.objects.filter(contact=ann, project=office.project).exists()

    letter = open_page(None, link, viewport=PHONE, expected_status=410)
    expect(letter.get_by_role("heading", level=1)).to_have_text("We ask your former colleagues now")
    looks_right(letter)

    page.get_by_role("button", name="Undo: still there").click()
    expect(page.get_by_role("button", name="Undo: still there")).to_have_count(0)
    assert Contact.objects.get(pk=ann.pk).reports_to == office.chen
    assert Contact.objects.get(pk=office.chen.pk).left_on is None


def test_who_moves_to_another_customer_is_followed(open_page: OpenPage, world: World) -> None:
    other = customer_of(world.owner, "Delmar Robotics")
    chen = person(world, "Chen", Level.MANAGEMENT)
    page = open_page(world.owner, f"/contacts/{chen.pk}/left", viewport=PHONE)
    page.get_by_role("link", name="Works for another customer of ours now").click()
    looks_right(page)
    page.locator("#id_to-ts-control").press_sequentially("Delm")
    page.get_by_role("option", name="Delmar Robotics").click()
    page.locator("input[name=left_on]").fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("Chen works for Delmar Robotics now.")).to_be_visible()
    later = ContactMove.objects.get(earlier=chen).later
    assert later.customer == other
    expect(page).to_have_url(f"{page.url.rpartition('/')[0]}/{later.pk}")
    looks_right(page)
    page.get_by_role("link", name=world.customer.short_name).click()
    expect(page.get_by_role("note")).to_contain_text("Left the company on")


def test_forty_people_are_found_by_their_level_on_a_phone(open_page: OpenPage, world: World) -> None:
    boss = person(world, "Boss", Level.EXECUTIVE)
    for number in range(39):
        level = list(Level)[1 + number % 3]
        person(world, f"Person {number}", level, boss if number % 2 else None)
    page = open_page(world.owner, f"/customers/{world.customer.pk}/people", viewport=PHONE)
    looks_right(page)
    page.get_by_role("navigation", name="Organisational levels").get_by_role(
        "link", name="Operational level 13"
    ).click()
    expect(page.get_by_role("heading", name="Operational level")).to_be_in_viewport()
