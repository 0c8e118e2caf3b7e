"""Many ids as one parameter of a statement."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.expressions import RawSQL


def among(ids: Iterable[int]) -> RawSQL | list[int]:
    """For ``pk__in=``: a parameter for each of some hundred ids takes longer than the statement itself, and
    so does a list that the driver looks through: they go as one text.

    A list that is empty stays one: of nothing Django asks nothing.
    """
    text = ",".join(map(str, ids))
    return RawSQL("select unnest(%s::bigint[])", [f"{{{text}}}"]) if text else []
