"""Expected tiers are worked out by hand from mid-rank shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.core.policy import TierMethod, TierPolicy
from scoring.core.results import Previous
from scoring.core.tiers import fit_tier_cuts, settle_tiers, tier_of
from scoring.core.types import Tier

POLICY = TierPolicy()
SCORES = np.array([10.0, 50.0, 70.0, 90.0])
CUTS = (80.0, 60.0, 40.0)


def tiers(scores: list[float], policy: TierPolicy = POLICY) -> list[int]:
    array = np.array(scores, dtype=float)
    return tier_of(array, fit_tier_cuts(array, policy)).tolist()


def before(tier: int, pending: int = 0, days: float = 1.0) -> Previous:
    code = np.array([tier], dtype=np.int8)
    zero = np.zeros(1, dtype=np.int8)
    return Previous(np.array([days]), code, np.array([pending], dtype=np.int8), zero, zero, zero - 1)


def settled(score: float, previous: Previous, policy: TierPolicy = POLICY) -> tuple[int, int]:
    tier, pending = settle_tiers(np.array([score]), CUTS, policy, previous)
    return int(tier[0]), int(pending[0])


def test_shares_of_a_hundred_are_5_15_30_and_50() -> None:
    assert np.bincount(tiers(list(range(100)))).tolist() == [0, 5, 15, 30, 50]


def test_three_customers_are_core_key_and_standard() -> None:
    assert tiers([10, 30, 20]) == [Tier.STANDARD, Tier.CORE, Tier.KEY]


@pytest.mark.parametrize("n", [1, 3, 40])
def test_equals_get_the_same_tier_in_the_middle(n: int) -> None:
    assert tiers([12.5] * n) == [Tier.KEY] * n


def test_nobody_has_no_cuts() -> None:
    assert fit_tier_cuts(np.zeros(0), POLICY) == (None, None, None)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_a_tier_by_share_is_the_mid_rank_share_against_the_policy(scores: list[int]) -> None:
    array = np.array(scores, dtype=float)
    for score, tier in zip(scores, tiers([float(s) for s in scores]), strict=True):
        share = ((array > score).sum() + (array == score).sum() / 2) / len(array)
        assert tier == 1 + sum(share > cut for cut in POLICY.cuts)


def test_score_cuts_are_taken_as_they_are() -> None:
    policy = TierPolicy(method=TierMethod.SCORE, cuts=CUTS)
    assert tiers([80, 79.9, 60, 40, 39], policy) == [1, 2, 2, 3, 4]


def test_without_a_previous_tier_the_score_decides() -> None:
    assert settled(61.0, Previous.nothing(1)) == (Tier.CORE, 0)
    assert settled(61.0, before(Tier.NONE)) == (Tier.CORE, 0)


def test_within_the_margin_the_tier_stays_and_the_new_one_is_pending() -> None:
    assert settled(61.0, before(Tier.KEY)) == (Tier.KEY, Tier.CORE)
    assert settled(39.0, before(Tier.KEY)) == (Tier.KEY, Tier.STANDARD)


def test_beyond_the_margin_it_moves_at_once_as_far_as_the_margin_reaches() -> None:
    assert settled(62.0, before(Tier.KEY)) == (Tier.CORE, 0)
    assert settled(61.0, before(Tier.STANDARD)) == (Tier.KEY, Tier.CORE)
    assert settled(20.0, before(Tier.STRATEGIC)) == (Tier.STANDARD, 0)


def test_a_second_run_to_the_same_side_confirms() -> None:
    assert settled(61.0, before(Tier.KEY, pending=Tier.CORE)) == (Tier.CORE, 0)
    assert settled(61.0, before(Tier.KEY, pending=Tier.STANDARD)) == (Tier.KEY, Tier.CORE)
    unconfirmed = TierPolicy(second_run_confirms=False)
    assert settled(61.0, before(Tier.KEY, pending=Tier.CORE), unconfirmed) == (Tier.KEY, Tier.CORE)


def test_who_has_no_score_has_no_tier() -> None:
    assert settled(np.nan, before(Tier.KEY)) == (Tier.NONE, 0)


@given(st.floats(0, 100), st.integers(1, 4), st.integers(0, 4))
def test_the_settled_tier_lies_between_the_previous_one_and_the_one_by_score(
    score: float, tier: int, pending: int
) -> None:
    result, waiting = settled(score, before(tier, pending))
    raw = int(tier_of(np.array([score]), CUTS)[0])
    assert min(raw, tier) <= result <= max(raw, tier)
    assert waiting == (raw if raw != result else 0)
