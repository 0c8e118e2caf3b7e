"""The results of a survey in the reader's words: lines for a page, rows for a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.customers.models import Customer
from accounts.occasions.models import OccasionInvitation
from accounts.occasions.queries.results import NumberResult, Results, answers_in
from accounts.surveys.models import SurveyProgramme
from accounts.surveys.models.programmes import Worded
from crm.queries.occasions_said import Said, SaidReply, said_in


@dataclass(frozen=True)
class Count:
    """One grade or choice: how many of ``n`` took it. ``letter``: of a grade."""

    name: str
    count: int
    n: int
    letter: str = ""

    @property
    def share(self) -> float | None:
        return self.count / self.n if self.n else None


@dataclass(frozen=True)
class Line:
    """A dimension or a choice with how it is spread. ``mean``: points of a dimension."""

    name: str
    n: int
    counts: tuple[Count, ...]
    absent: int = 0
    mean: float | None = None


def grade_lines(results: Results) -> list[Line]:
    return [
        Line(
            name=_name(each.part.dimension),
            n=each.n,
            counts=tuple(Count(_name(one.grade), one.count, each.n, one.grade.letter) for one in each.spread),
            absent=each.absent,
            mean=each.mean,
        )
        for each in results.dimensions
    ]


def choice_lines(results: Results) -> list[Line]:
    return [
        Line(
            name=_name(each.question),
            n=each.n,
            counts=tuple(Count(_named(one.option), one.count, each.n) for one in each.spread),
        )
        for each in results.choices
    ]


def number_lines(results: Results) -> list[tuple[str, NumberResult]]:
    return [(_name(each.question), each) for each in results.numbers]


def customers_asked(
    programme: SurveyProgramme, invitations: QuerySet[OccasionInvitation]
) -> QuerySet[Customer]:
    """Whom this survey asked, of the invitations somebody may see."""
    asked = invitations.filter(occasion__programme=programme)
    return Customer.objects.filter(pk__in=asked.values("customer"))


def answer_rows(results: Results, scope: QuerySet[OccasionInvitation]) -> Iterator[list[object]]:
    """A head, then a row for each answer, the newest first. Seven queries."""
    dimensions = [each.part.dimension for each in results.dimensions]
    questions = [
        *(each.question for each in results.choices),
        *(each.question for each in results.numbers),
        *(question for question, _count in results.texts),
    ]
    graded = [(each.code, _name(each)) for each in dimensions]
    asked = [(each.code, _name(each)) for each in questions]
    yield [
        _("Answered on"),
        _("Customer"),
        _("Project"),
        _("Who answered"),
        _("Organisational level"),
        _("About"),
        _("When"),
        _("Told to"),
        *(name for _code, name in graded),
        *(_("%(dimension)s: comment") % {"dimension": name} for _code, name in graded),
        *(name for _code, name in asked),
        pgettext("of a respondent", "Comment"),
    ]
    related = ("customer", "contact", "occasion__project")
    said = said_in(answers_in(scope).order_by("-known_at", "-pk"))
    invitations = OccasionInvitation.objects.select_related(*related).in_bulk(list(said))
    for pk, each in said.items():
        yield _row(invitations[pk], each, [code for code, _name in graded], [code for code, _name in asked])


def _row(invitation: OccasionInvitation, said: Said, codes: list[str], questions: list[str]) -> list[object]:
    occasion = invitation.occasion
    grades = {each.code: each for each in said.grades}
    replies = {each.code: each for each in said.replies}
    return [
        said.given_at,
        invitation.customer.short_name,
        occasion.project.name if occasion.project else "",
        invitation.contact.name,
        invitation.get_level_display(),
        occasion.about,
        occasion.happened_on,
        said.answer.taken_by.name if said.answer.taken_by else "",
        *(grades[code].letter if code in grades else "" for code in codes),
        *(grades[code].comment if code in grades else "" for code in codes),
        *(_value(replies.get(code)) for code in questions),
        said.comment,
    ]


def _value(reply: SaidReply | None) -> object:
    if reply is None:
        return ""
    return reply.number if reply.number is not None else reply.text or _(", ").join(reply.options)


def _named(option: object) -> str:
    return _name(option) if isinstance(option, Worded) else str(option)


def _name(words: Worded) -> str:
    return words.name_in(get_language() or "en")
