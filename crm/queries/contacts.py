"""Reads about a customer's people."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts.contacts.models import Contact, ContactAttitude, ContactLevel, Level
from accounts.customers.models import Customer
from accounts.interactions.models import InteractionParticipant

MOST_SHOWN = 500


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
