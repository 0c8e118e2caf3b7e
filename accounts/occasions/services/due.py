"""Asking by itself: after deliveries, and once a year. Whatever beat does, nobody is asked twice.

1. One transaction per survey, one after the other by its lock, so that everybody's rest is seen.
2. An occasion is unique by its order, or by customer and year; whoever comes second does nothing.
3. Made as soon as the day has come for somebody on earth, so before the sending hour of most; when an order
   is recorded late or beat was away, the letter goes at the next sending hour.
4. Rest is judged by the day on which we would have asked: when the look comes makes no difference.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction

from accounts.contacts.models import Contact, Level
from accounts.customers.models import Stage
from accounts.customers.services import company_day
from accounts.occasions.clocks import Times, times_from
from accounts.occasions.models import EventKind
from accounts.occasions.services.occasions import lock_asking, rhythm_of
from accounts.surveys.models import ProgrammeKind, ProgrammeVersion, VersionState
from accounts.surveys.weeks import DAY, EARLIEST_ZONE

DELIVERIES_BACK = 30 * DAY
YEARLY_BACK = 60 * DAY
RESTING_STAGES = [Stage.PROSPECT.value, Stage.DORMANT.value, Stage.LOST.value]

# One letter for all deliveries of a customer on a day, and for those that fall into somebody's rest: each
# contact is asked about the latest. `wanted`: the day on which the letter should go.
DELIVERIES = """
with delivered as (
    select o.identity, o.customer_id, o.project_id, o.number, o.delivered_on as happened_on,
        o.delivered_on + %(wait)s as wanted
    from orders_order o
    where o.superseded_at is null and o.kind = 'order'
      and o.delivered_on between %(since)s and %(until)s and o.known_at <= %(now)s
      and not exists (
        select from occasions_occasion x
        where x.programme_id = %(programme)s and x.order_identity = o.identity
      )
), due as (
    select d.*, string_agg(nullif(d.number, ''), ', ') over of_day as about
    from delivered d
    window of_day as (
        partition by d.customer_id, d.happened_on order by d.number, d.identity
        rows between unbounded preceding and unbounded following
    )
)"""
YEARLY = """
with due as (
    select k.id as customer_id, '' as identity, null::bigint as project_id, '' as about,
        %(day)s::date as happened_on, %(day)s::date + %(wait)s as wanted
    from customers_customer k
    where k.merged_into_id is null and not k.stage = any(%(resting)s) and k.known_at <= %(now)s
      and not exists (
        select from occasions_occasion x
        where x.programme_id = %(programme)s and x.customer_id = k.id and x.year = %(year)s
      )
)"""
MAKE = """
, reached as (
    select due.*, c.id as contact_id, c.level, c.time_zone,
        row_number() over (
            partition by c.id, case when %(rest)s = 0 then due.happened_on end
            order by due.happened_on desc, due.identity
        ) as place
    from due
    join customers_customer k on k.id = due.customer_id and k.merged_into_id is null
    join contacts_contact c on c.customer_id = due.customer_id
    where not c.opted_out and c.email <> '' and (c.left_on is null or c.left_on > %(today)s)
      and c.level = any(%(levels)s)
      and not exists (
        select from occasions_occasioninvitation i join occasions_occasion x on x.id = i.occasion_id
        where i.contact_id = c.id and x.programme_id = %(programme)s and i.failed_at is null
          and (i.due_at > due.wanted - %(rest)s or x.happened_on = due.happened_on)
      )
), chosen as (
    select * from reached where place = 1
), made as (
    insert into occasions_occasion (
        programme_id, programme_version_id, customer_id, project_id, event, happened_on, about,
        order_identity, year, known_at
    )
    select distinct on (customer_id, identity) %(programme)s, %(version)s, customer_id, project_id,
        %(event)s, happened_on, left(coalesce(about, ''), 160), identity, %(year)s::int, %(now)s
    from chosen order by customer_id, identity
    on conflict do nothing
    returning id, customer_id, order_identity
)
insert into occasions_occasioninvitation (
    occasion_id, customer_id, contact_id, programme_version_id, level, due_at, reminder_at, closes_at,
    failure, known_at
)
select made.id, made.customer_id, chosen.contact_id, %(version)s, chosen.level,
    z.due_at, z.reminder_at, z.closes_at, '', %(now)s
from made
join chosen on chosen.customer_id = made.customer_id and chosen.identity = made.order_identity
join unnest(
    %(zones)s::text[], %(firsts)s::date[], %(lasts)s::date[], %(due)s::timestamptz[],
    %(reminder)s::timestamptz[], %(closes)s::timestamptz[]
) as z (zone, first, last, due_at, reminder_at, closes_at)
    on z.zone = chosen.time_zone and chosen.wanted between z.first and z.last
order by made.id, chosen.contact_id
on conflict (occasion_id, contact_id) do nothing
"""


def make_due_occasions(*, now: dt.datetime) -> int:
    """Invitations after deliveries and of yearly surveys whose day has come; how many were made.

    Safe to call as often as one likes, and late: deliveries of the last 30 days are made up for, and the day
    of a yearly survey for 60 days, as far as the survey was published by then.
    """
    active = ProgrammeVersion.objects.filter(state=VersionState.ACTIVE, programme__is_weekly=False)
    made = 0
    for version in active.select_related("programme", "rules").order_by("programme"):
        if version.programme.kind == ProgrammeKind.YEARLY:
            made += _make_yearly(version, now)
        elif version.rules.asks_deliveries:
            made += _make_after_deliveries(version, now)
    return made


def yearly_day(month: int, day: int, *, today: dt.date) -> dt.date:
    """The latest such day until ``today``."""
    this_year = dt.date(today.year, month, day)
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def asking_since(version: ProgrammeVersion) -> dt.date:
    """The day since which the survey asks by the same rule without a break, where the company is: what lies
    before it nobody is asked about."""
    since = version.activated_at
    assert since is not None, "Only what is active asks."
    earlier = ProgrammeVersion.objects.filter(programme=version.programme_id, number__lt=version.number)
    for before in earlier.select_related("rules").order_by("-number"):
        if before.activated_at is None or before.retired_at is None or before.retired_at < since:
            break
        if _rule_of(before) != _rule_of(version):
            break
        since = before.activated_at
    return company_day(since)


def _rule_of(version: ProgrammeVersion) -> tuple[object, ...]:
    rules = version.rules
    return rules.asks_deliveries, rules.yearly_month, rules.yearly_day


def _make_after_deliveries(version: ProgrammeVersion, now: dt.datetime) -> int:
    day = (now.astimezone(dt.UTC) + EARLIEST_ZONE).date()
    wait = version.rules.wait_days
    since = max(day - DELIVERIES_BACK - wait * DAY, asking_since(version))
    own = {"since": since, "until": day - wait * DAY, "year": None, "event": EventKind.DELIVERY.value}
    return _make(DELIVERIES, version, own, now)


def _make_yearly(version: ProgrammeVersion, now: dt.datetime) -> int:
    rules = version.rules
    assert rules.yearly_month is not None, "A yearly survey has a day."
    assert rules.yearly_day is not None, "A yearly survey has a day."
    today = (now.astimezone(dt.UTC) + EARLIEST_ZONE).date()
    day = yearly_day(rules.yearly_month, rules.yearly_day, today=today - rules.wait_days * DAY)
    if day < asking_since(version) or day + YEARLY_BACK < today - rules.wait_days * DAY:
        return 0
    own = {"day": day, "year": day.year, "event": "", "resting": RESTING_STAGES}
    return _make(YEARLY, version, own, now)


@transaction.atomic
def _make(due: str, version: ProgrammeVersion, own: dict[str, Any], now: dt.datetime) -> int:
    lock_asking(version.programme_id)
    rules = version.rules
    values = own | {
        "programme": version.programme_id,
        "version": version.pk,
        "wait": rules.wait_days,
        "rest": rules.rest_days,
        "levels": rules.asked_levels or Level.values,
        "today": company_day(now),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(due + MAKE, values | _times(version, now))
        made: int = cursor.rowcount
    return made


def _times(version: ProgrammeVersion, now: dt.datetime) -> dict[str, list[Any]]:
    """By time zone and the days that share the same times: all that have come there, and those to come."""
    zones = Contact.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    horizon = (now.astimezone(dt.UTC) + EARLIEST_ZONE).date()
    rhythm = rhythm_of(version)
    rows: list[tuple[str, dt.date, dt.date, Times]] = []
    for zone in zones:
        first, last = dt.date.min, horizon - 2 * DAY
        while last <= horizon:
            rows.append((zone, first, last, times_from(last, rhythm, zone, now=now)))
            first = last = last + DAY
    return {
        "zones": [zone for zone, _first, _last, _times in rows],
        "firsts": [first for _zone, first, _last, _times in rows],
        "lasts": [last for _zone, _first, last, _times in rows],
        "due": [times.due_at for *_row, times in rows],
        "reminder": [times.reminder_at for *_row, times in rows],
        "closes": [times.closes_at for *_row, times in rows],
    }
