"""Reads for the list of customers and the head of a customer's page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from accounts import names
from accounts.customers.models import Customer, Stage
from accounts.interactions.models import Interaction
from accounts.keys import among
from crm.queries import keyset
from crm.queries.keyset import Part
from crm.queries.wording import name_of
from scoring.models import CurrentRun, CustomerScore, FlagLevel, Tier

MAX_SEARCH_WORDS = 8
FEW = 1_000
EXPORTED_AT_ONCE = 500

SORTS = ("name", "-name", "score", "-score", "churn", "-churn", "owner", "-owner")
DEFAULT_SORT = "-score"


@dataclass(frozen=True)
class CustomerRow:
    """A line of the list. Scores are None where the current run does not know the customer yet."""

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


def current_run_id() -> int:
    """The run that everybody reads; 0, which no run has, before the first one."""
    return CurrentRun.objects.values_list("run", flat=True).first() or 0


def matching(text: str) -> Q:
    """Customers that carry every word of ``text`` in a name, former name, pinyin, initials or number.

    One or two Chinese characters are looked up as tokens, and one or two letters as the start of a word or as
    neighbouring initials: neither has a trigram in the middle of a text.
    """
    found = Q()
    for word in text.split()[:MAX_SEARCH_WORDS]:
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
    order = _order(found, sort, run, ids if is_few else None)
    page = keyset.page_or_first(order, after=after, before=before, limit=limit)
    count, is_exact = (len(ids), True) if is_few else keyset.count_of(found)
    return keyset.Page(
        rows=rows_of(page.rows, run=run),
        newer=page.newer,
        older=page.older,
        count=count,
        count_is_exact=is_exact,
    )


def all_rows(found: QuerySet[Customer], *, sort: str) -> Iterator[CustomerRow]:
    """Every line of what was found, in the order of the list, read `EXPORTED_AT_ONCE` at a time."""
    run, after = current_run_id(), ""
    order = _order(found, sort, run, None)
    while True:
        page = keyset.page_of_ids(order, after=after, before="", limit=EXPORTED_AT_ONCE)
        yield from rows_of(page.rows, run=run)
        if page.older is None:
            return
        after = page.older


def rows_of(ids: Sequence[int], *, run: int) -> list[CustomerRow]:
    """The lines of these customers, in this order. Who may see them was asked when the ids were found."""
    found = (
        with_touches(Customer.objects.filter(pk__in=among(ids)))
        .annotate(current=FilteredRelation("scores", condition=Q(scores__run_id=run)))
        .values(
            "pk",
            "number",
            "short_name",
            "stage",
            "last_contact_at",
            "follow_up_on",
            industry_name=F("industry__name"),
            owner_name=name_of("owner"),
            tier=F("current__tier"),
            score=F("current__score"),
            flag_level=F("current__flag_level"),
            churn_score=F("current__churn_score"),
        )
    )
    by_id = {facts["pk"]: facts for facts in found}
    return [_row(by_id[pk]) for pk in ids if pk in by_id]


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


def _order(found: QuerySet[Customer], sort: str, run: int, ids: Sequence[int] | None = None) -> list[Part]:
    """The first part by the column itself, then whoever has no value there, by name.

    ``ids``: those of ``found`` where they are known.
    """
    sign, subject = ("-" if sort.startswith("-") else ""), sort.lstrip("-")
    if subject == "name":
        return [Part(found, (f"{sign}sort_key", f"{sign}pk"), (str, int))]
    if subject == "owner":
        columns = tuple(f"{sign}{name}" for name in ("owner__sort_key", "owner", "sort_key", "pk"))
        return [
            Part(found.filter(owner__isnull=False), columns, (str, int, str, int)),
            _by_name(found.filter(owner=None)),
        ]
    column = {"score": "score", "churn": "churn_score"}[subject]
    scored = CustomerScore.objects.filter((f"{column}__isnull", False), run=run)
    # Customer ids run against the sort: so do the indexes of scores.
    columns = (f"{sign}{column}", "customer" if sign else "-customer")
    return [
        Part(
            scored.filter(customer__in=found.order_by().values("pk") if ids is None else among(ids)),
            columns,
            (float, int),
            nulls_at_low_end=subject == "score",
        ),
        _by_name(found.filter(~Exists(scored.filter(customer=OuterRef("pk"))))),
    ]


def _by_name(found: QuerySet[Customer]) -> Part:
    return Part(found, ("sort_key", "pk"), (str, int))


def _row(facts: dict[str, Any]) -> CustomerRow:
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
    )
