"""Read by gunicorn where it starts: its processes count their requests together (crm/metrics/counts.py)."""

import os
import shutil
import tempfile
from typing import Any

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(server: Any) -> None:
    """In the master, before the first process that serves: they inherit the name of the folder."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="truenorth-requests-")


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ[FOLDER], ignore_errors=True)
