"""What states say of needs, actions, contracts, shares and partners is what was known then."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection, transaction

from accounts.actions.services import add_action, change_action, drop_action, finish_action, reopen_action
from accounts.contacts.models import Contact, ContactDeparture
from accounts.deals.models import ContractKind, Renewal
from accounts.deals.services import ContractFacts, add_contract, change_contract, end_contract, say_shares
from accounts.interactions.models import Interaction, InteractionParticipant
from accounts.interactions.services import complete_follow_up
from accounts.needs.services import deliver_need, promise_need, step_back, triage_need
from scoring import inputs, store
from scoring.core.policy import default_policy
from scoring.inputs import Moment, Wanted
from tests.accounts.needs.register import NOW, TODAY, noted, triage
from tests.conftest import World

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
RUN = 1_000_000_002
LONG_AGO = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def state(world: World, at: dt.datetime) -> dict[str, float]:
    """Read as a list of ids and as a range of them: both have to say the same."""
    pk, read = world.customer.pk, []
    for wanted in (Wanted([pk]), Wanted([pk], [1], pk, pk + 1)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"drop table if exists scoring_customer_state_r{RUN}")
            store.create_state_partition(RUN)
            inputs.insert_states(RUN, wanted, Moment(at, "UTC"), default_policy())
            read.append(store.read_states(RUN).to_columns())
    named = {name: float(values[0]) for name, values in read[0].items() if name != "input_version"}
    np.testing.assert_equal(
        named, {name: float(values[0]) for name, values in read[1].items() if name in named}
    )
    return named


def day_of(value: float) -> dt.date | None:
    return None if np.isnan(value) else dt.date(1970, 1, 1) + int(value) * DAY


def day(world: World, column: str, at: dt.datetime) -> dt.date | None:
    return day_of(state(world, at)[column])


def test_a_need_is_due_by_what_was_promised_then(world: World) -> None:
    need = noted(world)
    decide_by = need.triage_by
    need = triage_need(need, triage=triage(), expected_version=need.version, by=world.owner, now=NOW + HOUR)
    need = promise_need(need, on=TODAY + 9 * DAY, now=NOW + 2 * HOUR)
    need = promise_need(need, on=TODAY + 40 * DAY, now=NOW + 20 * DAY)
    deliver_need(need, on=TODAY + 30 * DAY, now=NOW + 30 * DAY)
    assert day(world, "need_due_day", NOW - HOUR) is None
    assert day(world, "need_due_day", NOW) == decide_by
    assert day(world, "need_due_day", NOW + HOUR) is None, "accepted, and nothing promised yet"
    assert day(world, "need_due_day", NOW + 2 * HOUR) == TODAY + 9 * DAY
    assert day(world, "need_due_day", NOW + 19 * DAY) == TODAY + 9 * DAY, "nobody knew of the later day"
    assert day(world, "need_due_day", NOW + 20 * DAY) == TODAY + 40 * DAY
    assert day(world, "need_due_day", NOW + 30 * DAY) is None
    step_back(need, now=NOW + 31 * DAY)
    assert day(world, "need_due_day", NOW + 30 * DAY) is None
    assert day(world, "need_due_day", NOW + 31 * DAY) == TODAY + 40 * DAY


def test_an_action_is_due_until_it_is_done_or_dropped(world: World) -> None:
    who: dict[str, Any] = {"owner": world.owner, "author": world.owner, "customer": world.customer}
    first = add_action(title="Call", due_on=TODAY + 5 * DAY, now=NOW, **who)
    second = add_action(title="Write", due_on=TODAY + 8 * DAY, now=NOW + HOUR, **who)
    add_action(title="Some day", now=NOW, **who)
    change_action(first, version=1, by=world.owner, now=NOW + DAY, due_on=TODAY + 20 * DAY)
    drop_action(second, now=NOW + 2 * DAY)
    finish_action(first, by=world.owner, now=NOW + 3 * DAY)
    reopen_action(first, now=NOW + 4 * DAY)
    assert day(world, "action_due_day", NOW) == TODAY + 5 * DAY
    assert day(world, "action_due_day", NOW + DAY) == TODAY + 8 * DAY
    assert day(world, "action_due_day", NOW + 2 * DAY) == TODAY + 20 * DAY
    assert day(world, "action_due_day", NOW + 3 * DAY) is None
    assert day(world, "action_due_day", NOW + 4 * DAY) == TODAY + 20 * DAY


def test_a_follow_up_is_due_like_an_action(world: World) -> None:
    talk = Interaction.objects.create(
        customer=world.customer,
        kind="call",
        direction="outbound",
        started_at=NOW,
        known_at=NOW,
        author=world.owner,
        follow_up_on=TODAY + 3 * DAY,
        follow_up_by=world.owner,
    )
    complete_follow_up(talk, by=world.owner, now=NOW + 6 * DAY)
    assert day(world, "action_due_day", NOW + 5 * DAY) == TODAY + 3 * DAY
    assert day(world, "action_due_day", NOW + 6 * DAY) is None


def contract(world: World, **changed: Any) -> Any:
    said = {
        "title": "Supply",
        "starts_on": TODAY - 300 * DAY,
        "ends_on": TODAY + 60 * DAY,
        "owner_id": world.owner.pk,
    }
    renews = changed.pop("renews", None)
    at = changed.pop("at", NOW)
    return add_contract(
        customer=world.customer,
        facts=ContractFacts(**(said | changed)),
        author=world.owner,
        now=at,
        renews=renews,
    )


def ends(world: World, at: dt.datetime) -> tuple[dt.date | None, dt.date | None]:
    found = state(world, at)
    return day_of(found["contract_ending_day"]), day_of(found["contract_ended_day"])


def test_a_contract_ends_by_its_notice_or_its_end_until_it_is_renewed(world: World) -> None:
    first = contract(world, notice_on=TODAY + 20 * DAY)
    assert ends(world, NOW) == (TODAY + 20 * DAY, None)
    assert ends(world, NOW + 21 * DAY) == (TODAY + 60 * DAY, None)
    assert ends(world, NOW + 60 * DAY) == (TODAY + 60 * DAY, None)
    assert ends(world, NOW + 61 * DAY) == (None, TODAY + 60 * DAY)
    contract(world, renews=first, ends_on=None, starts_on=TODAY + 60 * DAY, at=NOW + 70 * DAY)
    assert ends(world, NOW + 69 * DAY) == (None, TODAY + 60 * DAY)
    assert ends(world, NOW + 70 * DAY) == (None, None)


def test_what_goes_on_by_itself_ends_only_when_somebody_says_so(world: World) -> None:
    found = contract(world, notice_on=TODAY + 20 * DAY, renewal=Renewal.AUTOMATIC)
    assert ends(world, NOW) == (TODAY + 20 * DAY, None)
    assert ends(world, NOW + 21 * DAY) == (None, None)
    assert ends(world, NOW + 90 * DAY) == (None, None)
    end_contract(found, on=TODAY + 89 * DAY, reason="Too dear", now=NOW + 91 * DAY)
    assert ends(world, NOW + 90 * DAY) == (None, None)
    assert ends(world, NOW + 91 * DAY) == (None, TODAY + 89 * DAY)


def test_another_contract_of_its_kind_that_outlasts_it_follows_it(world: World) -> None:
    contract(world)
    contract(world, kind=ContractKind.SERVICE, ends_on=None)
    assert ends(world, NOW) == (TODAY + 60 * DAY, None)
    contract(world, ends_on=TODAY + 200 * DAY, at=NOW + DAY)
    assert ends(world, NOW + DAY) == (TODAY + 200 * DAY, None)
    assert ends(world, NOW + 61 * DAY) == (TODAY + 200 * DAY, None)
    assert ends(world, NOW + 201 * DAY) == (None, TODAY + 200 * DAY)
    contract(world, ends_on=TODAY + 900 * DAY, is_draft=True, at=NOW + DAY)
    assert ends(world, NOW + 201 * DAY) == (None, TODAY + 200 * DAY), "a draft is no contract"


def test_an_end_that_was_moved_is_known_from_that_moment(world: World) -> None:
    found = contract(world)
    facts = ContractFacts(
        title="Supply", starts_on=TODAY - 300 * DAY, ends_on=TODAY + 400 * DAY, owner_id=world.owner.pk
    )
    change_contract(found, facts=facts, expected_version=1, now=NOW + 10 * DAY)
    assert ends(world, NOW + 10 * DAY - HOUR) == (TODAY + 60 * DAY, None)
    assert ends(world, NOW + 10 * DAY) == (TODAY + 400 * DAY, None)


def said(world: World, days_ago: int, ours: int | None, theirs: dict[str, int]) -> None:
    say_shares(
        customer=world.customer,
        on=TODAY - days_ago * DAY,
        ours=None if ours is None else Decimal(ours),
        theirs={name: Decimal(share) for name, share in theirs.items()},
        author=world.owner,
        now=NOW - days_ago * DAY,
    )


def test_a_rise_is_what_a_competitor_won_or_we_lost_in_half_a_year(world: World) -> None:
    def rise(days: int = 0) -> float:
        return state(world, NOW + days * DAY)["competitor_rise"]

    said(world, 200, 60, {"Bright": 20, "Kestrel": 10})
    assert np.isnan(rise(-1)), "said once"
    said(world, 100, 60, {"Bright": 25, "Kestrel": 5})
    assert rise(-1) == 5
    said(world, 0, 30, {"Bright": 30, "Kestrel": 10, "Newcomer": 30})
    assert rise(-1) == 5, "nobody knew yet"
    assert rise() == 30, "we lost more than either of them won"
    assert rise(81) == 30
    assert rise(179) == 30
    assert rise(181) == 0, "half a year later it is the usual"


def test_a_correction_of_what_was_said_counts_from_its_moment(world: World) -> None:
    said(world, 10, None, {"Bright": 20})
    said(world, 0, None, {"Bright": 45})
    say_shares(
        customer=world.customer,
        on=TODAY,
        ours=None,
        theirs={"Bright": Decimal(25)},
        author=world.owner,
        now=NOW + DAY,
    )
    assert state(world, NOW)["competitor_rise"] == 25
    assert state(world, NOW + DAY)["competitor_rise"] == 5


def test_partners_are_those_who_are_there_and_were_met_in_half_a_year(world: World) -> None:
    def met(name: str, days_ago: int, known: dt.datetime = LONG_AGO) -> Contact:
        contact, _is_new = Contact.objects.get_or_create(
            customer=world.customer, name=name, level="management", defaults={"known_at": LONG_AGO}
        )
        at = NOW - days_ago * DAY
        talk = Interaction.objects.create(
            customer=world.customer, kind="call", direction="outbound", started_at=at, known_at=known,
            author=world.owner,
        )  # fmt: skip
        InteractionParticipant.objects.create(
            interaction=talk, customer=world.customer, contact=contact, level="management", started_at=at,
            known_at=known,
        )  # fmt: skip
        return contact

    met("Chen", 10)
    met("Chen", 20)
    gone = met("Li", 179)
    met("Wu", 181)
    met("Zhao", 5, known=NOW + DAY)
    assert state(world, NOW)["spoken_contacts"] == 2
    assert state(world, NOW + DAY)["spoken_contacts"] == 2, "one known only now, one too long ago"
    ContactDeparture.objects.create(contact=gone, left_on=TODAY - DAY, known_at=NOW + HOUR)
    assert state(world, NOW)["spoken_contacts"] == 2
    assert state(world, NOW + HOUR)["spoken_contacts"] == 1
