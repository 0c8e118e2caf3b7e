"""What stands before Django."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from crm.wsgi import application


@pytest.mark.parametrize(
    "charset", ["rot13", "nonsense", "base64", "utf-16", "utf-7", "idna", "utf-32", "cp037"]
)
def test_a_charset_that_is_none_is_refused_and_not_a_fault(charset: str) -> None:
    environ = RequestFactory().get("/health/live?q=1").environ | {
        "CONTENT_TYPE": f"text/plain; charset={charset}"
    }
    answers: list[str] = []
    body = b"".join(application(environ, lambda status, headers: answers.append(status)))
    assert answers == ["400 Bad Request"]
    assert b"charset" in body


def test_a_known_charset_reaches_the_view() -> None:
    environ = RequestFactory().get("/health/live").environ | {"CONTENT_TYPE": "text/plain; charset=gb18030"}
    answers: list[str] = []
    body = b"".join(application(environ, lambda status, headers: answers.append(status)))
    assert answers == ["200 OK"]
    assert b"live" in body
