"""Reads for the import pages."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.access import visible_imports
from accounts.imports.kinds import KINDS
from accounts.imports.models import Import, ImportState, RefusedRow
from accounts.imports.problems import file_problem, row_reason
from accounts.imports.queries import column_name
from accounts.users.models import User
from crm.queries import keyset


@dataclass(frozen=True)
class RefusedLine:
    """``column``: the field with its header in the file."""

    line: int
    column: str
    reason: str
    value: str


def page_of_imports(user: User, *, after: str = "", before: str = "") -> keyset.Page[Import]:
    """The latest first."""
    found = visible_imports(user)
    order = [keyset.Part(found, ("-pk",), (int,))]
    page = keyset.page_of_ids(order, after=after, before=before)
    count, is_exact = keyset.count_of(found)
    by_id = Import.objects.select_related("created_by").in_bulk(page.rows)
    rows = [by_id[pk] for pk in page.rows if pk in by_id]
    return keyset.Page(rows, page.newer, page.older, count, is_exact)


def page_of_refused(shown: Import, *, after: str = "", before: str = "") -> keyset.Page[RefusedLine]:
    """Refused rows in the order of the file, in words."""
    order = [keyset.Part(RefusedRow.objects.filter(refused_in=shown), ("line", "pk"), (int, int))]
    page = keyset.page_of_ids(order, after=after, before=before)
    by_id = RefusedRow.objects.in_bulk(page.rows)
    rows = [in_words(shown, by_id[pk]) for pk in page.rows if pk in by_id]
    return keyset.Page(rows, page.newer, page.older, shown.rows_refused, True)


def in_words(shown: Import, refused: RefusedRow) -> RefusedLine:
    """What was wrong, in the active language."""
    labels = KINDS[shown.kind].columns.labels
    label, header = str(labels.get(refused.column, "")), column_name(shown, refused.column)
    column = f"{label} ({header})" if label and header else label
    return RefusedLine(refused.line, column, row_reason(refused.reason), refused.value)


@dataclass(frozen=True)
class ImportProgress:
    """``share`` of the file that is read, 0 to 1. ``problem``: why nothing was taken, in words."""

    shown: Import
    share: float
    problem: str

    @property
    def is_running(self) -> bool:
        return self.shown.state in {ImportState.WAITING, ImportState.RUNNING}


def progress_of(shown: Import) -> ImportProgress:
    share = min(shown.bytes_read / shown.bytes, 1.0) if shown.bytes else 0.0
    return ImportProgress(shown, share, file_problem(shown.error) if shown.error else "")
