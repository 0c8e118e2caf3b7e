"""What was said outside the weekly survey, in the reader's words where a survey wrote it down from grades.

A complaint that a survey made names dimensions and grades in its respondent's language, and keeps them so;
its comments are nobody's to translate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product

from django.conf import settings

from accounts.occasions.models import OccasionInvitation
from accounts.occasions.services.complaining import grade_line
from accounts.surveys.models import ProgrammeDimension, ProgrammeGrade
from accounts.voice.models import Voice

Lines = dict[str, str]


def told_in(language: str, voices: Iterable[Voice]) -> dict[int, str]:
    """The text of each by id, with its lines of grades in ``language``. At most three queries."""
    by_id = {voice.pk: voice.text for voice in voices}
    found = OccasionInvitation.objects.filter(voice__in=list(by_id))
    versions = dict(found.values_list("voice", "programme_version"))
    lines = _lines_of(set(versions.values()), language) if versions else {}
    return {pk: _told(text, lines.get(versions.get(pk, 0), {})) for pk, text in by_id.items()}


def _told(text: str, lines: Lines) -> str:
    return "\n".join(lines.get(line, line) for line in text.split("\n"))


def _lines_of(versions: Collection[int], language: str) -> dict[int, Lines]:
    """By version: a line as it may have been written, in any language, and as it is told."""
    grades: dict[int, list[ProgrammeGrade]] = {version: [] for version in versions}
    for grade in ProgrammeGrade.objects.filter(version__in=versions):
        grades[grade.version_id].append(grade)
    lines: dict[int, Lines] = {version: {} for version in versions}
    parts = ProgrammeDimension.objects.filter(version__in=versions).select_related("dimension")
    spoken = [code for code, _name in settings.LANGUAGES]
    for part in parts:
        for grade, written in product(grades[part.version_id], spoken):
            line = grade_line(part.dimension.name_in(written), grade, written)
            told = grade_line(part.dimension.name_in(language), grade, language)
            lines[part.version_id][line] = told
    return lines
