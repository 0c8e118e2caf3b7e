"""What customers of the demo need: from heard yesterday to confirmed, two of them past their clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Customer
from accounts.customers.services import company_day
from accounts.needs.models import (
    Capability,
    Decision,
    Need,
    NeedAbout,
    NeedExpression,
    NeedLevel,
    NeedOrigin,
    StrategicFit,
)
from accounts.needs.services import (
    OWNED_NOTICE,
    NeedFacts,
    Triage,
    add_need,
    confirm_need,
    deliver_need,
    promise_need,
    triage_need,
)
from accounts.notices.models import Notice
from accounts.orders.models import ProductLine

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Judgement:
    """``days`` after it was raised. Words: English, Chinese."""

    days: int
    decision: Decision
    fit: StrategicFit
    capability: Capability
    reason: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Want:
    """``customer``: the place in the book; ``raised``: days ago; ``promised``, ``delivered``, ``confirmed``:
    in days from today, below zero past. Words: English, Chinese."""

    customer: int
    raised: int
    title: tuple[str, str]
    about: NeedAbout
    level: NeedLevel = NeedLevel.BASIC
    origin: NeedOrigin = NeedOrigin.ORGANISATION
    expression: NeedExpression = NeedExpression.STATED
    importance: int = 3
    tag: tuple[str, str] = ("", "")
    budget: int | None = None
    needed: int | None = None
    judged: Judgement | None = None
    promised: int | None = None
    delivered: int | None = None
    confirmed: int | None = None


YES, TALK, NO, PARK = Decision.ACCEPT, Decision.NEGOTIATE, Decision.DECLINE, Decision.PARK
GOOD, PARTIAL, POOR = StrategicFit
WITHIN, STRETCH, BEYOND = Capability
BUFFER = ("safety stock", "安全库存")
SMALL_LOTS = ("small lots", "小批量")
TRACE = ("traceability", "可追溯")
WANTS = (
    Want(
        customer=0,
        raised=10,
        title=("A safety stock of two weeks at our works", "在我们这里备两周的安全库存"),
        about=NeedAbout.DELIVERY,
        level=NeedLevel.BEYOND,
        importance=5,
        tag=BUFFER,
        needed=60,
    ),
    Want(
        customer=1,
        raised=2,
        title=("Test data of every lot as a file", "每批测试数据以文件形式提供"),
        about=NeedAbout.QUALITY,
        level=NeedLevel.SHARED_VIEW,
        tag=TRACE,
        importance=4,
    ),
    Want(
        customer=2,
        raised=45,
        title=("Serial numbers down to the component", "序列号追溯到元器件"),
        about=NeedAbout.TECHNOLOGY,
        level=NeedLevel.SHARED_VIEW,
        origin=NeedOrigin.LONG_TERM,
        tag=TRACE,
        importance=5,
        budget=480_000,
        judged=Judgement(
            5,
            YES,
            GOOD,
            STRETCH,
            (
                "Three of our customers need it; the line pays in two years.",
                "三家客户都需要，产线两年可回本。",
            ),
        ),
        promised=-3,
    ),
    Want(
        customer=3,
        raised=30,
        title=("Lots of fifty pieces without a surcharge", "五十件小批量不加价"),
        about=NeedAbout.PRICE,
        tag=SMALL_LOTS,
        importance=4,
        judged=Judgement(
            6,
            TALK,
            PARTIAL,
            STRETCH,
            ("Possible when orders come in one file a week.", "若每周合并下单，可以考虑。"),
        ),
    ),
    Want(
        customer=4,
        raised=80,
        title=("An engineer on site during the ramp-up", "量产爬坡期工程师驻厂"),
        about=NeedAbout.SERVICE,
        level=NeedLevel.SUCCESS,
        importance=5,
        judged=Judgement(2, YES, GOOD, WITHIN, ("It saves both of us weeks.", "双方都能节省几周时间。")),
        promised=-30,
        delivered=-33,
        confirmed=-20,
    ),
    Want(
        customer=5,
        raised=25,
        title=("Packing that goes straight to the line", "可直接上线的包装"),
        about=NeedAbout.DELIVERY,
        expression=NeedExpression.LATENT,
        judged=Judgement(4, YES, GOOD, WITHIN, ("Returnable boxes are here already.", "周转箱已经备好。")),
        promised=21,
    ),
    Want(
        customer=6,
        raised=60,
        title=("Coating for use at sea", "海用防腐涂层"),
        about=NeedAbout.TECHNOLOGY,
        origin=NeedOrigin.EXPERIMENTAL,
        importance=2,
        judged=Judgement(
            7,
            PARK,
            PARTIAL,
            BEYOND,
            ("No line for it before next year; ask again in spring.", "明年之前没有产线，春天再议。"),
        ),
    ),
    Want(
        customer=7,
        raised=14,
        title=("Prototypes within five days", "五天内交样品"),
        about=NeedAbout.DELIVERY,
        level=NeedLevel.BEYOND,
        tag=SMALL_LOTS,
        importance=4,
        judged=Judgement(
            3, YES, GOOD, STRETCH, ("The small line is free two days a week.", "小线每周有两天空闲。")
        ),
    ),
    Want(
        customer=8,
        raised=50,
        title=("Payment after ninety days", "九十天账期"),
        about=NeedAbout.PRICE,
        origin=NeedOrigin.PERSON,
        importance=3,
        judged=Judgement(
            5, NO, POOR, BEYOND, ("It would cost more than the order earns.", "成本高于订单利润。")
        ),
    ),
    Want(
        customer=10,
        raised=40,
        title=("A safety stock for the winter", "冬季安全库存"),
        about=NeedAbout.DELIVERY,
        tag=BUFFER,
        importance=4,
        judged=Judgement(6, YES, GOOD, WITHIN, ("The warehouse has room.", "仓库有空间。")),
        promised=-8,
        delivered=-9,
    ),
    Want(
        customer=11,
        raised=5,
        title=("Orders of thirty pieces", "三十件起订"),
        about=NeedAbout.PRICE,
        tag=SMALL_LOTS,
        importance=3,
    ),
)


@transaction.atomic
def tell_wants(now: dt.datetime) -> int:
    """Once; how many needs were told."""
    if Need.objects.exists():
        return 0
    customers = list(Customer.objects.select_related("owner").order_by("number")[:12])
    lines = list(ProductLine.objects.order_by("name"))
    told = [want for want in WANTS if want.customer < len(customers)]
    for place, want in enumerate(told):
        line = lines[place % len(lines)] if lines else None
        _tell(want, customers[want.customer], line, now)
    # What happened before the first start is no news at it.
    Notice.objects.filter(kind=OWNED_NOTICE).delete()
    return len(told)


def _tell(want: Want, customer: Customer, line: ProductLine | None, now: dt.datetime) -> None:
    contact = (
        Contact.objects.filter(customer=customer, level=Level.MANAGEMENT, left_on=None).order_by("pk").first()
    )
    owner = customer.owner
    assert contact is not None
    assert owner is not None
    place, at = int(contact.language == "zh-hans"), now - want.raised * DAY
    facts = NeedFacts(
        title=want.title[place],
        about=want.about,
        level=want.level,
        origin=want.origin,
        expression=want.expression,
        importance=want.importance,
        raised_on=company_day(at),
        owner_id=owner.pk,
        contact_id=contact.pk,
        product_line_id=line.pk if line else None,
        tags=(want.tag[place],) if want.tag[place] else (),
        budget_minor=want.budget * 100 if want.budget else None,
        needed_on=company_day(now + want.needed * DAY) if want.needed else None,
    )
    need = add_need(customer=customer, facts=facts, author=owner, now=at)
    if want.judged is not None:
        _go_on(need, want, want.judged, place, contact, now)


def _go_on(need: Need, want: Want, judged: Judgement, place: int, contact: Contact, now: dt.datetime) -> None:
    """As far as it came."""
    at = now - (want.raised - judged.days) * DAY
    triage = Triage(
        decision=judged.decision,
        fit=judged.fit,
        capability=judged.capability,
        reason=judged.reason[place],
    )
    need = triage_need(need, triage=triage, expected_version=need.version, by=need.owner, now=at)
    if want.promised is not None:
        promise_need(need, on=company_day(now + want.promised * DAY), now=at)
        # The database dates old rows by its own clock; the timeline says by them when it was promised.
        versions: Any = Need
        versions.pgh_event_models["changed"].objects.filter(pgh_obj=need).update(pgh_created_at=at)
    if want.delivered is not None:
        day = now + want.delivered * DAY
        deliver_need(need, on=company_day(day), now=day)
    if want.confirmed is not None:
        day = now + want.confirmed * DAY
        confirm_need(need, on=company_day(day), contact_id=contact.pk, now=day)
