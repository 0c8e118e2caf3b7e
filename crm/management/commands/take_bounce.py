"""manage.py take_bounce: one message on standard input, as a mail server pipes it (docs/operate.md)."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error
from django.utils import timezone

from crm.mail import bounces


class Command(BaseCommand):
    help = "Reads a report about a letter that came back on standard input and notes what it says."

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever the message is, the mail server is told that it was taken: a bounce must not bounce.

        While the database is away it is told to try again later.
        """
        raw = sys.stdin.buffer.read(bounces.MAX_BYTES)
        while sys.stdin.buffer.read(bounces.MAX_BYTES):
            pass  # who writes into a pipe that nobody empties fails
        try:
            taken = bounces.take(raw, now=timezone.now())
        except Error as error:
            self.stderr.write(f"Not noted: {type(error).__name__}")
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write(str(taken))
