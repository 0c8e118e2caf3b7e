"""What a respondent sends: a grade, "does not apply" or nothing for each dimension, and words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.surveys.models import Verdict
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries import Form, Said, SurveyPage
from accounts.surveys.services import AnswerFacts, Seen

NOT_APPLICABLE = "not_applicable"
"""Longer than any letter, so it is none."""
DAMAGED = {
    "required": _("The form is damaged. Open the link again."),
    "invalid": _("The form is damaged. Open the link again."),
    "max_length": _("The form is damaged. Open the link again."),
}


NO_TEXT = dict.fromkeys({*range(32), 127} - set(map(ord, "\t\n\r")))
"""Control characters that a copied text may bring along: nobody sees them, and nobody typed them."""


class Words(forms.CharField):
    """A comment. Browsers send two characters for a new line; it counts as one."""

    def __init__(self) -> None:
        too_long = _("A comment has at most 4,000 characters. Shorten it and send again.")
        super().__init__(required=False, max_length=MAX_COMMENT, error_messages={"max_length": too_long})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").translate(NO_TEXT)
        return super().to_python(value)


@dataclass(frozen=True)
class Choice:
    letter: str
    word: str
    is_chosen: bool
    is_low: bool


@dataclass(frozen=True)
class Row:
    """One dimension of the page and what is filled in. ``is_absent``: it does not apply."""

    code: str
    name: str
    choices: tuple[Choice, ...]
    is_absent: bool
    errors: tuple[str, ...]
    comment: str
    comment_errors: tuple[str, ...]


class SurveyForm(forms.Form):
    """``asked``: dimensions and grades of the invitation's version; ``language``: that of their names.

    The field of a dimension has its code as name, and its comment ``comment.<code>``: a code has no dot.
    """

    week = forms.DateField(error_messages=DAMAGED)
    said = forms.CharField(required=False, max_length=40, error_messages=DAMAGED)
    key = forms.CharField(max_length=64, error_messages=DAMAGED)
    comment = Words()

    def __init__(
        self,
        asked: Form,
        *,
        language: str,
        data: MultiValueDict[str, str] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.asked, self.language, self.sent = asked, language, data
        answers = [(each, each) for each in (*self._letters, NOT_APPLICABLE)]
        unknown = {"invalid_choice": _("This is not a grade of the survey.")}
        for code in self.codes:
            self.fields[code] = forms.ChoiceField(choices=answers, required=False, error_messages=unknown)
            self.fields[f"comment.{code}"] = Words()

    @property
    def seen(self) -> Seen | None:
        """Over which answer the form was opened; None where it does not say."""
        if self.sent is None or "said" not in self.sent:
            return None
        return Seen(_instant(self.cleaned_data["said"]))

    @property
    def codes(self) -> list[str]:
        return [line.dimension.code for line in self.asked.dimensions]

    @property
    def _letters(self) -> list[str]:
        return [grade.letter for grade in self.asked.grades]

    def clean(self) -> dict[str, Any]:
        for code in self.codes:
            sent = self.sent.getlist(code) if self.sent is not None else []
            if len(set(filter(None, sent))) > 1:
                self.add_error(code, ValidationError(_("Choose one answer here."), code="both"))
        if not self.errors:
            self._check_words()
        return self.cleaned_data

    def _check_words(self) -> None:
        facts = self.facts()
        if len(facts.comment) > MAX_COMMENT:
            self.add_error("comment", self.fields["comment"].error_messages["max_length"])
        if not facts.grades and not facts.not_applicable and not facts.comment:
            words = _("Choose a grade, say that it does not apply, or write a comment.")
            self.add_error(None, ValidationError(words, code="empty"))

    def facts(self) -> AnswerFacts:
        """What was said. Words beside a dimension without a grade belong to the answer as a whole."""
        said = self.cleaned_data
        grades = {code: said[code] for code in self.codes if said[code] not in ("", NOT_APPLICABLE)}
        words = {code: said[f"comment.{code}"] for code in self.codes if said[f"comment.{code}"]}
        stray = [
            gettext("%(dimension)s: %(words)s") % {"dimension": name, "words": words[code]}
            for code, name in self._names()
            if code in words and code not in grades
        ]
        return AnswerFacts(
            grades=grades,
            not_applicable=frozenset(code for code in self.codes if said[code] == NOT_APPLICABLE),
            comment="\n".join(filter(None, [said["comment"], *stray])),
            dimension_comments={code: text for code, text in words.items() if code in grades},
        )

    def refuse(self, error: ValidationError) -> None:
        """What the service found: it stands above the form."""
        for problems in error.error_dict.values():
            self.add_error(None, problems)

    def rows(self) -> Iterator[Row]:
        for code, name in self._names():
            chosen, errors = self[code].value(), self.errors
            yield Row(
                code=code,
                name=name,
                choices=tuple(
                    Choice(grade.letter, grade.name_in(self.language), grade.letter == chosen, grade.warns)
                    for grade in self.asked.grades
                ),
                is_absent=chosen == NOT_APPLICABLE,
                errors=tuple(map(str, errors.get(code, ()))),
                comment=self[f"comment.{code}"].value() or "",
                comment_errors=tuple(map(str, errors.get(f"comment.{code}", ()))),
            )

    def _names(self) -> list[tuple[str, str]]:
        return [
            (line.dimension.code, line.dimension.name_in(self.language)) for line in self.asked.dimensions
        ]


class SolvedForm(forms.Form):
    """Whether a corrective action solved the matter, in the respondent's eyes."""

    answer = forms.ChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No, not yet"))],
        error_messages={"required": _("Choose yes or no."), "invalid_choice": _("Choose yes or no.")},
    )
    comment = Words()


class VerdictForm(forms.Form):
    """The same by the link of the letter that asks; ``ADD``: more words to what he said before."""

    ADD = "add"
    verdict = forms.ChoiceField(
        choices=[*Verdict.choices, (ADD, _("Add this to my answer"))],
        error_messages={
            "required": _("Choose one of the two buttons."),
            "invalid_choice": _("Choose one of the two buttons."),
        },
    )
    comment = Words()

    def __init__(self, data: Any, *, may_add: bool = False) -> None:
        super().__init__(data)
        if not may_add:
            fields: dict[str, Any] = self.fields
            fields["verdict"].choices = Verdict.choices

    def refuse(self, error: ValidationError) -> None:
        """What the service found: beside the comment, or above the form."""
        for field, problems in error.error_dict.items():
            self.add_error(field if field == "comment" else None, problems)


def said_before(said: Said | None) -> dict[str, Any]:
    """The fields of the form that say what he said."""
    if said is None:
        return {}
    letters = {code: grade.letter for code, grade in said.grades.items()}
    absent = dict.fromkeys(said.not_applicable, NOT_APPLICABLE)
    words = {f"comment.{code}": grade.comment for code, grade in said.grades.items()}
    return {**letters, **absent, **words, "comment": said.comment}


def same_as(said: Said | None, asked: Form) -> dict[str, str]:
    """The grades and "does not apply" of another week, of what is asked for now; no words: those were of
    that week."""
    if said is None:
        return {}
    codes, letters = (
        {line.dimension.code for line in asked.dimensions},
        {each.letter for each in asked.grades},
    )
    grades = {code: grade.letter for code, grade in said.grades.items() if grade.letter in letters}
    filled = grades | dict.fromkeys(said.not_applicable, NOT_APPLICABLE)
    return {code: value for code, value in filled.items() if code in codes}


def typed_in(sent: MultiValueDict[str, str], asked: Form) -> dict[str, str]:
    """What stands in the form as it was sent, not judged."""
    codes = [line.dimension.code for line in asked.dimensions]
    return {name: sent.get(name, "") for name in ("comment", *codes, *(f"comment.{code}" for code in codes))}


def only_letters(typed: dict[str, str], found: SurveyPage) -> dict[str, str] | None:
    """What is typed as an address can carry it; None where there is more than grades, which would be lost."""
    current = said_before(found.current)
    new = {name: value for name, value in typed.items() if value != current.get(name, "")}
    letters = {grade.letter for grade in found.form.grades}
    return new if all(value in letters for value in new.values()) else None


def merged(before: Said | None, since: Said, typed: dict[str, str]) -> dict[str, Any]:
    """What was sent from elsewhere ``since``, and over it what was changed here against ``before``."""
    opened = said_before(before)
    changed = {name: value for name, value in typed.items() if value != opened.get(name, "")}
    return said_before(since) | changed


def _instant(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def letters_of(query: MultiValueDict[str, str], asked: Form) -> dict[str, str]:
    """Known letters by known dimension code; anything else in an address is somebody else's.

    Some mail gateways unescape %2B, and a form's + is a space.
    """
    letters = {grade.letter for grade in asked.grades}
    sent = {line.dimension.code: query.get(line.dimension.code, "") for line in asked.dimensions}
    sent = {code: letter.replace(" ", "+") for code, letter in sent.items()}
    return {code: letter for code, letter in sent.items() if letter in letters}
