"""A need of the world's customer, as far along as a test asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.needs.models import Capability, Decision, Need, NeedAbout, StrategicFit
from accounts.needs.services import NeedFacts, Triage, add_need, promise_need, triage_need
from tests.conftest import World

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
TODAY = NOW.date()


def facts(world: World, **changed: Any) -> NeedFacts:
    said = {
        "title": "A safety stock of two weeks",
        "about": NeedAbout.DELIVERY,
        "raised_on": TODAY,
        "owner_id": world.owner.pk,
    }
    return NeedFacts(**(said | changed))


def noted(world: World, **changed: Any) -> Need:
    return add_need(customer=world.customer, facts=facts(world, **changed), author=world.owner, now=NOW)


def judged(world: World, decision: Decision = Decision.ACCEPT, **changed: Any) -> Need:
    need = noted(world, **changed)
    return triage_need(need, triage=triage(decision), expected_version=need.version, by=world.owner, now=NOW)


def promised(world: World, on: dt.date = TODAY + 9 * DAY) -> Need:
    return promise_need(judged(world), on=on, now=NOW)


def triage(decision: Decision = Decision.ACCEPT, **changed: Any) -> Triage:
    said = {
        "decision": decision,
        "reason": "The warehouse has room.",
        "fit": StrategicFit.GOOD,
        "capability": Capability.WITHIN,
    }
    return Triage(**(said | changed))
