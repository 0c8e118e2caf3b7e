"""``manage.py scoring_policy``, from the printed policy to the run under a changed one."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scoring.models import PolicyState, PolicyVersion, ScoringRun
from tests.conftest import World
from tests.scoring.test_runs import morning, score

pytestmark = pytest.mark.django_db


def command(*words: str) -> str:
    out = StringIO()
    call_command("scoring_policy", *words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_what_is_shown_can_be_changed_drafted_and_activated(world: World, tmp_path: Path) -> None:
    score(morning("2026-03-03"))
    values = json.loads(command("show"))
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(values | {"window_days": 365}))
    assert "activate 2" in command("draft", str(file), "--note", "one year")
    assert command("show") == command("show", "1")
    command("activate", "2")
    active = PolicyVersion.objects.get(state=PolicyState.ACTIVE)
    assert (active.number, active.note, active.values["window_days"]) == (2, "one year", 365)
    assert ScoringRun.objects.latest("pk").policy == active


@pytest.mark.parametrize(
    ("text", "said"),
    [("{}", "lacks"), ("[1]", "one JSON object"), ("{", "Expecting"), ("\udcff", "cannot be read")],
)
def test_what_is_no_policy_is_refused_in_words(world: World, tmp_path: Path, text: str, said: str) -> None:
    score(morning("2026-03-03"))
    file = tmp_path / "policy.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CommandError, match=said):
        command("draft", str(file))
    assert PolicyVersion.objects.count() == 1


def test_versions_and_files_that_are_not_there(world: World) -> None:
    for words in (("show",), ("show", "7"), ("activate", "7"), ("draft", "nowhere.json")):
        with pytest.raises(CommandError):
            command(*words)
