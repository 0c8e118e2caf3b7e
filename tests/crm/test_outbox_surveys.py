"""The Outbox of the surveys beside the weekly one: the same states, stories and buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.notices.services import tell
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.services import stop_letters
from accounts.occasions.standard import ANY_TIME
from accounts.surveys.models import LetterKind, ProgrammeKind
from accounts.surveys.services import Letter, letter_came_back, letter_deferred, letter_failed, letter_sent
from tests.accounts.occasions.shop import DAY, HOUR, TEN, Shop, contact_of, published, say, shop_of
from tests.conftest import World

REFUSED = "The mail server refused the letter."


@pytest.fixture
def shop(world: World) -> Iterator[Shop]:
    cache.clear()
    shop = shop_of(world)
    shop.ask(shop.chen, shop.li, about="4711")
    OccasionInvitation.objects.update(closes_at=TEN + 9000 * DAY)
    yield shop
    cache.clear()


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(world.admin)
    return client


def letter(shop: Shop, kind: LetterKind = LetterKind.SURVEY) -> Letter:
    return Letter(kind, shop.invitation(shop.chen).pk)


def page(client: Client, address: str = "/outbox/surveys/", **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_before_anybody_was_asked_it_says_how_it_comes_about(admin: Client) -> None:
    assert "No letter yet" in page(admin)


def test_each_letter_is_in_one_state_and_found_by_survey_and_name(shop: Shop, admin: Client) -> None:
    other = published("At any time", ProgrammeKind.ANY_TIME, ANY_TIME)
    letter_sent(letter(shop), reply="250 OK", now=TEN)
    text = page(admin)
    assert "Chen" in text
    assert "4711" in text
    assert "After a delivery" in text
    assert "Sent<b" in text.replace(" ", "")
    assert "Li" not in re.findall(r"data-open>(\w+)", page(admin, state="sent"))
    assert re.findall(r"data-open>(\w+)", page(admin, state="waiting")) == ["Li"]
    assert re.findall(r"data-open>(\w+)", page(admin, q="chen@")) == ["Chen"]
    programme = str(shop.programme.pk)
    assert sorted(re.findall(r"data-open>(\w+)", page(admin, survey=programme))) == ["Chen", "Li"]
    # Of a survey that asked nobody there is no choice: the wish is left aside.
    assert sorted(re.findall(r"data-open>(\w+)", page(admin, survey=str(other.pk)))) == ["Chen", "Li"]


def test_a_letter_opens_its_whole_story(shop: Shop, admin: Client) -> None:
    letter_deferred(letter(shop), reply="451 busy", now=TEN)
    letter_sent(letter(shop), reply="250 OK", now=TEN + HOUR)
    letter_sent(letter(shop, LetterKind.SURVEY_REMINDER), reply="250 again", now=TEN + 5 * DAY)
    say(shop.invitation(shop.chen), at=TEN + 6 * DAY, on_time="A")
    text = page(admin, f"/outbox/surveys/{letter(shop).pk}")
    places = [text.index(words) for words in ("451 busy", "250 OK", "250 again", "Answered</strong>")]
    assert places == sorted(places)
    assert "After a delivery" in text


def test_what_failed_is_sent_again_by_an_admin_only(shop: Shop, world: World, admin: Client) -> None:
    letter_failed(letter(shop), reason=REFUSED, reply="550 no", now=TEN)
    address = f"/outbox/surveys/{letter(shop).pk}/send-again"
    for user in (world.owner, world.executive):
        client = Client()
        client.force_login(user)
        assert client.post(address).status_code == 404
        assert client.get("/outbox/surveys/").status_code == 404
    assert shop.invitation(shop.chen).failed_at == TEN
    assert "550 no" in page(admin)
    answer = admin.post(address, {"next": "/outbox/surveys/?state=failed"})
    assert answer["Location"] == "/outbox/surveys/?state=failed"
    assert shop.invitation(shop.chen).failed_at is None
    assert "Nothing was sent" in page(admin, "/outbox/surveys/") or admin.post(address).status_code == 302


def test_what_came_back_is_its_own_state(shop: Shop, admin: Client) -> None:
    letter_sent(letter(shop), reply="250 OK", now=TEN)
    assert letter_came_back(letter(shop), reply="550 5.1.1 gone", is_final=True, now=TEN + HOUR)
    assert re.findall(r"data-open>(\w+)", page(admin, state="came_back")) == ["Chen"]


def test_queries_do_not_grow_with_letters(shop: Shop, admin: Client) -> None:
    page(admin)
    counts = []
    for many in (1, 28):
        shop.ask(*(contact_of(shop.customer, f"P{many} {number}") for number in range(many)))
        with CaptureQueriesContext(connection) as queries:
            page(admin)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_complaint_and_a_wish_are_told_in_words(shop: Shop) -> None:
    client = Client()
    client.force_login(shop.world.owner)
    say(shop.invitation(shop.chen), on_time="C")
    stop_letters(shop.invitation(shop.chen), now=TEN)
    tell(shop.world.owner, "survey_wish", {"contact": 0, "is_out": False}, shop.customer)
    text = page(client, "/notices/")
    assert "Chen gave a low grade in a survey: it is a complaint that you answer." in text
    assert "Chen wants no surveys any more." in text
    assert "A contact wants to be asked again." in text


def test_an_old_survey_is_found_by_name_alone(shop: Shop, admin: Client) -> None:
    closed = timezone.now() - 200 * DAY
    OccasionInvitation.objects.update(due_at=closed - 14 * DAY, closes_at=closed)
    assert "No letter in this state" in page(admin)
    assert re.findall(r"data-open>(\w+)", page(admin, q="chen")) == ["Chen"]


def test_the_story_says_when_a_letter_goes_out(shop: Shop, admin: Client) -> None:
    address = f"/outbox/surveys/{letter(shop).pk}"
    assert "Goes out" not in page(admin, address)
    OccasionInvitation.objects.update(due_at=TEN + 8000 * DAY)
    text = page(admin, address)
    assert text.index("Goes out") < text.index("The survey closes")
