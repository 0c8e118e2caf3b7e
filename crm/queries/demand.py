"""Demand added up over customers: who else wants the like, what they buy, and what we cannot do yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.needs.models import Need, NeedAbout, NeedLevel

YEAR = dt.timedelta(days=365)
MOST_GROUPS = 200
"""A page of more tags than this is read by nobody."""


class GroupedBy(TextChoices):
    ABOUT = "about", pgettext_lazy("what a need is about", "About")
    PRODUCT_LINE = "product_line", _("Product line")
    TAG = "tag", _("Tag")
    LEVEL = "level", _("Level")


@dataclass(frozen=True)
class Demand:
    """Needs that have something in common. ``key``: its code, id or tag, empty where there is none.

    ``sales_minor``: what these ``customers`` bought in the last year, each counted once, in minor units of
    the base currency. ``importance``: the mean, 1 to 5. ``gaps``: needs that are a stretch or beyond us, as
    far as somebody judged them (``judged``).
    """

    key: str
    label: str
    customers: int
    needs: int
    importance: float
    sales_minor: int
    stretch: int
    beyond: int
    judged: int

    @property
    def gaps(self) -> int:
        return self.stretch + self.beyond


_KEYS = {
    GroupedBy.ABOUT: ("need.about", ""),
    GroupedBy.LEVEL: ("need.level", ""),
    GroupedBy.PRODUCT_LINE: ("coalesce(need.product_line_id::text, '')", ""),
    GroupedBy.TAG: ("tag.name", "cross join lateral unnest(need.tags) as tag (name)"),
}
_STATEMENT = """
with need as (
    select n.* from needs_need n where n.id in ({found})
),
grouped as (
    select {key} as key, need.customer_id, need.importance, need.capability from need {joined}
),
buyer as (
    select distinct customer_id from grouped
),
bought as (
    select o.customer_id, sum(o.base_amount_minor) as sales
    from orders_order o
    where o.superseded_at is null and o.ordered_on > %s and o.ordered_on <= %s
      and o.customer_id in (select customer_id from buyer)
    group by o.customer_id
),
wanted as (
    select key, customer_id, count(*) as needs, sum(importance) as importance,
           count(*) filter (where capability = 'stretch') as stretch,
           count(*) filter (where capability = 'beyond') as beyond,
           count(*) filter (where capability <> '') as judged
    from grouped group by key, customer_id
)
select w.key, coalesce(line.name, ''), count(*), sum(w.needs)::bigint,
       (sum(w.importance) / sum(w.needs))::float8, coalesce(sum(b.sales), 0)::bigint,
       sum(w.stretch)::bigint, sum(w.beyond)::bigint, sum(w.judged)::bigint
from wanted w
left join bought b on b.customer_id = w.customer_id
left join orders_productline line on {line} = w.key
group by w.key, line.name
order by count(*) desc, coalesce(sum(b.sales), 0) desc, w.key
limit {most}
"""


def demand_of(found: QuerySet[Need], by: GroupedBy, *, today: dt.date) -> tuple[Demand, ...]:
    """What most customers want first. One query over ``found``, which says whose needs are counted."""
    inner, values = found.order_by().values("pk").query.sql_with_params()
    key, joined = _KEYS[by]
    line = "line.id::text" if by == GroupedBy.PRODUCT_LINE else "null::text"
    statement = _STATEMENT.format(found=inner, key=key, joined=joined, line=line, most=MOST_GROUPS)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, today - YEAR, today])
        rows = cursor.fetchall()
    return tuple(Demand(row[0], _label(by, row[0], row[1]), *row[2:]) for row in rows)


def _label(by: GroupedBy, key: str, line: str) -> str:
    if by == GroupedBy.ABOUT:
        return str(NeedAbout(key).label)
    if by == GroupedBy.LEVEL:
        return str(NeedLevel(key).label)
    return line if by == GroupedBy.PRODUCT_LINE else key
