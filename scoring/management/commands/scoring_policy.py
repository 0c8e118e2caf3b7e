"""``manage.py scoring_policy``: read the scoring policy, draft another one from a file, and activate it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from scoring.models import PolicyState, PolicyVersion
from scoring.services import activate_policy, draft_policy


class Command(BaseCommand):
    help = "Show the scoring policy as JSON, draft another one from such a file, activate a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        show = verbs.add_parser("show", help="print a version; the active one without a number")
        show.add_argument("number", nargs="?", type=int)
        draft = verbs.add_parser("draft", help="make a draft of a JSON file, - for standard input")
        draft.add_argument("file")
        draft.add_argument("--note", default="", help="what is different, and why")
        activate = verbs.add_parser("activate", help="make a draft active and score everybody by it")
        activate.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except ValueError as error:  # json.JSONDecodeError is one
            raise CommandError(str(error)) from error

    def _show(self, options: dict[str, Any]) -> None:
        version = _version(options["number"])
        self.stderr.write(f"version {version.number}, {version.state}. {version.note}".rstrip())
        self.stdout.write(json.dumps(version.values, indent=2, ensure_ascii=False))

    def _draft(self, options: dict[str, Any]) -> None:
        values = json.loads(_text(options["file"]))
        if not isinstance(values, dict):
            raise CommandError("A policy is one JSON object, as `scoring_policy show` prints it.")
        version = draft_policy(values, author=None, note=options["note"])
        self.stdout.write(f"Draft {version.number}. To score by it: scoring_policy activate {version.number}")

    def _activate(self, options: dict[str, Any]) -> None:
        run = activate_policy(_version(options["number"]), user=None, now=timezone.now())
        self.stdout.write(f"Version {options['number']} is active; run {run.pk} scores everybody by it.")


def _version(number: int | None) -> PolicyVersion:
    wanted = Q(state=PolicyState.ACTIVE) if number is None else Q(number=number)
    version = PolicyVersion.objects.filter(wanted).first()
    if version is None:
        raise CommandError("There is no such version; the first one comes with the first run.")
    return version


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from error
