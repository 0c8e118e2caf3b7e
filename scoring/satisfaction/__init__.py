"""Satisfaction index for pages: answers are read and laid out here, the formulas are those of
`scoring.core.satisfaction` (docs/scoring.md, section 12)."""

from scoring.satisfaction.said import WEEK
from scoring.satisfaction.weeks import (
    DimensionWeek,
    Picture,
    WeekIndex,
    answer_indices,
    board_of,
    customer_history,
    group_week,
    picture_of,
)

__all__ = [
    "WEEK",
    "DimensionWeek",
    "Picture",
    "WeekIndex",
    "answer_indices",
    "board_of",
    "customer_history",
    "group_week",
    "picture_of",
]
