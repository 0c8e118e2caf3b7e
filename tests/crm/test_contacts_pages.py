"""Pages about contacts."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.contacts.models import Attitude, Contact, Level
from accounts.contacts.services import change_contact, create_contact
from accounts.customers.models import Customer
from accounts.projects.services import create_project
from accounts.users.models import User
from tests.conftest import MONDAY, World


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    client.force_login(world.owner)
    return client


def contact(world: World, name: str, customer: Customer | None = None) -> Contact:
    return create_contact(
        customer=customer or world.customer, name=name, level=Level.SPECIALIST, author=None, now=MONDAY
    )


def typed(**values: object) -> dict[str, object]:
    present = {
        "name": "Li Na",
        "level": "specialist",
        "attitude": "neutral",
        "language": "en",
        "time_zone": "UTC",
    }
    return present | values


def test_a_contact_is_added_with_superior_and_counterpart(owner: Client, world: World) -> None:
    boss = contact(world, "Boss")
    form = typed(name="单国强", reports_to=boss.pk, counterpart=world.owner.pk, decision_role="buyer")
    answer = owner.post(f"/customers/{world.customer.pk}/contacts/new", form)
    added = Contact.objects.get(name="单国强")
    assert answer.headers["Location"] == f"/customers/{world.customer.pk}/people"
    assert (added.reports_to, added.counterpart, added.decision_role) == (boss, world.owner, "buyer")


def test_a_name_with_markup_is_shown_as_text(owner: Client, world: World) -> None:
    person = contact(world, "<img src=x onerror=alert(1)>")
    for address in (f"/contacts/{person.pk}", f"/customers/{world.customer.pk}/people"):
        page = owner.get(address).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_reports_to_offers_and_takes_the_customers_own_people_only(owner: Client, world: World) -> None:
    foreigner = contact(world, "Foreigner", world.foreign)
    page = owner.get(f"/customers/{world.customer.pk}/contacts/new")
    assert "Foreigner" not in page.content.decode()
    answer = owner.post(f"/customers/{world.customer.pk}/contacts/new", typed(reports_to=foreigner.pk))
    assert answer.status_code == 422
    assert not Contact.objects.filter(customer=world.customer).exists()


def test_a_loop_is_refused_at_the_field(owner: Client, world: World) -> None:
    top, bottom = contact(world, "Top"), contact(world, "Bottom")
    change_contact(bottom, expected_version=1, changes={"reports_to": top}, author=None, now=MONDAY)
    answer = owner.post(
        f"/contacts/{top.pk}/edit", typed(name="Top", reports_to=bottom.pk, version=top.version)
    )
    assert answer.status_code == 422
    assert "reports_to" in answer.context["form"].errors
    assert Contact.objects.get(pk=top.pk).reports_to is None


def test_two_people_who_edit_at_once_do_not_overwrite_each_other(owner: Client, world: World) -> None:
    li = contact(world, "Li Na")
    change_contact(
        li, expected_version=1, changes={"attitude": Attitude.OPPONENT}, author=world.lead, now=MONDAY
    )
    answer = owner.post(f"/contacts/{li.pk}/edit", typed(title="CTO", version=1))
    stored = Contact.objects.get(pk=li.pk)
    assert answer.status_code == 422
    assert (stored.title, stored.attitude) == ("", Attitude.OPPONENT)
    assert ("Attitude", "Opponent") in [(row.label, row.stored) for row in answer.context["form"].differences]


def test_leaving_the_company_can_be_undone(owner: Client, world: World) -> None:
    li = contact(world, "Li Na")
    owner.post(f"/contacts/{li.pk}/left", {"left_on": "2026-03-01"})
    assert str(Contact.objects.get(pk=li.pk).left_on) == "2026-03-01"
    assert "Undo" in owner.get(f"/contacts/{li.pk}").content.decode()
    owner.post(f"/contacts/{li.pk}/back")
    assert Contact.objects.get(pk=li.pk).left_on is None


def test_an_unreadable_date_of_leaving_changes_nothing(owner: Client, world: World) -> None:
    li = contact(world, "Li Na")
    answer = owner.post(f"/contacts/{li.pk}/left", {"left_on": "soon"})
    assert answer.status_code == 422
    assert "left_on" in answer.context["form"].errors
    assert Contact.objects.get(pk=li.pk).left_on is None


def test_a_date_of_leaving_in_the_future_changes_nothing(owner: Client, world: World) -> None:
    li = contact(world, "Li Na")
    answer = owner.post(f"/contacts/{li.pk}/left", {"left_on": "2999-03-01"})
    assert "This date lies in the future." in answer.content.decode()
    assert Contact.objects.get(pk=li.pk).left_on is None


def test_who_may_not_change_a_contact_changes_nothing(client: Client, world: World) -> None:
    li = contact(world, "Li Na")
    create_project(
        customer=world.customer, name="P", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    expected = {"manager": 403, "executive": 403, "stranger": 404, "mate": 404, "member": 404}
    for name, status in expected.items():
        client.force_login(world.users[name])
        for address, form in (
            (f"/contacts/{li.pk}/edit", typed(title="CTO", version=1)),
            (f"/contacts/{li.pk}/left", {"left_on": "2026-03-01"}),
            (f"/contacts/{li.pk}/back", {}),
            (f"/customers/{world.customer.pk}/contacts/new", typed(name="Somebody")),
        ):
            assert client.post(address, form).status_code == status, (name, address)
    stored = Contact.objects.get()
    assert (stored.title, stored.left_on, stored.version) == ("", None, 1)


def test_a_phone_number_that_is_none_is_text(owner: Client, world: World) -> None:
    for phone, is_link in (("+86 512 6288", True), ("ask the front desk", False)):
        person = contact(world, phone)
        Contact.objects.filter(pk=person.pk).update(phone=phone)
        page = owner.get(f"/contacts/{person.pk}").content.decode()
        assert phone in page
        assert ("tel:" in page) is is_link


def test_a_new_contact_has_the_language_and_time_zone_of_the_customers_people_or_its_owner(
    client: Client, world: World
) -> None:
    User.objects.filter(pk=world.owner.pk).update(language="zh-hans", time_zone="Asia/Shanghai")
    client.force_login(world.admin)

    def proposed() -> tuple[str, str]:
        form = client.get(f"/customers/{world.customer.pk}/contacts/new").context["form"]
        return form["language"].value(), form["time_zone"].value()

    assert proposed() == ("zh-hans", "Asia/Shanghai")
    people = [contact(world, name).pk for name in ("A", "B", "C")]
    Contact.objects.filter(pk__in=people[:2]).update(language="zh-hant", time_zone="Asia/Taipei")
    assert proposed() == ("zh-hant", "Asia/Taipei")


def test_an_address_that_somebody_has_already_is_warned_of_and_taken_the_second_time(
    owner: Client, world: World
) -> None:
    contact(world, "Boss")
    Contact.objects.filter(name="Boss").update(email="line4@huaxing.test")
    url = f"/customers/{world.customer.pk}/contacts/new"
    form = typed(email="Line4@huaxing.test")
    warned = owner.post(url, form)
    assert "Boss has this address too." in warned.content.decode()
    assert not Contact.objects.filter(name="Li Na").exists()
    assert 'value="Line4@huaxing.test" id="id_shared_email"' in warned.content.decode()
    assert owner.post(url, form | {"shared_email": "Line4@huaxing.test"}).status_code == 302
    added = Contact.objects.get(name="Li Na")
    assert owner.post(f"/contacts/{added.pk}/edit", form | {"version": added.version}).status_code == 302
    Contact.objects.filter(name="Boss").update(left_on=MONDAY.date())
    again = owner.post(url, typed(name="Li Bo", email="line4@huaxing.test"))
    assert "Li Na has this address too." in again.content.decode(), "Boss has left"
