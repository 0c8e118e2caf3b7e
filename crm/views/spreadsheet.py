"""CSV answers that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

# A cell that begins so is a formula to a spreadsheet, whoever typed it into a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_answer(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Rows as a file to download, sent as they come."""
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A byte order mark first: spreadsheets then read the file as UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


class _Echo:
    def write(self, text: str) -> str:
        return text
