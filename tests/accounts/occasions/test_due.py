"""Asking by itself: each delivery and each year once, whatever beat does."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.contacts.models import Level
from accounts.contacts.services import change_contact, mark_left
from accounts.customers.models import Customer, Stage
from accounts.customers.services import change_stage
from accounts.occasions.facts import RulesFacts, survey_facts_of
from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.occasions.services import (
    draft_survey,
    make_due_occasions,
    publish_survey,
    save_draft,
    withdraw_programme,
)
from accounts.occasions.standard import NEEDS
from accounts.orders.services import correct_order, delete_order, facts_of
from accounts.surveys.models import ProgrammeKind, SurveyProgramme
from tests.accounts.occasions.shop import (
    DAY,
    HOUR,
    RULES,
    TEN,
    TODAY,
    Shop,
    contact_of,
    delivered,
    publish,
    published,
    shop_of,
)
from tests.accounts.surveys.office import execute
from tests.conftest import MONDAY, World, customer_of


def asked() -> list[tuple[str, str]]:
    found = OccasionInvitation.objects.order_by("contact__name", "pk")
    return list(found.values_list("contact__name", "occasion__order_identity"))


def change_rules(shop: Shop, *, at: dt.datetime, **changes: object) -> None:
    draft = draft_survey(shop.programme, author=None, now=at)
    facts = survey_facts_of(draft)
    changed = replace(facts, rules=replace(facts.rules, **changes))  # type: ignore[arg-type]
    save_draft(draft, facts=changed, expected_digest=facts.digest)
    publish_survey(draft, expected_digest=changed.digest, now=at)


def test_a_delivery_is_asked_about_once_the_day_after_at_ten(shop: Shop) -> None:
    delivered(shop.customer, "4711")
    assert [make_due_occasions(now=MONDAY + step * HOUR) for step in range(3)] == [2, 0, 0]
    assert asked() == [("Chen", "4711"), ("Li", "4711")]
    occasion = Occasion.objects.get()
    assert (occasion.event, occasion.happened_on, occasion.about) == ("delivery", TODAY - DAY, "4711")
    assert occasion.author is None
    assert set(OccasionInvitation.objects.values_list("due_at", flat=True)) == {TEN}


def test_before_the_day_has_come_for_anybody_nothing_is_made(shop: Shop) -> None:
    delivered(shop.customer, "4711", on=TODAY)
    assert make_due_occasions(now=MONDAY) == 0
    assert make_due_occasions(now=MONDAY + 2 * HOUR) == 2  # at UTC+14 it is Tuesday
    assert set(OccasionInvitation.objects.values_list("due_at", flat=True)) == {TEN + DAY}


@pytest.mark.parametrize(
    ("time_zone", "due"),
    [
        ("Pacific/Kiritimati", (3, 2, 20)),
        ("Asia/Shanghai", (3, 3, 2)),
        ("Europe/Berlin", (3, 3, 9)),
        ("America/Los_Angeles", (3, 3, 18)),
        ("Etc/GMT+12", (3, 3, 22)),
    ],
)
def test_each_contact_is_written_to_at_ten_where_he_is(
    shop: Shop, time_zone: str, due: tuple[int, int, int]
) -> None:
    contact = contact_of(shop.customer, "Wu", time_zone=time_zone)
    delivered(shop.customer, "4711", on=TODAY)
    make_due_occasions(now=MONDAY + 2 * HOUR)
    assert OccasionInvitation.objects.get(contact=contact).due_at == dt.datetime(2026, *due, tzinfo=dt.UTC)


def test_after_three_days_without_beat_everything_is_made_up_once(shop: Shop) -> None:
    change_rules(shop, at=MONDAY - 50 * DAY, rest_days=0)
    for back in range(4):
        delivered(shop.customer, f"N{back}", on=TODAY - back * DAY)
    late = MONDAY + 3 * DAY
    assert make_due_occasions(now=late) == 8
    assert make_due_occasions(now=late + DAY) == 0
    assert set(OccasionInvitation.objects.values_list("due_at", flat=True)) == {TEN + 3 * DAY}


def test_several_deliveries_of_a_day_are_one_letter_that_names_them_all(shop: Shop) -> None:
    change_rules(shop, at=MONDAY - 50 * DAY, rest_days=0)
    for number in ("N3", "N1", "N2"):
        delivered(shop.customer, number)
    assert make_due_occasions(now=MONDAY) == 2
    assert Occasion.objects.get().about == "N1, N2, N3"
    delivered(shop.customer, "N4")  # of the same day, recorded later
    assert make_due_occasions(now=MONDAY + HOUR) == 0


def test_who_was_asked_rests_from_the_day_we_would_have_asked(shop: Shop) -> None:
    delivered(shop.customer, "N1", on=TODAY - 20 * DAY, now=MONDAY - 20 * DAY)
    make_due_occasions(now=MONDAY - 19 * DAY)
    delivered(shop.customer, "N2")
    assert make_due_occasions(now=MONDAY) == 0
    assert make_due_occasions(now=MONDAY + 20 * DAY) == 0  # the rest is over, and N2 long ago
    delivered(shop.customer, "N3", on=TODAY + 20 * DAY, now=MONDAY + 20 * DAY)
    assert make_due_occasions(now=MONDAY + 21 * DAY) == 2
    assert set(asked()) == {("Chen", "N1"), ("Li", "N1"), ("Chen", "N3"), ("Li", "N3")}


def test_who_was_asked_by_hand_rests_as_well(shop: Shop) -> None:
    shop.ask(shop.chen)
    delivered(shop.customer, "4711")
    make_due_occasions(now=MONDAY)
    assert asked() == [("Chen", ""), ("Li", "4711")]


def test_of_the_others_only_whom_the_rules_name_is_asked(world: World) -> None:
    shop = shop_of(world, replace(RULES, asked_levels=("specialist", "operational")))
    contact_of(shop.customer, "Boss", level=Level.EXECUTIVE)
    contact_of(shop.customer, "Mute", email="")
    for name in ("Gone", "Out"):
        contact_of(shop.customer, name)
    gone, out = (shop.customer.contacts.get(name=name) for name in ("Gone", "Out"))
    mark_left(gone, left_on=TODAY, now=MONDAY)
    change_contact(out, expected_version=1, changes={"opted_out": True}, author=None, now=MONDAY)
    delivered(shop.customer, "4711")
    make_due_occasions(now=MONDAY)
    assert asked() == [("Chen", "4711"), ("Li", "4711")]


def test_what_was_delivered_before_the_survey_was_published_is_no_occasion(shop: Shop) -> None:
    delivered(shop.customer, "old", on=TODAY - 61 * DAY)
    assert make_due_occasions(now=MONDAY - 58 * DAY) == 0
    withdraw_programme(shop.programme, now=MONDAY - 20 * DAY)
    delivered(shop.customer, "while withdrawn", on=TODAY - 10 * DAY)
    assert make_due_occasions(now=MONDAY - 8 * DAY) == 0
    publish(shop.programme, at=MONDAY - 5 * DAY)
    assert make_due_occasions(now=MONDAY) == 0
    delivered(shop.customer, "new", on=TODAY - 3 * DAY)
    assert make_due_occasions(now=MONDAY) == 2


def test_a_new_version_loses_no_delivery_and_asks_under_its_own_words(shop: Shop) -> None:
    delivered(shop.customer, "4711", on=TODAY - DAY)
    change_rules(shop, at=MONDAY - HOUR, answer_days=20)
    assert make_due_occasions(now=MONDAY) == 2
    assert Occasion.objects.get().programme_version == shop.version


def test_a_version_that_begins_to_ask_after_deliveries_does_so_from_then_on(world: World) -> None:
    shop = shop_of(world, RulesFacts())
    delivered(shop.customer, "before", on=TODAY - 3 * DAY)
    assert make_due_occasions(now=MONDAY) == 0
    change_rules(shop, at=MONDAY, asks_deliveries=True)
    delivered(shop.customer, "after", on=TODAY)
    assert make_due_occasions(now=MONDAY + DAY) == 2
    assert set(asked()) == {("Chen", "after"), ("Li", "after")}


def test_what_is_not_delivered_deleted_or_older_than_a_month_is_no_occasion(shop: Shop) -> None:
    order = delivered(shop.customer, "corrected")
    correct_order(order=order, facts=replace(facts_of(order), delivered_on=None), now=MONDAY)
    delete_order(order=delivered(shop.customer, "deleted"), now=MONDAY)
    delivered(shop.customer, "old", on=TODAY - 35 * DAY)
    assert make_due_occasions(now=MONDAY) == 0
    assert not Occasion.objects.exists()


def test_an_order_that_is_corrected_later_is_still_asked_about_once(shop: Shop) -> None:
    order = delivered(shop.customer, "4711")
    make_due_occasions(now=MONDAY)
    correct_order(order=order, facts=replace(facts_of(order), delivered_on=TODAY), now=MONDAY + 40 * DAY)
    assert make_due_occasions(now=MONDAY + 2 * DAY) == 0
    with pytest.raises(IntegrityError, match="occasion_once_per_order"):
        execute(
            "insert into occasions_occasion (programme_id, programme_version_id, customer_id, event, about,"
            " happened_on, order_identity, known_at) select programme_id, programme_version_id, customer_id,"
            " event, about, happened_on, order_identity, known_at from occasions_occasion where id > %s",
            0,
        )


def test_a_merged_customer_is_not_asked(shop: Shop) -> None:
    delivered(shop.customer, "4711")
    Customer.objects.filter(pk=shop.customer.pk).update(merged_into=shop.world.foreign)
    assert make_due_occasions(now=MONDAY) == 0


def yearly(**changes: object) -> SurveyProgramme:
    rules = replace(NEEDS.rules, yearly_month=3, yearly_day=2, asked_levels=(), **changes)  # type: ignore[arg-type]
    return published("Needs", ProgrammeKind.YEARLY, replace(NEEDS, rules=rules))


def test_once_a_year_every_active_customer_is_asked(shop: Shop) -> None:
    programme = yearly()
    sleeping = customer_of(shop.world.owner, "Sleeper")
    for stage in (Stage.DORMANT, Stage.LOST, Stage.PROSPECT):
        change_stage(sleeping, stage=stage, author=None, now=MONDAY)
        contact_of(sleeping, f"Never {stage}")
    assert make_due_occasions(now=MONDAY - DAY) == 0
    assert [make_due_occasions(now=MONDAY + step * DAY) for step in (0, 1, 30)] == [2, 0, 0]
    occasion = Occasion.objects.get(programme=programme)
    assert (occasion.year, occasion.happened_on, occasion.order_identity) == (2026, TODAY, "")
    assert make_due_occasions(now=MONDAY + 365 * DAY) == 2
    assert list(Occasion.objects.order_by("pk").values_list("year", flat=True)) == [2026, 2027]


def test_a_yearly_survey_is_made_up_for_sixty_days(shop: Shop) -> None:
    yearly()
    assert make_due_occasions(now=MONDAY + 62 * DAY) == 0
    assert make_due_occasions(now=MONDAY + 59 * DAY) == 2
    assert Occasion.objects.get().happened_on == TODAY


def test_a_yearly_survey_published_after_its_day_waits_for_the_next(shop: Shop) -> None:
    rules = replace(NEEDS.rules, yearly_month=2, yearly_day=20, asked_levels=())
    published("Needs", ProgrammeKind.YEARLY, replace(NEEDS, rules=rules), at=MONDAY - 5 * DAY)
    assert make_due_occasions(now=MONDAY) == 0
    assert make_due_occasions(now=MONDAY.replace(month=2, day=20, year=2027)) == 2


def test_a_year_is_asked_once_even_by_hand_in_the_database(shop: Shop) -> None:
    yearly()
    make_due_occasions(now=MONDAY)
    with pytest.raises(IntegrityError, match="occasion_once_a_year"):
        execute(
            "insert into occasions_occasion (programme_id, programme_version_id, customer_id, event, about,"
            " happened_on, order_identity, year, known_at) select programme_id, programme_version_id,"
            " customer_id, event, about, happened_on, '', year, known_at from occasions_occasion"
            " where id > %s",
            0,
        )


def test_the_same_statements_for_three_deliveries_and_for_thirty(shop: Shop) -> None:
    counts = []
    for many, day in ((3, 0), (30, 31)):
        for number in range(many):
            customer = customer_of(shop.world.owner, f"C {many} {number}")
            contact_of(customer, f"P {many} {number}")
            delivered(customer, f"{many}/{number}", on=TODAY + day * DAY, now=MONDAY + day * DAY)
        with CaptureQueriesContext(connection) as queries:
            assert make_due_occasions(now=MONDAY + (day + 1) * DAY) == many
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_eight_beats_at_once_ask_once(world: World) -> None:
    shop = shop_of(world, replace(RULES, rest_days=0))
    yearly()
    for number in range(5):
        customer = customer_of(world.owner, f"C {number}")
        change_stage(customer, stage=Stage.INITIAL, author=None, now=MONDAY)
        contact_of(customer, f"P {number}")
        delivered(customer, f"N{number}")
    made: list[int] = []
    barrier = threading.Barrier(8)

    def beat() -> None:
        try:
            barrier.wait()
            made.append(make_due_occasions(now=MONDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == OccasionInvitation.objects.count() == 5 + 7
    assert shop.programme.occasions.count() == 5
