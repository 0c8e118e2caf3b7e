"""The demo's interactions: who talked to whom, written in bulk (9,000 single writes would take a minute)."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.customers.services import bump
from accounts.interactions.models import (
    Direction,
    Interaction,
    InteractionKind,
    InteractionParticipant,
    Sentiment,
)
from accounts.projects.models import Project
from accounts.users.models import User
from crm.demo.story.plots import Plot
from crm.demo.story.said import SAID

# kind, minutes, share of all talks
_KINDS = (
    (InteractionKind.CALL, 15, 0.34),
    (InteractionKind.EMAIL, 10, 0.22),
    (InteractionKind.MESSAGE, 5, 0.18),
    (InteractionKind.MEETING, 60, 0.10),
    (InteractionKind.VISIT, 180, 0.06),
    (InteractionKind.SUPPORT, 45, 0.06),
    (InteractionKind.TRAINING, 120, 0.02),
    (InteractionKind.STRATEGY, 90, 0.02),
)
_LEVEL_SHARE = {Level.EXECUTIVE: 0.06, Level.MANAGEMENT: 0.2, Level.SPECIALIST: 0.34, Level.OPERATIONAL: 0.4}
# Days after a champion left, and what his successor then said.
_AFTER_HE_LEFT = (
    (
        3,
        (
            "The successor does not know our agreements and wants to see other offers.",
            "接任者不了解既有约定，想看其他报价。",
        ),
    ),
    (12, ("The successor asked two competitors for quotations.", "接任者已向两家竞争对手询价。")),
)
# Days before he left, and what he said: he was on our side.
_BEFORE_HE_LEFT = (
    (74, ("Wants us for the second product line as well.", "希望第二条产品线也交给我们。")),
    (41, ("Defended our price in his purchasing round.", "在采购会上为我们的价格说话。")),
    (6, ("Says goodbye at the end of the month; no word on a successor.", "月底离职，接任者未定。")),
)
_SENTIMENTS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
TALK_DAYS = 540
RECENT_DAYS = 60
FOLLOWED_UP = 0.15


@dataclass(frozen=True)
class Relation:
    """A customer with everybody who can talk."""

    customer: Customer
    plot: Plot
    contacts: list[Contact]
    project: Project | None
    owner: User
    is_chinese: bool


@dataclass(frozen=True)
class Span:
    """The time after ``since`` up to and with ``until``."""

    since: dt.datetime
    until: dt.datetime


def write_talks(relations: list[Relation], now: dt.datetime, random: np.random.Generator) -> int:
    """Write the interactions of the last `TALK_DAYS` days; returns how many."""
    talks: list[Interaction] = []
    partners: list[Contact] = []
    for relation in relations:
        for before in _talk_days(relation.plot, random):
            talks.append(_talk(relation, now - dt.timedelta(days=float(before)), random))
            partners.append(_partner(relation.contacts, random))
    _promise_follow_ups(talks, now, random)
    for relation in relations:
        for talk, partner in _talks_around_the_departure(relation, now):
            talks.append(talk)
            partners.append(partner)
    _write(talks, partners)
    bump(relation.customer.pk for relation in relations)
    return len(talks)


def write_later_talks(relations: list[Relation], span: Span, random: np.random.Generator) -> int:
    """Write the interactions of a span for customers with whom somebody still talks; returns how many."""
    talks: list[Interaction] = []
    partners: list[Contact] = []
    days = (span.until - span.since) / dt.timedelta(days=1)
    for relation in relations:
        count = random.poisson(relation.plot.talks_per_month * days / 30)
        for share in np.sort(random.random(count)):
            talk = _talk(relation, span.since + (span.until - span.since) * float(share), random)
            partner = _partner(relation.contacts, random)
            if not relation.plot.silent_days and talk.started_at > span.since:
                talks.append(talk)
                partners.append(partner)
    _promise_follow_ups(talks, span.until, random)
    _write(talks, partners)
    bump({talk.customer_id for talk in talks})
    return len(talks)


def _write(talks: list[Interaction], partners: list[Contact]) -> None:
    Interaction.objects.bulk_create(talks, batch_size=2000)
    InteractionParticipant.objects.bulk_create(
        [row for talk, contact in zip(talks, partners, strict=True) for row in _participants(talk, contact)],
        batch_size=5000,
    )


def _talk_days(plot: Plot, random: np.random.Generator) -> np.ndarray:
    first = min(plot.starts_before, TALK_DAYS)
    count = random.poisson(plot.talks_per_month * max(0, first - plot.silent_days) / 30)
    return np.sort(random.uniform(plot.silent_days, first, size=count))[::-1]


def _talk(relation: Relation, day: dt.datetime, random: np.random.Generator) -> Interaction:
    kind, minutes, _share = _KINDS[random.choice(len(_KINDS), p=[row[2] for row in _KINDS])]
    started_at = min(
        day.replace(hour=int(random.integers(1, 9)), minute=int(random.choice([0, 15, 30])), second=0),
        day,
    )
    unhappy = 0.25 if relation.plot.stops_before else 0.06
    direction = str(random.choice(Direction.values))
    length = int(minutes * random.uniform(0.6, 1.6))
    sentiment = Sentiment(int(random.choice(_SENTIMENTS, p=[unhappy, 0.7 - unhappy, 0.3])))
    said = SAID[kind][sentiment]
    words = said[random.integers(len(said))]
    return Interaction(
        customer=relation.customer,
        project=relation.project,
        kind=kind,
        direction=direction,
        started_at=started_at,
        minutes=length,
        summary=words[int(relation.is_chinese)],
        sentiment=sentiment,
        author=relation.owner,
        known_at=started_at,
    )


def _talks_around_the_departure(
    relation: Relation, now: dt.datetime
) -> Iterator[tuple[Interaction, Contact]]:
    """With the champion before he left, with his successor afterwards."""
    left_before = relation.plot.supporter_left_before
    if left_before is None:
        return
    champion = Contact.objects.get(customer=relation.customer, departures__isnull=False)
    for days, words in _BEFORE_HE_LEFT:
        said = words[int(relation.is_chinese)]
        yield _call(relation, now - dt.timedelta(days=left_before + days), said, Sentiment.POSITIVE), champion
    successor = next(each for each in relation.contacts if each.level == Level.MANAGEMENT)
    for days, words in _AFTER_HE_LEFT:
        said = words[int(relation.is_chinese)]
        yield (
            _call(relation, now - dt.timedelta(days=left_before - days), said, Sentiment.NEGATIVE),
            successor,
        )


def _call(relation: Relation, started_at: dt.datetime, summary: str, sentiment: Sentiment) -> Interaction:
    return Interaction(
        customer=relation.customer,
        project=relation.project,
        kind=InteractionKind.CALL,
        direction=Direction.OUTBOUND,
        started_at=started_at,
        minutes=20,
        summary=summary,
        sentiment=sentiment,
        author=relation.owner,
        known_at=started_at,
    )


def _promise_follow_ups(talks: list[Interaction], now: dt.datetime, random: np.random.Generator) -> None:
    """A share of the recent talks ends with a promise; most are due in days to come, a few are overdue."""
    for talk in talks:
        recent = talk.started_at > now - dt.timedelta(days=RECENT_DAYS)
        if recent and random.random() < FOLLOWED_UP:
            talk.follow_up_on = talk.started_at.date() + dt.timedelta(days=int(random.integers(20, 75)))
            talk.follow_up_by = talk.author


def _partner(contacts: list[Contact], random: np.random.Generator) -> Contact:
    weights = np.array([_LEVEL_SHARE[Level(contact.level)] for contact in contacts])
    return contacts[random.choice(len(contacts), p=weights / weights.sum())]


def _participants(talk: Interaction, contact: Contact) -> list[InteractionParticipant]:
    said = {
        "interaction": talk,
        "customer": talk.customer,
        "started_at": talk.started_at,
        "known_at": talk.known_at,
    }
    return [
        InteractionParticipant(contact=contact, level=contact.level, **said),
        InteractionParticipant(user=talk.author, **said),
    ]
