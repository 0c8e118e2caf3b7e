"""Forms about people who log in and their teams."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.users.models import Role, Team, TeamMember, User
from crm.forms.colleagues import PeopleSelect, PeopleSelectMultiple, offer_people
from crm.forms.records import NOTHING_CHOSEN


@cache
def _time_zones() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in names]


def _picker() -> forms.Select:
    return forms.Select(attrs={"data-picker": True})


class ProfileForm(forms.Form):
    """What everybody says of himself."""

    name = forms.CharField(
        label=pgettext_lazy("of a person", "Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_time_zones, widget=_picker())


class UserForm(ProfileForm):
    """What an admin says of a person. ``person``: the one that is changed; None for a new one."""

    email = forms.EmailField(label=_("E-mail"), help_text=_("With this address the person logs in."))
    role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *Role.choices])
    may_see_profit = forms.BooleanField(
        label=_("May see profit"),
        required=False,
        help_text=_("Cost, margin and expected value of the customers of one's own projects."),
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        required=False,
        queryset=Team.objects.order_by("name"),
        widget=forms.SelectMultiple(attrs={"data-picker": True}),
        help_text=_("The lead of a team sees all that its members see."),
    )
    field_order = ("name", "email", "role", "may_see_profit", "teams", "language", "time_zone")

    def __init__(self, *args: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        others = User.objects.filter(email__iexact=email)
        if self.person is not None:
            others = others.exclude(pk=self.person.pk)
        if others.exists():
            raise forms.ValidationError(_("Somebody has this address already."))
        return email


class PeopleFilter(forms.Form):
    q = forms.CharField(label=_("Search by name or e-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Any role")), *Role.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Active and inactive")),
            ("active", _("Active")),
            ("invited", _("Invited, never logged in")),
            ("inactive", _("Inactive")),
        ],
    )


class HandOverForm(forms.Form):
    """Who takes over; everything goes to one person."""

    to = forms.ModelChoiceField(
        label=_("To"), queryset=User.objects.none(), widget=PeopleSelect(), empty_label=NOTHING_CHOSEN
    )

    def __init__(self, *args: Any, leaving: User, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        takers, among = access.possible_owners(user), "owners"
        if not leaving.customers.filter(merged_into=None).exists():
            # Projects alone may go to whoever manages projects.
            takers, among = access.visible_users(user).exclude(role=Role.EXECUTIVE), ""
        offer_people([self.fields["to"]], takers.exclude(pk=leaving.pk), among=among)


class TeamForm(forms.Form):
    """``team``: the one that is changed; None for a new one."""

    name = forms.CharField(label=_("Name"), max_length=120)
    lead = forms.ModelChoiceField(
        label=_("Lead"),
        queryset=User.objects.none(),
        widget=PeopleSelect(),
        empty_label=NOTHING_CHOSEN,
        help_text=_("Sees all that the members of the team see."),
    )
    members = forms.ModelMultipleChoiceField(
        label=_("Members"),
        required=False,
        queryset=User.objects.none(),
        widget=PeopleSelectMultiple(),
    )

    def __init__(self, *args: Any, team: Team | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        present = User.objects.filter(is_active=True)
        offer_people([self.fields["lead"]], present)
        if team is not None:
            # Those who left but still stand in the team stay choosable: saving must not drop their records.
            members = TeamMember.objects.filter(team=team).values("user")
            present = User.objects.filter(Q(is_active=True) | Q(pk__in=members))
        offer_people([self.fields["members"]], present)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = Team.objects.filter(name=name)
        if self.team is not None:
            others = others.exclude(pk=self.team.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a team of this name already."))
        return name
