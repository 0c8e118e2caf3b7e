"""CSV files and workbooks that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

# A cell that begins so is a formula to a spreadsheet, whoever typed it into a name.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TITLE_LENGTH = 31
_WIDEST = 60
_MINUTES = "yyyy-mm-dd hh:mm"


@dataclass(frozen=True)
class Sheet:
    """``rows``: the first one is its head."""

    title: str
    rows: Iterable[Iterable[object]]


def csv_answer(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Rows as a file to download, sent as they come."""
    answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def workbook_answer(name: str, sheets: Iterable[Sheet]) -> HttpResponse:
    """Sheets as one file: numbers are numbers, days are days, instants stand in the reader's time zone, and
    nothing that somebody typed is a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _write(book.create_sheet(sheet.title[:_TITLE_LENGTH]), sheet.rows)
    content = io.BytesIO()
    book.save(content)
    answer = HttpResponse(content.getvalue(), content_type=_WORKBOOK)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _write(page: Worksheet, rows: Iterable[Iterable[object]]) -> None:
    for row in rows:
        page.append([_workbook_value(value) for value in row])
    for number, column in enumerate(page.iter_cols(), start=1):
        longest = max(len(str(cell.value)) for cell in column if cell.value is not None) + 2
        page.column_dimensions[get_column_letter(number)].width = min(max(longest, 8), _WIDEST)
        column[0].font = Font(bold=True)
        for cell in column:
            if isinstance(cell.value, dt.datetime):
                cell.number_format = _MINUTES
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if cell.data_type == "f":
                cell.data_type = "s"
    page.freeze_panes = "A2"


def _workbook_value(value: object) -> object:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0)
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A byte order mark first: spreadsheets then read the file as UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


class _Echo:
    def write(self, text: str) -> str:
        return text
