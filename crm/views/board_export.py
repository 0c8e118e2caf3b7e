"""A week's board as a file: every number as the screen and the paper have it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.surveys.models import CorrectiveAction
from accounts.surveys.queries.programmes import threshold_in
from crm.queries.board_words import Line, cases_of, lines_of
from crm.queries.boards import Review, ReviewRow, Shown, words_of
from crm.queries.cases import clock_of
from crm.views.board_sheets import summary_rows, week_rows, week_titles
from crm.views.board_wish import Wish, review_of, wish_of
from crm.views.request import UserRequest
from crm.views.spreadsheet import Sheet, csv_answer, workbook_answer

Row = Iterable[object]


@require_safe
def satisfaction_csv(request: UserRequest) -> HttpResponseBase:
    """Exactly what the board shows with this week, filter and order, to its end."""
    wish, review, lines, _cases = _asked(request)
    return csv_answer(f"satisfaction-{wish.code}", _board_with_words(review, wish, lines))


@require_safe
def satisfaction_xlsx(request: UserRequest) -> HttpResponseBase:
    """The same as a workbook: the board, the figures above it, the weeks before, its words, its corrective
    actions and who is silent."""
    wish, review, lines, cases = _asked(request)
    sheets = (
        Sheet(_("Board"), _board(review, wish)),
        Sheet(_("Summary"), summary_rows(review, wish, threshold_in(wish.week))),
        Sheet(_("13 weeks"), week_rows(review)),
        Sheet(_("Comments"), _words(review, wish, lines)),
        Sheet(_("Corrective actions"), _clocks(cases)),
        Sheet(_("No answer"), _silent(review, wish)),
    )
    return workbook_answer(f"satisfaction-{wish.code}", sheets)


def _asked(request: UserRequest) -> tuple[Wish, Review, tuple[Line, ...], tuple[CorrectiveAction, ...]]:
    now = timezone.now()
    wish = wish_of(request, now)
    _placed, review = review_of(request, wish, now=now, is_whole=True)
    ids = [row.project.pk for row in review.page.rows]
    return wish, review, lines_of(ids, wish.week), cases_of(ids, wish.week)


def _head(review: Review) -> list[object]:
    change = _("%(dimension)s: steps against last week")
    return [
        _("Week"),
        _("Project"),
        _("Customer"),
        _("Project manager"),
        *(title for label in review.labels for title in (label, change % {"dimension": label})),
        _("Index"),
        _("Answered"),
        _("Invited"),
        _("Questions left open"),
        _("Too few answers, for reference only"),
        _("No answer from"),
        _("Open corrective actions"),
        _("Reviewed"),
    ]


def _board(review: Review, wish: Wish) -> Iterator[Row]:
    yield _head(review)
    for row in review.page.rows:
        yield _cells(row, wish)


def _board_with_words(review: Review, wish: Wish, lines: Sequence[Line]) -> Iterator[Row]:
    """A file of one sheet: the weeks and the words stand at the end of each row."""
    said: dict[int, list[str]] = {}
    for words in words_of(review, lines):
        line, head = words.line, f"{words.label} {words.line.letter}".strip()
        text = f"{head}, {line.name}: {line.text}" if head else f"{line.name}: {line.text}"
        said.setdefault(line.project_id, []).append(text)
    yield [*_head(review), *week_titles(review), _("Comments")]
    for row in review.page.rows:
        weeks = (None if value is None else round(value, 1) for value in row.line)
        yield [*_cells(row, wish), *weeks, "\n".join(said.get(row.project.pk, []))]


def _cells(row: ReviewRow, wish: Wish) -> list[object]:
    separator = pgettext("list", ", ")
    return [
        wish.code,
        row.project.name,
        row.project.customer,
        row.project.manager,
        *(value for shown in row.cells for value in (_letter(shown), shown.cell.change)),
        None if row.week.index is None else round(row.week.index),
        row.week.answered,
        row.week.invited,
        row.graded.asked - row.graded.graded,
        _yes(row.week.is_too_few),
        separator.join(waiting.name for waiting in row.waiting),
        separator.join(shown.label for shown in row.cells if shown.cell.case_id),
        _yes(row.is_reviewed),
    ]


def _letter(shown: Shown) -> str:
    late = pgettext("of an answer", " (late)") if shown.cell.is_late else ""
    return f"{shown.cell.letter}{late}" if shown.cell.letter else ""


def _yes(is_so: bool) -> str:
    return _("yes") if is_so else ""


def _words(review: Review, wish: Wish, lines: Sequence[Line]) -> Iterator[Row]:
    yield [
        _("Week"),
        _("Project"),
        _("Customer"),
        _("Dimension"),
        _("Grade"),
        pgettext("column", "By"),
        _("Note of ours"),
        _("Words"),
    ]
    for words in words_of(review, lines):
        line = words.line
        yield [
            wish.code,
            words.project.name,
            words.project.customer,
            words.label,
            line.letter,
            line.name,
            _yes(line.is_ours),
            line.text,
        ]


def _clocks(cases: Sequence[CorrectiveAction]) -> Iterator[Row]:
    yield [
        pgettext("corrective action", "Number"),
        _("Project"),
        _("Customer"),
        _("Dimension"),
        _("State"),
        _("Until"),
        _("Overdue"),
        _("Owner"),
        pgettext("date", "Opened"),
    ]
    now, language = timezone.now(), get_language() or "en"
    for case in cases:
        clock = clock_of(case, now)
        yield [
            case.number,
            case.project.name,
            case.customer.short_name,
            case.dimension.name_in(language),
            case.get_state_display(),
            clock.until,
            _yes(clock.is_overdue),
            str(case.owner),
            case.opened_at,
        ]


def _silent(review: Review, wish: Wish) -> Iterator[Row]:
    yield [
        _("Week"),
        _("Project"),
        _("Customer"),
        _("Contact"),
        _("Days since the last answer"),
        _("Letter not delivered"),
    ]
    for row in review.page.rows:
        for waiting in row.waiting:
            yield [
                wish.code,
                row.project.name,
                row.project.customer,
                waiting.name,
                waiting.days,
                _yes(waiting.has_failed),
            ]
