"""What somebody says of an occasion: grades as in the weekly survey, then questions of four kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from accounts.occasions.models import Question, QuestionKind
from accounts.occasions.queries import Asked
from accounts.occasions.services import OccasionFacts
from crm.forms.survey import NOT_APPLICABLE, SurveyForm, Words, letters_of, typed_in
from crm.queries.occasions_said import Said


@dataclass(frozen=True)
class Tick:
    code: str
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class Asking:
    """One question of the page and what is filled in. ``text``: what is written, a number as it was typed."""

    field: str
    name: str
    kind: str
    unit: str
    ticks: tuple[Tick, ...]
    text: str
    error: str

    @property
    def anchor(self) -> str:
        return self.field.replace(".", "-")

    @property
    def is_several(self) -> bool:
        return self.kind == QuestionKind.SEVERAL

    @property
    def is_number(self) -> bool:
        return self.kind == QuestionKind.NUMBER


class OccasionForm(SurveyForm):
    """The field of a question is ``question.<code>``: the code of a dimension has no dot."""

    week = None  # type: ignore[assignment]

    def __init__(
        self,
        asked: Asked,
        *,
        language: str,
        data: MultiValueDict[str, str] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(asked.form, language=language, data=data, initial=initial)
        self.questions = asked.questions
        for question in asked.questions:
            self.fields[field_of(question)] = _field(question)

    def _check_words(self) -> None:
        facts = self.occasion_facts()
        if len(facts.answer.comment) > self.fields["comment"].max_length:  # type: ignore[attr-defined]
            self.add_error("comment", self.fields["comment"].error_messages["max_length"])
        said = facts.answer
        parts = (said.grades, said.not_applicable, said.comment, facts.texts, facts.numbers, facts.choices)
        if not any(parts):
            words = _("Nothing is filled in yet: answer at least one question, or write a comment.")
            self.add_error(None, ValidationError(words, code="empty"))

    def occasion_facts(self) -> OccasionFacts:
        said = {each.code: self.cleaned_data[field_of(each)] for each in self.questions}
        kinds = {each.code: each.kind for each in self.questions}
        chosen = {
            code: tuple(value) if kinds[code] == QuestionKind.SEVERAL else (value,)
            for code, value in said.items()
            if value and kinds[code] in {QuestionKind.ONE, QuestionKind.SEVERAL}
        }
        return OccasionFacts(
            answer=self.facts(),
            texts={code: text for code, text in said.items() if kinds[code] == QuestionKind.TEXT and text},
            numbers={
                code: value
                for code, value in said.items()
                if kinds[code] == QuestionKind.NUMBER and value is not None
            },
            choices=chosen,
        )

    def askings(self) -> Iterator[Asking]:
        for each in self.questions:
            field = field_of(each)
            value = self[field].value()
            chosen = {str(one) for one in (value if isinstance(value, list | tuple) else [value])}
            errors = self.errors.get(field, ())
            yield Asking(
                field=field,
                name=each.name_in(self.language),
                kind=each.kind,
                unit=each.unit,
                ticks=tuple(
                    Tick(option.code, option.name_in(self.language), option.code in chosen)
                    for option in each.options.all()
                ),
                text="" if value is None or isinstance(value, list | tuple) else str(value),
                error=str(next(iter(errors), "")),
            )


def field_of(question: Question) -> str:
    return f"question.{question.code}"


def said_before(said: Said | None) -> dict[str, Any]:
    """The fields of the form that say what was said."""
    if said is None:
        return {}
    found: dict[str, Any] = {"comment": said.comment}
    for grade in said.grades:
        found[grade.code] = grade.letter or NOT_APPLICABLE
        found[f"comment.{grade.code}"] = grade.comment
    for reply in said.replies:
        number = reply.number.normalize() if reply.number is not None else None
        found[f"question.{reply.code}"] = reply.codes or (f"{number:f}" if number is not None else reply.text)
    return found


def typed_before(sent: MultiValueDict[str, str], asked: Asked) -> dict[str, Any]:
    """What stands in the form as it was sent, not judged."""
    questions: dict[str, Any] = {
        field_of(each): sent.getlist(field_of(each))
        if each.kind == QuestionKind.SEVERAL
        else sent.get(field_of(each), "")
        for each in asked.questions
    }
    return typed_in(sent, asked.form) | questions


def merged(before: Said | None, since: Said, typed: dict[str, Any]) -> dict[str, Any]:
    """What was sent from elsewhere ``since``, and over it what was changed here against ``before``."""
    opened = said_before(before)
    changed = {name: value for name, value in typed.items() if _parts(value) != _parts(opened.get(name, ""))}
    return said_before(since) | changed


def letters_in(query: MultiValueDict[str, str], asked: Asked) -> dict[str, str]:
    """Known letters by known dimension code, as a letter's link names them."""
    return letters_of(query, asked.form)


def _parts(value: Any) -> frozenset[str]:
    """A choice is stored as a list and sent as a text."""
    return frozenset(filter(None, value if isinstance(value, list | tuple) else [value]))


def _field(question: Question) -> forms.Field:
    options = [(each.code, each.code) for each in question.options.all()]
    unknown = {"invalid_choice": _("This is not one of the choices.")}
    if question.kind == QuestionKind.ONE:
        return forms.ChoiceField(choices=options, required=False, error_messages=unknown)
    if question.kind == QuestionKind.SEVERAL:
        return forms.MultipleChoiceField(choices=options, required=False, error_messages=unknown)
    if question.kind == QuestionKind.NUMBER:
        invalid = {"invalid": _("This is not a number.")}
        return forms.DecimalField(max_digits=14, decimal_places=4, required=False, error_messages=invalid)
    return Words()
