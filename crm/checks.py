"""System checks: what production refuses, and what the database must be able to do."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Critical, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

# How crm/demo/servers.py begins the passwords of its servers; ":" ends the user's name in a URL.
_EMBEDDED_MARK = ":truenorth-embedded-"


SECRET_KEY_CHARACTERS = 50


def refuse_unsafe_start(
    *,
    debug: bool,
    secret_key: str,
    urls: Sequence[str],
    cookies_secure: bool,
    allowed_hosts: Sequence[str],
    public_url: str,
) -> None:
    """Stop a production start with one sentence; called at the end of the settings: nothing gets past it."""
    faults = [
        (debug, "DEBUG is on."),
        (
            secret_key.startswith("demo-and-test-only") or len(secret_key) < SECRET_KEY_CHARACTERS,
            f"SECRET_KEY is the demo's, or shorter than {SECRET_KEY_CHARACTERS} characters.",
        ),
        (any(_EMBEDDED_MARK in url for url in urls), "A server is an embedded one, made for demo and tests."),
        (not cookies_secure, "COOKIES_SECURE is off."),
        (not allowed_hosts or "*" in allowed_hosts, "ALLOWED_HOSTS must name the hosts that are served."),
        (not public_url.startswith("https://"), "PUBLIC_URL does not begin with https://."),
    ]
    for wrong, sentence in faults:
        if wrong:
            raise ImproperlyConfigured(f"ENVIRONMENT=production refuses to start: {sentence}")


@register(Tags.database)
def trigrams_know_chinese(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A database made with LC_CTYPE=C gives no trigrams for Chinese: the search would find nothing."""
    faults: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute("select count(*) from pg_extension where extname = 'pg_trgm'")
            if cursor.fetchone() == (0,):
                continue  # before the first migration
            cursor.execute("select cardinality(show_trgm('上海浦东')) > 0")
            if cursor.fetchone() != (True,):
                faults.append(
                    Critical(
                        "PostgreSQL makes no trigrams of Chinese text.",
                        hint="Create the database with LC_CTYPE C.UTF-8 (LC_ALL=C.UTF-8 before initdb).",
                        id="truenorth.E010",
                    )
                )
    return faults
