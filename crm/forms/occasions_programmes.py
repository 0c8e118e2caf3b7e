"""Forms of an admin who writes a survey: its name and kind, and a draft with its rules and questions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Level
from accounts.occasions.facts import OptionFacts, QuestionFacts, RulesFacts, SurveyFacts
from accounts.occasions.models import QuestionKind
from accounts.occasions.standard import STANDARD_SURVEYS
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.services.programme_rules import TAKEN_CODES
from accounts.surveys.standard import DimensionFacts, Words
from crm.forms.codes import LONGEST_CODE, new_code
from crm.forms.programmes import DimensionForm, WordsForm, choice_of, number_of
from crm.programme_words import month, time_of

MOST_LINES = 30
PARTS = ("dimensions", "questions")
LATEST_DAY = 28
"""Of a month: every month has it."""


class NewSurveyForm(forms.Form):
    """A survey of ours: what the product asks in such a case, or one thing to begin with."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For us; no customer reads it."))
    start = forms.ChoiceField(
        label=_("Start from"),
        choices=[
            ("event standard", _("After a delivery: on time, complete, packaging, documents")),
            ("any_time standard", _("At any time: overall satisfaction")),
            ("yearly standard", _("Once a year: needs and preferences")),
            ("event", _("After an event, with one question to begin with")),
            ("any_time", _("At any time, with one question to begin with")),
            ("yearly", _("Once a year, with one question to begin with")),
        ],
    )

    @property
    def kind(self) -> ProgrammeKind:
        return ProgrammeKind(self.cleaned_data["start"].split(" ")[0])

    @property
    def facts(self) -> SurveyFacts:
        by_kind = {each.kind: each.facts for each in STANDARD_SURVEYS}
        standard = by_kind[self.kind]
        if self.cleaned_data["start"].endswith("standard"):
            return standard
        opening = by_kind[ProgrammeKind.ANY_TIME].rules.opening
        return SurveyFacts(
            version=by_kind[ProgrammeKind.ANY_TIME].version,
            rules=replace(standard.rules, asked_levels=(), asks_deliveries=False, opening=opening),
        )


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


class OneLine(forms.CharField):
    """The words of a question: room to read them, and no new line in them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=240, required=False, widget=forms.Textarea(attrs={"rows": 2}), **options)

    def to_python(self, value: Any) -> Any:
        return " ".join((super().to_python(value) or "").split())


class QuestionForm(WordsForm):
    """A question; without words it is left out. Choices stand one in a line, in the order of the English."""

    name = OneLine(label=_("Question"))
    name_zh_hans = OneLine(label=_("Simplified"))
    name_zh_hant = OneLine(label=_("Traditional"))
    code = forms.SlugField(max_length=LONGEST_CODE, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=QuestionKind.choices, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=24, required=False)
    options = forms.CharField(
        label=_("Choices, one in a line"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    options_zh_hans = forms.CharField(
        label=_("Simplified"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    options_zh_hant = forms.CharField(
        label=_("Traditional"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("name") or values.get("kind") not in {QuestionKind.ONE, QuestionKind.SEVERAL}:
            return values
        count = len(_lines(values.get("options", "")))
        if count < 2:
            self.add_error("options", _("Write at least two choices, each in a line of its own."))
        for name in ("options_zh_hans", "options_zh_hant"):
            if _lines(values.get(name, "")) and len(_lines(values[name])) != count:
                self.add_error(name, _("Write as many lines as in English, or none."))
        return values

    @property
    def choices(self) -> list[Words]:
        """What is to be chosen from, in three languages; an empty word is the English one."""
        english = _lines(self.cleaned_data["options"])
        hans, hant = (
            _lines(self.cleaned_data[name]) or [""] * len(english)
            for name in ("options_zh_hans", "options_zh_hant")
        )
        lines = zip(english, hans, hant, strict=True)
        return [Words(name=name, name_zh_hans=simple, name_zh_hant=full) for name, simple, full in lines]


DimensionForms = forms.formset_factory(DimensionForm, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)
QuestionForms = forms.formset_factory(QuestionForm, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES)


class RulesForm(forms.Form):
    """When and whom; ``digest`` tells whether somebody else changed the draft."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    asks_deliveries = forms.BooleanField(
        label=_("Ask after each delivery by itself"),
        required=False,
        help_text=_("Other events somebody of us says, on the customer's page."),
    )
    wait_days = number_of(_("Days after the event"), 0, 365, help_text=_("Until the letter goes out."))
    yearly_month = choice_of(
        _("Month"), lambda: [(number, month(number)) for number in range(1, 13)], empty_value=None
    )
    yearly_day = number_of(_("Day"), 1, LATEST_DAY)
    send_hour = choice_of(
        _("At"), [(hour, time_of(hour * 60)) for hour in range(24)], help_text=_("Where the respondent is.")
    )
    remind_after_days = number_of(_("One reminder after days"), 1, 364)
    answer_days = number_of(_("Days to answer"), 1, 365)
    rest_days = number_of(
        _("Days of rest"), 0, 1000, help_text=_("So long nobody is asked the same survey again.")
    )
    asked_levels = forms.MultipleChoiceField(
        label=_("Whom we ask"),
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None marked: all of them."),
    )
    opening = forms.CharField(
        label=_("Opening words"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    opening_zh_hans = forms.CharField(
        label=_("Simplified"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    opening_zh_hant = forms.CharField(
        label=_("Traditional"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    note = forms.CharField(
        label=_("What changes, and why"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands beside the version in the list."),
    )

    def __init__(self, data: Any = None, *, kind: str, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        left_out = {
            ProgrammeKind.EVENT.value: ("yearly_month", "yearly_day"),
            ProgrammeKind.ANY_TIME.value: ("yearly_month", "yearly_day", "asks_deliveries", "wait_days"),
            ProgrammeKind.YEARLY.value: ("asks_deliveries", "wait_days"),
        }
        for name in left_out[kind]:
            del self.fields[name]


class SurveyDraftForm:
    """The three parts of a draft's page as one form over ``SurveyFacts``.

    ``typed``: the values of a page whose lines are moved, added or removed; nothing of it is judged yet.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        stored: SurveyFacts,
        kind: str,
        typed: dict[str, Any] | None = None,
    ) -> None:
        self.stored, self.kind = stored, kind
        start = typed or _present(stored)
        self.rules = RulesForm(data, kind=kind, initial=start["rules"])
        self.dimensions: Any = DimensionForms(data, initial=start["dimensions"], prefix="dimensions")
        self.questions: Any = QuestionForms(data, initial=start["questions"], prefix="questions")
        self.part_errors: dict[str, list[str]] = {name: [] for name in PARTS}

    @property
    def is_bound(self) -> bool:
        return self.rules.is_bound

    @property
    def expected_digest(self) -> str:
        return str(self.rules.cleaned_data.get("digest", ""))

    def is_valid(self) -> bool:
        parts = [part.is_valid() for part in (self.rules, self.dimensions, self.questions)]
        return self.is_bound and all(parts)

    def moved(self, wish: str) -> SurveyDraftForm:
        """The page with one line more, less or elsewhere: "dimensions up 2", "questions add"."""
        typed: dict[str, Any] = {
            "rules": _values(self.rules),
            **{name: [_values(line) for line in getattr(self, name).forms] for name in PARTS},
        }
        part, do, *at = [*wish.split(" "), "", ""][:3]
        if part in PARTS:
            _move(typed[part], do, int(at[0]) if at[0].isdecimal() and len(at[0]) < 4 else -1)
        return SurveyDraftForm(stored=self.stored, kind=self.kind, typed=typed)

    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            if field in self.part_errors:
                self.part_errors[field] += [message for error in errors for message in error.messages]
            else:
                self.rules.add_error(field if field in self.rules.fields else None, errors)

    def read_again(self, stored: SurveyFacts) -> None:
        """What was typed stays, and saving once more replaces what is stored now."""
        typed: Any = self.rules.data
        self.rules.data = typed = typed.copy()
        typed["digest"] = stored.digest
        self.rules.add_error(
            None,
            _(
                "Somebody else changed this draft while you were typing. Nothing was saved and nothing is "
                "lost: compare your entries with what is stored now, then save again."
            ),
        )

    @property
    def facts(self) -> SurveyFacts:
        """What is typed; the grades and what a kind has no field for stay as they are stored."""
        said = self.rules.cleaned_data
        version = replace(
            self.stored.version,
            dimensions=tuple(self._dimensions()),
            send_hour=said["send_hour"],
            remind_after_days=said["remind_after_days"],
            note=said["note"],
        )
        names = ("asks_deliveries", "wait_days", "yearly_month", "yearly_day", "answer_days", "rest_days")
        opening = Words(
            name=said["opening"], name_zh_hans=said["opening_zh_hans"], name_zh_hant=said["opening_zh_hant"]
        )
        rules: RulesFacts = replace(
            self.stored.rules,
            asked_levels=tuple(sorted(said["asked_levels"])),
            opening=opening,
            **{name: said[name] for name in names if name in said},
        )
        return SurveyFacts(version=version, rules=rules, questions=tuple(self._questions()))

    def _dimensions(self) -> list[DimensionFacts]:
        found: list[DimensionFacts] = []
        for line, code in _coded(self.dimensions.forms, "dimension", set(TAKEN_CODES)):
            found.append(
                DimensionFacts(
                    code=code,
                    words=line.words,
                    weight=line.cleaned_data.get("weight") or 1,
                    functional_role=line.cleaned_data["functional_role"],
                )
            )
        return found

    def _questions(self) -> list[QuestionFacts]:
        before = {each.code: each for each in self.stored.questions}
        found: list[QuestionFacts] = []
        taken = {line.cleaned_data.get("code", "") for line in self.dimensions.forms} | TAKEN_CODES
        for line, code in _coded(self.questions.forms, "question", taken):
            kind = line.cleaned_data["kind"] or QuestionKind.TEXT.value
            has_choices = kind in {QuestionKind.ONE, QuestionKind.SEVERAL}
            known = before[code].options if code in before else ()
            found.append(
                QuestionFacts(
                    code=code,
                    kind=kind,
                    words=line.words,
                    unit=line.cleaned_data["unit"] if kind == QuestionKind.NUMBER else "",
                    options=_options(line.choices, known) if has_choices else (),
                )
            )
        return found


def _coded(lines: list[Any], otherwise: str, taken: set[str]) -> list[tuple[Any, str]]:
    """Lines that say something, each with its code; what is new gets one that no other has."""
    kept = [line for line in lines if line.cleaned_data.get("name")]
    taken |= {line.cleaned_data["code"] for line in kept}
    found = []
    for line in kept:
        code = line.cleaned_data["code"] or new_code(line.cleaned_data["name"], taken, otherwise=otherwise)
        taken.add(code)
        found.append((line, code))
    return found


def _options(typed: list[Words], known: tuple[OptionFacts, ...]) -> tuple[OptionFacts, ...]:
    """With the codes they had: by their English words, or by place where there are as many as before."""
    by_name = {each.words.name: each.code for each in known}
    is_renamed = len(typed) == len(known)
    kept = {by_name[words.name] for words in typed if words.name in by_name}
    taken = {each.code for each in known}
    found = []
    for at, words in enumerate(typed):
        code = by_name.pop(words.name, "")
        if not code and is_renamed and known[at].code not in kept:
            code = known[at].code
        code = code or new_code(words.name, taken, otherwise="choice")
        taken.add(code)
        found.append(OptionFacts(code=code, words=words))
    return tuple(found)


def _present(stored: SurveyFacts) -> dict[str, Any]:
    rules = vars(stored.rules) | {
        "digest": stored.digest,
        "send_hour": stored.version.send_hour,
        "remind_after_days": stored.version.remind_after_days,
        "note": stored.version.note,
        "asked_levels": list(stored.rules.asked_levels),
        "opening": stored.rules.opening.name,
        "opening_zh_hans": stored.rules.opening.name_zh_hans,
        "opening_zh_hant": stored.rules.opening.name_zh_hant,
    }
    return {
        "rules": rules,
        "dimensions": [
            {"code": each.code, "weight": each.weight, "functional_role": each.functional_role}
            | vars(each.words)
            for each in stored.version.dimensions
        ],
        "questions": [_question_line(each) for each in stored.questions],
    }


def _question_line(facts: QuestionFacts) -> dict[str, Any]:
    line = {"code": facts.code, "kind": facts.kind, "unit": facts.unit} | vars(facts.words)
    for name, column in (
        ("options", "name"),
        ("options_zh_hans", "name_zh_hans"),
        ("options_zh_hant", "name_zh_hant"),
    ):
        words = [getattr(each.words, column) or each.words.name for each in facts.options]
        line[name] = "\n".join(words)
    return line


def _move(lines: list[dict[str, Any]], do: str, at: int) -> None:
    """Up, down, remove or add; anything else moves nothing."""
    other = {"up": at - 1, "down": at + 1}.get(do)
    if do == "add" and len(lines) < MOST_LINES:
        lines.append({})
    elif do == "remove" and 0 <= at < len(lines):
        del lines[at]
    elif other is not None and 0 <= at < len(lines) and 0 <= other < len(lines):
        lines[at], lines[other] = lines[other], lines[at]


def _values(form: forms.BaseForm) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
