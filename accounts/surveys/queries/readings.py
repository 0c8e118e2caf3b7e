"""What the versions of a programme say of grades, as plain numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

SCALES = """
select v.id, v.response_threshold_percent,
    array(select points::float8 from surveys_programmegrade where version_id = v.id order by position),
    array(select letter from surveys_programmegrade where version_id = v.id order by position),
    array(select dimension_id from surveys_programmedimension where version_id = v.id order by position),
    array(select weight::float8 from surveys_programmedimension where version_id = v.id order by position)
from surveys_programmeversion v where v.id = any(%(ids)s)
"""


@dataclass(frozen=True)
class VersionScale:
    """Points and letters from the best grade to the worst; ids and weights of the dimensions in their order;
    least response rate in percent."""

    points: tuple[float, ...]
    letters: tuple[str, ...]
    dimensions: tuple[int, ...]
    weights: tuple[float, ...]
    response_threshold_percent: int


def scales_of(version_ids: Iterable[int]) -> dict[int, VersionScale]:
    """By id, of versions that somebody was asked under. One query, none for what was read before."""
    ids = tuple(sorted(set(version_ids)))
    return dict(_scales_of(ids)) if ids else {}


@lru_cache(maxsize=64)
def _scales_of(ids: tuple[int, ...]) -> tuple[tuple[int, VersionScale], ...]:
    """Kept for good: the database refuses to change a version that was asked."""
    with connection.cursor() as cursor:
        cursor.execute(SCALES, {"ids": list(ids)})
        return tuple(
            (pk, VersionScale(tuple(points), tuple(letters), tuple(dimensions), tuple(weights), percent))
            for pk, percent, points, letters, dimensions, weights in cursor.fetchall()
        )
