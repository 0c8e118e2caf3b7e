"""Today offers a playbook beside a flagged customer for whom one fits, and one tap starts it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions.models import UNDONE, Action
from accounts.customers.models import Customer
from accounts.playbooks.models import Doer, Ending, Playbook, PlaybookRun, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, start_runs
from accounts.users.models import User
from crm.queries import today as queries
from scoring.core.policy import SignalCode
from scoring.models import ChurnFlag, CustomerScore, FlagLevel, RunKind, Tier
from scoring.policy import policy_of
from scoring.rescore import current_run
from tests.conftest import MONDAY, World, customer_of
from tests.scoring.book import order, score

SIGNAL = SignalCode.RHYTHM_BROKEN


def playbook(world: World, trigger: Trigger, value: str, title: str) -> Playbook:
    step = StepFacts(Words(f"First step: {title}"), 1, Doer.OWNER)
    return save_playbook(
        PlaybookFacts(Words(title, f"{title} (hans)"), trigger, value, (step,)), by=world.admin, now=MONDAY
    )


def flagged(customer: Customer, level: FlagLevel = FlagLevel.AT_RISK) -> ChurnFlag:
    return ChurnFlag.objects.create(customer=customer, level=level, score=60, run_id=1, opened_at=MONDAY)


def offers(user: User) -> dict[str, str]:
    """What each flagged customer is offered."""
    found = queries.today_of(queries.scope_of(user, now=MONDAY, today=MONDAY.date()))
    return {
        item.customer: item.playbook.title if item.playbook else ""
        for section in found.sections
        if section.code == "flag"
        for item in section.items
    }


def offered(user: User) -> str:
    (title,) = offers(user).values()
    return title


def tell(customer: Customer, **points: float) -> None:
    """The current score of a customer has these points, by the code of the signal."""
    run = current_run()
    assert run is not None
    codes = [str(signal.code) for signal in policy_of(run.policy).churn.signals]
    CustomerScore.objects.filter(run_id=run.pk, customer=customer).update(
        tier=Tier.CORE,
        churn_points=[points.get(code, 0.0) for code in codes],
        churn_inputs=[1.0 for _code in codes],
    )


@pytest.fixture
def scored(world: World) -> Customer:
    Customer.objects.update(known_at=MONDAY)
    order(world.customer.pk, "2026-01-05", 100_000, known=MONDAY)
    score(MONDAY, kind=RunKind.NIGHTLY)
    ChurnFlag.objects.all().delete()
    flagged(world.customer)
    return world.customer


def test_the_reason_comes_before_the_level_and_the_level_before_the_tier(
    world: World, scored: Customer
) -> None:
    tell(scored, rhythm_broken=20, p_alive_low=5)
    assert offered(world.owner) == ""
    playbook(world, Trigger.STAGE, scored.stage, "By stage")
    playbook(world, Trigger.TIER, "key", "Another tier")
    playbook(world, Trigger.FLAG_LEVEL, "critical", "Worse than that")
    playbook(world, Trigger.FLAG_REASON, SignalCode.SUPPORTER_LEFT, "Another reason")
    assert offered(world.owner) == ""
    titles = []
    for trigger, value in (
        (Trigger.TIER, "core"),
        (Trigger.FLAG_LEVEL, "watch"),
        (Trigger.FLAG_LEVEL, "at_risk"),
        (Trigger.FLAG_REASON, SignalCode.P_ALIVE_LOW),
        (Trigger.FLAG_REASON, SIGNAL),
    ):
        playbook(world, trigger, value, f"{trigger} {value}")
        titles.append(offered(world.owner))
    assert titles == [
        "tier core",
        "flag_level watch",
        "flag_level at_risk",
        "flag_reason p_alive_low",
        "flag_reason rhythm_broken",
    ]


def test_what_is_at_work_there_is_not_offered(world: World) -> None:
    flagged(world.customer)
    other = customer_of(world.owner, "Another")
    flagged(other)
    found = playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    start_runs(found, [world.customer.pk], now=MONDAY, by=world.owner)
    assert offers(world.owner) == {"Huaxing Electronics": "", "Another": "Look closer"}
    playbook(world, Trigger.FLAG_LEVEL, "watch", "Next to it")
    assert offers(world.owner) == {"Huaxing Electronics": "Next to it", "Another": "Look closer"}


def test_nobody_is_offered_what_he_may_not_start_or_what_would_not_start(world: World) -> None:
    flagged(world.customer)
    playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    assert [offered(who) for who in (world.owner, world.lead, world.executive)] == [
        "Look closer",
        "Look closer",
        "",
    ]
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    assert offered(world.lead) == ""


def test_one_tap_starts_it_and_the_undo_drops_what_nobody_touched(world: World, client: Client) -> None:
    flag = flagged(world.customer)
    found = playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    client.force_login(world.owner)
    page = client.get("/today/").content.decode()
    button = re.search(rf'<button[^>]*id="start-{flag.pk}"[^>]*>', page)
    assert button is not None
    url = f"/customers/{world.customer.pk}/playbooks/start"
    assert f'formaction="{url}"' in button[0]
    assert f'value="{found.pk}"' in button[0]
    answer = client.post(url, {"playbook": found.pk, "next": "/today/"}, follow=True)
    assert answer.redirect_chain == [("/today/", 302)]
    page = answer.content.decode()
    assert "Look closer has started." in page
    assert f'id="start-{flag.pk}"' not in page
    assert Action.objects.filter(UNDONE).count() == 1
    run = PlaybookRun.objects.get()
    undo = f"/customers/{world.customer.pk}/playbooks/{run.pk}/stop"
    assert f'action="{undo}"' in page
    answer = client.post(undo, {"next": "/today/"}, follow=True)
    assert f'id="start-{flag.pk}"' in answer.content.decode()
    run.refresh_from_db()
    assert run.ending == Ending.STOPPED
    assert not Action.objects.filter(UNDONE).exists()


def test_the_undo_leaves_what_somebody_works_on(world: World, client: Client) -> None:
    flagged(world.customer)
    found = playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    client.force_login(world.owner)
    client.post(f"/customers/{world.customer.pk}/playbooks/start", {"playbook": found.pk})
    Action.objects.update(version=2)
    client.post(f"/customers/{world.customer.pk}/playbooks/{PlaybookRun.objects.get().pk}/stop")
    assert Action.objects.filter(UNDONE).count() == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_its_name_is_in_the_language_of_the_reader(world: World, client: Client, language: str) -> None:
    User.objects.filter(pk=world.owner.pk).update(language=language)
    flagged(world.customer)
    playbook(world, Trigger.FLAG_LEVEL, "watch", "Look closer")
    client.force_login(world.owner)
    assert ("Look closer (hans)" in client.get("/today/").content.decode()) == (language == "zh-hans")


@pytest.mark.parametrize("who", ["owner", "lead", "manager", "executive", "admin", "member"])
def test_it_takes_one_query_however_many_customers_and_playbooks(world: World, who: str) -> None:
    user = getattr(world, who)
    owner = world.admin if who == "admin" else world.owner

    def queries_taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            offers(user)
        return len(captured)

    def fill(numbers: range) -> None:
        for number in numbers:
            flagged(customer_of(owner, f"Customer {number}"))
            playbook(world, Trigger.FLAG_LEVEL, "at_risk", f"Playbook {number}")
            start_runs(
                Playbook.objects.latest("pk"),
                list(Customer.objects.order_by("-pk").values_list("pk", flat=True)[:2]),
                now=MONDAY,
                by=world.admin,
            )

    for number in range(3):
        flagged(customer_of(owner, f"Without {number}"))
    queries_taken()
    without = queries_taken()
    fill(range(3))
    few = queries_taken()
    fill(range(3, 30))
    assert queries_taken() == few == without
