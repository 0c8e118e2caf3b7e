"""Reads about a customer's people."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.actions.models import Action
from accounts.contacts.models import Contact, ContactAttitude, ContactLevel, Level
from accounts.customers.models import Customer
from accounts.facts import CURRENT
from accounts.interactions.models import InteractionParticipant
from accounts.projects.models import Project
from accounts.surveys.models import Answer, AnswerGrade, CorrectiveAction
from crm.queries.satisfaction import with_grades

MOST_SHOWN = 500
LATEST = 10


def usual_settings(customer: Customer) -> tuple[str, str] | None:
    """Language and time zone of most of the customer's people; None while there is nobody."""
    people = Contact.objects.filter(customer=customer).order_by().values_list("language", "time_zone")
    return (
        people.annotate(count=Count("pk"))
        .order_by("-count", "language", "time_zone")[:1]
        .values_list("language", "time_zone")
        .first()
    )


@dataclass(frozen=True)
class LevelGroup:
    """The people of one level, those who left last."""

    level: Level
    people: list[Contact]

    @property
    def present(self) -> list[Contact]:
        return [person for person in self.people if person.left_on is None]

    @property
    def is_gap(self) -> bool:
        """Nobody we know works at this level, or none of them has a counterpart among us."""
        return not any(person.counterpart_id for person in self.present)


def people_by_level(customer: Customer) -> list[LevelGroup]:
    """All four levels, also the empty ones: a level nobody talks to is what the page is for.

    Each contact has ``last_touch_at``: the last interaction he took part in.
    """
    people = list(with_last_touch(Contact.objects.filter(customer=customer))[:MOST_SHOWN])
    people.sort(key=lambda person: person.left_on is not None)
    return [LevelGroup(level, [one for one in people if one.level == level]) for level in Level]


def with_last_touch(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    took_part = InteractionParticipant.objects.filter(contact=OuterRef("pk"), superseded_at=None)
    return (
        contacts.select_related("reports_to", "counterpart")
        .annotate(last_touch_at=Subquery(took_part.order_by("-started_at").values("started_at")[:1]))
        .order_by("sort_key", "pk")
    )


def level_rows(contact: Contact) -> QuerySet[ContactLevel]:
    return contact.levels.order_by("-valid_from", "-id")


def attitude_rows(contact: Contact) -> QuerySet[ContactAttitude]:
    return contact.attitudes.select_related("author").order_by("-stated_on", "-id")


def elsewhere(contact: Contact, visible: QuerySet[Contact]) -> list[Contact]:
    """The same person at other customers, those of them ``visible``: where he was, where he went."""
    same = Q(moved_to__later=contact) | Q(moved_from__earlier=contact)
    return list(visible.filter(same).select_related("customer").order_by("known_at", "pk"))


def talks_with(contact: Contact) -> list[InteractionParticipant]:
    """The latest interactions he took part in."""
    took_part = InteractionParticipant.objects.filter(contact=contact, superseded_at=None)
    return list(took_part.select_related("interaction__author").order_by("-started_at", "-pk")[:LATEST])


def answers_of(contact: Contact, graded: QuerySet[Project]) -> list[Answer]:
    """His latest answers about projects whose grades are shown, with all their grades, worst first."""
    found = Answer.objects.filter(CURRENT, invitation__contact=contact, project__in=graded.values("pk"))
    return list(with_grades(found).order_by("-known_at", "-pk")[:LATEST])


def cases_of(contact: Contact, visible: QuerySet[CorrectiveAction]) -> list[CorrectiveAction]:
    """Corrective actions that he complained about, open ones first."""
    his = AnswerGrade.objects.filter(case=OuterRef("pk"), answer__invitation__contact=contact)
    found = visible.filter(Exists(his)).select_related("project", "dimension")
    return list(found.order_by(F("closed_at").desc(nulls_first=True), "-pk")[:LATEST])


def open_actions_about(contact: Contact, visible: QuerySet[Action]) -> list[Action]:
    """What somebody of us is to do for him."""
    found = visible.filter(contact=contact, done_at=None, dropped_at=None).select_related("owner")
    return list(found.order_by("due_on", "pk")[:LATEST])
