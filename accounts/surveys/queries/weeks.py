"""Which week is the present one of the survey: the latest that somebody was asked about.

A week has a row as soon as anybody notes something about it; that alone asks nobody.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet

from accounts.customers.services import company_day
from accounts.projects.models import Project
from accounts.surveys.models import Invitation, Week


def asked_weeks(now: dt.datetime) -> QuerySet[Week]:
    """Weeks up to the present one that somebody had been asked about by ``now``, the latest first."""
    asked = Invitation.objects.filter(week=OuterRef("pk"), known_at__lte=now)
    return Week.objects.filter(Exists(asked), monday__lte=company_day(now)).order_by("-monday")


def last_asked_week(now: dt.datetime) -> dt.date | None:
    """Its Monday; None before the first survey."""
    return asked_weeks(now).values_list("monday", flat=True).first()


def last_closed_week(now: dt.datetime) -> dt.date | None:
    """The Monday of the latest week whose survey has closed for everybody; None before there is one."""
    waiting = Invitation.objects.filter(week=OuterRef("pk"), known_at__lte=now, closes_at__gt=now)
    closed = asked_weeks(now).filter(~Exists(waiting))
    return closed.values_list("monday", flat=True).first()


def last_week_of(project: Project, now: dt.datetime) -> dt.date | None:
    """The latest week that somebody was asked about this project, by its Monday."""
    asked = Invitation.objects.filter(project=project, known_at__lte=now, week__lte=company_day(now))
    return asked.order_by("-week").values_list("week", flat=True).first()
