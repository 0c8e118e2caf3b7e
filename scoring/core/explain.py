"""One row of scores taken apart into codes and numbers; a page turns them into words."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .fitting import Refusal
from .policy import IndicatorCode, Normalisation, Policy, SignalCode
from .results import Cuts, Scores
from .signals import SIGNALS, SignalKind
from .types import FlagLevel, Tier


class NoDataReason(StrEnum):
    """Why an indicator was left out."""

    NOT_RECORDED = "not_recorded"
    MODEL_REFUSED = "model_refused"


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator: input in its own unit, normalised 0..1, re-scaled weight, points = 100 x weight x
    normalised.

    Without data `input` and `normalised` are None, weight and points 0, and `no_data` says why.
    `policy_weight` is the weight before re-scaling; `low`, `high`, `mean`, `deviation` are the book's.
    """

    code: IndicatorCode
    normalisation: Normalisation
    higher_is_better: bool
    input: float | None
    normalised: float | None
    policy_weight: float
    weight: float
    points: float
    no_data: NoDataReason | None
    low: float
    high: float
    mean: float
    deviation: float


@dataclass(frozen=True)
class ValueExplanation:
    """Score, place and tier of one customer; the lines' points sum to the score.

    `next_tier` and `next_cut`: the tier above the one by score, and the score it starts at (None: there is
    none). `refusal`: why there is no expected value. Unranked customers have `score`, `share` and `rank`
    None.
    """

    score: float | None
    share: float | None
    rank: int | None
    ranked: int
    tier: Tier
    pending_tier: Tier
    is_borderline: bool
    coverage: float
    lines: tuple[IndicatorLine, ...]
    next_tier: Tier | None
    next_cut: float | None
    p_alive: float | None
    expected_purchases: float | None
    expected_value: float | None
    refusal: Refusal | None


@dataclass(frozen=True)
class SignalLine:
    """One churn signal: its input (None: does not apply), severity 0..1 and points."""

    code: SignalCode
    kind: SignalKind
    input: float | None
    severity: float
    points: float
    most_points: float
    start: float
    full: float


@dataclass(frozen=True)
class ChurnExplanation:
    """Churn score of one customer; the lines' points sum to it, worst first, then in the policy's order."""

    score: float
    level: FlagLevel
    reading: FlagLevel
    is_immediate: bool
    money_at_risk: float
    lines: tuple[SignalLine, ...]


def explain_value(scores: Scores, row: int, policy: Policy, cuts: Cuts) -> ValueExplanation:
    """Take the value score of one row apart."""
    score = _number(scores.score[row])
    next_tier, next_cut = _next_tier(score, cuts)
    return ValueExplanation(
        score=score,
        share=_number(scores.share[row]),
        rank=int(scores.rank[row]) or None,
        ranked=cuts.ranked,
        tier=Tier(int(scores.tier[row])),
        pending_tier=Tier(int(scores.pending_tier[row])),
        is_borderline=bool(scores.borderline[row]),
        coverage=float(scores.coverage[row]),
        lines=tuple(
            _indicator_line(scores, row, position, policy, cuts) for position in range(len(policy.components))
        ),
        next_tier=next_tier,
        next_cut=next_cut,
        p_alive=_number(scores.p_alive[row]),
        expected_purchases=_number(scores.expected_purchases[row]),
        expected_value=_number(scores.expected_value[row]),
        refusal=cuts.lifetime.refusal,
    )


def explain_churn(scores: Scores, row: int, policy: Policy) -> ChurnExplanation:
    """Take the churn score of one row apart."""
    lines = [
        SignalLine(
            code=signal.code,
            kind=SIGNALS[signal.code].kind,
            input=_number(scores.churn_inputs[row, position]),
            severity=float(scores.churn_severities[row, position]),
            points=float(scores.churn_points[row, position]),
            most_points=signal.points,
            start=signal.start,
            full=signal.full,
        )
        for position, signal in enumerate(policy.churn.signals)
    ]
    return ChurnExplanation(
        score=float(scores.churn_score[row]),
        level=FlagLevel(int(scores.flag_level[row])),
        reading=FlagLevel(int(scores.flag_reading[row])),
        is_immediate=bool(scores.is_immediate[row]),
        money_at_risk=float(scores.money_at_risk[row]),
        lines=tuple(sorted(lines, key=lambda line: -line.points)),
    )


def _indicator_line(scores: Scores, row: int, position: int, policy: Policy, cuts: Cuts) -> IndicatorLine:
    part, book = policy.components[position], cuts.indicators[position]
    value = _number(scores.indicator_inputs[row, position])
    normalised = _number(scores.indicator_normalised[row, position])
    is_refused = part.code is IndicatorCode.EXPECTED_VALUE and cuts.lifetime.refusal is not None
    reason = NoDataReason.MODEL_REFUSED if is_refused else NoDataReason.NOT_RECORDED
    return IndicatorLine(
        code=part.code,
        normalisation=part.normalisation,
        higher_is_better=part.higher_is_better,
        input=value,
        normalised=normalised,
        policy_weight=part.weight,
        weight=float(scores.indicator_weights[row, position]),
        points=float(scores.indicator_points[row, position]),
        no_data=reason if normalised is None else None,
        low=book.low,
        high=book.high,
        mean=book.mean,
        deviation=book.deviation,
    )


def _next_tier(score: float | None, cuts: Cuts) -> tuple[Tier | None, float | None]:
    if score is None:
        return None, None
    for code, cut in reversed(list(enumerate(cuts.tier_cuts, start=int(Tier.STRATEGIC)))):
        if cut is not None and score < cut:
            return Tier(code), cut
    return None, None


def _number(value: np.float64) -> float | None:
    number = float(value)
    return None if np.isnan(number) else number
