"""The need register: noted once, decided with a reason, promised, delivered, confirmed; each step undone."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.customers.services import ConflictError
from accounts.facts import AlreadySavedError
from accounts.handover import hand_over
from accounts.needs.models import Decision, Need, NeedState
from accounts.needs.services import (
    OWNED_NOTICE,
    add_need,
    change_need,
    confirm_need,
    deliver_need,
    facts_of,
    promise_need,
    step_back,
    triage_need,
)
from accounts.notices.models import Notice
from tests.accounts.needs.register import DAY, NOW, TODAY, facts, judged, noted, promised, triage
from tests.conftest import World

pytestmark = pytest.mark.django_db


def codes(refusal: pytest.ExceptionInfo[ValidationError]) -> list[str | None]:
    return [error.code for errors in refusal.value.error_dict.values() for error in errors]


def test_what_is_noted_is_what_was_said(world: World) -> None:
    said = facts(world, tags=("stock",), budget_minor=500, importance=5, needed_on=TODAY + 30 * DAY)
    need = add_need(customer=world.customer, facts=said, author=world.owner, now=NOW)
    kept = facts_of(Need.objects.get(pk=need.pk))
    assert kept.currency == "CNY"
    assert facts_of(need) == kept
    assert (kept.tags, kept.budget_minor, kept.importance) == (("stock",), 500, 5)


def test_deciding_is_in_time_until_the_days_of_the_installation_are_over(world: World, settings) -> None:  # type: ignore[no-untyped-def]
    assert noted(world).triage_by == TODAY + 7 * DAY
    settings.NEED_TRIAGE_DAYS = 3
    assert noted(world).triage_by == TODAY + 3 * DAY


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", " ", "blank"),
        ("title", "x" * 201, "too_long"),
        ("text", "x" * 4_001, "too_long"),
        ("tags", ("x" * 41,), "too_many"),
        ("importance", 6, "unknown"),
        ("budget_minor", -1, "unknown"),
        ("currency", "XQX", "unknown"),
        ("raised_on", TODAY + DAY, "future"),
        ("needed_on", TODAY - DAY, "past"),
        ("needed_on", TODAY + 9_000 * DAY, "too_far"),
        ("contact_id", 0, "other_customer"),
        ("owner_id", 0, "gone"),
    ],
)
def test_what_cannot_be_is_refused(world: World, field: str, value: object, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        noted(world, **{field: value})
    assert codes(refusal) == [code]
    assert not Need.objects.exists()


def test_a_form_sent_twice_is_noted_once(world: World) -> None:
    token = uuid.uuid4()

    def add() -> Need:
        return add_need(customer=world.customer, facts=facts(world), author=world.owner, now=NOW, token=token)

    add()
    with pytest.raises(AlreadySavedError):
        add()
    assert Need.objects.count() == 1


def test_an_owner_is_told_unless_he_noted_it_himself(world: World) -> None:
    need = noted(world)
    told = Notice.objects.filter(kind=OWNED_NOTICE)
    assert not told.exists()
    given = facts(world, owner_id=world.mate.pk)
    change_need(need, facts=given, expected_version=1, by=world.owner, now=NOW)
    assert list(told.values_list("user", flat=True)) == [world.mate.pk]
    with pytest.raises(ConflictError):
        change_need(need, facts=given, expected_version=1, by=world.owner, now=NOW)


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (Decision.ACCEPT, NeedState.ACCEPTED),
        (Decision.NEGOTIATE, NeedState.NEGOTIATING),
        (Decision.DECLINE, NeedState.DECLINED),
        (Decision.PARK, NeedState.PARKED),
    ],
)
def test_each_decision_leads_to_its_state(world: World, decision: Decision, state: NeedState) -> None:
    need = judged(world, decision)
    assert (need.state, need.decided_by, need.decided_at) == (state, world.owner, NOW)


def test_no_decision_is_without_a_reason(world: World) -> None:
    need = noted(world)
    with pytest.raises(ValidationError) as refusal:
        triage_need(need, triage=triage(reason=" "), expected_version=1, by=world.owner, now=NOW)
    assert codes(refusal) == ["blank"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(decision=Decision.ACCEPT, state=NeedState.ACCEPTED)


def test_who_decides_on_what_somebody_else_decided_meets_a_conflict(world: World) -> None:
    need = noted(world)
    triage_need(need, triage=triage(), expected_version=1, by=world.owner, now=NOW)
    with pytest.raises(ConflictError):
        triage_need(need, triage=triage(Decision.PARK), expected_version=1, by=world.mate, now=NOW)
    assert Need.objects.get(pk=need.pk).decision == Decision.ACCEPT


def test_the_way_from_promise_to_confirmed_and_all_the_way_back(world: World) -> None:
    wu = create_contact(
        customer=world.customer, name="Wu", level=Level.MANAGEMENT, author=world.owner, now=NOW
    )
    need = promise_need(judged(world), on=TODAY + DAY, now=NOW)
    assert need.state == NeedState.PROMISED
    need = deliver_need(need, on=TODAY, now=NOW)
    need = confirm_need(need, on=TODAY, contact_id=wu.pk, now=NOW)
    assert (need.state, need.confirmed_by) == (NeedState.CONFIRMED, wu)
    states = []
    for _step in range(5):
        need = step_back(need, now=NOW)
        states.append(need.state)
    assert states == ["delivered", "promised", "accepted", "raised", "raised"]
    assert (need.reason, need.decided_by, need.confirmed_by) == ("", None, None)


def test_the_same_step_again_changes_nothing(world: World) -> None:
    need = promised(world)
    assert promise_need(need, on=TODAY + 9 * DAY, now=NOW).version == need.version
    need = deliver_need(need, on=TODAY, now=NOW)
    assert deliver_need(need, on=TODAY, now=NOW).version == need.version
    need = confirm_need(need, on=TODAY, now=NOW)
    assert confirm_need(need, on=TODAY, now=NOW).version == need.version


def test_a_step_out_of_order_is_refused(world: World) -> None:
    raised, parked, done = (
        noted(world),
        judged(world, Decision.PARK),
        deliver_need(judged(world), on=TODAY, now=NOW),
    )
    refused = (
        lambda: promise_need(raised, on=TODAY, now=NOW),
        lambda: deliver_need(parked, on=TODAY, now=NOW),
        lambda: confirm_need(parked, on=TODAY, now=NOW),
        lambda: promise_need(done, on=TODAY, now=NOW),
        lambda: triage_need(
            done, triage=triage(Decision.PARK), expected_version=done.version, by=world.owner, now=NOW
        ),
    )
    for step in refused:
        with pytest.raises(ValidationError) as refusal:
            step()
        assert codes(refusal) == ["state"]


def test_days_that_cannot_be_are_refused(world: World) -> None:
    need = judged(world)
    for step, code in (
        (lambda: promise_need(need, on=TODAY - DAY, now=NOW), "past"),
        (lambda: promise_need(need, on=TODAY + 9_000 * DAY, now=NOW), "too_far"),
        (lambda: deliver_need(need, on=TODAY + DAY, now=NOW), "future"),
        (lambda: deliver_need(need, on=TODAY - DAY, now=NOW), "past"),
    ):
        with pytest.raises(ValidationError) as refusal:
            step()
        assert codes(refusal) == [code]


def test_what_is_declined_after_all_is_promised_no_more(world: World) -> None:
    need = promised(world)
    need = triage_need(
        need, triage=triage(Decision.DECLINE), expected_version=need.version, by=world.owner, now=NOW
    )
    assert (need.state, need.promised_on) == (NeedState.DECLINED, None)
    accepted = promised(world)
    again = triage_need(accepted, triage=triage(), expected_version=accepted.version, by=world.owner, now=NOW)
    assert again.state == NeedState.PROMISED


def test_a_need_is_of_its_customers_people(world: World) -> None:
    stranger = create_contact(
        customer=world.foreign, name="Ott", level=Level.MANAGEMENT, author=world.stranger, now=NOW
    )
    need = noted(world)
    Need.objects.filter(pk=need.pk).update(contact=stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    Need.objects.filter(pk=need.pk).update(contact=None)


def test_old_versions_stay(world: World) -> None:
    need = promised(world)
    old = Need.pgh_event_models["changed"].objects.filter(pgh_obj_id=need.pk).order_by("pgh_id")  # type: ignore[attr-defined]
    assert list(old.values_list("state", flat=True)) == ["raised", "accepted"]


def test_what_somebody_who_leaves_had_to_do_is_handed_over(world: World) -> None:
    live, done = noted(world), judged(world, Decision.DECLINE)
    hand_over(leaving=world.owner, to=world.mate, author=world.admin, now=NOW)
    live.refresh_from_db()
    done.refresh_from_db()
    assert (live.owner, done.owner) == (world.mate, world.owner)
