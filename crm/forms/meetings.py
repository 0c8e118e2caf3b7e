"""What is typed into the minutes of a meeting. A form names its rendering: sent twice, saved once."""

from __future__ import annotations

import uuid
from copy import copy
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actions.services import MAX_TITLE
from accounts.projects.models import Project
from accounts.surveys.models import ReviewMeeting
from accounts.surveys.services.meetings import MAX_NOTES
from accounts.users.models import User
from crm.forms.cases import WordsField
from crm.forms.records import DayField, PickerSelectMultiple, RecordField


class MinutesForm(forms.Form):
    """``version`` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    held_on = DayField(label=_("Held on"))
    attendees = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Who was there"), required=False, widget=PickerSelectMultiple()
    )
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        strip=False,
        max_length=MAX_NOTES,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, data: Any = None, *, meeting: ReviewMeeting, people: QuerySet[User]) -> None:
        start = {
            "version": meeting.version,
            "held_on": meeting.held_on,
            "notes": meeting.notes,
            "attendees": list(meeting.attendees.values_list("user", flat=True)),
        }
        super().__init__(data, auto_id="minutes-%s", initial=start)
        fields: dict[str, Any] = self.fields
        fields["attendees"].queryset = people

    def show_over(self, current: ReviewMeeting) -> None:
        """The page shows these minutes beside the refused form: saved again, the form replaces them."""
        data: Any = copy(self.data)
        data["version"] = str(current.version)
        self.data = data


class OfMeeting(forms.Form):
    """``about`` fixes the project: the form stands on its page."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    project = RecordField(
        Project.objects.none(), label=_("Project"), required=False, empty_label=_("In general")
    )

    def __init__(
        self,
        data: Any = None,
        *,
        projects: QuerySet[Project],
        people: QuerySet[User],
        user: User,
        about: Project | None = None,
    ) -> None:
        start = {"token": uuid.uuid4(), "owner": user.pk, "decided_by": user.pk, "project": about}
        super().__init__(data, auto_id=f"{self.key}-%s", initial=start)
        fields: dict[str, Any] = self.fields
        fields["project"].queryset = projects
        if about is not None:
            fields["project"].widget = forms.HiddenInput()
        fields[self.person].queryset = people

    key = person = ""


class DecisionForm(OfMeeting):
    key, person = "decision", "decided_by"
    text = WordsField(label=_("Decision"), rows=2)
    decided_by = RecordField(User.objects.none(), label=_("Decided by"), empty_label=None)

    field_order = ("text", "decided_by", "project")


class MeetingActionForm(OfMeeting):
    key, person = "action", "owner"
    title = forms.CharField(label=_("What is to be done"), max_length=MAX_TITLE)
    owner = RecordField(User.objects.none(), label=_("Who"), empty_label=None)
    due_on = DayField(label=pgettext_lazy("date", "By"), required=False)

    field_order = ("title", "owner", "due_on", "project")
