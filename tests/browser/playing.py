"""A playbook of the book that is at work, and where one of its people ends the letter of the day."""

from __future__ import annotations

import datetime as dt

from accounts.customers.models import Customer
from accounts.playbooks.models import Doer, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, start_runs
from accounts.users.models import User
from crm.mail.digest import stop_url


def playing(customer: Customer, by: User, admin: User, now: dt.datetime) -> dict[str, dict[str, object]]:
    steps = (
        StepFacts(Words("Call the buyer", "致电采购", "致電採購"), days=1, who=Doer.OWNER),
        StepFacts(Words("Visit with quality"), days=7, who=Doer.MANAGER, note="带上质量报告"),
    )
    facts = PlaybookFacts(Words("A customer grows quiet", "客户沉默"), Trigger.STAGE, customer.stage, steps)
    playbook = save_playbook(facts, by=admin, now=now)
    start_runs(playbook, [customer.pk], now=now, by=by)
    return {"playbook": {"pk": playbook.pk}, "stop": {"token": stop_url(by).split("/")[-2]}}
