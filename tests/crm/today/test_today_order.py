"""What hurries stands first: nothing hurries at a customer who is lost; and the worst grade is not hidden."""

from __future__ import annotations

from django.test import Client

from accounts.customers.models import Customer, Stage
from crm.queries.today import scope_of, today_of
from crm.queries.today.items import CaseItem, FlagItem
from scoring.models import ChurnFlag, FlagLevel
from tests.accounts.surveys.office import DUE, HOUR, office_of
from tests.conftest import MONDAY, World, customer_of


def test_flags_of_lost_customers_come_last(world: World) -> None:
    gone = customer_of(world.owner, "Pemberton Robotics")
    Customer.objects.filter(pk=gone.pk).update(stage=Stage.LOST)
    flags = ((gone, FlagLevel.CRITICAL, 100), (world.customer, FlagLevel.AT_RISK, 60))
    for customer, level, score in flags:
        ChurnFlag.objects.create(customer=customer, level=level, score=score, run_id=1, opened_at=MONDAY)
    today = today_of(scope_of(world.owner, now=DUE, today=DUE.date()))
    items = [item for section in today.sections for item in section.items if isinstance(item, FlagItem)]
    assert [(item.customer, item.is_lost) for item in items] == [
        ("Huaxing Electronics", False),
        ("Pemberton Robotics", True),
    ]


def test_a_case_shows_the_worst_grade_beside_the_latest(client: Client, world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    office.say(office.li, delivery="C", at=DUE + 2 * HOUR)
    today = today_of(scope_of(world.manager, now=DUE, today=DUE.date()))
    (item,) = [item for section in today.sections for item in section.items if isinstance(item, CaseItem)]
    assert (item.letter, item.lowest) == ("C", "D")
    client.force_login(world.manager)
    page = client.get("/today/").content.decode()
    assert "case-lowest" in page[page.index('class="todo-list"') :]
