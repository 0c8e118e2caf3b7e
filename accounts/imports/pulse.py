"""A running import's sign of life: lease and progress, written by a second connection once a second.

It also finds out that the import was cancelled, or that another worker took it over, and then stops the work,
in the middle of a long statement too.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection

LEASE_SECONDS = 15
BEAT_SECONDS = 1.0


class StoppedError(Exception):
    """The import is no longer ours to work on; nothing of it was applied."""


class Pulse:
    """``with Pulse(import_id, attempt) as pulse`` around the work; ``attempt`` tells us from a later worker.

    Inside a caller's transaction nobody could see the progress, so there it beats not at all.
    """

    def __init__(self, import_id: int, attempt: int) -> None:
        self.is_stopped = False
        self._import_id, self._attempt = import_id, attempt
        self._step, self._rows, self._size = "reading", 0, 0
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"import-{import_id}", daemon=True)
        self._working: Any = None

    def __enter__(self) -> Pulse:
        if not connection.in_atomic_block:
            connection.ensure_connection()
            self._working = connection.connection
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()
        if self._thread.is_alive():
            self._thread.join()

    def at(self, rows: int, size: int) -> None:
        """So many rows and bytes are read. Raises StoppedError."""
        self._rows, self._size = rows, size
        if self.is_stopped:
            raise StoppedError

    def step(self, name: str) -> None:
        """What is done now, as shown to people. Raises StoppedError."""
        self._step = name
        self.at(self._rows, self._size)

    def finish(self) -> None:
        """From here on the end of the import is written; a beat that finds it ended is no alarm."""
        self._finished.set()

    def _beat(self) -> None:
        try:
            while not self._finished.wait(BEAT_SECONDS):
                try:
                    if not self._renew() and not self._finished.is_set():
                        self.is_stopped = True
                        self._working.cancel_safe(timeout=5)
                        return
                except DatabaseError:
                    # The server went away: the work fails by itself, and the lease runs out.
                    connection.close()
        finally:
            connection.close()

    def _renew(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                update imports_import set step = %s, rows_read = %s, bytes_read = %s,
                    lease_until = statement_timestamp() + make_interval(secs => %s)
                where id = %s and state = 'running' and attempts = %s
                """,
                [self._step, self._rows, self._size, LEASE_SECONDS, self._import_id, self._attempt],
            )
            return bool(cursor.rowcount == 1)
