"""The voice of the customer: noted once, owned, answered in time, seen by whom it concerns."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import access
from accounts.customers.services import ConflictError, company_day
from accounts.facts import AlreadySavedError
from accounts.notices.models import Notice
from accounts.voice.models import Voice, VoiceKind, VoiceTheme
from accounts.voice.services import (
    OWNED_NOTICE,
    VoiceFacts,
    add_voice,
    answer_voice,
    change_voice,
    reopen_voice,
)
from tests.accounts.occasions.shop import contact_of, say, shop_of
from tests.conftest import World

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.django_db


def facts(world: World, **fields: object) -> VoiceFacts:
    said = {
        "kind": VoiceKind.COMPLAINT,
        "theme": VoiceTheme.DELIVERY,
        "text": "The lorry came at night.",
        "heard_on": TODAY,
        "owner_id": world.owner.pk,
    }
    return VoiceFacts(**(said | fields))  # type: ignore[arg-type]


def noted(world: World, **fields: object) -> Voice:
    return add_voice(customer=world.customer, facts=facts(world, **fields), author=world.owner, now=NOW)


@pytest.mark.parametrize(("kind", "days"), [("complaint", 2), ("suggestion", 14), ("praise", None)])
def test_each_kind_has_its_clock(world: World, kind: str, days: int | None) -> None:
    voice = noted(world, kind=VoiceKind(kind))
    assert voice.answer_by == (None if days is None else TODAY + days * DAY)
    assert noted(world, kind=VoiceKind(kind), answer_by=TODAY + DAY).answer_by == TODAY + DAY


def test_a_form_sent_twice_is_noted_once(world: World) -> None:
    token = uuid.uuid4()

    def add() -> Voice:
        return add_voice(
            customer=world.customer, facts=facts(world), author=world.owner, now=NOW, token=token
        )

    add()
    with pytest.raises(AlreadySavedError):
        add()
    assert Voice.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", " ", "blank"),
        ("text", "x" * 4_001, "too_long"),
        ("heard_on", TODAY + DAY, "future"),
        ("heard_on", TODAY - 2_000 * DAY, "too_old"),
        ("answer_by", TODAY - DAY, "past"),
        ("answer_by", TODAY + 400 * DAY, "too_far"),
        ("project_id", 0, "other_customer"),
        ("contact_id", 0, "other_customer"),
    ],
)
def test_what_cannot_be_is_refused(world: World, field: str, value: object, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        noted(world, **{field: value})
    assert [error.code for errors in refusal.value.error_dict.values() for error in errors] == [code]
    assert not Voice.objects.exists()


def test_an_owner_is_told_unless_he_noted_it_himself(world: World) -> None:
    noted(world)
    voice = noted(world, owner_id=world.mate.pk)
    told = Notice.objects.filter(kind=OWNED_NOTICE)
    assert list(told.values_list("user", flat=True)) == [world.mate.pk]
    changed = facts(world, owner_id=world.lead.pk)
    change_voice(voice, facts=changed, expected_version=1, by=world.owner, now=NOW)
    assert told.filter(user=world.lead).exists()
    with pytest.raises(ConflictError):
        change_voice(voice, facts=changed, expected_version=1, by=world.owner, now=NOW)


def test_an_answer_stops_the_clock_and_can_be_taken_back(world: World) -> None:
    voice = noted(world)
    answered = answer_voice(voice, answer="By day from now on.", by=world.owner, now=NOW)
    assert (answered.answered_by, answered.answered_at) == (world.owner, NOW)
    assert (
        answer_voice(voice, answer="By day from now on.", by=world.mate, now=NOW).answered_by == world.owner
    )
    with pytest.raises(ValidationError, match="meanwhile"):
        answer_voice(voice, answer="At noon.", by=world.mate, now=NOW)
    assert reopen_voice(voice).answered_at is None
    with pytest.raises(ValidationError):
        answer_voice(voice, answer=" ", by=world.mate, now=NOW)


def test_whoever_sees_the_customer_hears_him(world: World) -> None:
    noted(world)
    for name, user in world.users.items():
        sees = access.visible_voices(user).exists()
        assert sees == access.visible_customers(user).filter(pk=world.customer.pk).exists(), name


def test_from_noting_to_answering_on_the_pages(client: Client, world: World) -> None:
    client.force_login(world.owner)
    here = f"/customers/{world.customer.pk}"
    form = {
        "kind": "complaint",
        "theme": "quality",
        "text": "Scratched again.",
        "heard_on": f"{company_day(timezone.now()) - 5 * DAY:%Y-%m-%d}",
        "channel": "call",
        "owner": world.owner.pk,
        "token": str(uuid.uuid4()),
    }
    made = client.post(f"{here}/voices/new", form)
    voice = Voice.objects.get()
    assert made.headers["Location"] == f"/voices/{voice.pk}"
    assert client.post(f"{here}/voices/new", form).headers["Location"] == f"{here}/listening"
    assert "Scratched again." in client.get(f"{here}/listening").content.decode()
    assert "Overdue since" in client.get("/voices/?state=overdue&whose=mine").content.decode()
    empty = client.post(f"/voices/{voice.pk}/answer", {"answer": ""})
    assert empty.status_code == 422
    client.post(f"/voices/{voice.pk}/answer", {"answer": "New boxes."})
    assert "New boxes." in client.get(f"/voices/{voice.pk}").content.decode()
    assert "Scratched" not in client.get("/voices/?state=open").content.decode()
    export = b"".join(client.get("/voices/export.csv?kind=complaint").streaming_content).decode()
    assert "New boxes." in export


@pytest.mark.parametrize("query", ["kind=rant", "state=lost", "theme=x", "customer=9999999999999999999999"])
def test_a_wish_that_there_is_not_finds_nothing(client: Client, world: World, query: str) -> None:
    noted(world)
    client.force_login(world.owner)
    page = client.get(f"/voices/?{query}")
    assert page.status_code == 200
    assert "The lorry" not in page.content.decode()


def test_a_voice_is_noted_from_the_list_by_choosing_whose_it_is(client: Client, world: World) -> None:
    client.force_login(world.owner)
    assert 'href="/voices/new"' in client.get("/voices/").content.decode()
    page = client.get("/voices/new", {"q": "hua"}).content.decode()
    assert f'href="/customers/{world.customer.pk}/voices/new"' in page
    assert "Note what was said" in page
    assert "Nordlicht" not in client.get("/voices/new").content.decode()
    log = client.get("/log").content.decode()
    assert f'href="/customers/{world.customer.pk}/interactions/new"' in log
    client.force_login(world.member)
    assert 'href="/voices/new"' not in client.get("/voices/").content.decode()


def test_thirty_voices_take_as_many_queries_as_three(client: Client, world: World) -> None:
    client.force_login(world.owner)

    def queries_with(count: int) -> int:
        for _number in range(count):
            noted(world)
        with CaptureQueriesContext(connection) as queries:
            client.get("/voices/")
        return len(queries)

    queries_with(1)
    assert queries_with(3) == queries_with(30) <= 10


def test_the_address_may_name_the_customer_that_it_is_about(client: Client, world: World) -> None:
    client.force_login(world.owner)
    asked = client.get("/voices/new").content.decode()
    assert "Which customer is it about?" in asked
    assert "With which customer was it?" not in asked
    known = client.get(f"/voices/new?customer={world.customer.pk}")
    assert (known.status_code, known["Location"]) == (302, f"/customers/{world.customer.pk}/voices/new")
    for wrong in (world.foreign.pk, 10**9, "x", "-1", "1" * 40):
        assert client.get(f"/voices/new?customer={wrong}").status_code == 404
    noted(world)
    filtered = client.get(f"/voices/?customer={world.customer.pk}&kind=complaint").content.decode()
    assert f'href="/voices/new?customer={world.customer.pk}"' in filtered
    assert 'href="/voices/new"' in client.get("/voices/").content.decode()


def test_a_complaint_that_a_survey_made_is_read_in_the_readers_language(client: Client, world: World) -> None:
    shop = shop_of(world)
    contact = contact_of(shop.customer, "Zhao", language="zh-hans")
    shop.ask(contact)
    say(shop.invitation(contact), on_time="C")
    told = shop.invitation(contact).voice
    assert told is not None
    assert told.text == "准时: C (不满意)"
    client.force_login(world.owner)
    for page in ("/voices/", f"/voices/{told.pk}", f"/customers/{shop.customer.pk}/listening"):
        text = client.get(page).content.decode()
        assert "On time: C (Poor)" in text, page
        assert told.text not in text, page
    exported = b"".join(client.get("/voices/export.csv").streaming_content).decode()
    assert "On time: C (Poor)" in exported
