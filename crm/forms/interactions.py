"""Forms about interactions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError
from accounts.interactions.models import Direction, Interaction, InteractionKind, Sentiment
from accounts.interactions.services import (
    MAX_MINUTES,
    MAX_PARTICIPANTS,
    InteractionFacts,
    correct_interaction,
)
from accounts.projects.models import Project
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, PeopleSelectMultiple, offer_people
from crm.forms.day_words import DayWordsField, MomentWordsField
from crm.forms.interaction_templates import SummaryInput, template_of
from crm.forms.records import PickerSelectMultiple, RecordField, RecordForm

MAX_SUMMARY = 20_000


class InteractionForm(RecordForm):
    """What happened with a customer; people and projects are his alone."""

    kind = forms.ChoiceField(label=_("Kind"), choices=InteractionKind.choices)
    started_at = MomentWordsField(label=_("Start"))
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=MAX_MINUTES,
        initial=15,
        error_messages={"max_value": _("An interaction takes at most a day: 1,440 minutes.")},
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=Direction.choices)
    summary = forms.CharField(
        label=_("Summary"),
        max_length=MAX_SUMMARY,
        required=False,
        widget=SummaryInput(attrs={"rows": 4}),
    )
    sentiment = forms.TypedChoiceField(
        label=_("Sentiment"),
        choices=[("", _("Not said")), *Sentiment.choices],
        coerce=lambda value: Sentiment(int(value)),
        empty_value=None,
        required=False,
    )
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(),
        label=_("People of the customer"),
        required=False,
        widget=PickerSelectMultiple(),
    )
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Our people"), required=False, widget=PeopleSelectMultiple()
    )
    project = RecordField(Project.objects.none(), label=_("Project"), required=False)
    follow_up_on = DayWordsField(label=_("Follow-up by"), required=False)
    follow_up_by = RecordField(
        User.objects.none(), label=_("Follow-up by whom"), required=False, widget=PeopleSelect()
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        customer: Customer,
        now: dt.datetime,
        stored: Interaction | None = None,
    ) -> None:
        start = {"started_at": now, "users": [user.pk], "follow_up_by": user.pk, "token": uuid.uuid4()}
        super().__init__(data, stored=stored, initial=start if stored is None else None)
        fields: dict[str, Any] = self.fields
        fields["started_at"].now = fields["follow_up_on"].now = now
        # The browser would cut off what is pasted, without a word; too much is refused, and stays there.
        fields["summary"].widget.attrs.pop("maxlength", None)
        people = Contact.objects.filter(customer=customer).order_by("sort_key")
        if stored is None:
            people = people.filter(left_on=None)
        else:
            del fields["token"]
        fields["contacts"].queryset = people
        fields["project"].queryset = Project.objects.filter(customer=customer).order_by("-started_on")
        if stored is None and data is None:
            self.initial["project"] = _only_project_of(customer)
        offer_people([fields["users"], fields["follow_up_by"]], access.visible_users(user))

    @classmethod
    def present(cls, stored: Interaction) -> dict[str, Any]:
        people = list(stored.participants.values_list("contact", "user"))
        return super().present(stored) | {
            "project": stored.project_id,
            "follow_up_by": stored.follow_up_by_id,
            "contacts": [contact for contact, _user in people if contact],
            "users": [user for _contact, user in people if user],
        }

    @classmethod
    def version_of(cls, stored: Interaction) -> int:
        return stored.pk

    @classmethod
    def latest(cls, stored: Interaction) -> Interaction:
        return Interaction.objects.get(identity=stored.identity, superseded_at=None)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        due, started_at = values.get("follow_up_on"), values.get("started_at")
        if not due:
            values["follow_up_by"] = None
        elif started_at and due < timezone.localtime(started_at).date():
            self.add_error("follow_up_on", _("A follow-up cannot be due before the interaction."))
        return values

    def take_template(self) -> None:
        """What was typed, unchecked, and the template of its kind where the text is empty."""
        typed: Any = self.data
        self.data = typed = typed.copy()
        if not typed.get("summary", "").strip():
            typed["summary"] = template_of(typed.get("kind", ""))
        self._errors = ErrorDict()

    def facts(self) -> InteractionFacts:
        values = self.cleaned_data
        return InteractionFacts(
            kind=InteractionKind(values["kind"]),
            started_at=values["started_at"],
            direction=Direction(values["direction"]),
            minutes=values["minutes"],
            summary=values["summary"],
            sentiment=values["sentiment"],
            project_id=values["project"].pk if values["project"] else None,
            follow_up_on=values["follow_up_on"],
            follow_up_by_id=values["follow_up_by"].pk if values["follow_up_by"] else None,
        )

    def correct(self, interaction: Interaction, *, by: User, now: dt.datetime) -> Interaction:
        """The correction, if the version that was read is still the current one."""
        if self.expected_version != interaction.pk:
            raise ConflictError(interaction.pk)
        return correct_interaction(
            interaction,
            facts=self.facts(),
            contacts=self.contact_ids,
            users=self.user_ids,
            corrected_by=by,
            now=now,
        )

    def clean_contacts(self) -> Any:
        return self._as_many_as_fit("contacts")

    def clean_users(self) -> Any:
        return self._as_many_as_fit("users")

    def _as_many_as_fit(self, name: str) -> Any:
        chosen = self.cleaned_data[name]
        if len(chosen) > MAX_PARTICIPANTS:
            raise forms.ValidationError(
                _("At most %(most)s people can be named.") % {"most": MAX_PARTICIPANTS}, code="too_many"
            )
        return chosen

    @property
    def contact_ids(self) -> list[int]:
        return [person.pk for person in self.cleaned_data["contacts"]]

    @property
    def user_ids(self) -> list[int]:
        return [person.pk for person in self.cleaned_data["users"]]


def _only_project_of(customer: Customer) -> int | None:
    """Where there is one under way alone, it is the one that is meant."""
    under_way = Project.objects.filter(customer=customer, ended_on=None).values_list("pk", flat=True)[:2]
    return under_way[0] if len(under_way) == 1 else None
