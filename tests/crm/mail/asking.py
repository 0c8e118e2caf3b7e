"""A case that is corrected, and its complainant asked whether it is solved."""

from __future__ import annotations

import datetime as dt

from accounts.surveys.models import CaseState, ConfirmationRequest
from accounts.surveys.services import acknowledge_case, advance_case, ask_customer
from tests.accounts.surveys.office import DUE, HOUR, Office

ASKED = DUE + 4 * HOUR
MESSAGE = "Two more trucks run since Tuesday.\nEvery delivery of this week was on time."


def corrected(office: Office, *, now: dt.datetime = ASKED) -> ConfirmationRequest:
    """Chen gave a D; the manager has corrected it and asks him."""
    manager = office.world.manager
    office.say(office.chen, delivery="D")
    acknowledge_case(office.case(), by=manager, now=DUE + 2 * HOUR)
    advance_case(office.case(), to=CaseState.CORRECTED, by=manager, comment="Two trucks.", now=DUE + 3 * HOUR)
    (request,) = ask_customer(office.case(), message=MESSAGE, by=manager, now=now)
    return request
