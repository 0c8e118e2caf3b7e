"""The clock of a voice is heard: on Today while it is due, and once by owner and lead when it is over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.notices.models import Notice
from accounts.users.models import User
from accounts.voice.clocks import ring_voices
from accounts.voice.models import Voice, VoiceKind
from accounts.voice.services import VoiceFacts, add_voice, answer_voice, change_voice
from crm.queries.today import scope_of, today_of
from crm.queries.today.items import VoiceItem
from tests.conftest import World

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


def facts(world: World, **changed: object) -> VoiceFacts:
    said = {
        "kind": VoiceKind.COMPLAINT,
        "text": "The lorry came at night.",
        "heard_on": TODAY,
        "owner_id": world.owner.pk,
    }
    return VoiceFacts(**(said | changed))  # type: ignore[arg-type]


def complained(world: World, **changed: object) -> Voice:
    """To be answered by the day after tomorrow."""
    author = world.owner
    return add_voice(customer=world.customer, facts=facts(world, **changed), author=author, now=NOW)


def shown(user: User, now: dt.datetime) -> list[VoiceItem]:
    today = today_of(scope_of(user, now=now, today=now.date()))
    return [item for section in today.sections for item in section.items if isinstance(item, VoiceItem)]


def told() -> list[str]:
    notices = Notice.objects.filter(kind="voice_overdue").order_by("user__name")
    return list(notices.values_list("user__name", flat=True))


def test_it_stands_on_the_owners_today_from_its_day_on_and_on_his_leads_when_it_is_over(world: World) -> None:
    voice = complained(world)
    assert shown(world.owner, NOW + DAY) == []
    (item,) = shown(world.owner, NOW + 2 * DAY)
    assert (item.voice_id, item.is_overdue, item.owner, item.bar) == (voice.pk, False, "", "at_risk")
    assert shown(world.lead, NOW + 2 * DAY) == shown(world.mate, NOW + 3 * DAY) == []
    (late,) = shown(world.owner, NOW + 3 * DAY)
    (of_mine,) = shown(world.lead, NOW + 3 * DAY)
    assert (late.is_overdue, late.bar, of_mine.owner) == (True, "critical", "Owner")
    answer_voice(voice, answer="Never again at night.", by=world.owner, now=NOW + 3 * DAY)
    assert shown(world.owner, NOW + 3 * DAY) == shown(world.lead, NOW + 3 * DAY) == []


def test_the_page_leads_to_the_answer(client: Client, world: World) -> None:
    voice = complained(world)
    client.force_login(world.owner)
    page = client.get("/today/").content.decode()
    assert f'href="/voices/{voice.pk}#answer"' in page
    assert "Overdue since" in page
    assert 'id="answer"' in client.get(f"/voices/{voice.pk}").content.decode()


def test_owner_and_lead_hear_once_that_it_is_over(client: Client, world: World) -> None:
    complained(world)
    assert ring_voices(now=NOW + 2 * DAY) == 0
    assert ring_voices(now=NOW + 3 * DAY) == 1
    assert ring_voices(now=NOW + 3 * DAY) == ring_voices(now=NOW + 9 * DAY) == 0
    assert told() == ["Lead", "Owner"]
    client.force_login(world.lead)
    page = client.get("/notices/").content.decode()
    assert "Huaxing Electronics waits for an answer: the day it was promised by is over." in page


def test_another_promised_day_is_another_alarm(world: World) -> None:
    voice = complained(world)
    ring_voices(now=NOW + 3 * DAY)
    promised = facts(world, answer_by=TODAY + 5 * DAY)
    change_voice(voice, facts=promised, expected_version=1, by=world.owner, now=NOW + 3 * DAY)
    assert ring_voices(now=NOW + 5 * DAY) == 0
    assert ring_voices(now=NOW + 6 * DAY) == 1
    assert told() == ["Lead", "Lead", "Owner", "Owner"]


def test_where_everybody_has_left_the_admins_hear(world: World) -> None:
    complained(world)
    User.objects.filter(pk__in=[world.owner.pk, world.lead.pk]).update(is_active=False)
    ring_voices(now=NOW + 3 * DAY)
    assert told() == ["Admin"]


def test_praise_and_what_was_answered_are_silent(world: World) -> None:
    complained(world, kind=VoiceKind.PRAISE)
    answer_voice(complained(world), answer="Done.", by=world.owner, now=NOW)
    assert ring_voices(now=NOW + 30 * DAY) == 0
    assert told() == []


def test_thirty_voices_take_as_many_queries_as_three(world: World) -> None:
    def queries(count: int) -> int:
        for _number in range(count):
            complained(world)
        with CaptureQueriesContext(connection) as captured:
            assert ring_voices(now=NOW + 3 * DAY) == count
            assert shown(world.owner, NOW + 3 * DAY)
        return len(captured)

    assert queries(3) == queries(30)
