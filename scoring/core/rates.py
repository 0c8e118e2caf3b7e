"""Rates with the interval that their number of cases allows."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""The standard normal quantile of 97.5 %."""


@dataclass(frozen=True)
class Rate:
    """``hits`` of ``n``; ``low`` and ``high``: 0..1, the interval of 95 %. All three: None without cases."""

    hits: int
    n: int
    share: float | None
    low: float | None
    high: float | None


def wilson(hits: int, n: int, *, z: float = Z_95) -> Rate:
    """The score interval: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22
    (1927). Unlike the normal approximation it stays within 0..1 and has a width where all or none are hits.
    Raises ValueError unless 0 <= hits <= n.
    """
    if not 0 <= hits <= n:
        raise ValueError("There are no more hits than cases.")
    if n == 0:
        return Rate(hits, n, None, None, None)
    share, grown = hits / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / grown
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / grown
    low = 0.0 if hits == 0 else max(centre - half, 0.0)
    high = 1.0 if hits == n else min(centre + half, 1.0)
    return Rate(hits, n, share, low, high)
