"""A contact's facts edited where they stand: merged with other fields, in conflict over the same one."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.contacts.models import Attitude, Contact, ContactAttitude, DecisionRole, Level
from accounts.contacts.services import change_contact, create_contact
from crm.forms.contacts import FACTS
from tests.conftest import MONDAY, World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


@pytest.fixture
def li(world: World) -> Contact:
    return create_contact(
        customer=world.customer, name="Li Na", level=Level.SPECIALIST, author=world.owner, now=MONDAY
    )


def stored(person: Contact) -> Contact:
    return Contact.objects.get(pk=person.pk)


def other_changes(world: World, person: Contact, **changes: object) -> None:
    change_contact(
        person,
        expected_version=stored(person).version,
        changes=changes,  # type: ignore[arg-type]
        author=world.lead,
        now=MONDAY,
    )


def test_two_people_who_edit_different_facts_both_win(owner: Client, world: World, li: Contact) -> None:
    other_changes(world, li, department="Purchasing")
    answer = owner.post(f"/contacts/{li.pk}/facts/title", {"title": "CTO", "version": 1})
    assert answer.headers["Location"] == f"/contacts/{li.pk}"
    assert (stored(li).title, stored(li).department) == ("CTO", "Purchasing")


def test_two_people_who_edit_the_same_fact_see_both_and_choose(
    owner: Client, world: World, li: Contact
) -> None:
    other_changes(world, li, attitude=Attitude.OPPONENT)
    address = f"/contacts/{li.pk}/facts/attitude"
    refused = owner.post(address, {"attitude": "supporter", "version": 1}, headers=HTMX)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert stored(li).attitude == Attitude.OPPONENT
    assert [row.stored for row in refused.context["form"].differences] == ["Opponent"]
    assert '<option value="supporter" selected>' in page
    version = refused.context["form"]["version"].value()
    again = owner.post(address, {"attitude": "supporter", "version": version}, headers=HTMX)
    assert again.headers["HX-Redirect"] == f"/contacts/{li.pk}"
    assert stored(li).attitude == Attitude.SUPPORTER


def test_attitude_and_role_are_dated_with_who_said_so(owner: Client, world: World, li: Contact) -> None:
    owner.post(f"/contacts/{li.pk}/facts/decision_role", {"decision_role": "buyer", "version": 1})
    latest = ContactAttitude.objects.filter(contact=li).latest("pk")
    assert (latest.decision_role, latest.author) == (DecisionRole.BUYER, world.owner)


def test_a_loop_is_refused_at_the_field_and_says_why(owner: Client, world: World, li: Contact) -> None:
    low = create_contact(
        customer=world.customer, name="Low", level=Level.SPECIALIST, reports_to=li, author=None, now=MONDAY
    )
    answer = owner.post(f"/contacts/{li.pk}/facts/reports_to", {"reports_to": low.pk, "version": 1})
    assert answer.status_code == 422
    assert "Nobody can report to one of their own reports." in answer.content.decode()
    assert stored(li).reports_to is None


def test_what_was_saved_is_undone_by_the_form_in_the_message(
    owner: Client, world: World, li: Contact
) -> None:
    for field, typed in (("opted_out", {"opted_out": "on"}), ("title", {"title": "CTO"})):
        address = f"/contacts/{li.pk}/facts/{field}"
        before = getattr(stored(li), field)
        saved = owner.post(address, typed | {"version": stored(li).version})
        assert getattr(stored(li), field) != before
        said = str(list(get_messages(saved.wsgi_request))[-1])
        assert f'action="{address}"' in said
        assert f'name="{field}" value=""' in said
        owner.post(address, {field: "", "version": stored(li).version})
        assert getattr(stored(li), field) == before


def test_an_address_that_a_colleague_has_is_asked_about_once(
    owner: Client, world: World, li: Contact
) -> None:
    create_contact(
        customer=world.customer,
        name="Chen",
        email="office@huaxing.test",
        level=Level.SPECIALIST,
        author=None,
        now=MONDAY,
    )
    form = {"email": "office@huaxing.test", "version": 1}
    warned = owner.post(f"/contacts/{li.pk}/facts/email", form, headers=HTMX)
    assert warned.status_code == 422
    assert 'name="shared_email" value="office@huaxing.test"' in warned.content.decode()
    owner.post(f"/contacts/{li.pk}/facts/email", form | {"shared_email": "office@huaxing.test"})
    assert stored(li).email == "office@huaxing.test"


def test_every_fact_has_a_pencil_a_form_in_its_place_and_a_page(owner: Client, li: Contact) -> None:
    page = owner.get(f"/contacts/{li.pk}").content.decode()
    for field in FACTS:
        address = f"/contacts/{li.pk}/facts/{field}"
        assert f'hx-get="{address}"' in page
        fragment = owner.get(address, headers=HTMX).content.decode()
        assert f'name="{field}"' in fragment
        assert "<html" not in fragment
        assert "<html" in owner.get(address).content.decode()
    assert owner.get(f"/contacts/{li.pk}/facts/version").status_code == 404
    assert owner.get(f"/contacts/{li.pk}/facts/left_on").status_code == 404


def test_who_may_not_change_a_contact_has_no_pencil(client: Client, world: World, li: Contact) -> None:
    client.force_login(world.executive)
    assert "/facts/" not in client.get(f"/contacts/{li.pk}").content.decode()
    assert client.get(f"/contacts/{li.pk}/facts/title").status_code == 403
    client.force_login(world.stranger)
    answer = client.post(f"/contacts/{li.pk}/facts/title", {"title": "CTO", "version": 1})
    assert (answer.status_code, stored(li).title) == (404, "")


def test_no_heading_stands_over_nothing(owner: Client, world: World, li: Contact) -> None:
    ContactAttitude.objects.filter(contact=li).delete()
    page = owner.get(f"/contacts/{li.pk}").content.decode()
    assert "Attitude over time" not in page
    assert "Level over time" in page
