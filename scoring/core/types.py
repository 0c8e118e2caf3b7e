"""The words and array types that all of `scoring.core` shares."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.int8]
BoolArray = npt.NDArray[np.bool_]

DAYS_PER_WEEK = 7.0
DAYS_PER_YEAR = 365.25
WEEKS_PER_YEAR = 52.0


class Stage(IntEnum):
    """Stage of a customer; the numbers are stored in state rows."""

    PROSPECT = 0
    SELECTED = 1
    INITIAL = 2
    CONTINUING = 3
    LONG_TERM = 4
    DORMANT = 5
    LOST = 6


class ContactLevel(IntEnum):
    """Organisational level of a contact; the number is the column in n x 4 arrays."""

    EXECUTIVE = 0
    MANAGEMENT = 1
    SPECIALIST = 2
    OPERATIONAL = 3


class Tier(IntEnum):
    """Value tier, highest first; NONE is for customers who are not ranked."""

    NONE = 0
    STRATEGIC = 1
    CORE = 2
    KEY = 3
    STANDARD = 4


class FlagLevel(IntEnum):
    """Level of a churn flag."""

    NONE = 0
    WATCH = 1
    AT_RISK = 2
    CRITICAL = 3
