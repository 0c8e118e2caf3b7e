"""What a programme version says, and what the product asks unless somebody decides otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.projects.models import FunctionalRole
from accounts.surveys.models.programmes import (
    ALL_DAYS,
    WHOLE_DAY,
    ProgrammeDimension,
    ProgrammeGrade,
    ProgrammeVersion,
    Worded,
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The same in the three languages of the product."""

    name: str
    name_zh_hans: str
    name_zh_hant: str


@dataclass(frozen=True, kw_only=True)
class DimensionFacts:
    """``code`` stays the same through all versions; ``weight`` is a whole number above zero.

    ``functional_role``: whose functional manager hears of a clock that was missed; empty: nobody's.
    """

    code: str
    words: Words
    weight: int = 1
    functional_role: str = ""


@dataclass(frozen=True, kw_only=True)
class GradeFacts:
    letter: str
    points: int
    words: Words
    warns: bool = False
    opens_case: bool = False
    confirms_case: bool = False


@dataclass(frozen=True, kw_only=True)
class VersionFacts:
    """Grades from the best to the worst; weekdays are ISO (Monday 1), hours local to the respondent.

    Clocks of corrective actions run on ``work_weekdays``, from ``work_from`` to ``work_until`` minutes after
    midnight where the company is, on working days of the calendar.
    """

    dimensions: tuple[DimensionFacts, ...]
    grades: tuple[GradeFacts, ...]
    send_weekday: int = 5
    send_hour: int = 14
    remind_after_days: int = 4
    close_weekday: int = 4
    late_days: int = 14
    response_threshold_percent: int = 70
    acknowledge_hours: int = 24
    plan_hours: int = 72
    repeat_days: int = 91
    work_weekdays: tuple[int, ...] = ALL_DAYS
    work_from: int = 0
    work_until: int = WHOLE_DAY
    calendar_id: int | None = None
    remind_owner_percent: int = 50
    executives_after_hours: int = 24
    note: str = ""

    @property
    def digest(self) -> str:
        """Tells whether somebody changed a draft since it was read."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


PARTS = frozenset({"dimensions", "grades"})
COLUMNS = tuple(name for name in VersionFacts.__dataclass_fields__ if name not in PARTS)
"""What stands on the version itself."""


def columns_of(facts: VersionFacts) -> dict[str, object]:
    """By column of ProgrammeVersion."""
    values = {name: getattr(facts, name) for name in COLUMNS}
    return values | {"work_weekdays": sorted(facts.work_weekdays)}


def facts_of(version: ProgrammeVersion) -> VersionFacts:
    """What a version says. Two queries."""
    return facts_of_all([version])[version.pk]


def facts_of_all(versions: Iterable[ProgrammeVersion]) -> dict[int, VersionFacts]:
    """By id of the version. Two queries, however many."""
    known = {version.pk: version for version in versions}
    dimensions: dict[int, list[DimensionFacts]] = {pk: [] for pk in known}
    grades: dict[int, list[GradeFacts]] = {pk: [] for pk in known}
    parts = ProgrammeDimension.objects.filter(version__in=list(known)).select_related("dimension")
    for part in parts.order_by("version", "position"):
        dimensions[part.version_id].append(_dimension_facts(part))
    for grade in ProgrammeGrade.objects.filter(version__in=list(known)).order_by("version", "position"):
        grades[grade.version_id].append(_grade_facts(grade))
    return {
        pk: _version_facts(version, tuple(dimensions[pk]), tuple(grades[pk])) for pk, version in known.items()
    }


def _version_facts(
    version: ProgrammeVersion, dimensions: tuple[DimensionFacts, ...], grades: tuple[GradeFacts, ...]
) -> VersionFacts:
    columns: dict[str, Any] = {name: getattr(version, name) for name in COLUMNS}
    columns["work_weekdays"] = tuple(version.work_weekdays)
    return VersionFacts(dimensions=dimensions, grades=grades, **columns)


def _dimension_facts(part: ProgrammeDimension) -> DimensionFacts:
    return DimensionFacts(
        code=part.dimension.code,
        words=_words(part if part.name else part.dimension),
        weight=part.weight,
        functional_role=part.functional_role,
    )


def _grade_facts(grade: ProgrammeGrade) -> GradeFacts:
    return GradeFacts(
        letter=grade.letter,
        points=grade.points,
        words=_words(grade),
        warns=grade.warns,
        opens_case=grade.opens_case,
        confirms_case=grade.confirms_case,
    )


def _words(of: ProgrammeDimension | Worded) -> Words:
    return Words(name=of.name, name_zh_hans=of.name_zh_hans, name_zh_hant=of.name_zh_hant)


def _dimension(code: str, name: str, hans: str, hant: str, role: FunctionalRole) -> DimensionFacts:
    words = Words(name=name, name_zh_hans=hans, name_zh_hant=hant)
    return DimensionFacts(code=code, words=words, functional_role=role.value)


def _grade(letter: str, points: int, name: str, hans: str, hant: str, **marks: bool) -> GradeFacts:
    words = Words(name=name, name_zh_hans=hans, name_zh_hant=hant)
    return GradeFacts(letter=letter, points=points, words=words, **marks)


STANDARD = VersionFacts(
    dimensions=(
        _dimension("quality", "Quality", "质量", "品質", FunctionalRole.QUALITY),
        _dimension("delivery", "On-time delivery", "按时交货", "準時交貨", FunctionalRole.PLANNING),
        _dimension("communication", "Communication", "沟通", "溝通", FunctionalRole.PROJECT_MANAGEMENT),
        _dimension("service", "Service and flexibility", "服务与灵活性", "服務與彈性", FunctionalRole.SALES),
        _dimension("support", "Technical support", "技术支持", "技術支援", FunctionalRole.ENGINEERING),
    ),
    grades=(
        _grade("A", 100, "Excellent", "非常满意", "非常滿意", confirms_case=True),
        _grade("A-", 80, "Very good", "很满意", "很滿意", confirms_case=True),
        _grade("B+", 60, "Good", "满意", "滿意", confirms_case=True),
        _grade("B", 40, "Fair", "基本满意", "大致滿意"),
        _grade("B-", 20, "Could be better", "有待改进", "有待改善", warns=True),
        _grade("C", 0, "Poor", "不满意", "不滿意", warns=True, opens_case=True),
        _grade("D", -100, "Unacceptable", "完全不可接受", "完全無法接受", warns=True, opens_case=True),
    ),
)
"""C is 0, D is -100 (100 % unacceptable), equal steps from C to A; five dimensions of equal weight."""
