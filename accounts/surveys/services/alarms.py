"""The clocks of corrective actions ring: the owner is reminded, then the line and the executives are told.

1. The owner hears when his version's percent of a clock has run; of the day by which it is to be solved in
   the morning of the day before and of the day itself. While nobody looked it may have ended: then he hears
   that it is missed, once.
2. A clock that was missed goes to the line: the functional manager of the dimension, and the leads of the
   owner and of the project manager. Also one that was stopped too late, while nobody looked.
3. If it still runs after more hours of the version it goes to the executives.
4. Whoever is missing is stood in for: the owner by the project manager, everybody else by the admins.

Each step of each clock rings once: `CaseAlarm` is unique, and its row, the notices and the log are one
statement. Who calls it late, twice, or at the same time as another raises what is due and nothing twice. Of
several clocks of a case that ring together, a person gets the notice of the one that still runs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.customers.services import company_day
from accounts.surveys.models import OPEN, CaseAlarm, CorrectiveAction, ProgrammeVersion
from accounts.surveys.worktime import DAY, Worktime, due_after, worktimes_of

DUE_NOTICE = "survey_case_due"
MISSED_NOTICE = "survey_case_missed"
ESCALATED_NOTICE = "survey_case_escalated"
EARLIEST_MORNING = 8 * 60
"""Minutes after midnight: where clocks run around the clock, nobody wants a letter before."""
STOPPED_LATELY = dt.timedelta(days=7)
"""How long a clock that was stopped too late is still told of: longer than any outage should last."""

RAISE = """
with version as (
    select * from unnest(
        %(versions)s::bigint[], %(acknowledge)s::timestamptz[], %(plan)s::timestamptz[],
        %(executives)s::timestamptz[], %(mornings)s::int[]
    ) as v (id, acknowledge_until, plan_until, executives_until, morning)
),
due as materialized (
    select c.id as case_id, c.customer_id, c.owner_id, c.project_id, c.dimension_id,
        c.programme_version_id, clock.name as clock, clock.due_at, clock.stopped_at, step.name as step
    from surveys_correctiveaction c
    join version v on v.id = c.programme_version_id
    join customers_customer k on k.id = c.customer_id and k.merged_into_id is null
    cross join lateral (values
        ('acknowledge', c.acknowledge_by, c.acknowledged_at, c.acknowledge_by <= v.acknowledge_until, false),
        ('plan', c.plan_by, coalesce(c.planned_at, c.corrected_at), c.plan_by <= v.plan_until, false),
        (
            'solve',
            (c.solve_by + 1)::timestamp at time zone %(zone)s,
            c.corrected_at,
            case
                when c.solve_by is null then false
                when %(now)s < (c.solve_by + 1)::timestamp at time zone %(zone)s
                then %(now)s >= (c.solve_by - 1 + make_interval(mins => v.morning)) at time zone %(zone)s
                    and %(now)s < (c.solve_by + make_interval(mins => v.morning)) at time zone %(zone)s
                else not exists (
                    select from surveys_casealarm a where a.case_id = c.id and a.clock = 'solve'
                      and a.due_at = (c.solve_by + 1)::timestamp at time zone %(zone)s and a.step = 'last_day'
                )
            end,
            %(now)s >= (c.solve_by + make_interval(mins => v.morning)) at time zone %(zone)s
                and %(now)s < (c.solve_by + 1)::timestamp at time zone %(zone)s
        )
    ) as clock (name, due_at, stopped_at, rings, rings_again)
    cross join lateral (values
        ('owner', clock.rings and clock.stopped_at is null),
        ('last_day', clock.rings_again and clock.stopped_at is null),
        ('line', clock.due_at <= %(now)s and (
            clock.stopped_at is null
            or (clock.stopped_at > clock.due_at and clock.stopped_at > %(lately)s)
        )),
        ('executives', clock.due_at <= v.executives_until and clock.stopped_at is null)
    ) as step (name, rings)
    where c.closed_at is null and step.rings
      and not exists (
        select from surveys_casealarm a
        where a.case_id = c.id and a.clock = clock.name and a.due_at = clock.due_at and a.step = step.name
      )
),
told as (
    select due.*, case
        when step in ('owner', 'last_day') then array(
            select u.id from users_user u
            where u.is_active and u.id in (due.owner_id, p.manager_id)
            order by u.id = due.owner_id desc limit 1
        )
        when step = 'line' then array(
            select u.id from users_user u
            where u.is_active and u.id <> due.owner_id and (
                u.id in (
                    select f.user_id from surveys_programmedimension d
                    join projects_functionalmanager f on f.functional_role = d.functional_role
                    where d.version_id = due.programme_version_id and d.dimension_id = due.dimension_id
                )
                or u.id in (
                    select t.lead_id from users_team t join users_teammember m on m.team_id = t.id
                    where m.user_id in (due.owner_id, p.manager_id)
                )
            )
            order by u.id
        )
        else array(select u.id from users_user u where u.is_active and u.role = 'executive' order by u.id)
    end as people
    from due join projects_project p on p.id = due.project_id
),
alarm as (
    insert into surveys_casealarm (case_id, customer_id, clock, due_at, step, raised_at, told)
    select case_id, customer_id, clock, due_at, step, %(now)s, case
        when people <> '{}' then people
        else array(select u.id from users_user u where u.is_active and u.role = 'admin' order by u.id)
    end
    from told
    order by case_id, clock, due_at, step
    on conflict do nothing
    returning id, case_id, customer_id, clock, due_at, step, told
),
notice as (
    insert into notices_notice (user_id, kind, facts)
    select distinct on (person, alarm.case_id) person,
        case
            when step = 'executives' then %(escalated)s
            when step = 'line' or alarm.due_at <= %(now)s then %(missed)s
            else %(due)s
        end,
        jsonb_build_object('case', alarm.case_id, 'clock', clock, 'step', step)
    from alarm join due using (case_id, clock, due_at, step), unnest(alarm.told) as person
    order by person, alarm.case_id, due.stopped_at is not null, alarm.id desc
),
event as (
    insert into surveys_caseevent (case_id, customer_id, kind, comment, known_at)
    select distinct case_id, customer_id,
        case when step in ('line', 'executives') then 'escalated' else 'reminded' end, '', %(now)s
    from alarm
)
select count(*) from alarm
"""


@transaction.atomic
def raise_alarms(*, now: dt.datetime) -> int:
    """Ring what is due by ``now`` and has not rung; how often it rang.

    Three queries and one more where a version has a calendar, however many cases there are.
    """
    open_cases = CorrectiveAction.objects.filter(OPEN)
    versions = list(ProgrammeVersion.objects.filter(pk__in=open_cases.values("programme_version")))
    if not versions:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(RAISE, values_of(versions, now=now))
        (rung,) = cursor.fetchone() or (0,)
    return int(rung)


def latest_full(end: dt.datetime, hours: float, worktime: Worktime) -> dt.datetime:
    """The latest instant (UTC) from which a clock of ``hours`` is full at ``end``: `due_after` backwards."""
    left, day = dt.timedelta(hours=hours), end.astimezone(worktime.zone).date()
    if left <= dt.timedelta(0):
        return end.astimezone(dt.UTC)
    while True:
        if worktime.is_working(day):
            opens, closes = worktime.hours_of(day)
            runs_until = min(closes, end)
            runs = max(runs_until - opens, dt.timedelta(0))
            if runs >= left:
                return (runs_until - left).astimezone(dt.UTC)
            left -= runs
        day -= DAY


@dataclass(frozen=True)
class AlarmLetter:
    """One for each person and sweep: whoever asks twice gets the same letters. ``alarms``: their ids."""

    person: int
    alarms: list[int]


def last_day_of(due_at: dt.datetime) -> dt.date:
    """The day by which it is to be solved, of the clock of that day: it ends with the day."""
    return company_day(due_at - DAY)


def letters_to_post() -> list[AlarmLetter]:
    """Those that were not left to the workers yet. One query."""
    by_sweep: dict[tuple[int, dt.datetime], list[int]] = defaultdict(list)
    waiting = CaseAlarm.objects.filter(posted_at=None).order_by("pk")
    for alarm, raised_at, told in waiting.values_list("pk", "raised_at", "told"):
        for person in told:
            by_sweep[person, raised_at].append(alarm)
    return [AlarmLetter(person, alarms) for (person, _raised_at), alarms in by_sweep.items()]


def mark_posted(alarm_ids: set[int], *, now: dt.datetime) -> int:
    return CaseAlarm.objects.filter(pk__in=alarm_ids, posted_at=None).update(posted_at=now)


def values_of(versions: list[ProgrammeVersion], *, now: dt.datetime) -> dict[str, Any]:
    """What `RAISE` takes. Per version: clocks that end until then ring now, reckoned once for all cases."""
    worktimes = worktimes_of(versions)

    def remind_until(version: ProgrammeVersion, hours: int) -> dt.datetime:
        rest = hours * (100 - version.remind_owner_percent) / 100
        return due_after(now, rest, worktimes[version.pk])

    return {
        "now": now,
        "lately": now - STOPPED_LATELY,
        "zone": settings.TIME_ZONE,
        "due": DUE_NOTICE,
        "missed": MISSED_NOTICE,
        "escalated": ESCALATED_NOTICE,
        "versions": [version.pk for version in versions],
        "acknowledge": [remind_until(version, version.acknowledge_hours) for version in versions],
        "plan": [remind_until(version, version.plan_hours) for version in versions],
        "executives": [
            latest_full(now, version.executives_after_hours, worktimes[version.pk]) for version in versions
        ],
        "mornings": [version.work_from or EARLIEST_MORNING for version in versions],
    }
