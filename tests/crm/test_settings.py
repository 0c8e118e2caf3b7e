"""The environment: what is read, what is refused, and that production is safe."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from crm import env
from crm.demo import servers

PROJECT = Path(__file__).resolve().parents[2]
SECRET = secrets.token_urlsafe(50)
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": SECRET,
    "DATABASE_URL": "postgres://truenorth:s3cret@db.example.com/truenorth",
    "REDIS_URL": "redis://:s3cret@queue.example.com:6379/0",
    "ALLOWED_HOSTS": "crm.example.com",
    "PUBLIC_URL": "https://crm.example.com",
}


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh process that sees these variables and no others of ours."""
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own |= {"DJANGO_SETTINGS_MODULE": "crm.settings", "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def last_line(run: subprocess.CompletedProcess[str]) -> str:
    return run.stderr.strip().splitlines()[-1] if run.stderr.strip() else ""


START = "from django.conf import settings; settings.DEBUG; print('started')"


def test_production_starts_with_what_it_needs() -> None:
    run = python(START, **PRODUCTION)
    assert run.stdout == "started\n", run.stderr


def test_production_is_what_you_get_without_saying() -> None:
    assert "SECRET_KEY is not set" in last_line(python(START))


REFUSED = {
    "SECRET_KEY": ("short", "SECRET_KEY is the demo's, or shorter than 50 characters."),
    "DEBUG": ("true", "DEBUG is on."),
    "COOKIES_SECURE": ("no", "COOKIES_SECURE is off."),
    "DATABASE_URL": (
        f"postgres://truenorth:{servers.MARK}-x@127.0.0.1/truenorth",
        "A server is an embedded one",
    ),
    "REDIS_URL": (f"redis://:{servers.MARK}-x@127.0.0.1/0", "A server is an embedded one"),
    "ALLOWED_HOSTS": ("*", "ALLOWED_HOSTS must name the hosts that are served."),
    "PUBLIC_URL": ("http://crm.example.com", "PUBLIC_URL does not begin with https://."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_production_refuses_with_one_sentence(name: str) -> None:
    value, sentence = REFUSED[name]
    run = python(START, **PRODUCTION | {name: value})
    assert run.returncode != 0
    assert f"ENVIRONMENT=production refuses to start: {sentence}" in last_line(run)


def test_production_refuses_the_secret_of_the_demo() -> None:
    demo = python("from crm.settings import SECRET_KEY; print(SECRET_KEY)", ENVIRONMENT="demo").stdout.strip()
    assert len(demo) > 50
    assert "SECRET_KEY is the demo's" in last_line(python(START, **PRODUCTION | {"SECRET_KEY": demo}))


def test_the_servers_of_the_demo_carry_the_mark_that_production_refuses(tmp_path: Path) -> None:
    urls = [
        servers.Postgres(tmp_path / "a", durable=False).url,
        servers.Valkey(tmp_path / "b", durable=False).url,
    ]
    for name, url in zip(("DATABASE_URL", "REDIS_URL"), urls, strict=True):
        assert "A server is an embedded one" in last_line(python(START, **PRODUCTION | {name: url}))


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"])
def test_production_names_the_variable_that_is_missing(name: str) -> None:
    kept = {key: value for key, value in PRODUCTION.items() if key != name}
    assert f"{name} is not set (or give a file in {name}_FILE)." in last_line(python(START, **kept))


BAD = {
    "ENVIRONMENT": ("live", "ENVIRONMENT='live' is not one of production, demo, test."),
    "DEBUG": ("maybe", "DEBUG='maybe' is not true or false."),
    "EMAIL_PORT": ("smtp", "EMAIL_PORT='smtp' is not a whole number of 0 or more."),
    "HSTS_SECONDS": ("-1", "HSTS_SECONDS='-1' is not a whole number of 0 or more."),
    "SHARD_CUSTOMERS": ("0", "SHARD_CUSTOMERS='0' is not a whole number of 1 or more."),
    "LINK_DAYS": ("0", "LINK_DAYS='0' is not a whole number of 1 or more."),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_stops_the_start_with_one_sentence(name: str) -> None:
    value, sentence = BAD[name]
    run = python(START, **PRODUCTION | {name: value})
    assert run.returncode != 0
    assert sentence in last_line(run)


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    kept = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}
    code = "from crm.settings import SECRET_KEY; print(SECRET_KEY)"
    assert python(code, **kept, SECRET_KEY_FILE=str(file)).stdout.strip() == SECRET


def test_a_variable_and_its_file_at_once_are_refused(tmp_path: Path) -> None:
    run = python(START, **PRODUCTION, SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert "Both SECRET_KEY and SECRET_KEY_FILE are set; keep one." in last_line(run)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    kept = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}
    run = python(START, **kept, SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    assert f"SECRET_KEY_FILE={tmp_path}/nowhere cannot be read" in last_line(run)


def test_check_deploy_has_nothing_to_say_in_production() -> None:
    code = (
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'DEBUG'])"
    )
    run = python(code, **PRODUCTION)
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout


def test_production_pages_are_for_tls_only() -> None:
    code = (
        "from crm import settings as s;"
        "print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS,"
        " s.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN)"
    )
    assert python(code, **PRODUCTION).stdout == "True True True 31536000 False\n"


@pytest.mark.parametrize(
    ("raw", "value"), [("1", True), ("Yes", True), ("ON", True), ("0", False), ("off", False)]
)
def test_truth_has_several_spellings(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    monkeypatch.setenv("SOME_SWITCH", raw)
    assert env.boolean("SOME_SWITCH", default=not value) is value


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_NUMBER", "")
    assert env.integer("SOME_NUMBER", 7) == 7


def test_words_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_WORDS", " a, b,,c ")
    assert env.words("SOME_WORDS") == ["a", "b", "c"]


def test_what_has_no_default_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_TEXT", raising=False)
    with pytest.raises(ImproperlyConfigured, match="SOME_TEXT is not set"):
        env.text("SOME_TEXT")
