"""Every number opens: what the reader finds behind tier, score, flag and expected value."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from accounts.contacts.models import Level
from accounts.contacts.services import create_contact
from accounts.costs.models import CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.customers.models import Customer, Stage
from accounts.customers.services import change_stage
from accounts.orders.services import OrderFacts, add_order
from crm.explaining import indicator_rows
from scoring import recompute
from scoring.core.lifetime_value import expected_value_of_one
from scoring.models import CustomerScore, RunKind
from scoring.policy import cuts_of, policy_of
from scoring.queries import explanation_of
from scoring.recompute import Terms
from scoring.rescore import current_run, rescore
from tests.conftest import World
from tests.scoring import cdnow
from tests.scoring.book import make_book

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
TERMS = Terms(zone="UTC", lease=dt.timedelta(minutes=5))


def score_everybody(as_of: dt.datetime = NOW) -> None:
    run, _ = recompute.open_run(as_of, kind=RunKind.MANUAL, terms=TERMS)
    while recompute.work(run.pk, terms=TERMS):
        pass


@pytest.fixture
def scored(world: World) -> World:
    """``world.customer`` ordered every ten days and stopped 80 days ago; 60 others make a book to fit on."""
    make_book(60, orders_each=20, first=NOW - dt.timedelta(days=900), days=880)
    for place in range(30):
        day = (NOW - dt.timedelta(days=370 - 10 * place)).date()
        facts = OrderFacts(ordered_on=day, amount_minor=100_000, currency="CNY", number=f"SO{place}")
        add_order(customer=world.customer, facts=facts, now=NOW - dt.timedelta(days=1))
    score_everybody()
    return world


def page(client: Client, world: World, who: str, what: str) -> str:
    client.force_login(world.users[who])
    response = client.get(f"/customers/{world.customer.pk}/explain/{what}/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_points_on_the_score_page_sum_to_the_score(client: Client, scored: World) -> None:
    explanation = explanation_of(scored.customer)
    assert explanation is not None
    assert explanation.value.score == pytest.approx(sum(line.points for line in explanation.value.lines))
    html = page(client, scored, "owner", "score")
    assert f"Score {explanation.value.score:.1f} of 100" in html
    assert f"rank {explanation.value.rank} of {explanation.value.ranked} customers" in html
    for word in ("Total sales", "Order continuity", "Expected future value", "scoring policy version 1"):
        assert word in html


def test_a_broken_rhythm_is_told_with_his_own_gap_and_the_orders_behind_it(
    client: Client, scored: World
) -> None:
    html = page(client, scored, "owner", "flag")
    assert "Ordered every 10.0 days on average" in html
    assert "80 days ago" in html
    assert "30 orders" in html
    assert "SO29" in html
    assert "Higher is worse" in html


def test_the_reasons_of_the_flag_sum_to_its_score(scored: World) -> None:
    explanation = explanation_of(scored.customer)
    assert explanation is not None
    assert explanation.churn.score > 0
    assert explanation.churn.score == pytest.approx(sum(line.points for line in explanation.churn.lines))


def test_a_level_that_its_score_alone_would_not_open_says_until_when_it_is_kept(
    client: Client, scored: World
) -> None:
    run = current_run()
    assert run is not None
    watch = policy_of(run.policy).churn.levels[0]
    row = CustomerScore.objects.filter(run_id=run.pk, customer=scored.customer)
    kept = f"keeps its level until the score falls below {watch.clear:.0f}"
    for score, is_kept in ((watch.clear, True), (watch.enter - 0.5, True), (watch.enter, False)):
        row.update(flag_level=1, flag_reading=1, churn_score=score)
        assert (kept in " ".join(page(client, scored, "owner", "flag").split())) is is_kept, score


def test_a_level_that_nobody_ever_met_is_said_to_be_so(client: Client, scored: World) -> None:
    create_contact(
        customer=scored.customer,
        name="Lin Yue",
        level=Level.EXECUTIVE,
        author=scored.owner,
        now=NOW - dt.timedelta(days=30),
    )
    html = " ".join(page(client, scored, "owner", "flag").split())
    assert "<dt>Executive level</dt> <dd> never </dd>" in html
    assert "<dt>Management level</dt>" not in html


def test_the_expected_value_shows_what_he_did_and_what_was_fitted(client: Client, scored: World) -> None:
    html = page(client, scored, "owner", "value")
    assert "Repeat purchases" in html
    assert ">29<" in html
    assert "Buying rate and drop-out" in html


def test_a_model_that_was_refused_says_why(client: Client, world: World) -> None:
    """Two customers are too few for any fit."""
    score_everybody()
    assert "Too few customers with a repeat purchase" in page(client, world, "owner", "value")


def test_an_explanation_is_of_its_instant_and_not_of_today(client: Client, scored: World) -> None:
    facts = OrderFacts(ordered_on=NOW.date(), amount_minor=999, currency="CNY", number="LATER")
    add_order(customer=scored.customer, facts=facts, now=NOW + dt.timedelta(hours=1))
    html = page(client, scored, "owner", "score")
    assert "LATER" not in html
    assert "30 orders" in html


def test_a_lost_customer_is_told_as_such(client: Client, scored: World) -> None:
    change_stage(scored.customer, stage=Stage.LOST, author=scored.owner, now=NOW)
    score_everybody(NOW + dt.timedelta(minutes=1))
    html = page(client, scored, "owner", "flag")
    assert "Marked as lost on Jun 1, 2026." in html
    assert "Opened at once, without a second reading, by: Marked as lost" in html


def test_who_may_not_see_profit_sees_points_and_no_money(client: Client, scored: World) -> None:
    from accounts.projects.services import create_project

    create_project(
        customer=scored.customer, name="Boards", manager=scored.manager, started_on=NOW.date(), now=NOW
    )
    html = page(client, scored, "manager", "score")
    assert "not shown to you one by one" in html
    assert "Gross profit" not in html.split("What each indicator means")[0]
    assert "Total sales" in html
    client.force_login(scored.manager)
    assert client.get(f"/customers/{scored.customer.pk}/explain/value/").status_code == 403
    assert "Money at risk" not in page(client, scored, "manager", "flag")
    assert "Money at risk" in page(client, scored, "owner", "flag")


@pytest.mark.parametrize("what", ["score", "tier", "flag", "value"])
def test_a_stranger_finds_no_explanation(client: Client, scored: World, what: str) -> None:
    client.force_login(scored.stranger)
    assert client.get(f"/customers/{scored.customer.pk}/explain/{what}/").status_code == 404


def test_an_unknown_number_is_not_found(client: Client, scored: World) -> None:
    client.force_login(scored.owner)
    assert client.get(f"/customers/{scored.customer.pk}/explain/luck/").status_code == 404


def test_before_the_first_run_the_page_says_so(client: Client, world: World) -> None:
    assert "Not scored yet" in page(client, world, "owner", "score")


def test_htmx_gets_the_fragment_alone(client: Client, scored: World) -> None:
    client.force_login(scored.owner)
    address = f"/customers/{scored.customer.pk}/explain/score/"
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "What the score is made of" in fragment


def test_the_queries_of_an_explanation_do_not_grow_with_orders(
    client: Client, scored: World, django_assert_max_num_queries
) -> None:
    client.force_login(scored.owner)
    address = f"/customers/{scored.customer.pk}/explain/flag/"
    client.get(address)
    with django_assert_max_num_queries(16):
        client.get(address)


def test_the_expected_value_is_the_product_of_the_factors_that_are_shown(db: None) -> None:
    """On the CDNOW purchases, where both models fit."""
    ids = cdnow.load()
    score_everybody(dt.datetime(1997, 9, 30, 23, 59, tzinfo=dt.UTC))
    for number in ("0001", "0002", "0003"):
        explanation = explanation_of(Customer.objects.get(pk=ids[number]))
        assert explanation is not None
        policy, cuts = policy_of(explanation.run.policy), cuts_of(explanation.run.pk)
        one = expected_value_of_one(explanation.facts, cuts.lifetime, policy.lifetime, cuts.as_of_day)
        product = explanation.value.expected_purchases * one.value * one.margin * one.discount
        assert product > 0
        assert explanation.value.expected_value == pytest.approx(product, abs=0.51)


def test_the_profit_that_is_hidden_still_sums_to_the_score(scored: World) -> None:
    explanation = explanation_of(scored.customer)
    assert explanation is not None
    rows = indicator_rows(explanation, may_see_profit=False)
    assert sum(row.points for row in rows) == pytest.approx(explanation.value.score)


def test_a_page_with_an_old_score_says_so_and_asks_again(client: Client, scored: World) -> None:
    client.force_login(scored.owner)
    address = f"/customers/{scored.customer.pk}"
    assert "being recalculated" not in client.get(address).content.decode()
    facts = OrderFacts(ordered_on=NOW.date(), amount_minor=5_000, currency="CNY")
    add_order(customer=scored.customer, facts=facts, now=NOW)
    html = client.get(address).content.decode()
    assert "being recalculated" in html
    assert f'hx-get="{address}/standing"' in html
    rescore([scored.customer.pk], as_of=NOW + dt.timedelta(seconds=1), zone="UTC")
    assert "being recalculated" not in client.get(f"{address}/standing").content.decode()


def test_what_a_customer_earned_us_goes_down_from_sales_to_what_remains(
    client: Client, scored: World
) -> None:
    assert "none recorded" in page(client, scored, "owner", "value")
    known, day = NOW - dt.timedelta(days=1), (NOW - dt.timedelta(days=30)).date()
    visit = add_activity(code="VIS", name="Visit", pool=CostPool.SALES, driver=Driver.VISITS, now=known)
    set_rate(activity=visit, valid_from=day, rate_minor=Decimal(50_000), author=None, now=known)
    used = UsageFacts(activity=visit, used_on=day, quantity=Decimal(3))
    add_usage(customer=scored.customer, facts=used, now=known)
    costed = OrderFacts(ordered_on=day, amount_minor=400_000, currency="CNY", number="SOC")
    add_order(customer=scored.customer, facts=replace(costed, direct_cost_minor=300_000), now=known)
    rescore([scored.customer.pk], as_of=NOW, zone="UTC")
    html = " ".join(page(client, scored, "owner", "value").split())
    shown = re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd[^>]*>([^<]+)</dd>", html)
    earned = {name.strip(): re.sub(r"[^-0-9.]", "", value.replace("\u2212", "-")) for name, value in shown}
    assert earned["Sales"] == "34000.00"
    assert earned["of which with a known direct cost"] == "4000.00"
    assert (earned["Direct cost"], earned["Gross profit"]) == ("3000.00", "1000.00")
    assert (earned["Cost to serve"], earned["What remains"]) == ("1500.00", "-500.00")
