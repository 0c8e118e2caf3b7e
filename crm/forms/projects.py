"""Forms about projects and their teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.projects.models import FunctionalRole, Project, TeamStyle
from accounts.projects.services import Membership, ProjectChanges
from accounts.users.models import User
from crm.forms.colleagues import Options, PeopleSelect, offer_people, reading
from crm.forms.records import DayField, RecordField, RecordForm

EMPTY_LINES = 3
MOST_MEMBERS = 100


class ProjectForm(RecordForm):
    name = forms.CharField(label=_("Name"), max_length=160)
    manager = RecordField(User.objects.none(), label=_("Project manager"), widget=PeopleSelect())
    started_on = DayField(label=_("Started on"))
    ended_on = DayField(label=_("Ended on"), required=False)

    def __init__(self, data: Any = None, *, user: User, stored: Project | None = None) -> None:
        super().__init__(data, stored=stored)
        fields: dict[str, Any] = self.fields
        offer_people([fields["manager"]], access.visible_users(user))
        if stored and stored.manager_id == user.pk:
            fields["manager"].help_text = _("When you give the project away you may no longer see it.")

    @classmethod
    def present(cls, stored: Project) -> dict[str, Any]:
        return super().present(stored) | {"manager": stored.manager_id}

    def changes(self) -> ProjectChanges:
        """The typed values by column."""
        columns = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return columns  # type: ignore[return-value]


class MemberForm(forms.Form):
    """One line of the team; a line without a person is left out, so none of its fields is called optional."""

    is_line = True

    user = RecordField(User.objects.none(), label=_("Person"), required=False, widget=PeopleSelect())
    functional_role = forms.ChoiceField(
        label=_("Functional role"), choices=[("", "—"), *FunctionalRole.choices], required=False
    )
    styles = forms.MultipleChoiceField(
        label=_("Team styles"),
        choices=TeamStyle.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    dominant_style = forms.ChoiceField(
        label=_("Dominant style"), choices=[("", "—"), *TeamStyle.choices], required=False
    )

    def __init__(
        self, *args: Any, people: QuerySet[User], offered: Callable[[], Options], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        offer_people([self.fields["user"]], people, offered=offered)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("user") and not values.get("functional_role"):
            self.add_error("functional_role", _("Choose a functional role."))
        dominant = values.get("dominant_style")
        if dominant and dominant not in values.get("styles", []):
            self.add_error("dominant_style", _("The dominant style is one of the person's styles."))
        return values


class TeamFormSet(forms.BaseFormSet[MemberForm]):
    """The whole team; removing a line removes the person."""

    def add_fields(self, form: MemberForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = _("Remove from the team")

    def memberships(self) -> list[Membership]:
        lines = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return [
            Membership(
                user=line["user"],
                functional_role=FunctionalRole(line["functional_role"]),
                styles=tuple(TeamStyle(style) for style in line["styles"]),
                dominant_style=line["dominant_style"],
            )
            for line in lines
            if line.get("user")
        ]


TeamForms = forms.formset_factory(
    MemberForm,
    formset=TeamFormSet,
    extra=EMPTY_LINES,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST_MEMBERS,
)


def team_forms(data: Any, *, user: User, project: Project | None = None) -> TeamFormSet:
    """The lines of a project's team, and some empty ones. The list of people is read once for all of them."""
    people = access.visible_users(user)
    present = [] if project is None else list(project.members.order_by("functional_role", "id"))
    start = [
        {
            "user": member.user_id,
            "functional_role": member.functional_role,
            "styles": member.styles,
            "dominant_style": member.dominant_style,
        }
        for member in present
    ]
    shared = {"people": people, "offered": reading(people)}
    lines: Any = TeamForms(data, initial=start, prefix="team", form_kwargs=shared)
    return lines  # type: ignore[no-any-return]
