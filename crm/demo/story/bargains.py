"""Contracts, opportunities and rivals of the demo: one contract ended unnoticed, one is soon to be noticed,
and one competitor takes more of a customer's supply than a quarter ago."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.deals.models import Contract, ContractKind, OpportunityStage, Renewal
from accounts.deals.services import (
    RISING_NOTICE,
    ContractFacts,
    OpportunityFacts,
    add_contract,
    add_opportunity,
    say_shares,
)
from accounts.needs.models import Need
from accounts.notices.models import Notice

DAY = dt.timedelta(days=1)

# By the customer's place in the book: kind, days since its start, days to its end (None: it has none), days
# to its notice, renewal, value of a year in the currency's units.
CONTRACTS = (
    (0, ContractKind.FRAMEWORK, 700, 60, 30, Renewal.BY_HAND, 2_400_000),
    (1, ContractKind.DEVELOPMENT, 60, 300, None, Renewal.BY_HAND, 250_000),
    (2, ContractKind.FRAMEWORK, 500, 230, 140, Renewal.AUTOMATIC, 3_100_000),
    (3, ContractKind.SUPPLY, 300, 400, 310, Renewal.BY_HAND, 720_000),
    (4, ContractKind.SERVICE, 200, 165, 75, Renewal.AUTOMATIC, 180_000),
    (5, ContractKind.SUPPLY, 900, None, None, Renewal.AUTOMATIC, 540_000),
    (7, ContractKind.SUPPLY, 380, -12, None, Renewal.BY_HAND, 860_000),
    (10, ContractKind.FRAMEWORK, 800, 85, 55, Renewal.BY_HAND, 1_900_000),
)
TITLES = {
    ContractKind.FRAMEWORK: ("Framework agreement", "框架协议"),
    ContractKind.SUPPLY: ("Supply agreement", "供货合同"),
    ContractKind.SERVICE: ("Service agreement", "服务合同"),
    ContractKind.DEVELOPMENT: ("Development agreement", "开发合同"),
}
# Customer, title, stage, value, probability, expected in days.
OPPORTUNITIES = (
    (0, ("A second assembly line", "第二条装配线"), OpportunityStage.PROPOSAL, 1_300_000, 50, 45),
    (2, ("Traceability for all boards", "全部板卡可追溯"), OpportunityStage.NEGOTIATION, 480_000, 70, 20),
    (4, ("Box build beside the boards", "整机装配"), OpportunityStage.QUALIFIED, 900_000, 35, 90),
    (5, ("Spare parts for the old series", "旧系列备件"), OpportunityStage.LEAD, 120_000, 20, 120),
    (7, ("The pilot lot of the new controller", "新控制器试产"), OpportunityStage.WON, 210_000, 100, None),
    (8, ("The yearly tender", "年度招标"), OpportunityStage.LOST, 650_000, 0, None),
)
LOST = ("The price of a competitor was eight percent lower.", "竞争对手价格低百分之八。")
# Customer, competitor, its share and ours: half a year ago, a quarter ago, this month.
SHARES = (
    (0, "Brightwell EMS", ((20, 60), (20, 60), (35, 45))),
    (2, "Kestrel Assembly", ((30, 50), (25, 55), (25, 60))),
    (4, "Brightwell EMS", ((10, 80), (15, 80), (15, 80))),
)
SAID = (185, 100, 6)


@transaction.atomic
def tell_bargains(now: dt.datetime) -> int:
    """Once; how many contracts, opportunities and days of shares were told."""
    if Contract.objects.exists():
        return 0
    customers = list(Customer.objects.select_related("owner").order_by("number")[:12])
    for place, kind, since, ends, notice, renewal, value in CONTRACTS:
        _sign(customers[place], kind, (since, ends, notice), renewal, value, now)
    for place, title, stage, value, probability, expected in OPPORTUNITIES:
        _see(customers[place], title, stage, value, (probability, expected), now)
    for place, rival, said in SHARES:
        _compare(customers[place], rival, said, now)
    # What happened before the first start is no news at it.
    Notice.objects.filter(kind=RISING_NOTICE).delete()
    return len(CONTRACTS) + len(OPPORTUNITIES) + len(SHARES) * len(SAID)


def _sign(
    customer: Customer,
    kind: ContractKind,
    days: tuple[int, int | None, int | None],
    renewal: Renewal,
    value: int,
    now: dt.datetime,
) -> None:
    owner, (since, ends, notice) = customer.owner, days
    assert owner is not None
    facts = ContractFacts(
        title=TITLES[kind][int(owner.language == "zh-hans")],
        number=f"C-{customer.pk:04}",
        kind=kind,
        starts_on=company_day(now - since * DAY),
        ends_on=None if ends is None else company_day(now + ends * DAY),
        notice_on=None if notice is None else company_day(now + notice * DAY),
        renewal=renewal,
        value_minor=value * 100,
        owner_id=owner.pk,
    )
    add_contract(customer=customer, facts=facts, author=owner, now=now - since * DAY)


def _see(
    customer: Customer,
    title: tuple[str, str],
    stage: OpportunityStage,
    value: int,
    chance: tuple[int, int | None],
    now: dt.datetime,
) -> None:
    owner, (probability, expected) = customer.owner, chance
    assert owner is not None
    language = int(owner.language == "zh-hans")
    facts = OpportunityFacts(
        title=title[language],
        stage=stage,
        value_minor=value * 100,
        probability=probability,
        expected_on=None if expected is None else company_day(now + expected * DAY),
        need_id=Need.objects.filter(customer=customer).values_list("pk", flat=True).first(),
        lost_reason=LOST[language] if stage == OpportunityStage.LOST else "",
        owner_id=owner.pk,
    )
    add_opportunity(customer=customer, facts=facts, author=owner, now=now - 20 * DAY)


def _compare(customer: Customer, rival: str, said: tuple[tuple[int, int], ...], now: dt.datetime) -> None:
    owner = customer.owner
    assert owner is not None
    for days, (theirs, ours) in zip(SAID, said, strict=True):
        at = now - days * DAY
        shares = {rival: Decimal(theirs)}
        say_shares(
            customer=customer, on=company_day(at), ours=Decimal(ours), theirs=shares, author=owner, now=at
        )
