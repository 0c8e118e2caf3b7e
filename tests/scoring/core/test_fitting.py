"""The search itself, on functions whose minimum is known."""

import numpy as np
import pytest

from scoring.core.fitting import RefusalCode, minimise, refuse_border


def valley(at: float):
    """Straight slopes with a round bottom at a logarithm: steps are easily too long."""

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        distance = 10 * (logs - at)
        height = np.sqrt(1 + distance**2)
        return float(height.sum()), 10 * distance / height

    return function


@pytest.mark.parametrize("start", [0.01, 0.2, 0.5, 0.97])
@pytest.mark.parametrize("minimum", [0.02, 0.6, 0.95])
def test_a_step_beyond_the_border_is_undone(start: float, minimum: float) -> None:
    found = minimise(valley(np.log(minimum)), (start, start), (0.005, 1.0))
    np.testing.assert_allclose(found.parameters, minimum, rtol=1e-6)
    assert found.is_flat
    assert refuse_border(found.parameters, (0.005, 2.0)) is None


def test_a_minimum_outside_is_found_at_the_border_and_refused() -> None:
    found = minimise(valley(np.log(50.0)), (0.2,), (0.005, 1.0))
    assert found.parameters == pytest.approx([1.0])
    refusal = refuse_border(found.parameters, (0.005, 1.0))
    assert refusal is not None
    assert (refusal.code, refusal.limit) == (RefusalCode.BORDER, 1.0)
