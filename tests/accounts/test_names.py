"""Names as they are stored: without what nobody sees."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts import names
from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.services import add_former_name, create_customer
from accounts.projects.services import create_project
from accounts.users.services import change_profile, create_user
from tests.conftest import MONDAY, World

HIDDEN = "\u202eHua\u200bxing\ufeff \u2066Electro\u200dnics\u2069\x07"
SEEN = "Huaxing Electronics"


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        (HIDDEN, SEEN),
        ("Li\tNa\nWang", "Li Na Wang"),
        ("  单国强 ", "单国强"),
        ("Zoë 🏭 O\u2019Neill", "Zoë 🏭 O\u2019Neill"),
        ("\u200b\u2060", ""),
    ],
)
def test_a_name_is_what_one_sees_of_it(name: str, stored: str) -> None:
    assert names.cleaned(name) == stored


def test_customers_contacts_projects_and_people_are_stored_under_what_one_sees(world: World) -> None:
    customer = create_customer(short_name=HIDDEN, legal_name=HIDDEN, currency="CNY", author=None, now=MONDAY)
    contact = create_contact(customer=customer, name=HIDDEN, level=Level.EXECUTIVE, author=None, now=MONDAY)
    project = create_project(
        customer=customer, name=HIDDEN, manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    former = add_former_name(customer, name=HIDDEN, now=MONDAY)
    person = create_user(email="new@truenorth.test", name=HIDDEN, role="member")
    stored = {customer.short_name, customer.legal_name, contact.name, project.name, former.name, person.name}
    assert stored == {SEEN}
    assert change_profile(person, name="\u200b", language="en", time_zone="UTC").name == "new@truenorth.test"


def test_a_name_that_nobody_sees_is_none(world: World) -> None:
    with pytest.raises(ValidationError) as caught:
        create_customer(short_name="\u200b", currency="CNY", author=None, now=MONDAY)
    assert caught.value.error_dict["short_name"][0].code == "blank"
    with pytest.raises(ValidationError) as caught:
        create_contact(customer=world.customer, name="\u2060", level=Level.EXECUTIVE, author=None, now=MONDAY)
    assert caught.value.error_dict["name"][0].code == "blank"
