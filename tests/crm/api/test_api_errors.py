"""Whatever is sent, the answer is a 4xx in the one shape, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.customers.models import Customer

BODIES = {
    "no JSON": b"{",
    "not UTF-8": b'{"short_name": "\xff"}',
    "too deep": b'{"custom_fields": {"a": ' + b"[" * 40 + b"]" * 40 + b'}, "short_name": "x"}',
    "far too deep": b"[" * 200_000,
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"x"',
    "null": b"null",
    "nothing": b"",
    "NUL": rb'{"short_name": "a\u0000b"}',
    "NUL in a key": rb'{"short_name": "x", "custom_fields": {"a\u0000": 1}}',
    "lone surrogate": rb'{"short_name": "\ud800"}',
    "lone surrogate deep inside": rb'{"short_name": "x", "custom_fields": {"a": ["\udfff"]}}',
    "NaN": b'{"short_name": "x", "custom_fields": {"a": NaN}}',
    "infinite": b'{"short_name": "x", "custom_fields": {"a": 1e999}}',
    "number of 5,000 digits": b'{"short_name": "x", "employees": ' + b"9" * 5000 + b"}",
    "beyond bigint": b'{"short_name": "x", "parent": 9223372036854775808}',
    "beyond integer": b'{"short_name": "x", "employees": 2147483648}',
    "negative cost": b'{"short_name": "x", "retention_cost_minor": -1}',
    "number for a text": b'{"short_name": 1}',
    "text for a number": b'{"short_name": "x", "employees": "5"}',
    "true for a number": b'{"short_name": "x", "employees": true}',
    "unknown field": b'{"short_name": "x", "shortname": "x"}',
    "read-only field": b'{"short_name": "x", "id": 1}',
    "blank": '{"short_name": "\u3000 "}'.encode(),
    "too long": b'{"short_name": "' + b"x" * 121 + b'"}',
    "too many tags": b'{"short_name": "x", "tags": [' + b'"t",' * 50 + b'"t"]}',
    "too much in custom fields": b'{"short_name": "x", "custom_fields": {"a": "' + b"x" * 17_000 + b'"}}',
    "unknown currency": b'{"short_name": "x", "currency": "QQQ"}',
    "unknown stage": b'{"short_name": "x", "stage": "gone"}',
    "unknown industry": b'{"short_name": "x", "industry": "Alchemy"}',
    "no such day": b'{"short_name": "x", "acquired_on": "2026-02-30"}',
    "year 1": b'{"short_name": "x", "acquired_on": "0001-01-01"}',
    "year 9999": b'{"short_name": "x", "acquired_on": "9999-12-31"}',
}


def assert_is_error(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses, answer.content
    body = answer.json()
    assert {"error", "message", "fields"} <= body.keys() <= {"error", "message", "fields", "existing"}
    assert isinstance(body["error"], str)
    assert body["message"]
    assert all(isinstance(text, str) for texts in body["fields"].values() for text in texts)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_bad_body_is_refused_and_nothing_written(world: Any, api_of: Any, body: bytes) -> None:
    before = Customer.objects.count()
    assert_is_error(api_of(world.owner).raw("POST", "customers", body), 400, 422)
    assert Customer.objects.count() == before


def test_a_body_larger_than_the_limit_is_refused(world: Any, api_of: Any) -> None:
    body = b'{"short_name": "' + b"x" * (9 * 2**20) + b'"}'
    assert_is_error(api_of(world.owner).raw("POST", "customers", body), 413)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "x", ""]
)
def test_another_content_type_is_refused(world: Any, api_of: Any, content_type: str) -> None:
    body = b'{"short_name": "x"}'
    assert_is_error(api_of(world.owner).raw("POST", "customers", body, content_type), 415)


@pytest.mark.parametrize(
    "query",
    [
        "limit=",
        "limit=5&limit=6",
        "customer=1&customer=2",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=x",
        "limit=1.5",
        "limit=%D9%A3",
        "cursor=x",
        "cursor=%00",
        "cursor=%FF",
        "cursor=" + "A" * 5000,
        "cursor=WzAsIngiXQ",
        "cursor=WzAsMSwxLDFd",
        "cursor=W1tbW1tbW1tbW1tb",
        "cursor=eyJhIjoxfQ",
        "customer=x",
        "customer=0",
        "customer=9223372036854775808",
        "customer=1.5",
        "customer=%00",
        "customer=",
        "custmer=1",
        "kind=nothing",
        "ordered_from=2026-02-30",
        "ordered_from=",
        "number=%00",
    ],
)
def test_a_bad_query_is_refused(world: Any, api_of: Any, query: str) -> None:
    assert_is_error(api_of(world.owner).raw("GET", f"orders?{query}", b""), 400, 422)


def test_a_method_that_a_resource_lacks_is_405(world: Any, api_of: Any) -> None:
    api = api_of(world.owner)
    for method, path in (
        ("PUT", f"customers/{world.customer.pk}"),
        ("DELETE", f"customers/{world.customer.pk}"),
        ("POST", "users"),
        ("PATCH", "scores"),
    ):
        assert_is_error(api.raw(method, path, b"{}"), 405)
    assert Customer.objects.filter(pk=world.customer.pk).exists()


def test_an_answer_in_another_format_is_406(world: Any, api_of: Any) -> None:
    token = api_of(world.owner).token
    client = Client(headers={"Authorization": f"Bearer {token}", "Accept": "text/html"})
    assert client.get("/api/v1/customers").status_code == 406


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer \xff", "Bearer tn_0", "Token x", "Basic eDp5"]
)
def test_a_bad_token_is_401(world: Any, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/customers")
    assert_is_error(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_who_asks_too_often_waits(world: Any, api_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import UserRateThrottle

    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"user": "3/min"})
    api, other = api_of(world.owner), api_of(world.mate)
    assert [api.get("users").status_code for _ in range(3)] == [200, 200, 200]
    answer = api.get("users")
    assert_is_error(answer, 429)
    assert 0 < int(answer["Retry-After"]) <= 60
    assert other.get("users").status_code == 200
