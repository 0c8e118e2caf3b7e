"""Forms about what customers need."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import access
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.needs.models import (
    MAX_REASON,
    Capability,
    Decision,
    Need,
    NeedAbout,
    NeedExpression,
    NeedLevel,
    NeedOrigin,
    StrategicFit,
)
from accounts.needs.services import (
    LONGEST_TAG,
    MAX_MUST_FIT,
    MAX_RUN_BY,
    MAX_TITLE,
    MOST_TAGS,
    NeedFacts,
    Triage,
)
from accounts.orders.models import ProductLine
from accounts.orders.money import CURRENCIES
from accounts.users.models import User
from crm.filters.needs import STATES, Whose
from crm.forms.cases import WordsField
from crm.forms.colleagues import PeopleSelect, offer_people
from crm.forms.records import DayField, MoneyField, RecordField, RecordForm, major_units, minor_units

IMPORTANCE = [
    (1, _("1, nice to have")),
    (2, "2"),
    (3, _("3, matters")),
    (4, "4"),
    (5, _("5, the customer stays or goes by it")),
]
ABOUT = pgettext_lazy("what a need is about", "About")
TITLE_OF_TALK = 120
NOTHING_SAID = [("", "—")]


class NeedForm(RecordForm):
    """What a customer wants; the people are his alone."""

    title = forms.CharField(label=_("What is needed"), max_length=MAX_TITLE)
    text = WordsField(label=_("In more words"), required=False)
    about = forms.ChoiceField(label=ABOUT, choices=[*NOTHING_SAID, *NeedAbout.choices])
    level = forms.ChoiceField(label=_("Level"), choices=NeedLevel.choices, initial=NeedLevel.BASIC)
    origin = forms.ChoiceField(label=_("Where it comes from"), choices=NeedOrigin.choices)
    expression = forms.ChoiceField(
        label=_("Stated or latent"),
        choices=NeedExpression.choices,
        help_text=_("Latent: we see it, nobody has said it."),
    )
    contact = RecordField(Contact.objects.none(), label=_("Raised by"), required=False)
    raised_on = DayField(label=_("Raised on"))
    importance = forms.TypedChoiceField(
        label=_("Importance to the customer"), choices=IMPORTANCE, coerce=int, initial=3
    )
    needed_on = DayField(label=_("Needed on"), required=False)
    budget = MoneyField(label=_("Budget"), min_value=0)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    run_by = forms.CharField(
        label=_("Who runs it"), max_length=MAX_RUN_BY, required=False, help_text=_("At the customer.")
    )
    must_fit = forms.CharField(label=_("What it must fit with"), max_length=MAX_MUST_FIT, required=False)
    product_line = RecordField(ProductLine.objects.none(), label=_("Product line"), required=False)
    tags = forms.CharField(
        label=_("Tags"), max_length=800, required=False, help_text=_("Separated by commas.")
    )
    owner = RecordField(User.objects.none(), label=_("Owner"), empty_label=None, widget=PeopleSelect())
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        customer: Customer,
        today: dt.date,
        stored: Need | None = None,
        talk: Interaction | None = None,
    ) -> None:
        self.customer = customer
        start = {
            "raised_on": today,
            "owner": customer.owner_id or user.pk,
            "token": uuid.uuid4(),
            "currency": customer.currency,
        } | (_of_talk(talk) if talk else {})
        super().__init__(data, stored=stored, initial=start if stored is None else None)
        fields: dict[str, Any] = self.fields
        if stored is not None:
            del fields["token"]
        fields["contact"].queryset = Contact.objects.filter(customer=customer).order_by("sort_key")
        fields["product_line"].queryset = ProductLine.objects.order_by("name")
        people = access.visible_users(user)
        if stored is not None:
            # Saving must not drop somebody who could not be chosen today.
            people = people | User.objects.filter(pk=stored.owner_id)
        offer_people([fields["owner"]], people)

    @classmethod
    def present(cls, stored: Need) -> dict[str, Any]:
        ids = {name: getattr(stored, f"{name}_id") for name in ("contact", "product_line", "owner")}
        return (
            super().present(stored)
            | ids
            | {
                "tags": ", ".join(stored.tags),
                "budget": major_units(stored.budget_minor, stored.currency),
            }
        )

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).upper() or self.customer.currency
        if code not in CURRENCIES:
            raise forms.ValidationError(_("Unknown currency. Use three letters, such as CNY or EUR."))
        return code

    def clean_tags(self) -> tuple[str, ...]:
        tags = [tag.strip() for tag in self.cleaned_data["tags"].replace("，", ",").split(",")]
        found = tuple(dict.fromkeys(tag for tag in tags if tag))
        if len(found) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in found):
            raise forms.ValidationError(_("At most 20 tags of at most 40 characters each."))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["budget_minor"] = minor_units(self, "budget", values.get("currency", self.customer.currency))
        return values

    def facts(self) -> NeedFacts:
        said = self.cleaned_data
        return NeedFacts(
            title=said["title"],
            text=said["text"],
            about=NeedAbout(said["about"]),
            level=NeedLevel(said["level"]),
            origin=NeedOrigin(said["origin"]),
            expression=NeedExpression(said["expression"]),
            contact_id=said["contact"].pk if said["contact"] else None,
            raised_on=said["raised_on"],
            importance=said["importance"],
            needed_on=said["needed_on"],
            budget_minor=said["budget_minor"],
            currency=said["currency"],
            run_by=said["run_by"],
            must_fit=said["must_fit"],
            product_line_id=said["product_line"].pk if said["product_line"] else None,
            tags=said["tags"],
            owner_id=said["owner"].pk,
        )


def _of_talk(talk: Interaction) -> dict[str, Any]:
    """What a talk already says: its first line as the title, all of it as the words, whom it was with."""
    lines = talk.summary.strip().splitlines() or [""]
    contacts = [row.contact_id for row in talk.participants.all() if row.contact_id]
    return {
        "title": lines[0][:TITLE_OF_TALK],
        "text": talk.summary if len(lines) > 1 or len(lines[0]) > TITLE_OF_TALK else "",
        "contact": contacts[0] if contacts else None,
    }


class TriageForm(RecordForm):
    """What we think of it, and what we decided."""

    decision = forms.ChoiceField(label=_("Decision"), choices=[*NOTHING_SAID, *Decision.choices])
    fit = forms.ChoiceField(label=_("Fit with our strategy"), choices=[*NOTHING_SAID, *StrategicFit.choices])
    capability = forms.ChoiceField(label=_("Our capability"), choices=[*NOTHING_SAID, *Capability.choices])
    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_REASON, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def triage(self) -> Triage:
        said = self.cleaned_data
        return Triage(
            decision=Decision(said["decision"]),
            fit=StrategicFit(said["fit"]),
            capability=Capability(said["capability"]),
            reason=said["reason"].replace("\r\n", "\n"),
        )


class StepForm(RecordForm):
    """A step that needs a day."""

    @classmethod
    def present(cls, stored: Need) -> dict[str, Any]:
        return {}


class PromiseForm(StepForm):
    promised_on = DayField(label=_("Promised for"))


class DeliverForm(StepForm):
    delivered_on = DayField(label=_("Delivered on"))


class ConfirmForm(StepForm):
    confirmed_on = DayField(label=_("Confirmed on"))
    confirmed_by = RecordField(Contact.objects.none(), label=_("Confirmed by"), required=False)

    def __init__(self, data: Any = None, *, customer: Customer, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        fields: dict[str, Any] = self.fields
        fields["confirmed_by"].queryset = Contact.objects.filter(customer=customer).order_by("sort_key")


class NeedListForm(forms.Form):
    """What `NeedFilter` reads, as fields of the bar above the list."""

    q = forms.CharField(label=_("Search needs and customers"), required=False)
    whose = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("Everybody's")), *Whose.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *STATES])
    about = forms.ChoiceField(
        label=ABOUT, required=False, choices=[("", _("About anything")), *NeedAbout.choices]
    )
    level = forms.ChoiceField(
        label=_("Level"), required=False, choices=[("", _("Any level")), *NeedLevel.choices]
    )
    capability = forms.ChoiceField(
        label=_("Our capability"),
        required=False,
        choices=[("", pgettext_lazy("our capability", "Any capability")), *Capability.choices],
    )

    @property
    def is_filtered(self) -> bool:
        return any(self.data.get(name) for name in (*self.fields, *KEPT))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What links ask for and the bar has no field for."""
        return [(name, self.data[name]) for name in KEPT if self.data.get(name)]


KEPT = ("customer", "product_line", "tag", "origin", "expression")
