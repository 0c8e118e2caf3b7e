"""Dockerfile, docker-compose.yml, .env.example and docs say the same as the settings."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deploy.files import (
    COMPOSE,
    OF_THE_IMAGE,
    PROJECT,
    SERVICES,
    instructions,
    last_stage,
    web_command,
)

READ = re.compile(r"""env\.(?:text|boolean|integer|words|choice)\(\s*"([A-Z_]+)\"""")
ASKED_BY_COMPOSE = re.compile(r"\$\{([A-Z_]+)(?=:[-?])")


def known_settings() -> set[str]:
    return set(READ.findall((PROJECT / "crm" / "settings.py").read_text()))


def example_settings() -> set[str]:
    text = (PROJECT / ".env.example").read_text()
    return {name.removesuffix("_FILE") for name in re.findall(r"(?m)^#?([A-Z_]+)=", text)}


def compose_variables() -> set[str]:
    """What docker-compose.yml and the backup ask of `.env` for themselves."""
    files = [PROJECT / "docker-compose.yml", PROJECT / "deploy" / "backup"]
    return {name for file in files for name in ASKED_BY_COMPOSE.findall(file.read_text())}


def test_the_example_names_every_setting_and_no_other() -> None:
    # DEBUG is refused in production; the rest of the difference would be forgotten lines.
    only_for_tries = {"DEBUG", "EMAIL_FILE_PATH"}
    assert example_settings() == (known_settings() | compose_variables()) - only_for_tries


@pytest.mark.parametrize("service", OF_THE_IMAGE)
def test_a_service_of_the_image_sets_only_what_the_settings_read(service: str) -> None:
    assert set(SERVICES[service]["environment"]) <= known_settings()


def test_one_image_serves_all_and_is_built_once() -> None:
    assert {SERVICES[name]["image"] for name in OF_THE_IMAGE} == {"${TRUENORTH_IMAGE:-truenorth:latest}"}
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["migrate"]


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["proxy"]
    assert SERVICES["proxy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_the_port_of_the_web_server_is_one_and_the_same() -> None:
    command = web_command()
    port = command[command.index("--bind") + 1].rpartition(":")[2]
    assert SERVICES["web"]["expose"] == [port]
    assert f"dynamic a web {port}" in (PROJECT / "deploy" / "Caddyfile").read_text()
    assert f":{port}/health/ready" in SERVICES["web"]["healthcheck"]["test"][-1]
    assert next(each.text for each in last_stage() if each.name == "EXPOSE") == port


def test_every_service_that_stays_has_a_health_check_and_limits() -> None:
    for name in set(SERVICES) - {"migrate"}:
        assert SERVICES[name]["healthcheck"]["test"], name
        assert {"cpus", "memory"} <= SERVICES[name]["deploy"]["resources"]["limits"].keys(), name


def test_workers_can_be_many_and_beat_is_one() -> None:
    assert SERVICES["beat"]["deploy"]["replicas"] == 1
    assert not {"container_name", "ports", "hostname"} & SERVICES["worker"].keys()


def test_the_services_of_the_image_run_without_root_and_write_only_to_volumes() -> None:
    assert [each.text for each in last_stage() if each.name == "USER"] == ["truenorth"]
    for name in OF_THE_IMAGE:
        assert SERVICES[name]["read_only"] is True
        assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_the_image_holds_the_locked_packages_and_no_tools_of_tests() -> None:
    (install,) = [each.text for each in instructions() if "uv sync" in each.text]
    assert "--frozen" in install
    assert "--no-default-groups" in install


def test_every_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    script = shutil.copy(PROJECT / "deploy" / "make-secrets", tmp_path)
    subprocess.run([script], check=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    named = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert made.keys() == named
    assert set(COMPOSE["secrets"]) == named
    assert len(made["secret_key"]) >= 50
    assert made["postgres_password"] in made["database_url"]
    assert made["valkey_password"] in made["redis_url"]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    subprocess.run([script], check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def test_secrets_are_given_to_whom_they_concern() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name
    assert SERVICES["postgres"]["secrets"] == ["postgres_password"]
    assert SERVICES["valkey"]["secrets"] == ["valkey_password"]
    assert "secrets" not in SERVICES["proxy"]


def test_no_secret_reaches_the_repository_or_the_image() -> None:
    assert "deploy/secrets/" in (PROJECT / ".gitignore").read_text().splitlines()
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert not any(line.startswith("!deploy") and line != "!deploy/probe.py" for line in ignored)


def test_what_the_image_copies_is_not_left_out_of_its_context() -> None:
    let_in = {
        line.removeprefix("!") for line in (PROJECT / ".dockerignore").read_text().splitlines() if "!" in line
    }
    for instruction in instructions():
        if instruction.name != "COPY" or "--from" in instruction.text:
            continue
        for source in instruction.text.split()[:-1]:
            assert source in let_in, source
            assert (PROJECT / source).exists(), source


def test_the_example_can_be_read_by_a_shell() -> None:
    run = subprocess.run(
        ["sh", "-c", 'set -a; . ./.env.example; printf %s "$DEFAULT_FROM_EMAIL|$SITE"'],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "Truenorth <truenorth@example.com>|crm.example.com"
