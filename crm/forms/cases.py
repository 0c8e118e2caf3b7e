"""What is typed into a corrective action. A form names its rendering (``token``): sent twice, saved once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.services import company_day
from accounts.surveys.models import (
    CaseEvent,
    CaseEventKind,
    CaseState,
    CorrectiveAction,
    SurveyDimension,
)
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries.complaints import Reach, complainants_of, nobody_can_speak, stand_ins_for
from accounts.surveys.services.cases import ORDER, STEPS, last_solve_by, latest_plan, passed_over
from accounts.users.models import User
from crm.filters.cases import ClockState, Whose
from crm.forms.records import DayField, DayInput, RecordField

T = TypeVar("T")


class WordsField(forms.CharField):
    """Words kept as they are typed. A browser sends two characters for the end of a line and counts one."""

    def __init__(self, **options: Any) -> None:
        rows = options.pop("rows", 3)
        super().__init__(
            max_length=MAX_COMMENT, strip=False, widget=forms.Textarea(attrs={"rows": rows}), **options
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class CaseListForm(forms.Form):
    """What `CaseFilter` reads, as fields of the bar above the list."""

    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody's")), *Whose.choices]
    )
    clock = forms.ChoiceField(
        label=_("Clock"), required=False, choices=[("", _("Any clock")), *ClockState.choices]
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All that are open")),
            *[choice for choice in CaseState.choices if choice[0] != CaseState.CONFIRMED],
            (CaseState.CONFIRMED.value, _("Closed by the customer")),
        ],
    )
    dimension = forms.ChoiceField(label=_("Dimension"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        language = get_language() or "en"
        dimensions = SurveyDimension.objects.filter(programme__is_weekly=True).order_by("pk")
        fields["dimension"].choices = [
            ("", _("Any dimension")),
            *[(dimension.code, dimension.name_in(language)) for dimension in dimensions],
        ]

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, "customer"))


class CaseForm(forms.Form):
    """``key`` prefixes the ids of its fields: several of these forms stand on one page."""

    key = "case"
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        start = {"token": uuid.uuid4()} | (initial or {})
        super().__init__(data, auto_id=f"{self.key}-%s", initial=start)

    def save(self, write: Callable[[], T]) -> T | None:
        """What ``write`` gives; None when it was refused, and then the form says why."""
        try:
            return write()
        except ValidationError as refusal:
            for field, errors in refusal.error_dict.items():
                self.add_error(field if field in self.fields else None, errors)
        return None

    def point_at_error(self) -> None:
        """Several forms stand on the page: the reader is led to what is wrong."""
        wrong = next((name for name in self.errors if name in self.fields), None)
        if wrong is not None:
            self.fields[wrong].widget.attrs["autofocus"] = True


class AcknowledgeForm(CaseForm):
    key = "acknowledge"
    comment = WordsField(label=_("Comment"), required=False)


class PlanForm(CaseForm):
    key = "plan"
    comment = WordsField(label=_("What will be done"), rows=4)
    solve_by = DayField(label=_("Solve by"))
    instead_of = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, now: dt.datetime, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        days = {"min": company_day(now).isoformat(), "max": last_solve_by(now).isoformat()}
        self.fields["solve_by"].widget = DayInput(**days)

    def show_over(self, plan: int) -> None:
        """The page shows this plan beside the refused form: saved again, the form replaces it."""
        self.data = {name: self.data.get(name) for name in self.data} | {"instead_of": plan}


class StepForm(CaseForm):
    """How far it is. A step that somebody took meanwhile is the service's to refuse."""

    key = "step"
    to = forms.TypedChoiceField(
        label=_("Step"),
        choices=[(state.value, state.label) for state in STEPS],
        coerce=CaseState,
        widget=forms.RadioSelect,
    )
    comment = WordsField(label=_("What was done"), rows=4)

    def offer(self, case: CorrectiveAction) -> None:
        """Show only the steps that follow from where the case is, the next one chosen."""
        fields: dict[str, Any] = self.fields
        ahead = [state for state in STEPS if ORDER.index(state) > ORDER.index(CaseState(case.state))]
        fields["to"].widget.choices = [(state.value, state.label) for state in ahead]
        self.initial["to"] = ahead[0].value


class FillInForm(CaseForm):
    """A step that was passed over, said afterwards. One that somebody filled in meanwhile is the service's to
    refuse."""

    key = "fill"
    step = forms.TypedChoiceField(
        label=_("Step"),
        choices=[(state.value, state.label) for state in STEPS],
        coerce=CaseState,
        widget=forms.RadioSelect,
    )
    happened_on = DayField(label=_("On which day"))
    comment = WordsField(label=_("What was done"), rows=4)

    def __init__(
        self,
        data: Any = None,
        *,
        case: CorrectiveAction,
        now: dt.datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        missing = passed_over(case)
        fields["step"].widget.choices = [(state.value, state.label) for state in missing]
        if missing and self.initial.get("step") not in {state.value for state in missing}:
            self.initial["step"] = missing[0].value
        days = {
            "min": company_day(case.opened_at).isoformat(),
            "max": company_day(case.closed_at or now).isoformat(),
        }
        fields["happened_on"].widget = DayInput(**days)


class CaseCommentForm(CaseForm):
    key = "comment"
    comment = WordsField(label=_("Comment"))


class AssignForm(CaseForm):
    key = "assign"
    owner = RecordField(User.objects.none(), label=_("Owner"))
    comment = WordsField(label=_("Comment"), required=False, rows=2)

    def __init__(self, data: Any = None, *, case: CorrectiveAction) -> None:
        super().__init__(data, initial={"owner": case.owner_id})
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = access.possible_case_owners(case).order_by("sort_key")


class AskForm(CaseForm):
    """``comment`` is for the customer's eyes; asked is whoever is ticked of those whose complaint stands."""

    key = "ask"
    comment = WordsField(label=_("What we did, for the customer to read"), rows=4)
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label=_("Whom to ask"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, case: CorrectiveAction, now: dt.datetime) -> None:
        reachable = [each.contact.pk for each in complainants_of(case, now=now) if each.reach == Reach.YES]
        super().__init__(data, initial={"contacts": reachable})
        fields: dict[str, Any] = self.fields
        fields["contacts"].queryset = Contact.objects.filter(pk__in=reachable).order_by("sort_key", "pk")


class AskInsteadForm(CaseForm):
    """``comment`` is for the customer's eyes, ``reason`` for ours: why ``contact`` speaks for who cannot."""

    key = "ask"
    comment = WordsField(label=_("What we did, for the customer to read"), rows=4)
    contact = RecordField(Contact.objects.none(), label=_("Whom to ask instead"))
    reason = WordsField(
        label=_("Why this person"), help_text=_("For us alone: it stands in the log."), rows=2
    )

    def __init__(self, data: Any = None, *, case: CorrectiveAction, now: dt.datetime) -> None:
        super().__init__(data)
        complainants = complainants_of(case, now=now)
        fields: dict[str, Any] = self.fields
        fields["contact"].queryset = stand_ins_for(case, complainants, now=now).order_by("sort_key", "pk")

    @property
    def has_candidates(self) -> bool:
        fields: dict[str, Any] = self.fields
        return bool(fields["contact"].queryset.exists())


def ask_form_of(case: CorrectiveAction, *, now: dt.datetime) -> CaseForm:
    """Who complained is asked while there is anybody who can speak."""
    silent = nobody_can_speak(complainants_of(case, now=now))
    return AskInsteadForm(case=case, now=now) if silent else AskForm(case=case, now=now)


class PreventForm(CaseForm):
    key = "prevent"
    comment = WordsField(label=_("What keeps it from coming again"), rows=4)


@dataclass(frozen=True)
class CaseForms:
    """The forms of the page of a case. ``action``: what it offers first, one of the keys of `OFFERED`, or
    closed where we have nothing to do; ``others``: what may be chosen instead.

    ``stranded``: a refused form that is not offered any more; its words stand in the comment.
    """

    action: str
    others: tuple[str, ...]
    acknowledge: CaseForm
    plan: CaseForm
    step: CaseForm
    ask: CaseForm | None
    prevent: CaseForm
    fill: CaseForm
    comment: CaseForm
    assign: CaseForm
    stranded: CaseForm | None


OFFERED = {
    CaseState.OPEN: ("acknowledge", "plan"),
    CaseState.ACKNOWLEDGED: ("plan", "step"),
    CaseState.CORRECTED: ("ask", "prevent", "plan"),
    CaseState.CONFIRMED: ("prevent", "closed"),
}
STEPS_AHEAD = ("step", "plan")


def _offered(case: CorrectiveAction) -> tuple[str, ...]:
    """Prevention is asked for until it is said, and may be said anew; what the customer took back himself
    does not need it. What was passed over may be filled in."""
    offered = OFFERED.get(CaseState(case.state), STEPS_AHEAD)
    if not case.is_open and (case.prevented_at is not None or case.corrected_at is None):
        offered = ("closed", "prevent")
    return (*offered, "fill") if passed_over(case) else offered


def _last_prevention(case: CorrectiveAction) -> str:
    """What was said last, to start from; the log keeps every version."""
    if case.prevented_at is None:
        return ""
    said = CaseEvent.objects.filter(case=case, kind=CaseEventKind.PREVENTED).order_by("-pk")
    return said.values_list("comment", flat=True).first() or ""


def forms_of(
    case: CorrectiveAction,
    *,
    now: dt.datetime,
    wish: str = "",
    step: str = "",
    refused: CaseForm | None = None,
) -> CaseForms:
    """``wish``: the action that somebody chose, and of filling in the ``step``; ``refused``: a form with
    errors, shown where it belongs."""
    offered = _offered(case)
    shown = {*offered, "comment", *(["assign"] if case.is_open else [])}
    is_shown = refused is not None and refused.key in shown
    wanted = refused.key if refused is not None else wish
    action = wanted if wanted in offered else offered[0]
    stranded = None if is_shown else refused
    words = {"comment": stranded.data.get("comment", "")} if stranded is not None else None
    forms: dict[str, CaseForm] = {
        "acknowledge": AcknowledgeForm(),
        "plan": PlanForm(now=now, initial={"solve_by": case.solve_by, "instead_of": latest_plan(case)}),
        "step": StepForm(),
        "prevent": PreventForm(initial={"comment": _last_prevention(case)}),
        "fill": FillInForm(case=case, now=now, initial={"step": step}),
        "comment": CaseCommentForm(initial=words),
        "assign": AssignForm(case=case),
    }
    if refused is not None and is_shown:
        refused.point_at_error()
        if isinstance(refused, PlanForm):
            refused.show_over(latest_plan(case))
        forms[refused.key] = refused
    if isinstance(forms["step"], StepForm) and "step" in offered:
        forms["step"].offer(case)
    if "ask" in offered:
        forms.setdefault("ask", ask_form_of(case, now=now))
    others = tuple(key for key in offered if key != action)
    return CaseForms(action, others, ask=forms.pop("ask", None), **forms, stranded=stranded)
