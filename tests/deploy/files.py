"""Dockerfile, docker-compose.yml and what goes with them, read as data."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OF_THE_IMAGE = ("migrate", "web", "worker", "beat")


@dataclass(frozen=True)
class Instruction:
    name: str
    text: str


def instructions() -> list[Instruction]:
    """Those of the Dockerfile, continuation lines joined, comments dropped."""
    lines = [line for line in (PROJECT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [Instruction(name, text.strip()) for name, text in found]


def last_stage() -> list[Instruction]:
    every = instructions()
    begins = max(place for place, instruction in enumerate(every) if instruction.name == "FROM")
    return every[begins:]


def build_tree(folder: Path) -> None:
    """The /app of the last stage: what its COPY lines bring, the style sheets as they were built here."""
    for instruction in last_stage():
        if instruction.name != "COPY":
            continue
        *sources, target = [word for word in shlex.split(instruction.text) if not word.startswith("--")]
        if sources[0].endswith(".venv"):
            continue
        for source in sources:
            _copy(PROJECT / source.removeprefix("/app/"), folder, target)


def _copy(source: Path, folder: Path, target: str) -> None:
    goal = folder / target / source.name if target.endswith("/") else folder / target
    goal.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    else:
        shutil.copy(source, goal)


def build_command() -> str:
    """The RUN line that compiles the catalogues and collects the static files."""
    (line,) = [each.text for each in last_stage() if each.name == "RUN" and "manage.py" in each.text]
    return line


def web_command() -> list[str]:
    (line,) = [each.text for each in last_stage() if each.name == "CMD"]
    command: list[str] = json.loads(line)
    return command


def health_of(service: str) -> str:
    """Its health check as a line for the shell."""
    kind, *words = SERVICES[service]["healthcheck"]["test"]
    return " ".join(words).replace("$$", "$") if kind == "CMD-SHELL" else shlex.join(words)
