"""Asking by hand: who can be asked, when his letter goes, and that nobody is asked twice."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.contacts.services import change_contact, mark_left
from accounts.facts import AlreadySavedError
from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.occasions.queries import candidates
from accounts.occasions.services import cancel_invitation
from accounts.projects.services import create_project
from tests.accounts.occasions.shop import DAY, TEN, TODAY, Shop, contact_of, delivered, say
from tests.accounts.surveys.office import execute
from tests.conftest import MONDAY


def codes_of(error: pytest.ExceptionInfo[ValidationError], field: str = "contacts") -> list[str]:
    assert list(error.value.error_dict) == [field]
    return [problem.code for problem in error.value.error_dict[field]]


def test_an_occasion_and_its_invitations_say_whom_we_ask_about_what_and_when(shop: Shop) -> None:
    occasion = shop.ask(shop.chen, shop.li, about="  4711,\n second lot ")
    assert (occasion.about, occasion.author, occasion.programme_version) == (
        "4711, second lot",
        shop.world.owner,
        shop.version,
    )
    invitation = shop.invitation(shop.chen)
    assert (invitation.due_at, invitation.level) == (TEN, "operational")
    assert invitation.reminder_at == TEN + 5 * DAY
    assert invitation.closes_at == MONDAY.replace(hour=0) + 15 * DAY
    assert OccasionInvitation.objects.count() == 2


@pytest.mark.parametrize(
    ("time_zone", "happened_on", "due"),
    [
        ("Asia/Shanghai", -1, (3, 3, 2)),  # there it is past ten: tomorrow
        ("America/Los_Angeles", -1, (3, 2, 18)),
        ("America/Los_Angeles", 0, (3, 3, 18)),
        ("Europe/Berlin", 6, None),
        ("Nowhere/Land", -3, (3, 2, 10)),
    ],
)
def test_the_letter_goes_at_the_next_sending_hour_where_the_contact_is(
    shop: Shop, time_zone: str, happened_on: int, due: tuple[int, int, int] | None
) -> None:
    contact = contact_of(shop.customer, "Wu", time_zone=time_zone)
    day = TODAY + happened_on * DAY
    if due is None:
        with pytest.raises(ValidationError) as error:
            shop.ask(contact, happened_on=day)
        assert codes_of(error, "happened_on") == ["future"]
        return
    shop.ask(contact, happened_on=day)
    assert shop.invitation(contact).due_at == dt.datetime(2026, *due, tzinfo=dt.UTC)


def test_daylight_saving_does_not_move_the_hour(shop: Shop) -> None:
    contact = contact_of(shop.customer, "Wu", time_zone="Europe/Berlin")
    saturday = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)  # clocks go forward in the night
    shop.ask(contact, now=saturday, happened_on=saturday.date())
    assert shop.invitation(contact).due_at == dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)


def test_who_cannot_be_asked_is_refused_by_name_and_nothing_is_written(shop: Shop) -> None:
    change_contact(shop.chen, expected_version=1, changes={"opted_out": True}, author=None, now=MONDAY)
    silent = contact_of(shop.customer, "Ho", email="")
    mark_left(shop.li, left_on=TODAY, now=MONDAY)
    with pytest.raises(ValidationError) as error:
        shop.ask(*(contact.__class__.objects.get(pk=contact.pk) for contact in (shop.chen, shop.li, silent)))
    assert codes_of(error) == ["opted_out", "left", "no_address"]
    assert "Chen" in str(error.value)
    assert not Occasion.objects.exists()
    assert not OccasionInvitation.objects.exists()


def test_contacts_of_others_nobody_and_twice_are_refused(shop: Shop) -> None:
    foreign = contact_of(shop.world.foreign, "Meyer")
    for contacts, code in (
        ((foreign,), "other_customer"),
        ((), "nobody"),
        ((shop.chen, shop.chen), "nobody"),
    ):
        with pytest.raises(ValidationError) as error:
            shop.ask(*contacts)
        assert codes_of(error) == [code]


def test_who_was_asked_rests_unless_we_say_so(shop: Shop) -> None:
    shop.ask(shop.chen)
    with pytest.raises(ValidationError) as error:
        shop.ask(shop.chen, now=MONDAY + 29 * DAY, happened_on=TODAY + 20 * DAY)
    assert codes_of(error) == ["rested"]
    shop.ask(shop.chen, now=MONDAY + 29 * DAY, happened_on=TODAY + 20 * DAY, even_if_rested=True)
    shop.ask(shop.chen, now=MONDAY + 90 * DAY, happened_on=TODAY + 80 * DAY)
    assert Occasion.objects.count() == 3


def test_whose_letter_failed_does_not_rest(shop: Shop) -> None:
    shop.ask(shop.chen)
    OccasionInvitation.objects.update(failed_at=TEN)
    assert shop.ask(shop.chen, happened_on=TODAY)


def test_the_same_form_asks_once(shop: Shop) -> None:
    token = uuid.uuid4()
    shop.ask(shop.chen, token=token)
    with pytest.raises(AlreadySavedError):
        shop.ask(shop.chen, token=token)
    assert OccasionInvitation.objects.count() == 1


def test_about_an_order_there_is_one_occasion_to_which_others_are_added(shop: Shop) -> None:
    order = delivered(shop.customer, "4711")
    first = shop.ask(shop.chen, order_identity=order.identity)
    assert shop.ask(shop.li, order_identity=order.identity) == first
    with pytest.raises(ValidationError) as error:
        shop.ask(shop.li, order_identity=order.identity, even_if_rested=True)
    assert codes_of(error) == ["already_asked"]
    foreign = delivered(shop.world.foreign, "4712")
    with pytest.raises(ValidationError) as error:
        shop.ask(shop.chen, order_identity=foreign.identity)
    assert codes_of(error, "order") == ["other_customer"]


def test_what_is_unsent_and_unanswered_can_be_taken_back(shop: Shop) -> None:
    occasion = shop.ask(shop.chen, shop.li)
    assert cancel_invitation(shop.invitation(shop.chen))
    assert Occasion.objects.filter(pk=occasion.pk).exists()
    li = shop.invitation(shop.li)
    OccasionInvitation.objects.filter(pk=li.pk).update(sent_at=TEN)
    assert not cancel_invitation(li)
    OccasionInvitation.objects.filter(pk=li.pk).update(sent_at=None)
    assert cancel_invitation(li)
    assert not cancel_invitation(li)
    assert not Occasion.objects.exists()


def test_who_answered_already_keeps_his_invitation(shop: Shop) -> None:
    shop.ask(shop.chen)
    say(shop.invitation(shop.chen), on_time="A")
    assert not cancel_invitation(shop.invitation(shop.chen))


def test_candidates_say_who_was_asked_when_and_what_stands_in_the_way(shop: Shop) -> None:
    shop.ask(shop.chen)
    contact_of(shop.customer, "Ho", email="")
    gone = contact_of(shop.customer, "Aa")
    mark_left(gone, left_on=TODAY, now=MONDAY)
    found = candidates(shop.version, shop.customer, now=MONDAY)
    assert [(each.contact.name, each.obstacle, each.last_asked_at) for each in found] == [
        ("Chen", "rested", TEN),
        ("Ho", "no_address", None),
        ("Li", "", None),
        ("Aa", "left", None),
    ]


def test_candidates_take_the_same_queries_for_three_and_for_thirty(shop: Shop) -> None:
    version, counts = shop.version, []
    for number in (1, 28):
        for each in range(number):
            contact_of(shop.customer, f"Person {number} {each}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            candidates(version, shop.customer, now=MONDAY)
        counts.append(len(queries))
    assert counts == [2, 2]


def test_the_database_keeps_customers_versions_and_contacts_together(shop: Shop) -> None:
    occasion = shop.ask(shop.chen)
    invitation = shop.invitation(shop.chen)
    foreign = contact_of(shop.world.foreign, "Meyer")
    project = create_project(
        customer=shop.world.foreign, name="P", manager=shop.world.manager, started_on=TODAY, now=MONDAY
    )
    broken = [
        ("update occasions_occasioninvitation set contact_id = %s", foreign.pk),
        ("update occasions_occasioninvitation set customer_id = %s", shop.world.foreign.pk),
        ("update occasions_occasioninvitation set closes_at = due_at where id <> %s", 0),
        ("update occasions_occasioninvitation set level = 'boss' where id = %s", invitation.pk),
        ("update occasions_occasion set project_id = %s", project.pk),
        ("update occasions_occasion set customer_id = %s", shop.world.foreign.pk),
        ("update occasions_occasion set event = 'party' where id = %s", occasion.pk),
        ("insert into occasions_occasiontoken values ('secret', now(), %s)", invitation.pk),
    ]
    for statement, value in broken:
        with pytest.raises(IntegrityError):
            execute(statement, value)
