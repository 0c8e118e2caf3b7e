"""The rows of the weekly review: a board has hundreds of cells, and templates take several times as long.

What depends on a few values only, such as a letter with its steps, is a template all the same: it is drawn
once for those values and each language, and then kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache

from django import template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.surveys.models import CorrectiveAction
from accounts.surveys.queries import BoardProject
from crm.queries.boards import Remark, ReviewRow, ShownCell, Voice, Waiting
from crm.templatetags.charts import index_line
from crm.templatetags.icons import icon
from scoring.satisfaction import WeekIndex

register = template.Library()

_KEPT = 4096


@register.simple_tag
def board_rows(rows: Sequence[ReviewRow], week: str, now: dt.datetime) -> SafeString:
    """A <tr> for each project; ``week`` is the code of the week that their histories end with."""
    index, weeks, silent = _("Index"), _("13 weeks"), _("No answer")
    return format_html_join(
        "\n",
        '<tr data-row><td class="row-name cell-wide">{}</td>'
        '<td class="num" data-label="{}">{}</td><td data-label="{}">{}</td>'
        '{}<td class="board-cell board-silent" data-label="{}">{}{}</td></tr>',
        (
            (
                *(_project(row.project, week), index, _index(row.week), weeks, index_line(row.line)),
                *(_cells(row, now), silent, _silent(row.waiting), _remarks(row.project, row.remarks)),
            )
            for row in rows
        ),
    )


def _project(project: BoardProject, week: str) -> SafeString:
    """Its name, which opens its history in the panel."""
    return format_html(
        '<a id="project-{0}" href="{1}?week={2}" hx-get="{1}?week={2}" hx-target="#panel-body"'
        ' data-panel-title="{3}" data-open>{3}</a><div class="quiet">{4} · {5}</div>',
        project.pk,
        reverse("project_satisfaction", args=[project.pk]),
        week,
        project.name,
        project.customer,
        project.manager,
    )


def _index(week: WeekIndex) -> SafeString:
    is_doubtful = week.is_too_few and week.invited > 0
    return _drawn_index(week.index, is_doubtful, week.answered, week.invited, get_language())


def _cells(row: ReviewRow, now: dt.datetime) -> SafeString:
    return format_html_join(
        "",
        '<td class="board-cell" data-label="{}">{}</td>',
        ((shown.label, _cell(shown, row.project, now)) for shown in row.cells),
    )


def _cell(shown: ShownCell, project: BoardProject, now: dt.datetime) -> SafeString:
    """A grade of one dimension. More about it opens by hovering, focus, click and touch."""
    mark = "overdue" if shown.is_overdue else "case" if shown.cell.case else ""
    letter = _drawn_letter(
        shown.letter, shown.cell.change, shown.has_comment, shown.is_late, mark, get_language()
    )
    if not shown.has_more:
        return format_html('<span class="board-plain">{}</span>', letter)
    voices = _joined(_voice(voice) for voice in shown.voices)
    title = format_html("{} · {}", shown.label, project.name)
    behind = _joined((voices, _case(shown.cell.case, now)))
    return _with_hint(f"cell-{project.pk}-{shown.dimension.pk}", letter, title, behind)


def _silent(waiting: Iterable[Waiting]) -> SafeString:
    """Who was asked and has not answered."""
    return format_html_join(
        "",
        '<div class="quiet">{} <small>{}</small></div>',
        ((each.name, _how_long(each)) for each in waiting),
    )


def _how_long(waiting: Waiting) -> str:
    if waiting.has_failed:
        return format_html("{} {}", icon("mail-x"), _("letter not delivered"))
    if waiting.days is None:
        return _("never answered")
    return ngettext("%(counter)s day", "%(counter)s days", waiting.days) % {"counter": waiting.days}


def _remarks(project: BoardProject, remarks: Sequence[Remark]) -> SafeString | str:
    """Words about the whole week."""
    if not remarks:
        return ""
    count = ngettext("%(counter)s comment", "%(counter)s comments", len(remarks)) % {"counter": len(remarks)}
    behind = format_html_join(
        "",
        '<div class="hint-voice"><strong>{}</strong><blockquote>{}</blockquote></div>',
        ((remark.name, linebreaksbr(remark.text)) for remark in remarks),
    )
    label = format_html("{} {}", icon("message"), count)
    return _with_hint(f"remarks-{project.pk}", label, project.name, behind)


def _with_hint(name: str, label: SafeString, title: str, behind: SafeString) -> SafeString:
    return format_html(
        '<button type="button" class="board-more" id="{0}" popovertarget="hint-{0}"'
        ' popovertargetaction="show">{1}</button>'
        '<div popover class="hint" id="hint-{0}"><p class="label">{2}</p>{3}</div>',
        name,
        label,
        title,
        behind,
    )


def _voice(voice: Voice) -> SafeString:
    """What one respondent said, with his words."""
    before = format_html(' <span class="quiet">{} {}</span>', _("the week before:"), voice.before)
    late = format_html(' <span class="board-mark">{}</span>', _("late"))
    words = format_html("<blockquote>{}</blockquote>", linebreaksbr(voice.grade.comment))
    about_week = format_html(
        '<blockquote><span class="quiet">{}</span> {}</blockquote>',
        _("About the week:"),
        linebreaksbr(voice.answer),
    )
    return format_html(
        '<div class="hint-voice"><div>{} <strong>{}</strong>{}{}</div>{}{}</div>',
        _drawn_chip(voice.grade.letter, get_language()),
        voice.name,
        before if voice.before else "",
        late if voice.grade.is_late else "",
        words if voice.grade.comment else "",
        about_week if voice.answer else "",
    )


def _case(case: CorrectiveAction | None, now: dt.datetime) -> str:
    return render_to_string("satisfaction/_case.html", {"case": case, "now": now}) if case else ""


def _joined(parts: Iterable[str]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


@lru_cache(maxsize=_KEPT)
def _drawn_index(
    index: float | None, is_doubtful: bool, answered: int, invited: int, _language: str | None
) -> SafeString:
    week = {"index": index, "is_too_few": is_doubtful, "answered": answered, "invited": invited}
    return _on_one_line("satisfaction/_index.html", {"week": week})


@lru_cache(maxsize=_KEPT)
def _drawn_letter(
    letter: str, change: int | None, has_comment: bool, is_late: bool, mark: str, _language: str | None
) -> SafeString:
    facts = {"has_comment": has_comment, "is_late": is_late, "mark": mark}
    return _on_one_line("satisfaction/_letter.html", {"letter": letter, "change": change, **facts})


@lru_cache(maxsize=_KEPT)
def _drawn_chip(letter: str, _language: str | None) -> SafeString:
    return _on_one_line("components/_grade_chip.html", {"grade": letter})


def _on_one_line(template_name: str, context: dict[str, object]) -> SafeString:
    """The indents of a template would be half of what is sent."""
    drawn = render_to_string(template_name, context)
    return mark_safe(" ".join(drawn.split()))  # noqa: S308 -- a template has escaped it
