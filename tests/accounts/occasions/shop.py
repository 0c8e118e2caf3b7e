"""A customer with contacts, a survey after deliveries, and an order in one line."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.customers.models import Customer, Stage
from accounts.customers.services import change_stage
from accounts.occasions.facts import RulesFacts, SurveyFacts, survey_facts_of
from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.occasions.queries import active_version
from accounts.occasions.services import (
    OccasionFacts,
    OccasionRecorded,
    answer_survey,
    ask_about,
    create_programme,
    draft_survey,
    publish_survey,
)
from accounts.occasions.standard import DELIVERY
from accounts.orders.models import Order
from accounts.orders.services import OrderFacts, add_order
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, SurveyProgramme
from accounts.surveys.services import AnswerFacts
from tests.conftest import MONDAY, World

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
TODAY = MONDAY.date()
TEN = MONDAY.replace(hour=10)
"""The hour at which letters go out, an hour after MONDAY."""
RULES = RulesFacts(asks_deliveries=True, opening=DELIVERY.rules.opening)
_keys = itertools.count()


@dataclass(frozen=True)
class Shop:
    world: World
    programme: SurveyProgramme
    chen: Contact
    li: Contact

    @property
    def customer(self) -> Customer:
        return self.world.customer

    @property
    def version(self) -> ProgrammeVersion:
        version = active_version(self.programme)
        assert version is not None
        return version

    def ask(
        self,
        *contacts: Contact,
        now: dt.datetime = MONDAY,
        happened_on: dt.date = TODAY - DAY,
        event: str = "delivery",
        about: str = "",
        order_identity: str = "",
        token: uuid.UUID | None = None,
        even_if_rested: bool = False,
    ) -> Occasion:
        return ask_about(
            programme=self.programme,
            customer=self.customer,
            contacts=contacts,
            event=event,
            happened_on=happened_on,
            about=about,
            order_identity=order_identity,
            author=self.world.owner,
            now=now,
            token=token,
            even_if_rested=even_if_rested,
        )

    def invitation(self, contact: Contact) -> OccasionInvitation:
        return OccasionInvitation.objects.get(contact=contact)


def say(
    invitation: OccasionInvitation,
    *,
    at: dt.datetime = TEN + HOUR,
    key: str | None = None,
    comment: str = "",
    absent: Sequence[str] = (),
    comments: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    numbers: Mapping[str, Decimal] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    **grades: str,
) -> OccasionRecorded:
    """An answer through a form of its own; a key of its own unless given."""
    return answer_survey(
        OccasionInvitation.objects.get(pk=invitation.pk),
        facts=facts_said(
            comment=comment,
            absent=absent,
            comments=comments,
            texts=texts,
            numbers=numbers,
            choices=choices,
            **grades,
        ),
        idempotency_key=key or f"form-{next(_keys)}",
        now=at,
    )


def facts_said(
    *,
    comment: str = "",
    absent: Sequence[str] = (),
    comments: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    numbers: Mapping[str, Decimal] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    **grades: str,
) -> OccasionFacts:
    answer = AnswerFacts(
        grades=grades,
        not_applicable=frozenset(absent),
        comment=comment,
        dimension_comments=comments or {},
    )
    return OccasionFacts(answer=answer, texts=texts or {}, numbers=numbers or {}, choices=choices or {})


def published(
    name: str, kind: ProgrammeKind, facts: SurveyFacts, *, at: dt.datetime = MONDAY - 60 * DAY
) -> SurveyProgramme:
    programme = create_programme(name=name, kind=kind, facts=facts, author=None, now=at)
    publish(programme, at=at)
    return programme


def publish(programme: SurveyProgramme, *, at: dt.datetime) -> ProgrammeVersion:
    draft = draft_survey(programme, author=None, now=at)
    return publish_survey(draft, expected_digest=survey_facts_of(draft).digest, now=at)


def contact_of(
    customer: Customer,
    name: str,
    *,
    level: Level = Level.OPERATIONAL,
    time_zone: str = "UTC",
    email: str | None = None,
    language: str = "en",
) -> Contact:
    return create_contact(
        customer=customer,
        name=name,
        level=level,
        author=None,
        now=MONDAY - 90 * DAY,
        email=f"{name.lower()}@huaxing.test" if email is None else email,
        time_zone=time_zone,
        language=language,
    )


def delivered(
    customer: Customer, number: str, *, on: dt.date = TODAY - DAY, now: dt.datetime = MONDAY
) -> Order:
    facts = OrderFacts(
        ordered_on=on - 10 * DAY, delivered_on=on, amount_minor=100, currency="CNY", number=number
    )
    return add_order(customer=customer, facts=facts, now=now)


def shop_of(world: World, rules: RulesFacts = RULES) -> Shop:
    """Chen and Li of a continuing customer; a survey after deliveries, published two months ago."""
    change_stage(world.customer, stage=Stage.CONTINUING, author=None, now=MONDAY)
    world.customer.refresh_from_db()
    facts = replace(DELIVERY, rules=rules)
    programme = published("After a delivery", ProgrammeKind.EVENT, facts)
    return Shop(world, programme, contact_of(world.customer, "Chen"), contact_of(world.customer, "Li"))
