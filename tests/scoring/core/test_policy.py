import json
import re
from dataclasses import replace

import pytest

from scoring.core.policy import (
    ChurnPolicy,
    IndicatorCode,
    LevelPolicy,
    Policy,
    SignalCode,
    TierMethod,
    TierPolicy,
    default_policy,
)
from scoring.core.signals import SIGNALS


def test_a_policy_survives_json() -> None:
    policy = default_policy()
    assert Policy.from_plain(json.loads(json.dumps(policy.to_plain()))) == policy


def test_component_weights_sum_to_one_and_expected_value_comes_last() -> None:
    parts = default_policy().components
    assert sum(part.weight for part in parts) == pytest.approx(1, abs=1e-15)
    assert parts[-1].code is IndicatorCode.EXPECTED_VALUE
    assert parts[-1].weight == 0.3
    assert parts[0].weight == pytest.approx(0.7 * 0.25)


def test_every_signal_can_be_read_and_is_in_the_default_policy() -> None:
    assert set(SIGNALS) == set(SignalCode)
    assert {signal.code for signal in default_policy().churn.signals} == set(SignalCode)


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("tiers", "cuts"), [0.5, 0.2, 0.1], "Share cuts must rise and lie between 0 and 1."),
        (("tiers", "method"), "mood", "Policy.tiers.method must be one of share, score, not 'mood'."),
        (("window_days",), "long", "Policy.window_days must be of type int, not 'long'."),
        (("window_days",), True, "Policy.window_days must be of type int, not True."),
        (("lifetime", "weight"), float("nan"), "Policy.lifetime.weight must be a finite number, not nan."),
        (("lifetime", "weight"), 1.5, "The weight of the expected value must be from 0 to 1."),
        (("indicators",), {}, "Policy.indicators must be a list, not dict."),
        (("indicators",), [], "At least one indicator needs a weight."),
        (("churn", "watch"), {"enter": 10.0}, "Policy.churn.watch lacks clear."),
        (("churn", "watch", "colour"), "red", "Policy.churn.watch has unknown fields: colour."),
        (("churn", "watch"), {"enter": 10.0, "clear": 20.0}, "A level needs 0 < clear <= enter <= 100."),
    ],
)
def test_a_bad_policy_is_refused_with_a_clear_sentence(
    path: tuple[str, ...], value: object, sentence: str
) -> None:
    data = json.loads(json.dumps(default_policy().to_plain()))
    inner = data
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Policy.from_plain(data)


def test_p_alive_may_not_open_a_flag_alone() -> None:
    churn = default_policy().churn
    generous = tuple(
        replace(signal, points=25.0) if signal.code is SignalCode.P_ALIVE_LOW else signal
        for signal in churn.signals
    )
    with pytest.raises(ValueError, match="P\\(alive\\) must not open a flag alone"):
        replace(churn, signals=generous)


def test_levels_and_lists_must_be_in_order_and_without_doubles() -> None:
    churn = default_policy().churn
    with pytest.raises(ValueError, match="must rise"):
        replace(churn, watch=LevelPolicy(50.0, 20.0))
    with pytest.raises(ValueError, match="listed twice"):
        ChurnPolicy(signals=(churn.signals[0], churn.signals[0]))
    with pytest.raises(ValueError, match="must fall"):
        TierPolicy(method=TierMethod.SCORE, cuts=(40.0, 60.0, 80.0))
