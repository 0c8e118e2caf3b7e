"""Whoever guesses at links is told to wait; whoever has one gets in, from wherever, as often as he looks."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.surveys.links import new_token
from accounts.surveys.models import Answer
from tests.accounts.surveys.office import Office
from tests.conftest import World
from tests.crm.links import invited, link_of, send

TRIES = 3
OFFICE = "203.0.113.7"


@pytest.fixture
def office(world: World, settings: Settings) -> Office:
    settings.SURVEY_TRIES = TRIES
    cache.clear()
    return invited(world)


def guess(address: str = OFFICE, path: str = "/s/{}") -> int:
    return Client(REMOTE_ADDR=address).get(path.format(new_token())).status_code


@pytest.mark.parametrize("path", ["/s/{}", "/s/{}/stop", "/s/c/{}", "/s/{}/cases/1"])
def test_one_wrong_link_too_many_is_answered_with_a_calm_page(office: Office, path: str) -> None:
    method = Client(REMOTE_ADDR=OFFICE).post if path.endswith("1") else Client(REMOTE_ADDR=OFFICE).get
    assert [method(path.format(new_token())).status_code for _ in range(TRIES)] == [404] * TRIES
    told = method(path.format(new_token()))
    assert told.status_code == 429
    assert told["Retry-After"] == "600"
    assert told["Cache-Control"] == "no-store"
    assert "One moment, please" in told.content.decode()


def test_an_office_behind_one_address_answers_whatever_somebody_there_tries(office: Office) -> None:
    while guess() != 429:
        pass
    browser = Client(REMOTE_ADDR=OFFICE)
    for contact in (office.chen, office.li):
        link = link_of(office, contact)
        assert browser.get(link).status_code == 200
        assert browser.get(f"{link}/stop").status_code == 200
        assert send(browser, link, delivery="A") == 303
    assert Answer.objects.count() == 2


def test_another_client_is_not_counted_with_him(office: Office) -> None:
    while guess() != 429:
        pass
    assert guess("198.51.100.1") == 404


def test_one_subscriber_has_a_network_of_ipv6_and_counts_once(office: Office) -> None:
    assert [guess(f"2001:db8:1:2::{number}") for number in range(TRIES)] == [404] * TRIES
    assert guess("2001:db8:1:2:ffff::1") == 429
    assert guess("2001:db8:1:3::1") == 404


def test_right_links_are_looked_at_without_a_limit(office: Office) -> None:
    link, browser = link_of(office, office.chen), Client(REMOTE_ADDR=OFFICE)
    assert [browser.get(link).status_code for _ in range(3 * TRIES)] == [200] * 3 * TRIES
    assert guess() == 404


def test_a_loop_that_sends_by_one_link_is_stopped_and_the_page_still_opens(office: Office) -> None:
    link, browser = link_of(office, office.chen), Client()
    statuses = [send(browser, link, delivery="A", comment=f"Word {number}.") for number in range(TRIES + 2)]
    assert statuses == [303] * TRIES + [429, 429]
    assert Answer.objects.count() == TRIES
    assert browser.get(link).status_code == 200
    assert send(browser, link_of(office, office.li), delivery="A") == 303, "another's link is not his"


def test_two_links_of_one_letter_count_as_one(office: Office) -> None:
    browser = Client()
    links = [link_of(office, office.chen) for _ in range(TRIES + 1)]
    words = [send(browser, link, delivery="A", comment=link[-3:] + str(n)) for n, link in enumerate(links)]
    assert words == [303] * TRIES + [429]


def test_nothing_that_is_kept_of_a_client_says_who_he_is(office: Office) -> None:
    guess()
    client = cache._cache.get_client(None)  # the server itself is asked, not what we mean to have stored
    keys = [key.decode() for key in client.keys("*survey:wrong:*")]
    assert len(keys) == 1
    assert OFFICE not in keys[0]
    assert 0 < client.ttl(keys[0]) <= 600
