"""The form of a planned meeting."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.appointments.models import MAX_MINUTES, MAX_PLACE, MAX_TITLE, Appointment, AppointmentKind
from accounts.appointments.services import AppointmentFacts
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelectMultiple, offer_people
from crm.forms.records import MomentInput, PickerSelectMultiple, RecordForm


class AppointmentForm(RecordForm):
    """When, where and with whom; people are the customer's, or ours."""

    kind = forms.ChoiceField(label=_("Kind"), choices=AppointmentKind.choices)
    title = forms.CharField(label=_("What it is about"), max_length=MAX_TITLE)
    starts_at = forms.DateTimeField(
        label=_("Start"), widget=MomentInput(), input_formats=("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MAX_MINUTES, initial=60)
    place = forms.CharField(label=_("Place"), max_length=MAX_PLACE, required=False)
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(),
        label=_("People of the customer"),
        required=False,
        widget=PickerSelectMultiple(),
    )
    users = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Our people"), required=False, widget=PeopleSelectMultiple()
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    invites = forms.BooleanField(
        label=_("Invite by e-mail"),
        required=False,
        help_text=_("Each guest gets a letter with an entry for the calendar; changes are told as well."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, user: User, customer: Customer, stored: Appointment | None = None
    ) -> None:
        super().__init__(
            data,
            stored=stored,
            initial={"token": uuid.uuid4(), "invites": True} if stored is None else None,
        )
        fields: dict[str, Any] = self.fields
        people = Contact.objects.filter(customer=customer).order_by("sort_key")
        fields["contacts"].queryset = people
        colleagues = access.visible_users(user)
        if stored is None:
            fields["contacts"].queryset = people.filter(left_on=None)
        else:
            del fields["token"]
            invited = stored.guests.filter(removed_at=None, user__isnull=False).values("user")
            colleagues = User.objects.filter(pk__in=colleagues.values("pk")) | User.objects.filter(
                pk__in=invited
            )
            if stored.invites:
                # Whoever was told of it is told of changes, too.
                fields["invites"].disabled = True
        offer_people([fields["users"]], colleagues)

    @classmethod
    def present(cls, stored: Appointment) -> dict[str, Any]:
        people = list(stored.guests.filter(removed_at=None).values_list("contact", "user"))
        return super().present(stored) | {
            "contacts": [contact for contact, _user in people if contact],
            "users": [user for _contact, user in people if user],
        }

    def facts(self) -> AppointmentFacts:
        values = self.cleaned_data
        return AppointmentFacts(
            kind=AppointmentKind(values["kind"]),
            title=values["title"],
            starts_at=values["starts_at"],
            minutes=values["minutes"],
            place=values["place"],
            note=values["note"],
            invites=values["invites"],
            contacts=tuple(each.pk for each in values["contacts"]),
            users=tuple(each.pk for each in values["users"]),
        )
