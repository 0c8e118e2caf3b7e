"""Invented rows for the gallery of components; no page of the product reads them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from crm.templatetags.formats import day


@dataclass(frozen=True)
class Person:
    name: str
    is_authenticated: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Row:
    name: str
    owner: str
    tier: str
    score: float
    change: int
    level: str
    risk: int
    grade: str
    sales_minor: int
    touched_at: datetime
    index: tuple[float | None, ...]


@dataclass(frozen=True)
class Contribution:
    label: str
    points: float
    detail: str


@dataclass(frozen=True)
class Page:
    count: int = 12_480
    count_is_exact: bool = False
    newer: str | None = None
    older: str | None = "c2"


class Filters(forms.Form):
    q = forms.CharField(label="Search by name", required=False)
    tier = forms.ChoiceField(
        label="Tier", required=False, choices=[("", "Any tier"), ("strategic", "Strategic"), ("core", "Core")]
    )
    churn_flag = forms.ChoiceField(
        label="Churn flag",
        required=False,
        choices=[("", "Any flag"), ("watch", "Watch"), ("critical", "Critical")],
    )


class Contact(forms.Form):
    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(label="E-mail", help_text="Surveys are sent to this address.")
    level = forms.ChoiceField(
        label="Level",
        choices=[("executive", "Executive"), ("management", "Management"), ("operational", "Operational")],
        widget=forms.RadioSelect,
    )
    owner = forms.ChoiceField(
        label="Our counterpart",
        choices=[("1", "Lin Wei"), ("2", "Anna Berg"), ("3", "单雄信")],
        widget=forms.Select(attrs={"data-picker": True}),
    )
    met_on = forms.DateField(
        label="First met", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    notes = forms.CharField(label="Notes", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    may_decide = forms.BooleanField(label="Decides about orders", required=False)


PERSON = Person("Lin Wei")
GRADES = ("A", "A-", "B+", "B", "B-", "C", "D")


_FALLEN = (72, 70, 71, 66, None, 58, 49, 44, 40, 31, 22, 12, -8)
_STEADY = (61, 64, 60, 66, 70, 68, 72, 71, 74, 73, 77, 76, 78)
# The fields of Row in their order; the last contact in days ago.
_Sample = tuple[str, str, str, float, int, str, int, str, int, int, tuple[float | None, ...]]
_SAMPLES: tuple[_Sample, ...] = (
    ("Hangzhou Precision 杭州精工", "Lin Wei", "strategic", 91.4, 2, "", 0, "A-", 482_350_000, 1, _STEADY),
    ("Nordlicht Antriebe GmbH", "Anna Berg", "core", 78.0, -6, "critical", 84, "D", 96_120_050, 41, _FALLEN),
    ("Kaohsiung Optics 高雄光電", "Lin Wei", "key", 55.2, 0, "at_risk", 61, "C", 31_004_000, 12, _FALLEN[:9]),
    ("Saltire Marine", "单雄信", "standard", 23.9, -1, "watch", 37, "B-", 4_810_075, 3, _STEADY[::-1]),
    ("Veolan Municipal Water", "Anna Berg", "", 0.0, 0, "", 0, "", 0, 200, ()),
)


def rows(now: datetime) -> list[Row]:
    return [Row(*facts[:9], now - timedelta(days=facts[9]), facts[10]) for facts in _SAMPLES]


def chart() -> dict[str, Any]:
    """An ECharts option, as a page's view would write it."""
    return {
        "grid": {"left": 48, "right": 16, "top": 16, "bottom": 32},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"W{week}" for week in range(27, 40)]},
        "yAxis": {"type": "value", "min": -100, "max": 100},
        "series": [
            {
                "type": "line",
                "name": "Index",
                "data": [72, 70, 71, 66, None, 58, 49, 44, 40, 31, 22, 12, -8],
            }
        ],
    }


def context(now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "rows": rows(now),
        "grades": GRADES,
        "tiers": ("strategic", "core", "key", "standard", ""),
        "levels": ("watch", "at_risk", "critical"),
        "page": Page(),
        "sort": "-score",
        "filters": Filters({"tier": "core"}),
        "contact_form": Contact({"email": "not an address", "level": "management"}),
        "chart": chart(),
        "maximum": 40,
        "total": 59.7,
        "total_label": "Score",
        "bars": [
            Contribution("Total sales", 34.2, "€482,350, 96th percentile × weight 0.36"),
            Contribution("Gross margin", 21.0, "31.4 %, 70th percentile × weight 0.30"),
            Contribution("Order continuity", 4.5, "gaps vary by 0.8, 22nd percentile × weight 0.20"),
        ],
        "pairs": [
            ("Owner", "Lin Wei"),
            ("First order", day(now.date())),
            ("Expected purchases, next 39 weeks", "4.2", "?explain=expected"),
            ("Group", ""),
        ],
        "toasts": [
            ("success", "Saved. The score is recomputed."),
            ("error", "Row 14, column amount: not a number."),
        ],
    }
