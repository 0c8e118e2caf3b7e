"""Two installations on one Valkey."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

from django.core.cache import cache
from django.db import connection

ASK = """
import sys, django
django.setup()
from django.core.cache import cache
key, value = sys.argv[1:]
print(cache.get(key))
cache.set(key, value, timeout=60)
"""


def ask(key: str, value: str, database: str) -> str:
    """What a process with this database finds under the key, where it then puts a value."""
    base, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    environment = os.environ | {
        "DATABASE_URL": f"{base}/{database}",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
    }
    command = [sys.executable, "-c", ASK, key, value]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def test_installations_with_other_databases_do_not_read_each_others_figures() -> None:
    key = f"figures-{uuid.uuid4()}"
    assert ask(key, "12", "truenorth_east") == "None"
    assert ask(key, "90", "truenorth_west") == "None"
    assert ask(key, "13", "truenorth_east") == "12"
    assert ask(key, "91", "truenorth_west") == "90"


def test_a_key_names_the_database_in_use() -> None:
    assert connection.settings_dict["NAME"] in cache.make_key("figures")
