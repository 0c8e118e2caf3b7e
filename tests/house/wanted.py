"""What the permission table asks for of needs and deals of the world's customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.deals.models import Contract, Opportunity, SupplyShare
from accounts.deals.services import ContractFacts, OpportunityFacts, add_contract, add_opportunity, say_shares
from accounts.needs.models import Capability, Decision, Need, NeedAbout, StrategicFit
from accounts.needs.services import NeedFacts, Triage, add_need, deliver_need, triage_need
from tests.conftest import MONDAY, World


def need(world: World) -> Need:
    """Noted by the admin, who owns it too."""
    facts = NeedFacts(
        title="Boxes that close by themselves",
        about=NeedAbout.DELIVERY,
        raised_on=MONDAY.date(),
        owner_id=world.admin.pk,
    )
    return add_need(customer=world.customer, facts=facts, author=world.admin, now=MONDAY)


def accepted(world: World) -> Need:
    triage = Triage(
        decision=Decision.ACCEPT,
        reason="We can.",
        fit=StrategicFit.GOOD,
        capability=Capability.WITHIN,
    )
    found = need(world)
    return triage_need(found, triage=triage, expected_version=found.version, by=world.admin, now=MONDAY)


def delivered(world: World) -> Need:
    return deliver_need(accepted(world), on=MONDAY.date(), now=MONDAY)


def need_form(world: World) -> dict[str, Any]:
    return {
        "version": 1,
        "title": "Smaller boxes",
        "about": "delivery",
        "level": "basic",
        "origin": "person",
        "expression": "latent",
        "importance": 4,
        "raised_on": "2026-03-02",
        "owner": world.admin.pk,
    }


TRIAGE_FORM = {
    "version": 1,
    "decision": "park",
    "reason": "Not this year.",
    "fit": "partial",
    "capability": "beyond",
}


def contract(world: World) -> Contract:
    facts = ContractFacts(title="Supply of boxes", starts_on=MONDAY.date(), owner_id=world.admin.pk)
    return add_contract(customer=world.customer, facts=facts, author=world.admin, now=MONDAY)


def opportunity(world: World) -> Opportunity:
    facts = OpportunityFacts(title="A second line", owner_id=world.admin.pk)
    return add_opportunity(customer=world.customer, facts=facts, author=world.admin, now=MONDAY)


def share(world: World) -> SupplyShare:
    (said,) = say_shares(
        customer=world.customer,
        on=MONDAY.date(),
        ours=Decimal(40),
        theirs={},
        author=world.admin,
        now=MONDAY,
    )
    return said


def contract_form(world: World) -> dict[str, Any]:
    return {
        "version": 1,
        "title": "Supply of boxes",
        "kind": "supply",
        "renewal": "by_hand",
        "starts_on": "2026-03-02",
        "owner": world.admin.pk,
    }


def opportunity_form(world: World) -> dict[str, Any]:
    return {
        "version": 1,
        "title": "A second line",
        "stage": "lead",
        "probability": 30,
        "owner": world.admin.pk,
    }
