"""Pages about what activities cost, and about what serving a customer costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.costs.models import Activity, ActivityRate, ActivityUsage, CostPool, Driver
from accounts.costs.services import UsageFacts, add_activity, add_usage, set_rate
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.orders.services import OrderFacts, add_order
from crm.templatetags.formats import day as in_words
from tests.conftest import World


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


@pytest.fixture
def visits(world: World, now: dt.datetime) -> Activity:
    """A visit costs 800.00 since half a year."""
    return activity("VIS", "Visit", 80_000, now)


def activity(code: str, name: str, rate: int, now: dt.datetime, *, is_value_adding: bool = True) -> Activity:
    made = add_activity(
        code=code,
        name=name,
        pool=CostPool.SALES,
        driver=Driver.VISITS,
        is_value_adding=is_value_adding,
        now=now,
    )
    since = company_day(now) - dt.timedelta(days=180)
    set_rate(activity=made, valid_from=since, rate_minor=Decimal(rate), author=None, now=now)
    return made


def use(customer: Customer, what: Activity, quantity: int, now: dt.datetime, *, days: int = 3) -> None:
    facts = UsageFacts(
        activity=what, used_on=company_day(now) - dt.timedelta(days=days), quantity=Decimal(quantity)
    )
    add_usage(customer=customer, facts=facts, now=now)


def order(customer: Customer, amount: int, cost: int | None, now: dt.datetime) -> None:
    facts = OrderFacts(
        ordered_on=company_day(now), amount_minor=amount, direct_cost_minor=cost, currency="CNY"
    )
    add_order(customer=customer, facts=facts, now=now)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_without_activities_the_page_says_what_they_are_for(world: World, client: Client) -> None:
    client.force_login(world.admin)
    page = text_of(client.get("/costs/"))
    assert "No activity yet" in page
    assert page.count('href="/costs/new"') == 1


def test_an_activity_is_added_priced_and_shown_with_its_rate_in_force(
    world: World, client: Client, now: dt.datetime
) -> None:
    client.force_login(world.admin)
    new = {"code": "SET", "name": "Line set-up", "pool": "production", "driver": "set_ups"}
    answer = client.post("/costs/new", new)
    made = Activity.objects.get()
    assert answer["Location"] == f"/costs/{made.pk}"
    assert not made.is_value_adding
    assert "No rate" in text_of(client.get("/costs/"))
    today = company_day(now)
    for day, rate in ((today, "1150.5"), (today + dt.timedelta(days=9), "2000")):
        answer = client.post(f"/costs/{made.pk}/rates", {"valid_from": f"{day}", "rate": rate})
        assert answer.status_code == 302
    page = text_of(client.get("/costs/"))
    assert "1,150.50" in page
    assert "per set-up" in page
    assert "2,000" not in page


def test_a_rate_reprices_says_so_and_can_be_withdrawn(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.admin)
    use(world.customer, visits, 2, now)
    use(world.foreign, visits, 1, now)
    day = company_day(now) - dt.timedelta(days=10)
    page = client.post(f"/costs/{visits.pk}/rates", {"valid_from": f"{day}", "rate": "10"}, follow=True)
    assert "2 usages of 2 customers were priced anew." in text_of(page)
    current = ActivityUsage.objects.filter(superseded_at=None)
    assert sorted(current.values_list("base_cost_minor", flat=True)) == [1_000, 2_000]
    latest = ActivityRate.objects.get(valid_from=day)
    client.post(f"/costs/{visits.pk}/rates/{latest.pk}/withdraw")
    assert sorted(current.values_list("base_cost_minor", flat=True)) == [80_000, 160_000]
    first = ActivityRate.objects.get(superseded_at=None)
    page = client.post(f"/costs/{visits.pk}/rates/{first.pk}/withdraw", follow=True)
    assert "have no other rate" in text_of(page)


def test_a_wrong_rate_is_answered_beside_its_field(world: World, client: Client, visits: Activity) -> None:
    client.force_login(world.admin)
    for wrong in ({"valid_from": "", "rate": "1"}, {"valid_from": "2026-01-01", "rate": "-1"}):
        answer = client.post(f"/costs/{visits.pk}/rates", wrong)
        assert answer.status_code == 422
        assert "aria-invalid" in text_of(answer)
    assert ActivityRate.objects.count() == 1
    # The rate of another activity is not this one's to withdraw.
    other = add_activity(
        code="X", name="Other", pool=CostPool.SALES, driver=Driver.VISITS, now=timezone.now()
    )
    rate = ActivityRate.objects.get()
    assert client.post(f"/costs/{other.pk}/rates/{rate.pk}/withdraw").status_code == 404


def test_a_change_meanwhile_is_shown_and_nothing_is_lost(
    world: World, client: Client, visits: Activity
) -> None:
    client.force_login(world.admin)
    typed = {"code": "VIS", "name": "Journey", "pool": "sales", "driver": "visits", "is_active": "on"}
    Activity.objects.update(name="Trip", version=2)
    answer = client.post(f"/costs/{visits.pk}", {**typed, "version": "1"})
    assert answer.status_code == 422
    assert "Trip" in text_of(answer)
    assert client.post(f"/costs/{visits.pk}", {**typed, "version": "2"}).status_code == 302
    assert Activity.objects.get().name == "Journey"


def test_the_customer_shows_what_serving_him_costs_and_what_remains(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.owner)
    complaints = activity("CMP", "Complaint", 10_000, now, is_value_adding=False)
    order(world.customer, 1_000_000, 700_000, now)
    order(world.customer, 500_000, None, now)
    use(world.customer, visits, 4, now)
    use(world.customer, complaints, 5, now)
    use(world.foreign, visits, 100, now)
    page = text_of(client.get(f"/customers/{world.customer.pk}/costs"))
    assert "Serving costs CN¥700.00 more than the gross profit of CN¥3,000.00" in page
    for said in (
        "CN¥15,000.00",  # sales
        "1 order without direct cost is left out",
        "CN¥3,700.00",
        "CN¥500.00 of it adds no value",
        "−CN¥700.00",
        "4 visits",
        "86%",
    ):
        assert said in page, said


def test_a_customer_who_earns_more_than_he_costs_is_told_in_other_words(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.executive)
    order(world.customer, 1_000_000, 680_000, now)
    use(world.customer, visits, 1, now)
    assert "Serving takes 25% of the gross profit" in text_of(
        client.get(f"/customers/{world.customer.pk}/costs")
    )


def test_only_the_window_of_the_policy_counts_and_only_what_is_believed(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.owner)
    long_ago = company_day(now) - dt.timedelta(days=2_000)
    set_rate(activity=visits, valid_from=long_ago, rate_minor=Decimal(80_000), author=None, now=now)
    use(world.customer, visits, 1, now)
    use(world.customer, visits, 7, now, days=1_600)
    ActivityUsage.objects.create(
        identity="old",
        customer=world.customer,
        activity=visits,
        used_on=company_day(now),
        quantity=9,
        base_cost_minor=9,
        known_at=now,
        superseded_at=now,
    )
    page = text_of(client.get(f"/customers/{world.customer.pk}/costs"))
    assert "Serving costs CN¥800.00, and there is no gross profit" in page


def test_one_activity_opens_its_usages(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.owner)
    other = activity("CMP", "Complaint", 1, now)
    use(world.customer, visits, 4, now)
    use(world.customer, other, 5, now)
    url = f"/customers/{world.customer.pk}/costs"
    assert text_of(client.get(url)).count("<tr data-row>") == 2
    page = text_of(client.get(f"{url}?activity={other.pk}"))
    assert page.count("<tr data-row>") == 1
    assert "Usages: Complaint" in page
    for nonsense in ("x", "-1", "9" * 30, "999999"):
        assert client.get(f"{url}?activity={nonsense}").status_code == 200
    fragment = text_of(client.get(url, headers={"HX-Request": "true"}))
    assert fragment.startswith('<div id="list"')


def test_the_months_come_as_a_spreadsheet(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.owner)
    use(world.customer, visits, 2, now, days=0)
    answer = client.get(f"/customers/{world.customer.pk}/costs.csv")
    header, row = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert header.startswith("Month,Pre-sales,Production,Sales,After-sales,Cost to serve,Total sales,")
    assert answer["Content-Disposition"] == f'attachment; filename="cost-to-serve-{world.customer.pk}.csv"'
    Customer.objects.filter(pk=world.customer.pk).update(number="C 1001")
    named = client.get(f"/customers/{world.customer.pk}/costs.csv")
    assert named["Content-Disposition"] == 'attachment; filename="cost-to-serve-c-1001.csv"'
    assert row == f"{company_day(now).replace(day=1)},0.0,0.0,1600.0,0.0,1600.0,0.0,0.0,-1600.0,CNY"


def test_a_wrong_usage_is_removed_and_brought_back_by_who_keeps_costs(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    use(world.customer, visits, 2, now)
    use(world.customer, visits, 1, now)
    wrong = ActivityUsage.objects.get(quantity=2)
    url = f"/customers/{world.customer.pk}/costs/{wrong.pk}/remove"
    page = f"/customers/{world.customer.pk}/costs"
    client.force_login(world.owner)
    assert "/remove" not in text_of(client.get(page))
    assert client.post(url).status_code == 403
    client.force_login(world.admin)
    assert text_of(client.get(page)).count("/remove") == 2
    assert client.post(f"/customers/{world.foreign.pk}/costs/{wrong.pk}/remove").status_code == 404
    said = text_of(client.post(url, {"next": page}, follow=True))
    assert "The usage was removed." in said
    assert "2 visits" not in said
    assert f'action="{url}"' in said
    assert "removed or priced anew before" in text_of(client.post(url, follow=True))
    assert "It is back." in text_of(client.post(url, {"undo": "1"}, follow=True))
    client.post(url, {"undo": "1"})
    current = ActivityUsage.objects.filter(superseded_at=None)
    assert sorted(current.values_list("quantity", flat=True)) == [1, 2]


def test_a_replaced_rate_is_told_and_stays_readable(world: World, client: Client, visits: Activity) -> None:
    client.force_login(world.admin)
    day = ActivityRate.objects.get().valid_from
    url = f"/costs/{visits.pk}/rates"
    said = text_of(client.post(url, {"valid_from": f"{day}", "rate": "10"}, follow=True))
    assert "The rate is set; it replaced CN¥800.00 from" in said
    assert "No usage was priced anew." in said
    assert f"replaced by {world.admin.name}" in said
    assert "in force" in said
    assert "There is no rate before it." in said
    far = client.post(url, {"valid_from": "2039-01-01", "rate": "10"})
    assert far.status_code == 422
    assert "within the next ten years" in text_of(far)


def test_the_only_rate_of_usages_is_not_offered_to_be_withdrawn(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.admin)
    assert "/withdraw" in text_of(client.get(f"/costs/{visits.pk}"))
    use(world.customer, visits, 1, now)
    assert "/withdraw" not in text_of(client.get(f"/costs/{visits.pk}"))


def test_a_rate_that_is_still_to_come_is_named_with_its_day(world: World, client: Client) -> None:
    client.force_login(world.admin)
    later = add_activity(
        code="TRN", name="Training", pool=CostPool.SALES, driver=Driver.VISITS, now=timezone.now()
    )
    day = company_day(timezone.now()) + dt.timedelta(days=70)
    client.post(f"/costs/{later.pk}/rates", {"valid_from": f"{day}", "rate": "10"})
    page = text_of(client.get("/costs/"))
    assert "No rate" not in page
    assert f"from {in_words(day)}" in page
    assert f"It has a rate from {in_words(day)}" in text_of(client.get(f"/costs/{later.pk}"))


def test_the_table_beside_the_chart_says_every_month(
    world: World, client: Client, visits: Activity, now: dt.datetime
) -> None:
    client.force_login(world.owner)
    use(world.customer, visits, 2, now, days=0)
    use(world.customer, visits, 1, now, days=70)
    page = text_of(client.get(f"/customers/{world.customer.pk}/costs"))
    table = page[page.index("As a table") : page.index('id="activities"')]
    assert table.count('<th scope="row">') in (4, 5)
    assert table.count("1,600.00") == 2


def test_who_sees_no_profit_finds_no_tab(world: World, client: Client) -> None:
    link = f'href="/customers/{world.customer.pk}/costs"'
    client.force_login(world.owner)
    assert link in text_of(client.get(f"/customers/{world.customer.pk}"))
    world.customer.projects.create(
        name="Line", manager=world.manager, started_on=dt.date(2026, 1, 1), known_at=timezone.now()
    )
    client.force_login(world.manager)
    assert link not in text_of(client.get(f"/customers/{world.customer.pk}"))


def test_the_pages_ask_the_same_few_questions_for_3_rows_and_for_30(
    world: World, client: Client, now: dt.datetime
) -> None:
    client.force_login(world.admin)
    page = f"/customers/{world.customer.pk}/costs"
    counted = []
    for low, high in ((0, 3), (3, 30)):
        for number in range(low, high):
            made = activity(f"A{number}", f"Activity {number}", 100, now)
            use(world.customer, made, 1, now, days=number)
        counted.append(
            (queries(client, "/costs/"), queries(client, page), queries(client, f"/costs/{made.pk}"))
        )
    assert counted[0] == counted[1]
    assert counted[0][0] <= 5
