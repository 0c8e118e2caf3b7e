"""Writes of an interaction: versions, participants and their levels, undo."""

import datetime as dt
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import change_contact, create_contact
from accounts.customers.models import CustomerInput
from accounts.customers.services import ConflictError
from accounts.interactions.models import Interaction, InteractionKind, InteractionParticipant, Sentiment
from accounts.interactions.services import (
    InteractionFacts,
    complete_follow_up,
    correct_interaction,
    delete_interaction,
    facts_of,
    log_interaction,
    reopen_follow_up,
    restore_interaction,
)
from accounts.projects.services import create_project
from tests.conftest import MONDAY, World

LATER = MONDAY + dt.timedelta(days=30)
FACTS = InteractionFacts(
    kind=InteractionKind.VISIT,
    started_at=MONDAY,
    minutes=45,
    summary="Line audit",
    sentiment=Sentiment.POSITIVE,
)


def contact(world: World, name: str = "Li Na") -> Contact:
    return create_contact(
        customer=world.customer, name=name, level=Level.SPECIALIST, author=world.owner, now=MONDAY
    )


def log(world: World, facts: InteractionFacts = FACTS, contacts: tuple[Contact, ...] = ()) -> Interaction:
    return log_interaction(
        customer=world.customer,
        facts=facts,
        contacts=[person.pk for person in contacts],
        users=[world.owner.pk],
        author=world.owner,
        now=LATER,
    )


def current_levels(interaction: Interaction) -> list[str]:
    people = InteractionParticipant.objects.filter(
        interaction__identity=interaction.identity, superseded_at=None, contact__isnull=False
    )
    return sorted(people.values_list("level", flat=True))


def test_participants_carry_the_level_they_had_on_the_day(world: World) -> None:
    li = contact(world)
    change_contact(li, expected_version=1, changes={"level": Level.EXECUTIVE}, author=world.owner, now=LATER)
    before = log(world, contacts=(li,))
    after = log(world, replace(FACTS, started_at=LATER), contacts=(li,))
    long_ago = log(world, replace(FACTS, started_at=MONDAY - dt.timedelta(days=400)), contacts=(li,))
    assert current_levels(before) == [Level.SPECIALIST]
    assert current_levels(after) == [Level.EXECUTIVE]
    assert current_levels(long_ago) == [Level.SPECIALIST]


def test_participants_carry_what_scoring_asks(world: World) -> None:
    logged = log(world, contacts=(contact(world),))
    rows = InteractionParticipant.objects.filter(interaction=logged)
    assert {(row.customer_id, row.started_at, row.known_at) for row in rows} == {
        (world.customer.pk, MONDAY, LATER)
    }
    assert rows.count() == 2


def test_a_correction_is_a_new_version_with_the_same_people(world: World) -> None:
    logged = log(world, contacts=(contact(world),))
    corrected = correct_interaction(
        logged, facts=replace(facts_of(logged), minutes=90), corrected_by=world.lead, now=LATER
    )
    old = Interaction.objects.get(pk=logged.pk)
    assert (corrected.identity, corrected.minutes, corrected.author) == (logged.identity, 90, world.owner)
    assert (old.superseded_at, old.superseded_by, old.minutes) == (LATER, world.lead, 45)
    assert current_levels(corrected) == [Level.SPECIALIST]
    ended = InteractionParticipant.objects.filter(interaction=old).values_list("superseded_at", flat=True)
    assert set(ended) == {LATER}


def test_a_correction_can_change_the_people(world: World) -> None:
    logged = log(world, contacts=(contact(world),))
    corrected = correct_interaction(
        logged, facts=FACTS, contacts=[], users=[world.mate.pk], corrected_by=world.owner, now=LATER
    )
    assert [row.user for row in corrected.participants.all()] == [world.mate]


def test_an_old_version_cannot_be_corrected_or_deleted(world: World) -> None:
    logged = log(world)
    correct_interaction(logged, facts=FACTS, corrected_by=world.owner, now=LATER)
    with pytest.raises(ConflictError):
        correct_interaction(logged, facts=FACTS, corrected_by=world.mate, now=LATER)
    with pytest.raises(ConflictError):
        delete_interaction(logged, deleted_by=world.mate, now=LATER)
    assert Interaction.objects.filter(identity=logged.identity).count() == 2
    assert Interaction.objects.filter(identity=logged.identity, superseded_at=None).count() == 1


def test_a_deletion_can_be_undone_and_only_once(world: World) -> None:
    logged = log(world, contacts=(contact(world),))
    delete_interaction(logged, deleted_by=world.owner, now=LATER)
    assert not Interaction.objects.filter(superseded_at=None).exists()
    assert current_levels(logged) == []

    for _again in range(2):
        restored = restore_interaction(logged, now=LATER)

    assert Interaction.objects.get(superseded_at=None) == restored
    assert (restored.identity, restored.summary) == (logged.identity, "Line audit")
    assert current_levels(restored) == [Level.SPECIALIST]


def test_every_write_says_to_scoring_that_facts_changed(world: World) -> None:
    def version() -> int:
        return CustomerInput.objects.get(customer=world.customer).version

    start = version()
    logged = log(world)
    corrected = correct_interaction(logged, facts=FACTS, corrected_by=world.owner, now=LATER)
    delete_interaction(corrected, deleted_by=world.owner, now=LATER)
    restore_interaction(corrected, now=LATER)
    assert version() == start + 4


def test_people_and_projects_of_another_customer_are_refused_and_nothing_is_written(world: World) -> None:
    foreigner = create_contact(
        customer=world.foreign, name="Foreigner", level=Level.EXECUTIVE, author=world.stranger, now=MONDAY
    )
    foreign_project = create_project(
        customer=world.foreign, name="Pumps", manager=world.manager, started_on=MONDAY.date(), now=MONDAY
    )
    with pytest.raises(ValidationError) as refusal:
        log(world, contacts=(foreigner,))
    assert refusal.value.error_dict["contacts"][0].code == "other_customer"
    with pytest.raises(ValidationError) as refusal:
        log(world, replace(FACTS, project_id=foreign_project.pk))
    assert refusal.value.error_dict["project"][0].code == "other_customer"
    assert not Interaction.objects.exists()


def test_what_has_not_happened_cannot_be_logged(world: World) -> None:
    with pytest.raises(ValidationError) as refusal:
        log(world, replace(FACTS, started_at=LATER + dt.timedelta(hours=1)))
    assert refusal.value.error_dict["started_at"][0].code == "future"
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"started_at": dt.datetime(1969, 12, 31, 23, tzinfo=dt.UTC)}, {"started_at": "too_old"}),
        ({"minutes": 1_441}, {"minutes": "minutes"}),
        ({"follow_up_on": MONDAY.date() - dt.timedelta(days=2)}, {"follow_up_on": "before_start"}),
        ({"follow_up_on": dt.date(2031, 6, 1)}, {"follow_up_on": "too_far"}),
    ],
)
def test_what_cannot_be_is_refused(world: World, change: dict[str, object], answer: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        log(world, replace(FACTS, **change))  # type: ignore[arg-type]
    assert {field: errors[0].code for field, errors in caught.value.error_dict.items()} == answer
    assert not Interaction.objects.exists()


def test_a_whole_day_and_a_follow_up_on_the_day_itself_are_possible(world: World) -> None:
    assert log(world, replace(FACTS, minutes=1_440, follow_up_on=MONDAY.date())).pk


def promise(world: World) -> Interaction:
    promised = replace(
        FACTS, follow_up_on=LATER.date() + dt.timedelta(days=7), follow_up_by_id=world.owner.pk
    )
    return log(world, promised)


def test_a_follow_up_is_done_once_by_whoever_came_first(world: World) -> None:
    interaction = promise(world)
    version = CustomerInput.objects.get(customer=world.customer).version
    assert complete_follow_up(interaction, by=world.owner, now=LATER)
    assert not complete_follow_up(interaction, by=world.mate, now=LATER + dt.timedelta(hours=1))
    interaction.refresh_from_db()
    assert (interaction.follow_up_done_at, interaction.follow_up_done_by) == (LATER, world.owner)
    assert Interaction.objects.count() == 1
    # What is overdue is a churn signal: scored again, once.
    assert CustomerInput.objects.get(customer=world.customer).version == version + 1


def test_what_was_not_promised_cannot_be_done_and_the_database_holds_that(world: World) -> None:
    interaction = log(world)
    assert not complete_follow_up(interaction, by=world.owner, now=LATER)
    with pytest.raises(IntegrityError, match="interaction_follow_up_done_by_somebody"), transaction.atomic():
        Interaction.objects.update(follow_up_done_at=LATER, follow_up_done_by=world.owner)


def test_a_follow_up_that_is_done_can_be_opened_again(world: World) -> None:
    interaction = promise(world)
    assert not reopen_follow_up(interaction)
    complete_follow_up(interaction, by=world.owner, now=LATER)
    assert reopen_follow_up(interaction)
    interaction.refresh_from_db()
    assert (interaction.follow_up_done_at, interaction.follow_up_done_by) == (None, None)


@pytest.mark.parametrize(("days", "is_done"), [(7, True), (8, False)])
def test_a_correction_keeps_what_is_done_unless_it_is_promised_anew(
    world: World, days: int, is_done: bool
) -> None:
    interaction = promise(world)
    complete_follow_up(interaction, by=world.owner, now=LATER)
    # The form was opened before it was done: this object still says that it is open.
    corrected = correct_interaction(
        interaction,
        facts=replace(facts_of(interaction), follow_up_on=LATER.date() + dt.timedelta(days=days)),
        corrected_by=world.owner,
        now=LATER,
    )
    assert (corrected.follow_up_done_at is not None) == is_done


def test_what_is_restored_is_as_done_as_it_was(world: World) -> None:
    interaction = promise(world)
    complete_follow_up(interaction, by=world.owner, now=LATER)
    delete_interaction(interaction, deleted_by=world.owner, now=LATER)
    assert restore_interaction(interaction, now=LATER).follow_up_done_by == world.owner
