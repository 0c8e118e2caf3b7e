"""Forms of the survey programme: a draft with its dimensions and grades, and who heads which function."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.projects.models import FunctionalRole
from accounts.surveys.models import HolidayCalendar
from accounts.surveys.models.programmes import ALL_DAYS, WHOLE_DAY
from accounts.surveys.services.programme_rules import (
    MOST_DIMENSIONS,
    MOST_GRADES,
    MOST_HOURS,
    MOST_LATE_DAYS,
    MOST_POINTS,
    TAKEN_CODES,
    LineError,
    column_faults,
    dimension_faults,
    grade_faults,
    refuse_all,
)
from accounts.surveys.services.programme_rules import (
    Fault as RuleFault,
)
from accounts.surveys.standard import COLUMNS, DimensionFacts, GradeFacts, VersionFacts, Words
from accounts.users.models import User
from crm.forms.codes import LONGEST_CODE, new_code
from crm.forms.faults import Fault, faults_of
from crm.forms.records import NOTHING_CHOSEN, RecordField
from crm.programme_words import time_of, weekday

# Where a line shows what the rules refuse of it.
LINE_FIELDS = {
    "words": "name",
    "weight": "weight",
    "role": "functional_role",
    "letter": "letter",
    "points": "points",
    "marks": "opens_case",
    "opens": "opens_case",
    "confirms": "confirms_case",
}
# Which other fields a rule reads: of what cannot be read it says nothing.
READ_WITH = {
    "remind_after_days": {"send_weekday", "close_weekday", "send_hour"},
    "plan_hours": {"acknowledge_hours"},
    "work_until": {"work_from"},
}
OF_WORKING_TIME = _("Counted in working time.")
HALF_HOUR = 30
EMPTY_LINES = 1


def _days_of_week() -> list[tuple[int, str]]:
    """In the reader's language."""
    return [(day, weekday(day)) for day in ALL_DAYS]


def number_of(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    words = {
        "min_value": _("At least %(limit_value)s."),
        "max_value": _("At most %(limit_value)s."),
        "invalid": _("A whole number, please."),
    }
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=words, **options)


def choice_of(label: Any, choices: Any, **options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, **options)


def _times(first: int, last: int, step: int) -> list[tuple[int, str]]:
    return [(minutes, time_of(minutes)) for minutes in range(first, last + 1, step)]


class WordsForm(forms.Form):
    """One line with names in three languages; an empty name is the English one."""

    is_line = True

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    name_zh_hans = forms.CharField(label=_("Simplified"), max_length=120, required=False)
    name_zh_hant = forms.CharField(label=_("Traditional"), max_length=120, required=False)

    def fix_words(self) -> None:
        """They are shown, and what is typed over them does not count."""
        for name in ("name", "name_zh_hans", "name_zh_hant"):
            self.fields[name].widget.attrs["readonly"] = True

    @property
    def words(self) -> Words:
        typed = self.cleaned_data
        return Words(
            name=typed["name"], name_zh_hans=typed["name_zh_hans"], name_zh_hant=typed["name_zh_hant"]
        )


class DimensionForm(WordsForm):
    """A dimension; without a name it is left out."""

    code = forms.SlugField(max_length=LONGEST_CODE, required=False, widget=forms.HiddenInput)
    weight = number_of(_("Weight"), 1, 1000, required=False)
    functional_role = forms.ChoiceField(
        label=_("Functional role"), choices=[("", NOTHING_CHOSEN), *FunctionalRole.choices], required=False
    )
    field_order = ("code", "ORDER", "name", "name_zh_hans", "name_zh_hant", "weight", "functional_role")


class GradeForm(WordsForm):
    """A grade; without a letter it is left out."""

    letter = forms.CharField(label=_("Grade"), max_length=4, required=False)
    points = number_of(_("Points"), -MOST_POINTS, MOST_POINTS, required=False)
    warns = forms.BooleanField(label=_("Warns"), required=False)
    opens_case = forms.BooleanField(label=_("Opens a corrective action"), required=False)
    confirms_case = forms.BooleanField(label=_("Confirms that one is solved"), required=False)
    field_order = ("letter", "points", "warns", "opens_case", "confirms_case")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("letter") and values.get("points") is None and "points" not in self.errors:
            self.add_error("points", _("Say how many points it counts."))
        if values.get("letter") and not values.get("name"):
            self.add_error("name", _("Say in a word what it means."))
        return values


class _DimensionForms(forms.BaseFormSet[DimensionForm]):
    def add_fields(self, form: DimensionForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = pgettext_lazy("in a list", "Place")


DimensionForms = forms.formset_factory(
    DimensionForm,
    formset=_DimensionForms,
    extra=EMPTY_LINES,
    can_order=True,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST_DIMENSIONS,
    validate_max=True,
)
GradeForms = forms.formset_factory(
    GradeForm,
    extra=EMPTY_LINES,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST_GRADES,
    validate_max=True,
)


class DraftForm(forms.Form):
    """Everything that stands on the version itself; ``digest`` tells whether somebody else changed it."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    note = forms.CharField(
        label=_("What changes, and why"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands beside the version in the list, and at its mark on charts."),
    )
    send_weekday = choice_of(_("Letters go out on"), _days_of_week)
    send_hour = choice_of(
        _("At"), [(hour, time_of(hour * 60)) for hour in range(24)], help_text=_("Where the respondent is.")
    )
    remind_after_days = number_of(_("One reminder after days"), 1, 7)
    close_weekday = choice_of(_("Closes at the end of"), _days_of_week)
    late_days = number_of(_("Late answers taken for days"), 0, MOST_LATE_DAYS)
    response_threshold_percent = number_of(
        _("Least response rate in %"), 0, 100, help_text=_("Below it an index is marked for reference only.")
    )
    acknowledge_hours = number_of(_("Hours to acknowledge"), 1, MOST_HOURS, help_text=OF_WORKING_TIME)
    plan_hours = number_of(_("Hours to plan"), 1, MOST_HOURS, help_text=OF_WORKING_TIME)
    remind_owner_percent = number_of(
        _("Owner reminded after % of a clock"),
        1,
        100,
        help_text=_("Of its time, before it is missed."),
    )
    executives_after_hours = number_of(
        _("Executives told after hours"), 1, MOST_HOURS, help_text=_("After a clock was missed.")
    )
    repeat_days = number_of(_("A low grade opens a closed action again within days"), 0, 3650)
    work_weekdays = forms.TypedMultipleChoiceField(
        label=_("Working days"), choices=_days_of_week, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    work_from = choice_of(_("Clocks run from"), _times(0, WHOLE_DAY - 2 * HALF_HOUR, HALF_HOUR))
    work_until = choice_of(
        _("Until"), _times(2 * HALF_HOUR, WHOLE_DAY, HALF_HOUR), help_text=_("Where the company is.")
    )
    calendar = RecordField(
        HolidayCalendar.objects.none(),
        label=_("Holiday calendar"),
        required=False,
        widget=forms.Select,
        empty_label=_("Without holidays"),
    )

    def __init__(self, data: Any = None, *, stored: VersionFacts, user: User) -> None:
        present = {name: getattr(stored, name) for name in COLUMNS} | {"calendar": stored.calendar_id}
        super().__init__(data, initial=present | {"digest": stored.digest})
        field: Any = self.fields["calendar"]
        field.queryset = access.manageable_calendars(user).order_by("name")


class Draft:
    """The three parts of a draft's page as one form over ``VersionFacts``.

    ``fixed_names``: words by code of dimensions that this draft may not rename (an override's).
    """

    def __init__(
        self, data: Any = None, *, stored: VersionFacts, user: User, fixed_names: dict[str, Words]
    ) -> None:
        self.stored = stored
        self.form = DraftForm(data, stored=stored, user=user)
        self.fixed_names = fixed_names
        lines = [_dimension_line(each, at) for at, each in enumerate(stored.dimensions, start=1)]
        self.dimensions: Any = DimensionForms(data, initial=lines, prefix="dimensions")
        grades = [_grade_line(each) for each in stored.grades]
        self.grades: Any = GradeForms(data, initial=grades, prefix="grades")
        self.part_errors: dict[str, list[str]] = {"dimensions": [], "grades": []}
        for line in self.dimensions.forms:
            if line["code"].value() in fixed_names:
                line.fix_words()

    @property
    def is_bound(self) -> bool:
        return self.form.is_bound

    @property
    def expected_digest(self) -> str:
        return str(self.form.cleaned_data.get("digest", ""))

    def is_valid(self) -> bool:
        """Also whether the whole makes sense (``programme_rules``): all that is wrong is said at once."""
        if not self.is_bound:
            return False
        parts = [part.is_valid() for part in (self.form, self.dimensions, self.grades)]
        try:
            refuse_all(self._rule_faults(parts[1:]))
        except ValidationError as refusal:
            self.refuse(refusal)
            return False
        return all(parts)

    def _rule_faults(self, readable: list[bool]) -> Iterator[RuleFault]:
        """Of what can be read. ``readable``: whether the dimensions and the grades can."""
        have_dimensions, have_grades = readable
        facts = replace(self.stored, **self._columns())
        if have_dimensions:
            yield from dimension_faults(replace(facts, dimensions=tuple(self._dimensions())))
        if have_grades:
            yield from grade_faults(replace(facts, grades=self._grades()))
        for field, error in column_faults(facts):
            if not {field, *READ_WITH.get(field, ())} & self.form.errors.keys():
                yield field, error

    def refuse(self, refusal: ValidationError) -> None:
        for field, errors in refusal.error_dict.items():
            for error in errors:
                if isinstance(error, LineError):
                    lines = self._kept_dimensions() if field == "dimensions" else self._kept_grades()
                    lines[error.place].add_error(LINE_FIELDS[str(error.code)], error)
                elif field in self.part_errors:
                    self.part_errors[field] += error.messages
                else:
                    self.form.add_error(field if field in self.form.fields else None, error)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Of every part, from top to bottom; the focus goes to the first."""
        found: list[Fault] = []
        for part, name, title in (
            ("dimensions", "name", _("What is asked")),
            ("grades", "letter", _("Grades")),
        ):
            lines: Any = getattr(self, part)
            words = [*self.part_errors[part], *lines.non_form_errors()]
            first = lines.forms[0][name].id_for_label if lines.forms else "draft"
            found += [Fault(str(title), first, str(each)) for each in words]
            for line in lines.forms:
                found += faults_of(line, str(line[name].value() or ""))
        return (*found, *faults_of(self.form, ""))

    def point_out(self) -> None:
        """The cursor stands in the first field that is wrong."""
        wrong = (line for part in (self.dimensions, self.grades) for line in part.forms if line.errors)
        first: Any = next(wrong, self.form)
        for name in first.errors:
            if name in first.fields:
                first.fields[name].widget.attrs["autofocus"] = True
                return

    @property
    def facts(self) -> VersionFacts:
        """What is typed."""
        return VersionFacts(dimensions=tuple(self._dimensions()), grades=self._grades(), **self._columns())

    def _columns(self) -> dict[str, Any]:
        """What is typed and can be read."""
        typed = self.form.cleaned_data
        columns = {name: typed[name] for name in COLUMNS if name in typed}
        if "calendar" in typed:
            columns["calendar_id"] = typed["calendar"].pk if typed["calendar"] else None
        if "work_weekdays" in typed:
            columns["work_weekdays"] = tuple(sorted(typed["work_weekdays"]))
        return columns

    def _grades(self) -> tuple[GradeFacts, ...]:
        return tuple(_grade(line) for line in self._kept_grades())

    def _kept_grades(self) -> list[Any]:
        """As they stand on the page; what is new stands where its points belong."""
        lines = [line for line in self.grades.forms if _is_kept(line, "letter")]
        known = self.grades.initial_form_count()
        kept = [line for line in lines if self.grades.forms.index(line) < known]
        for line in lines[len(kept) :]:
            points = line.cleaned_data["points"]
            below = (at for at, each in enumerate(kept) if each.cleaned_data["points"] < points)
            kept.insert(next(below, len(kept)), line)
        return kept

    def _kept_dimensions(self) -> list[Any]:
        lines = [line for line in self.dimensions.forms if _is_kept(line, "name")]
        return sorted(lines, key=_place_in_list)

    def _dimensions(self) -> list[DimensionFacts]:
        lines = self._kept_dimensions()
        taken = {line.cleaned_data["code"] for line in lines} | TAKEN_CODES
        found = []
        for line in lines:
            code = line.cleaned_data["code"] or new_code(
                line.cleaned_data["name"], taken, otherwise="dimension"
            )
            taken.add(code)
            found.append(
                DimensionFacts(
                    code=code,
                    words=self.fixed_names.get(code) or line.words,
                    weight=line.cleaned_data.get("weight") or 1,
                    functional_role=line.cleaned_data["functional_role"],
                )
            )
        return found

    def read_again(self, stored: VersionFacts) -> None:
        """What was typed stays, and saving once more replaces what is stored now."""
        typed: Any = self.form.data
        self.form.data = typed = typed.copy()
        typed["digest"] = stored.digest
        self.form.add_error(
            None,
            _(
                "Somebody else changed this draft while you were typing. Nothing was saved and nothing is "
                "lost: compare your entries with what is stored now, then save again."
            ),
        )


def _is_kept(line: Any, name: str) -> bool:
    typed = line.cleaned_data
    return bool(typed and typed.get(name) and not typed.get("DELETE"))


def _place_in_list(line: Any) -> float:
    place = line.cleaned_data.get("ORDER")
    return math.inf if place is None else float(place)


def _grade(line: GradeForm) -> GradeFacts:
    typed = line.cleaned_data
    marks = {name: typed[name] for name in ("warns", "opens_case", "confirms_case")}
    return GradeFacts(letter=typed["letter"], points=typed["points"], words=line.words, **marks)


def _dimension_line(facts: DimensionFacts, at: int) -> dict[str, Any]:
    line = {"code": facts.code, "weight": facts.weight, "functional_role": facts.functional_role, "ORDER": at}
    return line | vars(facts.words)


def _grade_line(facts: GradeFacts) -> dict[str, Any]:
    return {name: value for name, value in vars(facts).items() if name != "words"} | vars(facts.words)
