"""Where nobody listens: customers of whom somebody was asked lately, with what is missing in their maps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection

from accounts import access
from accounts.contacts.models import Level
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.keys import among
from accounts.surveys.models import SurveyDimension
from accounts.surveys.queries import form_of
from accounts.users.models import User
from crm.queries.listening.coverage import LevelCover, covered_levels
from crm.queries.listening.measured import Measured, measured_of
from crm.queries.listening.voices import WEEK, LevelVoice, Voices, last_heard_week, voices_of
from scoring.core.satisfaction import MOST_WEEKS

MOST_CUSTOMERS = 500
"""The customers asked last; whoever has more reads them customer by customer."""

_RECENT = """
select i.customer_id, array_agg(distinct i.project_id), max(i.programme_version_id)
from surveys_invitation i
where i.project_id = any(%(projects)s) and i.week_id >= %(first)s and i.known_at <= %(as_of)s
group by 1 order by max(i.week_id) desc, 1 limit %(most)s
"""


@dataclass(frozen=True)
class LevelState:
    """What a level of a customer is to us."""

    voice: LevelVoice
    cover: LevelCover


@dataclass(frozen=True)
class ListeningRow:
    customer: Customer
    voices: Voices
    levels: tuple[LevelState, ...]
    measured: Measured

    @property
    def uncovered(self) -> int:
        """Levels at which nobody of ours is anybody's counterpart."""
        return sum(state.cover.is_gap for state in self.levels)

    @property
    def urgency(self) -> tuple[int, int, int, int]:
        """Silent levels, disagreements, levels without a counterpart, levels not asked."""
        found = self.voices
        return len(found.silent), len(found.disagreements), self.uncovered, len(found.unasked)


@dataclass(frozen=True)
class Overview:
    """``rows``: silent levels first, then those that disagree, then those without a counterpart of ours;
    levels that are not asked come last, as most are not.

    ``week``: the last of 13, as `last_heard_week` has it. ``is_cut``: there are more customers than these.
    """

    rows: tuple[ListeningRow, ...]
    dimensions: dict[int, SurveyDimension]
    week: dt.date
    is_cut: bool

    @property
    def first(self) -> dt.date:
        """The Monday of the first week."""
        return self.week - WEEK * (MOST_WEEKS - 1)

    @property
    def sunday(self) -> dt.date:
        return self.week + dt.timedelta(days=6)


def listening_overview(user: User, *, as_of: dt.datetime) -> Overview:
    """Of the projects whose grades he sees. The number of queries does not depend on that of customers."""
    day = company_day(as_of)
    week = last_heard_week(as_of)
    found = _recent(list(access.graded_projects(user).values_list("pk", flat=True)), week, as_of)
    shown = found[:MOST_CUSTOMERS]
    ids = [customer for customer, _projects, _version in shown]
    projects = [pk for _customer, these, _version in shown for pk in these]
    version = max((version for _customer, _projects, version in shown), default=None)
    asked = [part.dimension for part in form_of(version).dimensions] if version else []
    voices = voices_of(ids, projects, dimensions=[each.pk for each in asked], week=week, as_of=as_of)
    covers = covered_levels(ids, today=day, as_of=as_of)
    measured = measured_of(ids, projects, day=day, as_of=as_of)
    customers = Customer.objects.select_related("owner").filter(pk__in=among(ids))
    rows = [
        ListeningRow(
            customer=customer,
            voices=voices[customer.pk],
            levels=tuple(
                LevelState(voice, covers[customer.pk].get(voice.level, LevelCover()))
                for voice in voices[customer.pk].levels
            ),
            measured=measured[customer.pk],
        )
        for customer in customers
    ]
    rows.sort(key=lambda row: (*(-count for count in row.urgency), row.customer.sort_key, row.customer.pk))
    return Overview(tuple(rows), {each.pk: each for each in asked}, week, len(found) > MOST_CUSTOMERS)


def levels() -> list[Level]:
    """The executives first."""
    return list(Level)


def _recent(project_ids: list[int], week: dt.date, as_of: dt.datetime) -> list[tuple[int, list[int], int]]:
    """(customer, his projects, latest version asked under), the latest asked first; one more than shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RECENT,
            {
                "projects": project_ids,
                "first": week - WEEK * (MOST_WEEKS - 1),
                "as_of": as_of,
                "most": MOST_CUSTOMERS + 1,
            },
        )
        found: list[tuple[int, list[int], int]] = cursor.fetchall()
    return found
