"""Writes of a contact: dated level and attitude, reports-to, departure, conflicts."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from accounts.contacts.models import Attitude, Contact, ContactDeparture, DecisionRole, Level
from accounts.contacts.services import change_contact, create_contact, mark_left, undo_left
from accounts.customers.models import CustomerInput
from accounts.customers.services import ConflictError
from tests.conftest import MONDAY, World

TUESDAY = MONDAY + dt.timedelta(days=1)


def contact(world: World, name: str, reports_to: Contact | None = None) -> Contact:
    return create_contact(
        customer=world.customer,
        name=name,
        level=Level.SPECIALIST,
        reports_to=reports_to,
        author=world.owner,
        now=MONDAY,
    )


def test_a_new_contact_has_a_level_and_an_attitude_from_that_day(world: World) -> None:
    li = contact(world, "李娜")
    assert list(li.levels.values_list("level", "valid_from")) == [(Level.SPECIALIST, MONDAY.date())]
    assert list(li.attitudes.values_list("attitude", "author")) == [(Attitude.NEUTRAL, world.owner.pk)]
    assert "lina" in li.search_text
    assert CustomerInput.objects.get(customer=world.customer).version == 2


def test_a_promotion_and_a_change_of_mind_are_dated_rows(world: World) -> None:
    li = contact(world, "Li Na")
    change_contact(
        li,
        expected_version=1,
        changes={"level": Level.EXECUTIVE, "attitude": Attitude.SUPPORTER},
        author=world.mate,
        now=TUESDAY,
    )
    stored = Contact.objects.get(pk=li.pk)
    assert (stored.level, stored.attitude, stored.version) == (Level.EXECUTIVE, Attitude.SUPPORTER, 2)
    assert [row.level for row in li.levels.order_by("id")] == [Level.SPECIALIST, Level.EXECUTIVE]
    latest = li.attitudes.latest("id")
    assert (latest.attitude, latest.stated_on, latest.author) == (
        Attitude.SUPPORTER,
        TUESDAY.date(),
        world.mate,
    )


def test_a_new_decision_role_is_dated_with_the_attitude_and_a_new_title_is_not(world: World) -> None:
    li = contact(world, "Li Na")
    changed = change_contact(
        li, expected_version=1, changes={"title": "CTO"}, author=world.owner, now=TUESDAY
    )
    assert li.attitudes.count() == 1
    change_contact(
        changed,
        expected_version=2,
        changes={"decision_role": DecisionRole.BUYER},
        author=world.owner,
        now=TUESDAY,
    )
    assert li.attitudes.count() == 2
    assert li.levels.count() == 1


def test_the_second_of_two_changes_to_the_same_version_is_refused(world: World) -> None:
    li = contact(world, "Li Na")
    change_contact(li, expected_version=1, changes={"title": "CTO"}, author=world.owner, now=TUESDAY)
    with pytest.raises(ConflictError):
        change_contact(
            li, expected_version=1, changes={"level": Level.EXECUTIVE}, author=world.mate, now=TUESDAY
        )
    stored = Contact.objects.get(pk=li.pk)
    assert (stored.title, stored.level) == ("CTO", Level.SPECIALIST)
    assert li.levels.count() == 1


def test_nobody_reports_to_somebody_below_him(world: World) -> None:
    top = contact(world, "Top")
    middle = contact(world, "Middle", reports_to=top)
    bottom = contact(world, "Bottom", reports_to=middle)
    with pytest.raises(ValidationError) as refusal:
        change_contact(
            top, expected_version=1, changes={"reports_to": bottom}, author=world.owner, now=TUESDAY
        )
    assert refusal.value.error_dict["reports_to"][0].code == "loop"
    assert Contact.objects.get(pk=top.pk).reports_to is None


def test_nobody_reports_to_himself(world: World) -> None:
    li = contact(world, "Li Na")
    with pytest.raises(ValidationError):
        change_contact(li, expected_version=1, changes={"reports_to": li}, author=world.owner, now=TUESDAY)


def test_nobody_reports_to_a_contact_of_another_customer(world: World) -> None:
    li = contact(world, "Li Na")
    foreigner = create_contact(
        customer=world.foreign, name="Foreigner", level=Level.EXECUTIVE, author=world.stranger, now=MONDAY
    )
    with pytest.raises(ValidationError) as refusal:
        change_contact(
            li, expected_version=1, changes={"reports_to": foreigner}, author=world.owner, now=TUESDAY
        )
    assert refusal.value.error_dict["reports_to"][0].code == "other_customer"
    with pytest.raises(ValidationError):
        contact(world, "New", reports_to=foreigner)
    assert Contact.objects.filter(customer=world.customer).count() == 1


def test_the_database_itself_refuses_a_superior_of_another_customer(world: World) -> None:
    li = contact(world, "Li Na")
    foreigner = create_contact(
        customer=world.foreign, name="Foreigner", level=Level.EXECUTIVE, author=world.stranger, now=MONDAY
    )
    Contact.objects.filter(pk=li.pk).update(reports_to=foreigner)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="reports_within_customer"):
        cursor.execute("set constraints all immediate")


def test_leaving_is_dated_and_can_be_undone(world: World) -> None:
    li = contact(world, "Li Na")
    mark_left(li, left_on=MONDAY.date(), now=TUESDAY)
    assert Contact.objects.get(pk=li.pk).left_on == MONDAY.date()

    undo_left(li, now=TUESDAY + dt.timedelta(hours=1))

    assert Contact.objects.get(pk=li.pk).left_on is None
    departure = ContactDeparture.objects.get(contact=li)
    assert departure.superseded_at == TUESDAY + dt.timedelta(hours=1)


def test_leaving_again_on_another_day_corrects_the_departure(world: World) -> None:
    li = contact(world, "Li Na")
    for day in (MONDAY, TUESDAY, TUESDAY):
        mark_left(li, left_on=day.date(), now=TUESDAY)
    current = ContactDeparture.objects.get(contact=li, superseded_at=None)
    assert current.left_on == TUESDAY.date()
    assert ContactDeparture.objects.filter(contact=li).count() == 2


def test_nobody_leaves_in_the_future(world: World) -> None:
    li = contact(world, "Li Na")
    with pytest.raises(ValidationError):
        mark_left(li, left_on=TUESDAY.date() + dt.timedelta(days=5), now=TUESDAY)
    assert Contact.objects.get(pk=li.pk).left_on is None


def test_nobody_left_before_scores_count_days(world: World) -> None:
    li = contact(world, "Li Na")
    with pytest.raises(ValidationError) as caught:
        mark_left(li, left_on=dt.date(1969, 12, 31), now=TUESDAY)
    assert caught.value.error_dict["left_on"][0].code == "too_old"
