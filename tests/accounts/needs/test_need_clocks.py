"""The clocks of a need are heard: on Today, and once by owner and lead when they are over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.needs.clocks import ring_needs
from accounts.needs.models import Decision
from accounts.needs.services import deliver_need, promise_need
from accounts.notices.models import Notice
from accounts.users.models import User
from crm.queries.today import scope_of, today_of
from crm.queries.today.needs import NeedItem
from tests.accounts.needs.register import DAY, NOW, TODAY, judged, noted, promised
from tests.conftest import World

pytestmark = pytest.mark.django_db


def shown(user: User, now: dt.datetime) -> list[NeedItem]:
    today = today_of(scope_of(user, now=now, today=now.date()))
    return [item for section in today.sections for item in section.items if isinstance(item, NeedItem)]


def told(kind: str) -> list[str]:
    return list(Notice.objects.filter(kind=kind).order_by("user__name").values_list("user__name", flat=True))


def test_what_nobody_decided_stands_on_today_from_its_last_day_on(world: World) -> None:
    need = noted(world)
    assert shown(world.owner, NOW + 6 * DAY) == []
    (item,) = shown(world.owner, NOW + 7 * DAY)
    assert (item.need_id, item.is_overdue, item.is_promised, item.bar) == (need.pk, False, False, "at_risk")
    assert shown(world.lead, NOW + 7 * DAY) == shown(world.mate, NOW + 8 * DAY) == []
    (late,) = shown(world.owner, NOW + 8 * DAY)
    (of_mine,) = shown(world.lead, NOW + 8 * DAY)
    assert (late.is_overdue, late.bar, of_mine.owner) == (True, "critical", "Owner")


def test_a_promise_stands_on_today_until_it_is_kept(world: World) -> None:
    need = promised(world)
    assert shown(world.owner, NOW + 8 * DAY) == []
    assert shown(world.owner, NOW + 9 * DAY)[0].is_promised
    deliver_need(need, on=TODAY, now=NOW)
    assert shown(world.owner, NOW + 10 * DAY) == []


def test_owner_and_lead_hear_once_of_each_missed_day(client: Client, world: World) -> None:
    noted(world)
    need = promised(world)
    assert ring_needs(now=NOW + 7 * DAY) == 0
    assert ring_needs(now=NOW + 8 * DAY) == 1
    assert ring_needs(now=NOW + 10 * DAY) == 1
    assert ring_needs(now=NOW + 11 * DAY) == 0
    assert told("need_undecided") == told("need_broken_promise") == ["Lead", "Owner"]
    promise_need(need, on=TODAY + 12 * DAY, now=NOW + 10 * DAY)
    assert ring_needs(now=NOW + 13 * DAY) == 1
    client.force_login(world.lead)
    page = client.get("/notices/").content.decode()
    assert "Nobody decided in time about a need: A safety stock of two weeks." in page
    assert "What was promised is not delivered: A safety stock of two weeks." in page


def test_where_everybody_has_left_the_admins_hear(world: World) -> None:
    noted(world)
    User.objects.filter(pk__in=[world.owner.pk, world.lead.pk]).update(is_active=False)
    ring_needs(now=NOW + 9 * DAY)
    assert told("need_undecided") == ["Admin"]


def test_what_is_parked_or_accepted_is_silent(world: World) -> None:
    judged(world, Decision.PARK)
    judged(world)
    assert ring_needs(now=NOW + 300 * DAY) == 0
    assert shown(world.owner, NOW + 300 * DAY) == []


def test_thirty_needs_take_as_many_queries_as_three(world: World) -> None:
    def queries(count: int) -> int:
        for _number in range(count):
            noted(world)
        with CaptureQueriesContext(connection) as captured:
            assert ring_needs(now=NOW + 9 * DAY) == count
            assert shown(world.owner, NOW + 9 * DAY)
        return len(captured)

    assert queries(3) == queries(30)
