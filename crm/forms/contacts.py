"""Forms about contacts."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.contacts.models import Attitude, Contact, DecisionRole, Level
from accounts.contacts.services import ContactChanges, ContactFields, create_contact
from accounts.customers.models import Customer
from accounts.surveys.services import asked_about
from accounts.users.models import User
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import DayField, OneFact, PickerSelect, RecordField, RecordForm, show_only_chosen
from crm.queries.contacts import usual_settings


def _time_zones() -> list[tuple[str, str]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in names]


class ContactForm(RecordForm):
    """A contact's record; reports-to offers the customer's own people."""

    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    level = forms.ChoiceField(label=_("Organisational level"), choices=[("", "—"), *Level.choices])
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    reports_to = RecordField(Contact.objects.none(), label=_("Reports to"), required=False)
    decision_role = forms.ChoiceField(
        label=_("Decision role"), choices=[("", _("Not known")), *DecisionRole.choices], required=False
    )
    attitude = forms.ChoiceField(label=_("Attitude"), choices=Attitude.choices)
    counterpart = RecordField(
        User.objects.none(), label=_("Our counterpart"), required=False, widget=PeopleSelect()
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_time_zones)
    opted_out = forms.BooleanField(label=_("Wants no surveys"), required=False)
    # The address of somebody else that he was warned of.
    shared_email = forms.CharField(required=False, max_length=254, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, user: User, customer: Customer, stored: Contact | None = None
    ) -> None:
        whose = customer.owner or user
        language, time_zone = usual_settings(customer) or (whose.language, whose.time_zone)
        new = {"attitude": Attitude.NEUTRAL, "language": language, "time_zone": time_zone}
        super().__init__(data, stored=stored, initial=None if stored else new)
        self.customer = customer
        fields: dict[str, Any] = self.fields
        colleagues = Contact.objects.filter(customer=customer).order_by("sort_key")
        fields["reports_to"].queryset = colleagues.exclude(pk=stored.pk) if stored else colleagues
        offer_people([fields["counterpart"]], access.visible_users(user))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        email = values.get("email", "")
        is_new = email and email.lower() != (self.stored.email.lower() if self.stored else "")
        if is_new and values.get("shared_email") != email and (twin := self._twin(email)):
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed["shared_email"] = email
            words = _("%(name)s has this address too. If both share it, save once more.")
            self.add_error("email", ValidationError(words, params={"name": twin.name}, code="shared"))
        return values

    def _twin(self, email: str) -> Contact | None:
        others = Contact.objects.filter(customer=self.customer, email__iexact=email, left_on=None)
        return (others.exclude(pk=self.stored.pk) if self.stored else others).order_by("pk").first()

    @classmethod
    def present(cls, stored: Contact) -> dict[str, Any]:
        return super().present(stored) | {
            "reports_to": stored.reports_to_id,
            "counterpart": stored.counterpart_id,
        }

    def changes(self) -> ContactChanges:
        """The typed values by column."""
        return {**self._fields(), "name": self.cleaned_data["name"], "level": self._level}

    def create(self, customer: Customer, *, author: User, now: dt.datetime) -> Contact:
        return create_contact(
            customer=customer,
            name=self.cleaned_data["name"],
            level=self._level,
            author=author,
            now=now,
            **self._fields(),
        )

    @property
    def _level(self) -> Level:
        return Level(self.cleaned_data["level"])

    def _fields(self) -> ContactFields:
        values = self.cleaned_data
        return {
            "title": values["title"],
            "department": values["department"],
            "reports_to": values["reports_to"],
            "decision_role": values["decision_role"],
            "attitude": Attitude(values["attitude"]),
            "counterpart": values["counterpart"],
            "email": values["email"],
            "phone": values["phone"],
            "language": values["language"],
            "time_zone": values["time_zone"],
            "opted_out": values["opted_out"],
        }


FACTS = (
    "level",
    "title",
    "department",
    "reports_to",
    "decision_role",
    "attitude",
    "counterpart",
    "email",
    "phone",
    "language",
    "time_zone",
    "opted_out",
)
"""What is edited where it stands on the page."""


class ContactFactForm(OneFact, ContactForm):
    """One field of the record, one of `FACTS`; else KeyError."""

    def __init__(self, data: Any = None, *, field: str, user: User, stored: Contact) -> None:
        super().__init__(data, user=user, customer=stored.customer, stored=stored)
        self.narrow(field, *(["shared_email"] if field == "email" else []))

    def changes(self) -> ContactChanges:
        """The typed value by its column."""
        values: dict[str, Any] = {self.field_name: self.cleaned_data[self.field_name]}
        for name, choices in (("level", Level), ("attitude", Attitude)):
            if name in values:
                values[name] = choices(values[name])
        return values  # type: ignore[return-value]


class LeftForm(RecordForm):
    """``successor`` is asked where somebody reports to the contact, ``instead`` where surveys go to him."""

    left_on = DayField(label=_("Left the company on"))
    successor = RecordField(
        Contact.objects.none(), label=_("Direct reports go to"), empty_label=_("Decide later"), required=False
    )
    instead = RecordField(
        Contact.objects.none(),
        label=_("Surveys go to"),
        empty_label=_("Decide later"),
        required=False,
        help_text=_("From the next letter on. Offered is who has an address and takes surveys."),
    )

    def __init__(self, data: Any = None, *, contact: Contact, today: dt.date) -> None:
        day = contact.left_on or today
        super().__init__(data, initial={"left_on": day, "successor": contact.reports_to_id})
        fields: dict[str, Any] = self.fields
        colleagues = Contact.objects.filter(customer=contact.customer_id, left_on=None).exclude(pk=contact.pk)
        colleagues = colleagues.order_by("sort_key", "pk")
        fields["successor"].queryset = colleagues
        fields["instead"].queryset = colleagues.filter(opted_out=False).exclude(email="")
        if not contact.reports.exists():
            del fields["successor"]
        if not asked_about(contact).exists():
            del fields["instead"]


class MoveForm(LeftForm):
    """He works for another customer now, one that the reader may change as well."""

    to = RecordField(
        Customer.objects.none(),
        label=_("Works now for"),
        widget=PickerSelect(**{"data-picker-url": reverse_lazy("customer_options")}),
        help_text=_("A customer you keep; type to find it."),
    )
    level = forms.ChoiceField(label=_("Organisational level"), choices=Level.choices)
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("The new address."))
    field_order = ("to", "left_on", "level", "title", "email", "successor", "instead")

    def __init__(self, data: Any = None, *, contact: Contact, today: dt.date, user: User) -> None:
        super().__init__(data, contact=contact, today=today)
        fields: dict[str, Any] = self.fields
        fields["left_on"].label = _("Since")
        self.initial.update({"level": contact.level, "title": contact.title})
        fields["to"].queryset = access.changeable_customers(user).exclude(pk=contact.customer_id)
        show_only_chosen(self, "to")
