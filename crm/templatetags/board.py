"""The rows of the weekly review: a board has hundreds of cells, and templates take several times as long.

A row is sent with every look at the board, so it says everything once: what stands behind a cell comes when
somebody asks for it (`static/src/board.js`), and the look of a cell hangs on its place in the table. What
depends on a few values only, such as a letter with its steps, is drawn once and kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from crm.queries.boards import ReviewRow, Shown, Waiting
from crm.templatetags.charts import HEIGHT, LEAST_INDEX_SPAN, WIDTH, line_of
from crm.templatetags.formats import number, signed, with_minus
from crm.templatetags.lists import grade_class

register = template.Library()

_KEPT = 4096
# A point of a line 24 pixels high is told well enough in whole ones.
_FRACTION = re.compile(r"\.\d")


@register.simple_tag
def board_rows(
    rows: Sequence[ReviewRow],
    week: str,
    is_paper: bool = False,
    with_actions: bool = True,
    is_ahead: bool = False,
) -> SafeString:
    """A <tr> for each project; ``week`` is the code of the week that their histories end with. On paper there
    is nothing to press; ``with_actions``: a last cell for what can be done; ``is_ahead``: letters of the week
    are still to go out."""
    words = _Words(is_paper, with_actions and not is_paper, is_ahead)
    return mark_safe("\n".join(_row(row, week, words) for row in rows))  # noqa: S308 -- every part is escaped


class _Words:
    """Translated once for all rows."""

    def __init__(self, is_paper: bool, with_actions: bool, is_ahead: bool) -> None:
        self.is_paper, self.with_actions, self.is_ahead = is_paper, with_actions, is_ahead
        self.language = get_language()
        self.index, self.weeks, self.silent = (
            escape(_("Index")),
            escape(_("13 weeks")),
            escape(_("No answer")),
        )
        self.unasked = escape(_unasked(is_ahead))
        self.failed, self.never = escape(_("letter not delivered")), escape(_("never answered"))
        self.note, self.assign = escape(_("Note")), escape(_("Assign"))
        self.reviewed = escape(_("Reviewed"))
        self.log, self.remind = escape(pgettext("verb", "Log")), escape(_("Remind"))
        self.reminded = escape(_("reminded"))


def _row(row: ReviewRow, week: str, words: _Words) -> str:
    project = row.project
    language = words.language
    found = row.week
    asked = (found.answered, found.invited)
    index = _drawn_index(found.index, found.is_too_few, *asked, found.is_open, words.is_ahead, language)
    index += _drawn_graded(*row.graded, language) if row.graded.is_partial else ""
    cells = "".join(_cell(shown, project.pk, words, not found.invited) for shown in row.cells)
    actions = f'<td class="board-do">{_actions(row, words)}</td>' if words.with_actions else ""
    return (
        f'<tr data-row><td class="row-name">{_name(row, week)}{_remarks(row, words)}</td>'
        f'<td class="num" data-label="{words.index}">{index}</td>'
        f'<td data-label="{words.weeks}">{_line(row.line, language)}</td>{cells}'
        f'<td class="board-silent" hx-boost="false" data-label="{words.silent}">'
        f"{_silent(row, words)}</td>{actions}</tr>"
    )


def _name(row: ReviewRow, week: str) -> str:
    """Its name, which opens its history in the panel."""
    project = row.project
    return (
        f'<a id="project-{project.pk}" href="{_address(project.pk)}?week={week}" data-open>'
        f"{escape(project.name)}</a><p>{escape(project.customer)} · {escape(project.manager)}</p>"
    )


def _address(pk: int) -> str:
    before, after = _parts_of("project_satisfaction")
    return f"{before}{pk}{after}"


@lru_cache(maxsize=_KEPT)
def _parts_of(name: str) -> tuple[str, str]:
    before, _zero, after = reverse(name, args=[0]).rpartition("0")
    return before, after


def _actions(row: ReviewRow, words: _Words) -> str:
    """Buttons of the forms around the table; their keys work while the focus is in the row."""
    pk = row.project.pk
    if not row.project.may_change:
        return f"<small>{words.reviewed}</small>" if row.is_reviewed else ""
    form, pressed = ("unmark", "true") if row.is_reviewed else ("mark", "false")
    return (
        f'<button name="note" value="{pk}" data-row-key="c">{words.note}</button>'
        f'<button name="assign" value="{pk}" data-row-key="a">{words.assign}</button>'
        f'<button form="{form}" name="project" value="{pk}" data-row-key="r" aria-pressed="{pressed}">'
        f"{words.reviewed}</button>"
    )


def _cell(shown: Shown, pk: int, words: _Words, is_unasked: bool) -> str:
    """A grade of one dimension. More about it opens by hovering, focus, click and touch."""
    cell = shown.cell
    has_more = cell.has_more and not words.is_paper
    mark = "overdue" if cell.is_overdue else "case" if cell.case_id else ""
    before, after = _drawn_cell(
        shown.label,
        cell.letter,
        cell.change,
        cell.is_said,
        cell.is_late,
        bool(cell.notes),
        mark,
        has_more,
        words.unasked if is_unasked else words.silent,
        words.language,
    )
    return f"{before}{pk}.{shown.dimension.pk}{after}" if has_more else before


def _silent(row: ReviewRow, words: _Words) -> str:
    """Who was asked and has not answered, with what one can do about him; the key of the row needs nobody
    silent."""
    key = _log_button(row, 0, ' hidden data-row-key="l"', words)
    return key + "".join(f"<p>{_waiting(each, row, words)}</p>" for each in row.waiting)


def _waiting(waiting: Waiting, row: ReviewRow, words: _Words) -> str:
    said = f"<small>{_how_long(waiting, words)}</small>"
    if words.is_paper:
        return f"{escape(waiting.name)} {said}"
    before, after = _parts_of("contact")
    name = f'<a href="{before}{waiting.contact_id}{after}">{escape(waiting.name)}</a>'
    remind = (
        f'<button form="remind" name="invitation" value="{waiting.invitation_id}">{words.remind}</button>'
    )
    log = _log_button(row, waiting.contact_id, "", words)
    return f"{name} <span>{said} {log}</span>{remind if waiting.may_remind else ''}"


def _log_button(row: ReviewRow, contact: int, how: str, words: _Words) -> str:
    if words.is_paper or not row.project.may_log:
        return ""
    return f'<button form="log" name="talk" value="{row.project.pk}.{contact}"{how}>{words.log}</button>'


def _how_long(waiting: Waiting, words: _Words) -> str:
    if waiting.has_failed:
        return words.failed
    days = words.never if waiting.days is None else _drawn_days(waiting.days, words.language)
    return f"{days}, {words.reminded}" if waiting.is_reminded else days


def _remarks(row: ReviewRow, words: _Words) -> str:
    """Words about the whole week: the customer's, and ours."""
    if not row.project.remarks and not row.notes:
        return ""
    label = _drawn_remarks(row.project.remarks, row.notes, words.language)
    if words.is_paper:
        return f"<small>{label}</small>"
    return f'<button name="cell" class="board-said" value="{row.project.pk}.0">{label}</button>'


@lru_cache(maxsize=_KEPT)
def _drawn_cell(
    label: str,
    letter: str,
    change: int | None,
    is_said: bool,
    is_late: bool,
    is_noted: bool,
    mark: str,
    has_more: bool,
    nothing: str,
    _language: str | None,
) -> tuple[str, str]:
    """What stands before and behind the value of its button; all of it in front where there is none.
    ``nothing``: what no letter means here, as HTML."""
    grade = (
        format_html('<b class="{}">{}</b>', grade_class(letter), letter)
        if letter
        else format_html("<b>–</b><i>{}</i>", mark_safe(nothing))  # noqa: S308 -- escaped once for all rows
    )
    parts = [grade, _drawn_change(change), _mark("mark-said", _("comment")) if is_said else ""]
    parts += [_mark("mark-note", _("note of ours")) if is_noted else ""]
    parts += [format_html("<small>{}</small>", _("late")) if is_late else ""]
    parts += [_mark("mark-overdue", _("corrective action overdue")) if mark == "overdue" else ""]
    parts += [_mark("mark-open", _("open corrective action")) if mark == "case" else ""]
    inner, start = "".join(parts), format_html('<td data-label="{}">', label)
    if not has_more:
        return f"{start}{inner}</td>", ""
    return f'{start}<button name="cell" value="', f'">{inner}</button></td>'


def _drawn_change(change: int | None) -> str:
    if not change:
        return ""
    return f'<em class="{"better" if change > 0 else "worse"}">{signed(change)}</em>'


def _mark(name: str, label: str) -> str:
    return format_html('<span class="{}" role="img" aria-label="{}"></span>', name, label)


@lru_cache(maxsize=_KEPT)
def _drawn_index(
    index: float | None,
    is_too_few: bool,
    answered: int,
    invited: int,
    is_open: bool,
    is_ahead: bool,
    _language: str | None,
) -> str:
    """While there is time, that few have answered is no news: it is said in words, without the warning."""
    if not invited:
        return format_html("<b>–</b><p>{}</p>", _unasked(is_ahead))
    is_early = is_too_few and is_open
    few = _mark("mark-few", _("too few answers, for reference only")) if is_too_few and not is_open else ""
    text = _("%(answered)s of %(invited)s so far") if is_early else _("%(answered)s of %(invited)s")
    response = text % {"answered": answered, "invited": invited}
    return f"<b>{conditional_escape(number(index))}</b><p>{few}{escape(response)}</p>"


def _unasked(is_ahead: bool) -> str:
    return _("not asked yet") if is_ahead else _("not asked")


@lru_cache(maxsize=_KEPT)
def _drawn_graded(graded: int, asked: int, _language: str | None) -> str:
    """An answer counts as a whole one, however much it leaves open: then that is said."""
    text = _("%(graded)s of %(asked)s graded") % {"graded": number(graded), "asked": number(asked)}
    return f"<p>{escape(text)}</p>"


@lru_cache(maxsize=_KEPT)
def _drawn_days(days: int, _language: str | None) -> str:
    return escape(ngettext("%(counter)s day", "%(counter)s days", days) % {"counter": days})


@lru_cache(maxsize=_KEPT)
def _drawn_remarks(said: int, notes: int, _language: str | None) -> str:
    words = ngettext("%(counter)s comment", "%(counter)s comments", said) % {"counter": said}
    ours = ngettext("%(counter)s note", "%(counter)s notes", notes) % {"counter": notes}
    parts = (("mark-said", words, said), ("mark-note", ours, notes))
    return " · ".join(f'<span class="{mark}"></span> {escape(text)}' for mark, text, count in parts if count)


def _line(values: Sequence[float | None], language: str | None) -> str:
    """13 weeks of an index, drawn like `index_line` in fewer characters: one path, whole numbers."""
    known = [value for value in values if value is not None]
    line = line_of(values, low=None, high=None, least=LEAST_INDEX_SPAN)
    if line is None:
        return f'<svg role="img" aria-label="{_drawn_ends(None, None, language)}"></svg>'
    zero = "" if line.zero is None else f'<path d="M0 {line.zero:.0f}H{WIDTH:.0f}"/>'
    title = _drawn_ends(round(min(known)), round(max(known)), language)
    x, y = line.last
    path = _FRACTION.sub("", line.path)
    return (
        f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{title}">{zero}'
        f'<path d="{path}"/><circle cx="{x:.0f}" cy="{y:.0f}" r="2"/></svg>'
    )


@lru_cache(maxsize=_KEPT)
def _drawn_ends(low: int | None, high: int | None, _language: str | None) -> str:
    if low is None:
        return escape(_("Index, 13 weeks: none"))
    ends = {"low": with_minus(f"{low}"), "high": with_minus(f"{high}")}
    return escape(_("Index, 13 weeks: %(low)s to %(high)s") % ends)
