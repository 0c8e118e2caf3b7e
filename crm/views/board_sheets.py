"""What the board says of its projects as a whole, and of the weeks before, as rows of a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from crm.queries.boards import Review
from crm.templatetags.formats import zone_name
from crm.views.board_wish import Wish, code_of

Row = Iterable[object]


def summary_rows(review: Review, wish: Wish, threshold: float) -> Iterator[Row]:
    """The figures above the board, and what it was narrowed to. ``threshold``: least response rate, 0..1."""
    whole = review.whole
    keeper = next((each.name for each in wish.keepers if each.code == wish.keeper), _("All managers"))
    yield [_("Week"), wish.code]
    yield [_("From"), wish.week]
    yield [_("Until"), wish.sunday]
    yield [_("Times are those of"), zone_name()]
    yield [_("Projects"), str(wish.whose.label)]
    yield [_("Manager or team"), keeper]
    yield [_("Review"), str(wish.left.label)]
    yield [_("Index of these projects' customers"), _rounded(whole.index)]
    yield [_("Response rate"), _rounded(whole.response_rate, 3)]
    yield [_("Answered"), whole.answered]
    yield [_("Invited"), whole.invited]
    yield [_("For reference only below a response rate of"), threshold]
    yield [_("Too few answers, for reference only"), _("yes") if whole.is_too_few else ""]
    yield [_("The week is still open"), _("yes") if whole.is_open else ""]
    yield [_("Lowest grade"), whole.lowest]
    yield [_("Open corrective actions"), review.open_cases]
    yield [_("Overdue"), review.overdue]
    yield [_("Reviewed"), review.reviewed]
    yield [_("Number of projects"), review.count]


def week_titles(review: Review) -> list[str]:
    """13 of them, the week of the board last; none of an empty board."""
    rows = review.page.rows
    return [_("Index %(week)s") % {"week": code_of(week.week)} for week in rows[0].history] if rows else []


def week_rows(review: Review) -> Iterator[Row]:
    yield [_("Project"), _("Customer"), _("Project manager"), *week_titles(review)]
    for row in review.page.rows:
        about = [row.project.name, row.project.customer, row.project.manager]
        yield [*about, *(_rounded(value) for value in row.line)]


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
