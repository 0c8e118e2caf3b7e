"""Satisfaction index for pages: answers are read and laid out here, the formulas are those of
`scoring.core.satisfaction` (docs/scoring.md, section 12)."""

from scoring.satisfaction.groups import Grouping, Groups, Member, Members, WeekIndex, groups_of, revenue_of
from scoring.satisfaction.reading import LEVELS, WEEK
from scoring.satisfaction.said import Said, index_of_projects, read
from scoring.satisfaction.weeks import (
    DimensionWeek,
    Picture,
    answer_indices,
    board_of,
    customer_history,
    group_history,
    group_week,
    picture_of,
)

__all__ = [
    "LEVELS",
    "WEEK",
    "DimensionWeek",
    "Grouping",
    "Groups",
    "Member",
    "Members",
    "Picture",
    "Said",
    "WeekIndex",
    "answer_indices",
    "board_of",
    "customer_history",
    "group_history",
    "group_week",
    "groups_of",
    "index_of_projects",
    "picture_of",
    "read",
    "revenue_of",
]
