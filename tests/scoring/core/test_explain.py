import numpy as np
import pytest

from scoring.core.explain import NoDataReason, explain_churn, explain_value
from scoring.core.fitting import RefusalCode
from scoring.core.policy import IndicatorCode, default_policy
from scoring.core.score import apply, fit
from scoring.core.signals import SIGNALS
from scoring.core.types import Stage, Tier
from tests.scoring.core.books import AS_OF, book, history, random_book

POLICY = default_policy()


def test_the_lines_of_every_customer_sum_to_his_scores() -> None:
    state = random_book(300, 20)
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    for row in range(len(state)):
        value, churn = explain_value(scores, row, POLICY, cuts), explain_churn(scores, row, POLICY)
        assert sum(line.points for line in value.lines) == pytest.approx(value.score or 0.0, abs=1e-9)
        assert sum(line.points for line in churn.lines) == pytest.approx(churn.score, abs=1e-9)
        for line in value.lines:
            if line.no_data is None and value.score is not None:
                assert line.points == pytest.approx(100 * line.weight * line.normalised)
        points = [line.points for line in churn.lines]
        assert points == sorted(points, reverse=True)
        assert all(line.kind is SIGNALS[line.code].kind for line in churn.lines)


def test_a_refused_model_and_missing_data_are_told_apart() -> None:
    state = book([history([AS_OF - 9, AS_OF - 3], [100, 100])])
    cuts = fit(state, POLICY, AS_OF)
    value = explain_value(apply(state, cuts, POLICY, AS_OF), 0, POLICY, cuts)
    reasons = {line.code: line.no_data for line in value.lines}
    assert reasons[IndicatorCode.TOTAL_SALES] is None
    assert reasons[IndicatorCode.GROSS_MARGIN] is NoDataReason.NOT_RECORDED
    assert reasons[IndicatorCode.EXPECTED_VALUE] is NoDataReason.MODEL_REFUSED
    assert value.refusal is not None
    assert value.refusal.code is RefusalCode.TOO_FEW_REPEAT_CUSTOMERS


def test_the_next_tier_says_how_far_it_is() -> None:
    state = book([history([AS_OF - 9, AS_OF - 3], [amount, amount]) for amount in (100, 500, 900)])
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    lowest, highest = (explain_value(scores, row, POLICY, cuts) for row in (0, 2))
    assert lowest.next_tier is Tier.KEY
    assert lowest.next_cut == pytest.approx((scores.score[0] + scores.score[1]) / 2)
    assert (highest.tier, highest.next_tier, highest.rank, highest.ranked) == (Tier.CORE, None, 1, 3)


def test_who_is_not_ranked_has_no_score_and_no_points() -> None:
    state = book([{"stage": int(Stage.PROSPECT)}])
    cuts = fit(state, POLICY, AS_OF)
    scores = apply(state, cuts, POLICY, AS_OF)
    value = explain_value(scores, 0, POLICY, cuts)
    assert (value.score, value.share, value.rank, value.tier) == (None, None, None, Tier.NONE)
    assert not np.any([line.points for line in value.lines])
