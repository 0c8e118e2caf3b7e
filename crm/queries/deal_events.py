"""What a customer wanted, signed and was given to read, in the timeline: needs, contracts and files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject, Least, TruncDate
from django.utils.translation import pgettext_lazy

from accounts.customers.models import Customer
from accounts.deals.models import Contract, ContractAlarm, ContractKind, ContractState
from accounts.files.models import NOT_DELETED, Attachment
from accounts.needs.models import Decision, Need, NeedState
from accounts.needs.services import STATE_OF
from crm.queries.event_source import Facts, Label, Source, day_of
from crm.queries.wording import name_of, or_empty

SIGNED, ENDED, RAN_OUT = "signed", "ended", "ran_out"
TURNS_OF_A_CONTRACT: dict[str, Label] = {
    SIGNED: pgettext_lazy("contract", "Begins"),
    ENDED: ContractState.ENDED.label,
    RAN_OUT: pgettext_lazy("contract", "Ran out without a renewal"),
}


@dataclass(frozen=True)
class NeedTurn:
    """A step of a need on its way. ``on``: a day, or the moment of a decision or promise; ``until``: the day
    it was promised for; ``by``: who raised, decided or confirmed it; ``text``: the reason of a decision."""

    need_id: int
    title: str
    state: str
    label: Label
    on: dt.date | dt.datetime
    until: dt.date | None = None
    by: str = ""
    text: str = ""

    @property
    def is_moment(self) -> bool:
        return isinstance(self.on, dt.datetime)


@dataclass(frozen=True)
class ContractTurn:
    """``until``: the end that was agreed on, where it begins; ``text``: why it ended."""

    contract_id: int
    title: str
    turn: str
    label: Label
    kind: Label
    on: dt.date
    until: dt.date | None = None
    text: str = ""


@dataclass(frozen=True)
class FileAdded:
    pk: int
    name: str
    at: dt.datetime
    by: str


def needs_raised(customer: Customer) -> Source:
    facts = JSONObject(title="title", raised_on="raised_on", by=or_empty("contact__name"))
    found = Need.objects.filter(customer=customer)

    def turn(pk: int, facts: Facts) -> NeedTurn:
        return _turn(pk, NeedState.RAISED, facts, dt.date.fromisoformat(facts["raised_on"]))

    return Source("need", found, "raised_on", is_day=True, facts=facts, record=turn)


def needs_decided(customer: Customer) -> Source:
    """The decision that holds; those before it stand in the history."""
    facts = JSONObject(
        title="title",
        decided_at="decided_at",
        decision="decision",
        text="reason",
        by=or_empty(name_of("decided_by")),
    )
    found = Need.objects.filter(customer=customer, decided_at__isnull=False)

    def turn(pk: int, facts: Facts) -> NeedTurn:
        state = STATE_OF[Decision(facts["decision"])]
        return _turn(pk, state, facts, dt.datetime.fromisoformat(facts["decided_at"]))

    return Source("need", found, "decided_at", is_day=False, facts=facts, record=turn)


def needs_promised(customer: Customer) -> Source:
    """Each promise and each new day of it, when it was given: the need itself keeps only the last."""
    versions: Any = Need
    old: QuerySet[Any] = versions.pgh_event_models["changed"].objects.filter(customer=customer)
    row = JSONObject(day="promised_on")
    later = old.filter(pgh_obj=OuterRef("pgh_obj"), pk__gt=OuterRef("pk")).order_by("pk")
    present = Need.objects.filter(pk=OuterRef("pgh_obj"))
    became = Coalesce(Subquery(later.values(row=row)[:1]), Subquery(present.values(row=row)[:1]))
    found = old.annotate(until=Cast(KeyTextTransform("day", became), DateField()))
    is_new = Q(promised_on=None) | ~Q(promised_on=F("until"))
    facts = JSONObject(
        pgh_created_at="pgh_created_at", need_id="pgh_obj_id", title="title", until="until", by=Value("")
    )

    def turn(_pk: int, facts: Facts) -> NeedTurn:
        at = dt.datetime.fromisoformat(facts["pgh_created_at"])
        return _turn(facts["need_id"], NeedState.PROMISED, facts, at)

    promised = found.filter(is_new, until__isnull=False)
    return Source("need", promised, "pgh_created_at", is_day=False, facts=facts, record=turn)


def needs_delivered(customer: Customer) -> Source:
    facts = JSONObject(title="title", delivered_on="delivered_on", by=Value(""))
    found = Need.objects.filter(customer=customer, delivered_on__isnull=False)

    def turn(pk: int, facts: Facts) -> NeedTurn:
        return _turn(pk, NeedState.DELIVERED, facts, dt.date.fromisoformat(facts["delivered_on"]))

    return Source("need", found, "delivered_on", is_day=True, facts=facts, record=turn)


def needs_confirmed(customer: Customer) -> Source:
    facts = JSONObject(title="title", confirmed_on="confirmed_on", by=or_empty("confirmed_by__name"))
    found = Need.objects.filter(customer=customer, confirmed_on__isnull=False)

    def turn(pk: int, facts: Facts) -> NeedTurn:
        return _turn(pk, NeedState.CONFIRMED, facts, dt.date.fromisoformat(facts["confirmed_on"]))

    return Source("need", found, "confirmed_on", is_day=True, facts=facts, record=turn)


def contracts_signed(customer: Customer) -> Source:
    """On the day it begins, or when we noted one that begins later: the timeline has no future."""
    noted = TruncDate("known_at", tzinfo=ZoneInfo(settings.TIME_ZONE))
    found = Contract.objects.filter(customer=customer).exclude(state=ContractState.DRAFT)
    facts = JSONObject(title="title", kind="kind", signed_on="signed_on", begins="starts_on", until="ends_on")

    def turn(pk: int, facts: Facts) -> ContractTurn:
        return _contract(pk, SIGNED, facts, dt.date.fromisoformat(facts["begins"]))

    signed = found.annotate(signed_on=Least("starts_on", noted))
    return Source("contract", signed, "signed_on", is_day=True, facts=facts, record=turn)


def contracts_ended(customer: Customer) -> Source:
    facts = JSONObject(title="title", kind="kind", ended_on="ended_on", text="reason")
    found = Contract.objects.filter(customer=customer, ended_on__isnull=False)

    def turn(pk: int, facts: Facts) -> ContractTurn:
        return _contract(pk, ENDED, facts, dt.date.fromisoformat(facts["ended_on"]))

    return Source("contract", found, "ended_on", is_day=True, facts=facts, record=turn)


def contracts_run_out(customer: Customer) -> Source:
    """Those that nobody renewed in time, as the clock of contracts found them, unless they were since."""
    facts = JSONObject(
        contract_id="contract_id", title="contract__title", kind="contract__kind", due_on="due_on"
    )
    stands = Contract.objects.filter(pk=OuterRef("contract"), state=ContractState.ACTIVE)
    found = ContractAlarm.objects.filter(
        Exists(stands.filter(ends_on=OuterRef("due_on"))), contract__customer=customer, is_over=True
    )

    def turn(_pk: int, facts: Facts) -> ContractTurn:
        return _contract(facts["contract_id"], RAN_OUT, facts, dt.date.fromisoformat(facts["due_on"]))

    return Source("contract", found, "due_on", is_day=True, facts=facts, record=turn)


def files_added(customer: Customer) -> Source:
    facts = JSONObject(name="name", known_at="known_at", by=name_of("uploaded_by"))
    found = Attachment.objects.filter(NOT_DELETED, customer=customer)
    return Source("file", found, "known_at", is_day=False, facts=facts, record=_file)


def _file(pk: int, facts: Facts) -> FileAdded:
    return FileAdded(pk, facts["name"], dt.datetime.fromisoformat(facts["known_at"]), facts["by"])


def _turn(pk: int, state: NeedState, facts: Facts, on: dt.date | dt.datetime) -> NeedTurn:
    return NeedTurn(
        need_id=pk,
        title=facts["title"],
        state=state.value,
        label=state.label,
        on=on,
        until=day_of(facts.get("until")),
        by=facts["by"],
        text=facts.get("text", ""),
    )


def _contract(pk: int, turn: str, facts: Facts, on: dt.date) -> ContractTurn:
    return ContractTurn(
        contract_id=pk,
        title=facts["title"],
        turn=turn,
        label=TURNS_OF_A_CONTRACT[turn],
        kind=ContractKind(facts["kind"]).label,
        on=on,
        until=day_of(facts.get("until")),
        text=facts.get("text", ""),
    )
