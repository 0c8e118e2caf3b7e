"""The story as it stands in the database some time later: whom it is about, and how far it is.

Whatever people have added to the demo since is left to them: the story goes on with its own customers and
respondents only.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db.models import F, Min, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast, Concat

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.projects.models import Project
from accounts.surveys.models import Answer, Invitation, Respondent, RespondentState
from accounts.surveys.services import ensure_programme
from crm.demo.story.book import plots_of_the_book
from crm.demo.story.moods import NOW_WEEK, Panel
from crm.demo.story.plots import mood_of
from crm.demo.story.respondents import WEEK, Calendar
from crm.demo.story.talks import Relation

FIRST_NUMBER = 1001


class NoStoryError(Exception):
    """The story was not told here."""


@dataclass(frozen=True)
class Standing:
    """``projects`` by the customer's place in the book; ``respondents`` are the rows of the panel; ``first``:
    the Monday of the first week, by time zone."""

    calendar: Calendar
    projects: dict[int, Project]
    respondents: list[Respondent]
    panel: Panel
    first: dict[str, dt.date]

    def week(self, monday: dt.date, time_zone: str) -> int:
        """The place of a week, as in `moods`."""
        first = self.first.get(time_zone) or min(self.first.values())
        return (monday - first) // WEEK

    @property
    def now_week(self) -> int:
        """The latest place of a week that was sent to anybody; `NOW_WEEK` at the first start."""
        return max(self.week(self.calendar.monday(NOW_WEEK, zone), zone) for zone in self.first)


def standing(now: dt.datetime) -> Standing:
    """Raises NoStoryError."""
    customers = _customers()
    last = _last_respondent()
    if last is None or not customers:
        raise NoStoryError
    asked = Respondent.objects.filter(pk__lte=last, customer__in=customers).order_by("pk")
    respondents = list(asked.select_related("contact", "project"))
    place = {customer.pk: each for each, customer in enumerate(customers)}
    return Standing(
        calendar=Calendar(ensure_programme(now=now), now),
        projects=_projects(place),
        respondents=respondents,
        panel=_panel(respondents, place),
        first=_first_weeks(last),
    )


def relations() -> list[Relation]:
    """The book's customers as they are now; without those who merged away or whom nobody owns."""
    customers = _customers()
    projects = _projects({customer.pk: place for place, customer in enumerate(customers)})
    people: dict[int, list[Contact]] = {}
    for contact in Contact.objects.filter(customer__in=customers, left_on=None).order_by("pk"):
        people.setdefault(contact.customer_id, []).append(contact)
    return [
        Relation(
            customer=customer,
            plot=plot,
            contacts=people[customer.pk],
            project=projects.get(place),
            owner=customer.owner,
            is_chinese=people[customer.pk][0].language.startswith("zh"),
        )
        for place, (customer, plot) in enumerate(
            zip(customers, plots_of_the_book(len(customers)), strict=True)
        )
        if customer.owner is not None and customer.merged_into_id is None and customer.pk in people
    ]


def _customers() -> list[Customer]:
    """In the order of the book, which numbered them without a gap."""
    found = Customer.objects.select_related("owner").filter(number__regex=r"^C\d{4}$").order_by("number")
    return [customer for place, customer in enumerate(found) if customer.number == f"C{FIRST_NUMBER + place}"]


def _projects(place: dict[int, int]) -> dict[int, Project]:
    """The first project of each."""
    projects = Project.objects.select_related("customer__owner", "manager").filter(customer__in=place)
    return {place[project.customer_id]: project for project in projects.order_by("-pk")}


def _last_respondent() -> int | None:
    """He was named before anybody whom people named: the answers of the story have keys of their own."""
    told = Answer.objects.filter(
        idempotency_key=Concat(Value("form-"), Cast("invitation_id", TextField()), output_field=TextField())
    )
    return told.order_by("-invitation__respondent").values_list("invitation__respondent", flat=True).first()


def _panel(respondents: list[Respondent], place: dict[int, int]) -> Panel:
    return Panel(
        customer=np.array([place[each.customer_id] for each in respondents]),
        levels=tuple(each.contact.level for each in respondents),
        is_steady=np.array(
            [each.state == RespondentState.ACTIVE and each.contact.left_on is None for each in respondents]
        ),
        moods=tuple(mood_of(each) for each in range(len(place))),
    )


def _first_weeks(last: int) -> dict[str, dt.date]:
    weeks = Invitation.objects.filter(respondent__lte=last).order_by().values(zone=F("contact__time_zone"))
    return dict(weeks.annotate(monday=Min("week_id")).values_list("zone", "monday"))
