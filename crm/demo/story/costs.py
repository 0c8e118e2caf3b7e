"""What is done for the demo's customers beside their orders: activities, rates, and the files of their usage.

Every month a customer uses activities worth a share of his sales, in a mix that fits his story; four systems
of the company hand them over as files, which go through the product's own import.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.core.files import File
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import TruncMonth

from accounts.costs.models import Activity, CostPool, Driver, UsageSource
from accounts.costs.services import UsageFacts, add_activity, add_usage, rate_on, set_rate
from accounts.customers.services import company_day
from accounts.facts import CURRENT
from accounts.imports.models import Import, ImportKind, ImportState
from accounts.imports.services import receive_import, run_import, start_import
from accounts.orders.models import Order
from accounts.users.models import User
from crm.demo.story.plots import HISTORY_DAYS, STORIES, Plot
from crm.demo.story.reread import relations
from crm.demo.story.talks import Relation, Span

SEED = 20_260_105
YEARLY_RISE = 1.04
SMALLEST_MINUTES = 15
RECENT_MONTHS = 6
MONTH_DAYS = 30
SLIDING, _CHAMPION, EARNS_NOTHING, GROWING, SILENT, SAVED, _LOST, NEW = STORIES


@dataclass(frozen=True)
class Work:
    """An activity; ``rate``: yuan per unit three years ago, ``share``: of what an ordinary customer costs."""

    code: str
    name: str
    pool: CostPool
    driver: Driver
    rate: float
    share: float
    is_value_adding: bool = True


WORKS = (
    Work("PS-QUO", "报价核价 Quotation and costing", CostPool.PRESALES, Driver.MINUTES, 3.2, 0.09),
    Work("PS-DFM", "可制造性评审 Design review", CostPool.PRESALES, Driver.MINUTES, 4.1, 0.06),
    Work("PS-CRE", "信用调查 Credit check", CostPool.PRESALES, Driver.TICKETS, 260, 0.01, False),
    Work("PR-SET", "换线准备 Line set-up", CostPool.PRODUCTION, Driver.SET_UPS, 1_150, 0.22),
    Work("PR-RSH", "加急插单 Rush order", CostPool.PRODUCTION, Driver.TICKETS, 1_900, 0.08, False),
    Work("PR-PCK", "特殊包装 Special packing", CostPool.PRODUCTION, Driver.MINUTES, 1.6, 0.06),
    Work("PR-ECO", "工程变更 Engineering change", CostPool.PRODUCTION, Driver.TICKETS, 850, 0.06),
    Work("SA-VIS", "客户拜访 Customer visit", CostPool.SALES, Driver.VISITS, 980, 0.10),
    Work("SA-SHP", "专车送货 Own delivery", CostPool.SALES, Driver.SHIPMENTS, 420, 0.14),
    Work("SA-FCS", "预测与对账 Forecast and accounts", CostPool.SALES, Driver.MINUTES, 2.4, 0.04),
    Work("AS-CMP", "投诉处理 Complaint handling", CostPool.AFTER_SALES, Driver.MINUTES, 3.6, 0.05, False),
    Work("AS-RWK", "返工返修 Return and rework", CostPool.AFTER_SALES, Driver.TICKETS, 1_400, 0.05, False),
    Work("AS-TRN", "现场培训 Training on site", CostPool.AFTER_SALES, Driver.MINUTES, 3.1, 0.03),
    Work("AS-TST", "检测报告 Test report", CostPool.AFTER_SALES, Driver.TICKETS, 160, 0.01),
)


@dataclass(frozen=True)
class Source:
    """The file of one pool, as the system that keeps it writes it."""

    file_name: str
    header: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","


_ENGLISH = ("Customer number", "Customer", "Date", "Activity code", "Quantity", "Project", "Reference no")
_CHINESE = ("客户编号", "客户名称", "日期", "作业代码", "数量", "项目名称", "单号")
SOURCES = {
    CostPool.PRESALES: Source("presales-hours.csv", _ENGLISH),
    CostPool.PRODUCTION: Source("生产作业.csv", _CHINESE, encoding="gb18030", delimiter=";"),
    CostPool.SALES: Source("visits-and-deliveries.csv", _ENGLISH),
    CostPool.AFTER_SALES: Source("service-reports.csv", _ENGLISH, delimiter="\t"),
}


@dataclass(frozen=True)
class Usage:
    relation: Relation
    work: Work
    used_on: dt.date
    quantity: int


def tell_costs(folder: Path, user: User, now: dt.datetime) -> Iterator[Import]:
    """Import what is not there yet, one file per pool; each as it ended."""
    with transaction.atomic():
        if not Activity.objects.exists():
            set_up(user, now)
    done = Import.objects.filter(kind=ImportKind.ACTIVITY_USAGE, state=ImportState.DONE)
    present = set(done.values_list("file_name", flat=True))
    if present >= {source.file_name for source in SOURCES.values()}:
        return
    usages = list(usages_of(relations(), now.date()))
    for pool, source in SOURCES.items():
        if source.file_name not in present:
            path = folder / source.file_name
            _write(path, source, [usage for usage in usages if usage.work.pool == pool])
            yield _taken(path, user, now)


def set_up(user: User, now: dt.datetime) -> None:
    """The activities of the demo, and their rates of every year."""
    first_year = (now - dt.timedelta(days=HISTORY_DAYS + 40)).year
    for work in WORKS:
        activity = add_activity(
            code=work.code,
            name=work.name,
            pool=work.pool,
            driver=work.driver,
            is_value_adding=work.is_value_adding,
            now=now,
        )
        for year in range(first_year, now.year + 1):
            yuan = work.rate * YEARLY_RISE ** (year - first_year)
            set_rate(
                activity=activity,
                valid_from=dt.date(year, 1, 1),
                rate_minor=Decimal(round(yuan * 100)),
                author=user,
                now=now,
            )


def _write(path: Path, source: Source, usages: list[Usage]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=source.encoding) as file:
        writer = csv.writer(file, delimiter=source.delimiter)
        writer.writerow(source.header)
        for number, usage in enumerate(sorted(usages, key=lambda each: each.used_on), start=1):
            customer, project = usage.relation.customer, usage.relation.project
            writer.writerow(
                (
                    customer.number,
                    customer.short_name,
                    usage.used_on.isoformat(),
                    usage.work.code,
                    usage.quantity,
                    project.name if project else "",
                    f"{usage.work.pool[:2].upper()}{number:06}",
                )
            )


def _taken(path: Path, user: User, now: dt.datetime) -> Import:
    with path.open("rb") as file:
        received = receive_import(
            file=File(file, name=path.name), owner=None, user=user, kind=ImportKind.ACTIVITY_USAGE
        )
    start_import(received)
    run_import(received.pk, now=now)
    received.refresh_from_db()
    return received


def usages_of(told: list[Relation], today: dt.date) -> Iterator[Usage]:
    """Month by month; a customer draws from numbers of his own, whoever else there is."""
    sales = _sales_by_month(told)
    last = today.year * 12 + today.month - 1
    for relation in told:
        months = sales.get(relation.customer.pk)
        if not months:
            continue
        random = np.random.default_rng([SEED, int((relation.customer.number or "").removeprefix("C"))])
        first = min(months)
        yuan = np.array([months.get(month, 0.0) for month in range(first, last + 1)])
        # The last month is not over: it is drawn as a whole one, and what is still to come left out.
        yuan[-1] = max(yuan[-2:])
        if relation.plot == NEW:
            yuan, first = np.array([sum(months.values())]), last - 1
        for usage in _months(relation, first, yuan, random):
            if usage.used_on <= today:
                yield usage


def _months(
    relation: Relation, first: int, sales: np.ndarray, random: np.random.Generator
) -> Iterator[Usage]:
    ages = np.arange(len(sales))[::-1]
    rates = np.array([work.rate for work in WORKS])
    minutes = np.array([work.driver == Driver.MINUTES for work in WORKS])
    # Part of the work comes with the orders of the month, part with having the customer at all.
    worth = _share(relation.plot, random) * (0.7 * sales + 0.3 * sales.mean())
    expected = worth[:, None] * _mix(relation.plot, ages, random) / rates
    drawn = np.where(minutes, expected * random.gamma(2.0, 0.5, expected.shape), random.poisson(expected))
    quantities = np.where(minutes, np.round(drawn / 5) * 5, drawn).astype(int)
    quantities[minutes & (quantities < SMALLEST_MINUTES)] = 0
    for row, column in zip(*np.nonzero(quantities), strict=True):
        year, month = divmod(first + int(row), 12)
        length = calendar.monthrange(year, month + 1)[1]
        day = dt.date(year, month + 1, int(random.integers(1, length + 1)))
        yield Usage(relation, WORKS[column], day, int(quantities[row, column]))


def use_onward(told: list[Relation], span: Span, week: int) -> int:
    """What is used in a span of days after the first start; the same ``week`` draws the same. How many.

    A month is drawn like those before, and its usages fall into the span as the days do.
    """
    known = {activity.code: activity for activity in Activity.objects.filter(is_active=True)}
    today, sales = company_day(span.until), _sales_by_month(told)
    days = (today - company_day(span.since)).days
    month = today.year * 12 + today.month - 1
    count = 0
    for relation in told:
        months = sales.get(relation.customer.pk, {})
        recent = [months.get(each, 0.0) for each in range(month - RECENT_MONTHS, month)]
        number = int((relation.customer.number or "").removeprefix("C"))
        random = np.random.default_rng([SEED, week, number])
        for usage in _months(relation, month, np.array([sum(recent) / RECENT_MONTHS]), random):
            place = float(random.random())
            activity = known.get(usage.work.code)
            if place * MONTH_DAYS < days and activity is not None:
                used_on = today - dt.timedelta(days=int(place * MONTH_DAYS))
                count += _use(replace(usage, used_on=used_on), activity, f"W{week:03}-{count + 1:04}", span)
    return count


def _use(usage: Usage, activity: Activity, reference: str, span: Span) -> bool:
    """Written down on the evening of the day; False for a day on which the activity has no rate."""
    if rate_on(activity, usage.used_on) is None:
        return False
    project = usage.relation.project
    add_usage(
        customer=usage.relation.customer,
        facts=UsageFacts(
            activity=activity,
            used_on=usage.used_on,
            quantity=Decimal(usage.quantity),
            project_id=project.pk if project else None,
            reference=reference,
        ),
        source=UsageSource.IMPORTED,
        now=min(dt.datetime.combine(usage.used_on, dt.time(10), tzinfo=dt.UTC), span.until),
    )
    return True


def _share(plot: Plot, random: np.random.Generator) -> float:
    """Of the sales, what serving him costs. Who earns nothing is no cheaper to serve than others."""
    given = {EARNS_NOTHING: 0.035, GROWING: 0.06, NEW: 0.30}
    return given.get(plot) or float(np.clip(np.exp(random.normal(-2.6, 0.45)), 0.02, 0.2))


def _mix(plot: Plot, ages: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Shape (months, activities): the share of each activity in what is spent in a month.

    ``ages``: how many months ago. What goes wrong comes on top of the usual work.
    """
    usual = np.array([work.share for work in WORKS]) * random.gamma(6.0, 1 / 6, len(WORKS))
    factors = np.ones((len(ages), len(WORKS)))
    place = {work.code: column for column, work in enumerate(WORKS)}

    def more(factor: float, *codes: str, within: tuple[int, int] = (0, 999)) -> None:
        rows = (ages >= within[0]) & (ages <= within[1])
        for code in codes:
            factors[rows, place[code]] *= factor

    if plot == EARNS_NOTHING:
        more(3.0, "SA-VIS", "PR-RSH", "AS-CMP", "AS-RWK")
        more(1.6, "PR-SET", "PR-ECO", "PS-QUO")
        usual = np.array([work.share for work in WORKS])
    elif plot == SLIDING:
        more(5.0, "AS-CMP", "PR-RSH", within=(0, 3))
    elif plot == SAVED:
        more(8.0, "AS-CMP", "AS-RWK", "SA-VIS", within=(1, 3))
    elif plot == SILENT:
        more(0.0, "SA-VIS", "SA-FCS", "AS-TRN", within=(0, 6))
    elif plot == NEW:
        more(4.0, "PS-QUO", "PS-DFM", "PS-CRE")
    return usual * factors


def _sales_by_month(told: list[Relation]) -> dict[int, dict[int, float]]:
    """Customer -> month (months since year 0) -> sales in yuan."""
    ids = [relation.customer.pk for relation in told]
    found: dict[int, dict[int, float]] = {}
    orders = Order.objects.filter(CURRENT, customer__in=ids).order_by()
    by_month = orders.values_list("customer", TruncMonth("ordered_on")).annotate(Sum("base_amount_minor"))
    for customer, month, minor in by_month:
        found.setdefault(customer, {})[month.year * 12 + month.month - 1] = minor / 100
    return found
