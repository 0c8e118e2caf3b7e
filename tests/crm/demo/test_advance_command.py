"""Moving the demo a week on from any day, and by its command: each test tells a story of its own."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.surveys.models import Invitation
from crm.demo.story.book import create_book
from crm.demo.story.cast import create_cast
from crm.queries.today.company import company_week
from tests.crm.demo.test_advance import WEEK, advance, fill, look_at_the_week, make_book
from tests.crm.demo.test_story_weeks import CUSTOMERS, STARTS


def test_on_whatever_day_it_is_advanced_the_week_is_whole(db: None) -> None:
    make_book()
    for now in STARTS[::3]:  # Monday, Thursday night, Friday, Sunday
        with transaction.atomic():
            fill(now)
            advance(now)
            look_at_the_week(now, now - WEEK)
            transaction.set_rollback(True)


def test_the_command_takes_several_weeks_and_the_kept_index_is_the_new_one(db: None) -> None:
    now = timezone.now()
    create_book(create_cast(), now, count=CUSTOMERS)
    fill(now)
    kept = company_week(now)
    output = io.StringIO()
    call_command("demo_advance", "--weeks", "2", stdout=output)
    assert "Week 2 of 2" in output.getvalue()
    assert company_week(now) != kept
    assert Invitation.objects.filter(due_at__gt=now - 2 * WEEK).exists()


def test_without_a_demo_and_in_production_it_refuses(db: None, settings: Any) -> None:
    with pytest.raises(CommandError, match="not here"):
        call_command("demo_advance")
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never moved"):
        call_command("demo_advance")
    with pytest.raises(CommandError, match="between 1 and 52"):
        call_command("demo_advance", "--weeks", "0")
