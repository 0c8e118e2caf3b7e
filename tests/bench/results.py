"""What was measured: value, target, multiple of the floor, ok or short; as a table and as a file."""

from __future__ import annotations

import datetime as dt
import json
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Line:
    """One measurement. ``target``: what it must not exceed (``at_least``: must reach), in the same unit.

    ``floors``: the value as a multiple of the floor, where the target is such a multiple.
    """

    what: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    floors: float | None = None
    floors_target: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        met = []
        if self.target is not None:
            met.append(self.value >= self.target if self.at_least else self.value <= self.target)
        if self.floors_target is not None and self.floors is not None:
            met.append(self.floors <= self.floors_target)
        return "" if not met else "ok" if all(met) else "SHORT"


@dataclass
class Results:
    """Of one run of the bench; printed as they come."""

    size: int
    floor: float | None = None
    lines: list[Line] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        print(row_of(line), flush=True)

    def seconds(self, what: str, value: float, *, floors: float | None = None, note: str = "") -> None:
        """A time whose target is a multiple of the floor."""
        multiple = value / self.floor if self.floor else None
        self.add(Line(what, value, "s", floors=multiple, floors_target=floors, note=note))

    def milliseconds(self, what: str, value: float, target: float | None = None, *, note: str = "") -> None:
        self.add(Line(what, value * 1000, "ms", target, note=note))

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {"size": self.size, "floor": self.floor, "facts": self.facts | machine()}
        plain["lines"] = [asdict(line) | {"verdict": line.verdict} for line in self.lines]
        path.write_text(json.dumps(plain, indent=1, ensure_ascii=False))


def machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return {
        "at": dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": platform.platform(),
        "python": platform.python_version(),
    }


HEADER = f"{'what':<58} {'value':>12} {'target':>12} {'x floor':>14}  "


def row_of(line: Line) -> str:
    target = "" if line.target is None else f"{'>=' if line.at_least else '<='} {line.target:,.4g}"
    floors = "" if line.floors is None else f"{line.floors:.2f}"
    if line.floors_target is not None:
        floors += f" (<= {line.floors_target:g})"
    value = f"{line.value:,.0f}" if line.value >= 1000 else f"{line.value:.3g}"
    text = f"{line.what:<58} {value + ' ' + line.unit:>12} {target:>12} {floors:>14}  {line.verdict:<5}"
    return f"{text} {line.note}".rstrip()


def compare(first: Path, second: Path) -> str:
    """Two files side by side, with the change of each value."""
    one, two = (json.loads(path.read_text()) for path in (first, second))
    before = {line["what"]: line for line in one["lines"]}
    rows = [f"{'what':<58} {one['facts']['commit']:>12} {two['facts']['commit']:>12} {'change':>9}"]
    for line in two["lines"]:
        old = before.pop(line["what"], None)
        if old is None:
            rows.append(f"{line['what']:<58} {'':>12} {line['value']:>12.4g} {'new':>9}")
            continue
        change = f"{100 * (line['value'] / old['value'] - 1):+.0f} %" if old["value"] else ""
        rows.append(
            f"{line['what']:<58} {old['value']:>12.4g} {line['value']:>12.4g} {change:>9}  {line['verdict']}"
        )
    rows += [f"{what:<58} {line['value']:>12.4g} {'':>12} {'gone':>9}" for what, line in before.items()]
    return "\n".join(rows)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that it took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median(times: Iterable[float]) -> float:
    return statistics.median(times)


def percentile(times: list[float], share: float) -> float:
    """The smallest time that at least this share of them does not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
