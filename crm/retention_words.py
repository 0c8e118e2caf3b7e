"""Whether satisfaction keeps customers, in one sentence, and as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.queries.satisfaction_index_retention import BANDS
from crm.templatetags.formats import number, percent
from scoring.models import Tier
from scoring.satisfaction.retention import LEAST_CUSTOMERS, Band, Retention, Slice


@dataclass(frozen=True)
class Part:
    """``slices``: (name, slice)."""

    title: str
    head: str
    slices: list[tuple[str, Slice]]


def retention_finding(found: Retention) -> str:
    """Those with an index of 60 and better against those below; refused where either are too few."""
    content, discontent = found.content.rate, found.discontent.rate
    if not found.is_enough or content.share is None or discontent.share is None:
        return _(
            "Too few customers to say: %(content)s were at 60 or better a year ago, %(discontent)s below;"
            " %(least)s of each are needed"
        ) % {
            "content": number(content.n),
            "discontent": number(discontent.n),
            "least": number(LEAST_CUSTOMERS),
        }
    facts = {"content": percent(content.share), "discontent": percent(discontent.share)}
    text = _("%(content)s of those at 60 or better stayed, %(discontent)s of those below") % facts
    return _("%(finding)s: that may be chance") % {"finding": text} if _overlap(found) else text


def parts_of(found: Retention) -> list[Part]:
    return [
        Part(
            _("By index of the quarter"),
            _("Index"),
            [(str(BANDS[each.key]), each) for each in found.bands if isinstance(each.key, Band)],
        ),
        Part(
            _("By year of acquisition"),
            _("Acquired"),
            [(_("Not noted") if each.key is None else str(each.key), each) for each in found.cohorts],
        ),
        Part(
            _("By tier at that time"),
            _("Tier"),
            [(_tier(each), each) for each in found.tiers],
        ),
    ]


def retention_rows(found: Retention) -> Iterator[tuple[object, ...]]:
    yield (
        _("Customers of %(day)s") % {"day": found.base.isoformat()},
        "",
        _("Customers"),
        _("Kept"),
        _("Share"),
        _("Lower end, 95 %"),
        _("Upper end, 95 %"),
    )
    for part in parts_of(found):
        for name, each in part.slices:
            rate = each.rate
            yield (
                part.title,
                name,
                rate.n,
                rate.hits,
                _rounded(rate.share),
                _rounded(rate.low),
                _rounded(rate.high),
            )


def _tier(each: Slice) -> str:
    return str(each.key.label) if isinstance(each.key, Tier) else _("Not scored then")


def _overlap(found: Retention) -> bool:
    content, discontent = found.content.rate, found.discontent.rate
    ends = (content.low, content.high, discontent.low, discontent.high)
    low, high, other_low, other_high = (end or 0.0 for end in ends)
    return low <= other_high and other_low <= high


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
