"""A churn flag and its reason start their playbooks after a sweep, and nobody else's."""

from __future__ import annotations

from accounts.actions.models import Action
from accounts.customers.models import Customer, CustomerStage
from accounts.playbooks.models import Doer, PlaybookRun, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, switch_playbook
from crm.queries.playbooks import follow_playbooks, would_start
from scoring.core.policy import SignalCode
from scoring.models import ChurnFlag, RunKind
from scoring.rescore import sweep
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import score

NOON = DUE + 2 * HOUR


def playbook(world: World, trigger: Trigger, value: str, title: str) -> None:
    step = StepFacts(Words(title), 1, Doer.OWNER)
    made = save_playbook(PlaybookFacts(Words(title), trigger, value, (step,)), by=world.admin, now=MONDAY)
    switch_playbook(made, is_active=True, now=MONDAY)


def test_a_d_starts_what_is_done_about_one(world: World) -> None:
    office = office_of(world)
    office.invite()
    playbook(world, Trigger.FLAG_REASON, SignalCode.UNACCEPTABLE_GRADE, "Go there")
    playbook(world, Trigger.FLAG_REASON, SignalCode.SUPPORTER_LEFT, "Find another supporter")
    playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    playbook(world, Trigger.TIER, "strategic", "Plan together")
    Customer.objects.update(known_at=MONDAY)
    CustomerStage.objects.create(
        customer=world.customer, stage="continuing", valid_from=MONDAY.date(), known_at=MONDAY
    )
    score(DUE, kind=RunKind.NIGHTLY)
    assert follow_playbooks(now=NOON) == 0
    office.say(office.chen, delivery="D")
    assert sweep(limit=10, as_of=NOON, zone="UTC").done == (world.customer.pk,)
    assert would_start(Trigger.FLAG_REASON, SignalCode.UNACCEPTABLE_GRADE) == 1
    assert [follow_playbooks(now=NOON) for _beat in range(2)] == [2, 0]
    assert {each.title for each in Action.objects.filter(customer=world.customer)} == {
        "Go there",
        "Look closer",
    }
    ChurnFlag.objects.update(cleared_at=NOON)
    follow_playbooks(now=NOON)
    assert not PlaybookRun.objects.filter(closed_at=None).exists()
    assert set(Action.objects.values_list("drop_reason", flat=True)) == {"The reason is gone"}
