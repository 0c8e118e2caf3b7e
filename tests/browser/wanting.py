"""What a customer of the book needs, its contract and an opportunity, with who else supplies it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.deals.services import ContractFacts, OpportunityFacts, add_contract, add_opportunity, say_shares
from accounts.needs.models import Capability, Decision, NeedAbout, StrategicFit
from accounts.needs.services import NeedFacts, Triage, add_need, promise_need, triage_need
from accounts.users.models import User

DAY = dt.timedelta(days=1)


def wanting(customer: Customer, by: User, now: dt.datetime) -> dict[str, dict[str, int]]:
    """A need that is promised and one that nobody decided about in time."""
    today = company_day(now)
    facts = NeedFacts(
        title="A safety stock", about=NeedAbout.DELIVERY, raised_on=today - 9 * DAY, owner_id=by.pk
    )
    add_need(customer=customer, facts=facts, author=by, now=now)
    need = add_need(customer=customer, facts=facts, author=by, now=now)
    triage = Triage(
        decision=Decision.ACCEPT,
        reason="The warehouse has room.",
        fit=StrategicFit.GOOD,
        capability=Capability.STRETCH,
    )
    need = triage_need(need, triage=triage, expected_version=need.version, by=by, now=now)
    promise_need(need, on=today + 9 * DAY, now=now)
    signed = ContractFacts(title="Supply of boxes", starts_on=today, ends_on=today + 60 * DAY, owner_id=by.pk)
    contract = add_contract(customer=customer, facts=signed, author=by, now=now)
    seen = OpportunityFacts(title="A second line", owner_id=by.pk, need_id=need.pk)
    chance = add_opportunity(customer=customer, facts=seen, author=by, now=now)
    for days, share in ((100, 20), (0, 35)):
        say_shares(
            customer=customer,
            on=today - days * DAY,
            ours=Decimal(40),
            theirs={"Rival": Decimal(share)},
            author=by,
            now=now,
        )
    return {
        "need": {"pk": need.pk},
        "contract": {"pk": contract.pk},
        "opportunity": {"pk": chance.pk},
    }
