"""Audit: every changed or deleted row leaves its old version, also in bulk SQL."""

import pghistory


def old_versions() -> tuple[pghistory.RowEvent, pghistory.RowEvent]:
    """Trackers that keep the row as it was before each update and delete.

    Statement level: a row-level trigger is quadratic in a bulk statement (80,000 rows took 21 s, a million
    gave up; statement level took 16 s for the million against 11 s untracked). Inserts need no event: the row
    itself says when it was recorded and by which import.
    """
    return (
        pghistory.UpdateEvent("changed", row=pghistory.Old, level=pghistory.Statement),
        pghistory.DeleteEvent("deleted", row=pghistory.Old, level=pghistory.Statement),
    )
