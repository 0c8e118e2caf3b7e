"""Respondents whose letters are due, for tests with real workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from django.utils import timezone

from accounts.contacts.models import Contact, Level
from accounts.contacts.services import create_contact
from accounts.projects.services import create_project
from accounts.surveys.models import Invitation, SurveyProgramme
from accounts.surveys.services import ensure_programme, name_respondent, publish_version
from accounts.surveys.standard import STANDARD
from crm.demo import processes
from tests.conftest import World

DAY = dt.timedelta(days=1)
StartBeat = Callable[..., None]


def respondents(world: World, count: int, *, days_ago: int) -> list[Contact]:
    """People who have been asked since long, and whose letters fell due so many days ago at midnight."""
    now = timezone.now()
    long_ago = now - 30 * DAY
    ensure_programme(now=long_ago)
    due = now - days_ago * DAY
    facts = replace(
        STANDARD,
        send_weekday=due.isoweekday(),
        send_hour=0,
        close_weekday=(due + 5 * DAY).isoweekday(),
    )
    publish_version(SurveyProgramme.objects.get(), facts=facts, author=None, now=long_ago)
    project = create_project(
        customer=world.customer,
        name="Line 4",
        manager=world.manager,
        started_on=long_ago.date(),
        now=long_ago,
    )
    contacts = [
        create_contact(
            customer=world.customer,
            name=f"Respondent {number}",
            level=Level.SPECIALIST,
            author=world.owner,
            now=long_ago,
            email=f"r{number}@huaxing.test",
            time_zone="UTC",
        )
        for number in range(count)
    ]
    for contact in contacts:
        name_respondent(project=project, contact=contact, author=None, now=long_ago)
    return contacts


def wait_for(condition: Callable[[], bool], *, seconds: float = 300) -> None:
    assert processes.wait_until(condition, seconds=seconds), "It did not happen in time."


def all_sent(count: int) -> Callable[[], bool]:
    return lambda: Invitation.objects.exclude(sent_at=None).count() == count
