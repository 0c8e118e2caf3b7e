"""The head of a customer's page: money for whom it is shown, no comfort from half the answers, whole sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from accounts.actions.models import Action
from accounts.actions.services import add_action, finish_action
from accounts.costs.models import CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.interactions.models import InteractionKind
from accounts.interactions.services import InteractionFacts, log_interaction
from accounts.orders.services import OrderFacts, add_order
from crm.queries.satisfaction import satisfaction_of
from crm.queries.standing import standing_of
from scoring.models import CustomerScore
from scoring.policy import policy_of
from scoring.rescore import current_run
from tests.accounts.surveys.office import CLOSED, DAY, DUE, HOUR, WEEK, office_of
from tests.conftest import MONDAY, World
from tests.scoring.book import score

NEXT_WEEK = WEEK + 7 * DAY


def sell(world: World, amount: int, cost: int | None, day: dt.date) -> None:
    facts = OrderFacts(ordered_on=day, amount_minor=amount, currency="CNY", direct_cost_minor=cost)
    add_order(customer=world.customer, facts=facts, now=max(MONDAY, timezone.now()))


def serve(world: World, cost: int, day: dt.date) -> None:
    activity = add_activity(code="VISIT", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=MONDAY)
    set_rate(activity=activity, rate_minor=Decimal(cost), valid_from=day, author=world.admin, now=MONDAY)
    facts = UsageFacts(activity=activity, used_on=day, quantity=Decimal(1))
    add_usage(customer=world.customer, facts=facts, now=MONDAY)


def test_the_money_of_a_year_is_what_orders_left_less_what_serving_cost(world: World) -> None:
    sell(world, 100_000, 70_000, MONDAY.date())
    sell(world, 50_000, None, MONDAY.date())
    sell(world, 900_000, 1_000, MONDAY.date() - dt.timedelta(days=400))
    serve(world, 45_000, MONDAY.date())
    money = standing_of(world.customer, world.owner, now=MONDAY).money
    assert money is not None
    assert (money.sales_minor, money.gross_profit_minor) == (150_000, 30_000)
    assert (money.cost_to_serve_minor, money.profit_minor, money.is_loss) == (45_000, -15_000, True)


def test_the_money_is_shown_to_whom_profit_is(client: Client, world: World) -> None:
    office_of(world)
    sell(world, 7_654_321, 1, timezone.localdate())
    shown = {}
    for name in ("owner", "lead", "executive", "admin", "manager"):
        client.force_login(world.users[name])
        shown[name] = "Profit, 12 months" in client.get(f"/customers/{world.customer.pk}").content.decode()
    assert shown == {"owner": True, "lead": True, "executive": True, "admin": True, "manager": False}


def test_half_the_answers_are_no_improvement_and_the_open_grade_stays_in_sight(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D", quality="B-")
    office.say(office.li, delivery="B", quality="A")
    office.invite(NEXT_WEEK)
    at = DUE + 7 * DAY + HOUR
    office.say(office.li, week=NEXT_WEEK, at=at, delivery="A", quality="A")

    half = satisfaction_of(world.customer, world.owner, as_of=at)
    assert half.latest is not None
    assert half.latest.lowest == "A"
    assert (half.change, half.open_grade) == (None, "D")

    office.say(office.chen, week=NEXT_WEEK, at=at + HOUR, delivery="B+", quality="A")
    whole = satisfaction_of(world.customer, world.owner, as_of=at + HOUR)
    assert whole.change is not None
    assert whole.change > 0
    assert whole.open_grade == ""


def test_whoever_does_not_see_the_grades_sees_no_open_grade(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    assert satisfaction_of(world.customer, world.owner, as_of=CLOSED).open_grade == "D"
    assert satisfaction_of(world.customer, world.stranger, as_of=CLOSED).open_grade == ""


def test_the_reasons_add_up_and_a_level_that_lags_says_until_when(world: World) -> None:
    office = office_of(world)
    office.invite()
    office.say(office.chen, delivery="D")
    score(CLOSED)
    run = current_run()
    assert run is not None
    levels = policy_of(run.policy).churn.levels
    top = len(levels)
    between = (levels[-1].clear + levels[-1].enter) / 2
    CustomerScore.objects.filter(run_id=run.pk, customer=world.customer).update(
        flag_level=top, churn_score=between
    )
    shown = standing_of(world.customer, world.owner, now=CLOSED).score
    assert shown is not None
    assert shown.holds_until == levels[-1].clear
    whole = sum(round(reason.points) for reason in shown.reasons) + shown.other_points
    assert whole == round(between)

    CustomerScore.objects.filter(run_id=run.pk, customer=world.customer).update(churn_score=levels[-1].enter)
    again = standing_of(world.customer, world.owner, now=CLOSED).score
    assert again is not None
    assert again.holds_until is None


def test_the_next_step_is_the_earlier_of_follow_up_and_action(client: Client, world: World) -> None:
    client.force_login(world.owner)
    day = MONDAY.date()
    follow_up_on = day + dt.timedelta(days=7)
    log_interaction(
        customer=world.customer,
        facts=InteractionFacts(
            kind=InteractionKind.CALL,
            started_at=MONDAY,
            follow_up_on=follow_up_on,
            follow_up_by_id=world.owner.pk,
        ),
        contacts=[],
        users=[],
        author=world.owner,
        now=MONDAY,
    )

    def step() -> tuple[dt.date, str]:
        found = client.get(f"/customers/{world.customer.pk}").context["standing"].next_step
        return found.due_on, found.title

    def add(title: str, due_on: dt.date) -> Action:
        person = world.owner
        return add_action(
            title=title, owner=person, author=person, now=MONDAY, due_on=due_on, customer=world.customer
        )

    add("On the same day", follow_up_on)
    assert step() == (follow_up_on, "")
    first = add("Send the drawing", day + dt.timedelta(days=2))
    assert step() == (day + dt.timedelta(days=2), "Send the drawing")
    assert "Send the drawing" in client.get(f"/customers/{world.customer.pk}").content.decode()
    finish_action(first, by=world.owner, now=MONDAY)
    assert step() == (follow_up_on, "")
