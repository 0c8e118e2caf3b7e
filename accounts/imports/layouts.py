"""How a file is laid out (encoding, delimiter, styles) and its records in that layout."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from accounts.imports.decoding import decoded_lines, detect_encoding
from accounts.imports.fields import DATE, NUMBER, ORDERS, Columns, Mapped, fingerprint, guessed_mapping
from accounts.imports.problems import BadFileError

CSV, CDNOW = "csv", "cdnow"
DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 200
MAX_FIELD = 100_000
SAMPLE_ROWS = 2_000

CDNOW_FIELDS = ("customer_number", "sample", "ordered_on", "quantity", "amount")
CDNOW_MAPPING = {key: place for place, key in enumerate(CDNOW_FIELDS) if key != "sample"}
"""The published layout: master id, id in the sample, yyyymmdd, CDs bought, dollars. It has no header."""
_CDNOW_LINE = re.compile(r"\s*\d{5}\s+\d{4}\s+\d{8}\s+\d+\s+\d+\.\d\d\s*")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """``dates``: ymd, dmy or mdy; ``decimals``: point or comma; ``rates``: code -> price in the base."""

    name: str = CSV
    encoding: str = "utf-8"
    delimiter: str = ","
    dates: str = "ymd"
    decimals: str = "point"
    currency: str = ""
    rates: Mapping[str, str] = field(default_factory=dict)
    all_or_nothing: bool = False
    header: tuple[str, ...] = ()
    fingerprint: str = ""

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Layout:
        return cls(**{**values, "header": tuple(values.get("header", ()))})


class Record(NamedTuple):
    """``line``: where it begins, from 1. ``reason``: why it cannot be read, else empty."""

    line: int
    values: Sequence[str]
    reason: str = ""


def sniff(
    path: Path, columns: Columns, *, encoding: str = "", delimiter: str = ""
) -> tuple[Layout, dict[str, int]]:
    """The layout that the file seems to have, with a guessed mapping. What is given is not guessed."""
    encoding = encoding or detect_encoding(path)
    head = list(islice(decoded_lines(path, encoding), 200))
    lines = [line for line in head if line.strip()]
    if not lines:
        raise BadFileError("empty")
    is_cdnow = sum(bool(_CDNOW_LINE.fullmatch(line)) for line in lines[:20]) > len(lines[:20]) / 2
    if is_cdnow and columns is ORDERS:
        return Layout(name=CDNOW, encoding=encoding, fingerprint=CDNOW), dict(CDNOW_MAPPING)
    delimiter = delimiter or _delimiter(lines)
    header = _header(path, encoding, delimiter)
    layout = Layout(encoding=encoding, delimiter=delimiter, header=header, fingerprint=fingerprint(header))
    mapping = guessed_mapping(header, columns)
    return with_styles(path, layout, mapping, columns), mapping


def with_styles(path: Path, layout: Layout, mapping: Mapped, columns: Columns) -> Layout:
    """The layout with date and decimal style as the mapped columns of a sample suggest."""
    sample = [record.values for record in islice(records(path, layout), SAMPLE_ROWS) if not record.reason]
    day, number = columns.of_type(DATE)[0], columns.of_type(NUMBER)[0]
    dates = [row[mapping[day]] for row in sample] if day in mapping else []
    numbers = [row[mapping[number]] for row in sample] if number in mapping else []
    return replace(layout, dates=_date_style(dates), decimals=_decimal_style(numbers))


def records(path: Path, layout: Layout, at_bytes: Callable[[int], None] | None = None) -> Iterator[Record]:
    """Every record after the header, in order; blank lines are no records."""
    lines = decoded_lines(path, layout.encoding, at_bytes)
    if layout.name == CDNOW:
        return _cdnow_records(lines)
    return _csv_records(lines, layout)


def _cdnow_records(lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        values = line.split()
        if values:
            reason = "nul" if "\0" in line else "" if len(values) == len(CDNOW_FIELDS) else "layout"
            yield Record(number, values, reason)


def _csv_records(lines: Iterator[str], layout: Layout) -> Iterator[Record]:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines, delimiter=layout.delimiter, strict=True)
    width, header_seen = len(layout.header), False
    while True:
        start = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # One line: its own fault. Several: the quote swallowed what follows, so nothing can be trusted.
            if reader.line_num > start or "end of data" in str(error):
                raise BadFileError("quotes", line=start) from error
            yield Record(start, (), "quotes")
            continue
        if not any(values):
            continue
        if not header_seen:
            header_seen = True
            continue
        if len(values) != width:
            values = _to_width(values, width)
        reason = (
            "columns" if len(values) != width else "nul" if any("\0" in value for value in values) else ""
        )
        yield Record(start, values, reason)


def _to_width(values: list[str], width: int) -> list[str]:
    """Empty cells at the end may be there or not."""
    while len(values) > width and not values[-1].strip():
        values.pop()
    return values


def _header(path: Path, encoding: str, delimiter: str) -> tuple[str, ...]:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(decoded_lines(path, encoding), delimiter=delimiter, strict=True)
    try:
        header = next(row for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise BadFileError("quotes", line=1) from error
    if len(header) > MAX_COLUMNS:
        raise BadFileError("too_many_columns", value=str(len(header)))
    while len(header) > 1 and not header[-1].strip():
        header.pop()
    return tuple(cell.strip().replace("\0", "")[:120] for cell in header)


def _delimiter(lines: Sequence[str]) -> str:
    """What cuts most lines into the same number of parts, and into more than one."""

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = [line.count(delimiter) for line in lines]
        return sum(count == counts[0] for count in counts) * (counts[0] > 0), counts[0]

    return max(DELIMITERS, key=evenness)


@dataclass(frozen=True)
class ShortDate:
    """A date without a leading year, as it stands in the file; ``separator`` is what it is cut by."""

    text: str
    separator: str
    is_ambiguous: bool


def short_date(path: Path, layout: Layout, mapping: Mapped, columns: Columns) -> ShortDate | None:
    """The first one of a sample; ambiguous when all of them can be read with day and month either way.

    Raises BadFileError.
    """
    day = columns.of_type(DATE)[0]
    if layout.name == CDNOW or day not in mapping:
        return None
    sample = islice(records(path, layout), SAMPLE_ROWS)
    short = _short_dates([record.values[mapping[day]] for record in sample if not record.reason])
    if not short:
        return None
    parts = [(int(match[1]), int(match[3])) for match in short]
    is_ambiguous = all(max(pair) <= 12 for pair in parts) and any(one != other for one, other in parts)
    first = next((match for match in short if match[1] != match[3]), short[0])
    return ShortDate(first[0].strip(), first[2], is_ambiguous)


def _short_dates(dates: Sequence[str]) -> list[re.Match[str]]:
    matches = (re.match(r"\s*(\d{1,2})([-/.])(\d{1,2})[-/.]\d{4}", text) for text in dates)
    return [match for match in matches if match]


def _date_style(dates: Sequence[str]) -> str:
    """By the values that leave no choice; where none does, day before month, as most of the world writes."""
    short = _short_dates(dates)
    if not short:
        return "ymd"
    return "mdy" if any(int(match[3]) > 12 for match in short) else "dmy"


def _decimal_style(amounts: Sequence[str]) -> str:
    """A comma is the decimal sign where not just three digits come after it, or where it follows a point."""
    comma = sum(bool(re.search(r",\d{1,2}\D*$|,\d{4,}\D*$|\.\d{3},", text)) for text in amounts)
    point = sum(bool(re.search(r"\.\d{1,2}\D*$|\.\d{4,}\D*$|,\d{3}\.", text)) for text in amounts)
    return "comma" if comma > point else "point"
