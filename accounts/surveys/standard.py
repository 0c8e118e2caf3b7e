"""What a programme version says, and what the product asks unless somebody decides otherwise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """The same in the three languages of the product."""

    name: str
    name_zh_hans: str
    name_zh_hant: str


@dataclass(frozen=True, kw_only=True)
class DimensionFacts:
    """``code`` stays the same through all versions; ``weight`` is a whole number above zero."""

    code: str
    words: Words
    weight: int = 1


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
    """Grades from the best to the worst; weekdays are ISO (Monday 1), hours local to the respondent."""

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


def _dimension(code: str, name: str, hans: str, hant: str) -> DimensionFacts:
    return DimensionFacts(code=code, words=Words(name=name, name_zh_hans=hans, name_zh_hant=hant))


def _grade(letter: str, points: int, name: str, hans: str, hant: str, **marks: bool) -> GradeFacts:
    words = Words(name=name, name_zh_hans=hans, name_zh_hant=hant)
    return GradeFacts(letter=letter, points=points, words=words, **marks)


STANDARD = VersionFacts(
    dimensions=(
        _dimension("quality", "Quality", "质量", "品質"),
        _dimension("delivery", "On-time delivery", "按时交货", "準時交貨"),
        _dimension("communication", "Communication", "沟通", "溝通"),
        _dimension("service", "Service and flexibility", "服务与灵活性", "服務與彈性"),
        _dimension("support", "Technical support", "技术支持", "技術支援"),
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
