"""Reads for the list of customers and the head of a customer's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Exists,
    F,
    FilteredRelation,
    FloatField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils.translation import pgettext

from accounts import access, names
from accounts.customers.models import (
    Customer,
    CustomerKind,
    Industry,
    LocalMarket,
    Region,
    SalesChannel,
    Stage,
)
from accounts.interactions.models import Interaction
from accounts.keys import among
from accounts.lists.models import LastContact
from accounts.users.models import TeamMember, User
from crm.queries import keyset
from crm.queries.customers_grade import Scale, letter_of, open_grades, scale_in_force
from crm.queries.customers_order import DEFAULT_SORT, SORTS, known_sort, order_of
from crm.queries.wording import name_of
from scoring.models import CurrentRun, FlagLevel, Tier

MAX_SEARCH_WORDS = 8
FEW = 1_000
EXPORTED_AT_ONCE = 500

__all__ = ["DEFAULT_SORT", "SORTS", "known_sort"]


@dataclass(frozen=True)
class CustomerRow:
    """A line of the list. Scores are None where the current run does not know the customer yet.

    Money in minor units of the base currency; what he earns us is None for who may not see it. ``index`` is
    that of the latest rated week; ``lowest``: the worst grade that stands, see `customers_grade`.
    """

    pk: int
    name: str
    number: str
    stage: str
    industry: str
    owner: str
    tier: str
    score: float | None
    flag: str
    churn_score: float | None
    last_contact_at: dt.datetime | None
    follow_up_on: dt.date | None
    kind: str = ""
    region: str = ""
    channel: str = ""
    market: str = ""
    group: str = ""
    teams: str = ""
    tags: tuple[str, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    sales_minor: float | None = None
    index: float | None = None
    lowest: str = ""
    profit_minor: float | None = None
    expected_value_minor: float | None = None
    money_at_risk_minor: float | None = None


def current_run_id() -> int:
    """The run that everybody reads; 0, which no run has, before the first one."""
    return CurrentRun.objects.values_list("run", flat=True).first() or 0


def matching(text: str) -> Q:
    """Customers that carry every word of ``text`` in a name, former name, pinyin, initials or number.

    One or two Chinese characters are looked up as tokens, and one or two letters as the start of a word or as
    neighbouring initials: neither has a trigram in the middle of a text.
    """
    found = Q()
    for word in names.cleaned(text).split()[:MAX_SEARCH_WORDS]:
        folded = names.folded(word)
        if names.is_chinese(folded):
            tokens = names.tokens_of_characters(folded)
            found &= Q(search_tokens__contains=tokens) & Q(search_text__contains=folded)
        elif len(folded) < 3:
            begins = Q(search_text__startswith=folded) | Q(search_text__contains=f" {folded}")
            found &= begins | Q(search_tokens__contains=[folded])
        else:
            found &= Q(search_text__contains=folded)
    return found


def page_of_customers(
    found: QuerySet[Customer],
    *,
    sort: str,
    user: User,
    shows_money: bool = False,
    shows_lowest: bool = False,
    after: str = "",
    before: str = "",
    limit: int = keyset.PAGE_ROWS,
) -> keyset.Page[CustomerRow]:
    """A page of what was found, in one of `SORTS`, in four queries or five.

    Whose customers are few has their ids read first. Whom he sees is a question over teams and projects that
    the planner misjudges: asked once it took 20 ms of 100,000 customers, inside every query 60 to 100 ms.
    """
    run = current_run_id()
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    is_few = len(ids) <= FEW
    if is_few:
        found = Customer.objects.filter(pk__in=among(ids))
    order = order_of(found, sort, run=run, user=user, ids=ids if is_few else None)
    page = keyset.page_or_first(order, after=after, before=before, limit=limit)
    count, is_exact = (len(ids), True) if is_few else keyset.count_of(found)
    return keyset.Page(
        rows=rows_of(page.rows, run=run, user=user, shows_money=shows_money, shows_lowest=shows_lowest),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def all_rows(
    found: QuerySet[Customer],
    *,
    sort: str,
    user: User,
    shows_money: bool = False,
    shows_lowest: bool = False,
) -> Iterator[CustomerRow]:
    """Every line of what was found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    run, after = current_run_id(), ""
    order = order_of(found, sort, run=run, user=user)
    while True:
        page = keyset.page_of_ids(order, after=after, before="", limit=EXPORTED_AT_ONCE)
        yield from rows_of(page.rows, run=run, user=user, shows_money=shows_money, shows_lowest=shows_lowest)
        if page.older is None:
            return
        after = page.older


def rows_of(
    ids: Sequence[int], *, run: int, user: User, shows_money: bool, shows_lowest: bool
) -> list[CustomerRow]:
    """The lines of these customers, in this order. Who may see them was asked when the ids were found.

    Names are looked up line by line: with more than eight tables to join the planner began with the whole
    book, 480 ms against 17 of 100,000 customers. ``shows_money``, ``shows_lowest``: whether what a customer
    earns us, or the lowest grade, is wanted; who may see it, and what is open, is asked for that alone.
    """
    theirs = among(ids)
    found = (
        Customer.objects.filter(pk__in=theirs)
        .annotate(
            current=FilteredRelation("scores", condition=Q(scores__run_id=run)),
            state=FilteredRelation("states", condition=Q(states__run_id=run)),
        )
        .values(
            "pk",
            "number",
            "short_name",
            "stage",
            "kind",
            "tags",
            "custom_fields",
            **_beside(),
            owner_name=name_of("owner"),
            team_names=ArraySubquery(_teams().values("team__name")),
            tier=F("current__tier"),
            score=F("current__score"),
            flag_level=F("current__flag_level"),
            churn_score=F("current__churn_score"),
            sales=F("state__recent_sales"),
            index=F("state__satisfaction_level"),
            lowest=F("state__lowest_points"),
            open_lowest=_open_lowest() if shows_lowest else Value(None, FloatField()),
            profit=F("state__costed_sales") - F("state__direct_cost") - F("state__cost_to_serve"),
            costed=F("state__costed_sales"),
            expected=F("current__expected_value_minor"),
            at_risk=F("current__money_at_risk_minor"),
            sees_profit=_sees_profit(user) if shows_money else Value(False),
        )
    )
    by_id = {facts["pk"]: facts for facts in found}
    scale = scale_in_force() if shows_lowest else ()
    return [_row(by_id[pk], scale) for pk in ids if pk in by_id]


def _beside() -> dict[str, Subquery]:
    return {
        "last_contact_at": _of(LastContact, "pk", "at"),
        "follow_up_on": _of(LastContact, "pk", "follow_up_on"),
        "industry_name": _of(Industry, "industry"),
        "region_name": _of(Region, "region"),
        "channel_name": _of(SalesChannel, "channel"),
        "market_name": _of(LocalMarket, "market"),
        "group_name": _of(Customer, "parent", "short_name"),
    }


def _of(model: type[Model], column: str, name: str = "name") -> Subquery:
    return Subquery(model._default_manager.filter(pk=OuterRef(column)).values(name)[:1])


def _teams() -> QuerySet[TeamMember]:
    return TeamMember.objects.filter(user=OuterRef("owner")).order_by("team__name")


def _open_lowest() -> Subquery:
    return Subquery(open_grades().order_by("grade__points").values("grade__points")[:1])


def _sees_profit(user: User) -> Any:
    if user.sees_everything:
        return Value(True)
    return Exists(access.profit_customers(user).filter(pk=OuterRef("pk")))


def with_touches(customers: QuerySet[Customer]) -> QuerySet[Any]:
    """Adds ``last_contact_at``, ``follow_up_on`` and ``follow_up_by_name``.

    Each is the first entry of an index, whatever lies behind it. A follow-up is open until it is done, or the
    customer was touched on its day or later.
    """
    touches = Interaction.objects.filter(customer=OuterRef("pk"), superseded_at=None)
    last = touches.order_by("-started_at", "-id").values("started_at")[:1]
    promised = touches.filter(follow_up_done_at=None, follow_up_on__gt=OuterRef("last_contact_at"))
    due = promised.order_by("follow_up_on", "id")
    return customers.annotate(last_contact_at=Subquery(last)).annotate(
        follow_up_on=Subquery(due.values("follow_up_on")[:1]),
        follow_up_by_name=Subquery(due.values("follow_up_by__name")[:1]),
    )


def _row(facts: dict[str, Any], scale: Scale) -> CustomerRow:
    sees_profit = facts["sees_profit"]
    return CustomerRow(
        pk=facts["pk"],
        name=facts["short_name"],
        number=facts["number"] or "",
        stage=str(Stage(facts["stage"]).label),
        industry=facts["industry_name"] or "",
        owner=facts["owner_name"] or "",
        tier=Tier(facts["tier"] or 0).code,
        score=facts["score"],
        flag=FlagLevel(facts["flag_level"] or 0).code,
        churn_score=facts["churn_score"],
        last_contact_at=facts["last_contact_at"],
        follow_up_on=facts["follow_up_on"],
        kind=str(CustomerKind(facts["kind"]).label),
        region=facts["region_name"] or "",
        channel=facts["channel_name"] or "",
        market=facts["market_name"] or "",
        group=facts["group_name"] or "",
        teams=pgettext("list", ", ").join(facts["team_names"]),
        tags=tuple(facts["tags"]),
        custom=facts["custom_fields"],
        sales_minor=_known(facts["sales"]),
        index=_known(facts["index"]),
        lowest=letter_of(_lowest(facts), scale),
        profit_minor=_known(facts["profit"]) if sees_profit and facts["costed"] else None,
        expected_value_minor=facts["expected"] if sees_profit else None,
        money_at_risk_minor=facts["at_risk"] if sees_profit else None,
    )


def _lowest(facts: dict[str, Any]) -> float | None:
    known = [points for points in (_known(facts["lowest"]), facts["open_lowest"]) if points is not None]
    return min(known, default=None)


def _known(value: float | None) -> float | None:
    """A number of the state; NaN there is unknown."""
    return None if value is None or isnan(value) else value
