"""Respondents by their characters: who answers, when, and which letters."""

from __future__ import annotations

import datetime as dt
import math
import random
from dataclasses import dataclass

DIMENSIONS = ("quality", "delivery", "communication", "service", "support")
CALM = (("A", 30), ("A-", 30), ("B+", 22), ("B", 13), ("B-", 5))
LOW = (("C", 80), ("D", 20))
LOW_SHARE = 0.012
"""Of the grades that come out of the blue."""
AGAIN = 0.3
"""Of the grades for what is not corrected yet."""
SATISFIED = 0.85
"""Of the grades for what we say is corrected."""


@dataclass(frozen=True)
class Character:
    """``answers``: how often; ``hours``: the median until he does."""

    answers: float
    hours: float


CHARACTERS = (
    (Character(0.97, 4.0), 40),
    (Character(0.8, 26.0), 35),
    (Character(0.45, 70.0), 15),
    (Character(0.5, 200.0), 5),
    (Character(0.02, 24.0), 5),
)


def character(rolled: random.Random) -> Character:
    kinds, weights = zip(*CHARACTERS, strict=True)
    found: Character = rolled.choices(kinds, weights)[0]
    return found


def delay(of: Character, rolled: random.Random) -> dt.timedelta:
    return dt.timedelta(hours=rolled.lognormvariate(math.log(of.hours), 0.8))


def letters(rolled: random.Random, open_dimensions: dict[str, bool]) -> dict[str, str]:
    """``open_dimensions``: those with an open corrective action, and whether we say that it is corrected."""
    said = {}
    for dimension in DIMENSIONS:
        roll = rolled.random()
        if (is_corrected := open_dimensions.get(dimension)) is None:
            kinds = LOW if roll < LOW_SHARE else CALM
        elif is_corrected:
            kinds = CALM[:3] if roll < SATISFIED else LOW
        else:
            kinds = LOW if roll < AGAIN else CALM[3:]
        said[dimension] = rolled.choices([each for each, _n in kinds], [n for _each, n in kinds])[0]
    return said
