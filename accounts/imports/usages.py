"""Activity usage from a file: check its rows, find activity, rate and project, write what is new.

Costs are made here, under a share of the activities' rows: a rate that is being corrected waits, or is waited
for.
"""

from __future__ import annotations

from django.db import connection
from psycopg import sql

from accounts.costs.models import UsageSource
from accounts.costs.services import MAX_COST_MINOR
from accounts.customers.services import bump
from accounts.imports.fields import USAGES, Mapped
from accounts.imports.layouts import Layout
from accounts.imports.matching import FOLDED
from accounts.imports.statements import execute
from accounts.imports.styles import (
    CUSTOMER_FAULTS,
    FIRST_DAY,
    Fault,
    Rules,
    judged_rows,
    typed_rows,
    verdict,
)
from accounts.imports.versions import Job, Written, count_written, end_corrected, keep_taken

_FAULTS: tuple[Fault, ...] = (
    *CUSTOMER_FAULTS,
    ("used_on", "date_missing", "used_on_text is null"),
    ("used_on", "bad_date", "used_on is null"),
    ("used_on", "used_before_1970", "used_on < {first_day}"),
    ("used_on", "used_in_future", "used_on > {last_day}"),
    ("activity", "activity_missing", "activity = ''"),
    ("activity", "too_long", "length(activity) > 120"),
    ("quantity", "quantity_missing", "quantity_text is null"),
    ("quantity", "bad_number", "quantity_text = 'x'"),
    ("quantity", "quantity_too_large", "quantity is null or quantity >= 1e14"),
    ("quantity", "quantity_not_positive", "round(quantity, 4) <= 0"),
    ("project", "too_long", "length(project) > 160"),
)
# (column at fault, reason, condition) once customer, activity, project and rate were looked for.
_LOOKUPS: tuple[Fault, ...] = (
    ("customer", "customer_unknown", "names.customer_id is null"),
    ("activity", "activity_unknown", "meant.id is null"),
    ("activity", "activity_not_in_use", "not meant.is_active"),
    ("project", "project_unknown", "row.project <> '' and project.id is null"),
    ("used_on", "activity_rate_missing", "rate.rate_minor is null"),
    ("quantity", "cost_too_large", "round(row.quantity * rate.rate_minor) > {max_cost}"),
)


def check(layout: Layout, mapping: Mapped, rules: Rules) -> None:
    """Fill import_checked from import_rows: typed values, or ``reason``, ``fault`` (a key), ``value``."""
    values = {"first_day": sql.Literal(FIRST_DAY), "last_day": sql.Literal(rules.last_day)}
    statement = sql.SQL(
        """
        create temp table import_checked as
        with {typed}, {judged}
        select line, customer_number, customer, number, used_on, activity, quantity, project, {verdict}
        from judged
        """
    ).format(
        typed=typed_rows(USAGES, layout, mapping),
        judged=judged_rows(_FAULTS, "typed", values),
        verdict=verdict(USAGES, _FAULTS),
    )
    with connection.cursor() as cursor:
        execute(cursor, statement)
        cursor.execute("analyze import_checked")


def gather(sha256: str) -> None:
    """Fill import_usages; rows whose customer, activity, project or rate is not found are refused.

    Rows with one reference number and one activity are summed when customer, date and project agree. Rows
    without one are a usage each, also when they are equal, with the identity ``<sha256>:<line>``.
    """
    with connection.cursor() as cursor:
        cursor.execute("select from costs_activity order by id for share")
        execute(
            cursor,
            sql.SQL(_ACTIVITIES).format(
                wanted=sql.SQL(FOLDED).format(name=sql.Identifier("activity")),
                name=sql.SQL(FOLDED).format(name=sql.Identifier("name")),
            ),
        )
        execute(cursor, _look_up())
        cursor.execute(_REFUSE_UNKNOWN)
        execute(cursor, sql.SQL(_GATHER).format(sha=sql.Literal(f"{sha256}:")), {"max": MAX_COST_MINOR})
        cursor.execute(_REFUSE_PARTS)
        cursor.execute("delete from import_usages where problem is not null")
        cursor.execute("analyze import_usages")


def _look_up() -> sql.Composed:
    values = {"max_cost": sql.Literal(MAX_COST_MINOR)}
    cases = [
        (sql.SQL(condition).format(**values), sql.Literal(reason), sql.Literal(column))
        for column, reason, condition in _LOOKUPS
    ]
    when = sql.SQL("when {} then {}")
    return sql.SQL(_LOOK_UP).format(
        problems=sql.SQL(" ").join(when.format(condition, reason) for condition, reason, _ in cases),
        columns=sql.SQL(" ").join(when.format(condition, column) for condition, _, column in cases),
    )


_ACTIVITIES = """
    create temp table import_activities as
    select distinct on (activity) activity, known.id, known.is_active
    from (select distinct activity, {wanted} as word from import_checked where activity <> '') wanted
    left join (
        select lower(code) as word, 1 as place, id, is_active from costs_activity
        union all
        select {name}, 2, id, is_active from costs_activity
    ) known using (word)
    order by activity, place, id
"""

_LOOK_UP = """
    create temp table import_found as
    with rates as (
        select activity_id, rate_minor, valid_from,
            lead(valid_from, 1, 'infinity') over (partition by activity_id order by valid_from) as until
        from costs_activityrate where superseded_at is null
    )
    select row.line, row.number, row.used_on, row.quantity, names.customer_id, meant.id as activity_id,
        project.id as project_id, rate.rate_minor,
        case {problems} end as problem, case {columns} end as fault
    from import_checked row
    join import_names names using (customer_number, customer)
    left join import_activities meant on meant.activity = row.activity
    left join projects_project project
        on project.customer_id = names.customer_id and project.name = row.project
    left join rates rate on rate.activity_id = meant.id
        and row.used_on >= rate.valid_from and row.used_on < rate.until
    where row.reason is null
"""

_REFUSE_UNKNOWN = """
    update import_checked as row set reason = found.problem, fault = found.fault,
        value = left(case found.fault
            when 'customer' then coalesce(nullif(row.customer, ''), row.customer_number)
            when 'activity' then row.activity when 'project' then row.project
            when 'used_on' then row.used_on::text else row.quantity::text end, 200)
    from import_found found where found.line = row.line and found.problem is not null
"""

_GATHER = """
    create temp table import_usages as
    with broken as (
        select distinct row.number, meant.id as activity_id
        from import_checked row join import_activities meant using (activity)
        where row.reason is not null and row.number <> ''
    )
    select {sha} || line as identity, ''::text as number, line as first_line, customer_id, activity_id,
        project_id, used_on, round(quantity, 4) as quantity, rate_minor, null::text as problem
    from import_found where problem is null and number = ''
    union all
    select summed.identity, summed.number, first_line, summed.customer_id, summed.activity_id,
        summed.project_id, summed.used_on, summed.quantity, rate_minor,
        case when broken.number is not null then 'usage_incomplete'
            when not agrees then 'reference_disagrees'
            when theirs.id is not null then 'reference_taken'
            when summed.quantity >= 1e14 then 'quantity_too_large'
            when round(summed.quantity * rate_minor) > %(max)s then 'cost_too_large' end
    from (
        select 'ref:' || activity_id || ':' || number as identity, number, activity_id,
            min(line) as first_line, min(customer_id) as customer_id,
            min(project_id) as project_id, min(used_on) as used_on, round(sum(quantity), 4) as quantity,
            min(rate_minor) as rate_minor,
            min(customer_id) = max(customer_id) and min(used_on) = max(used_on)
                and min(project_id) is not distinct from max(project_id)
                and count(project_id) in (0, count(*)) as agrees
        from import_found where problem is null and number <> '' group by number, activity_id
    ) summed
    left join broken on broken.number = summed.number and broken.activity_id = summed.activity_id
    left join (
        costs_activityusage theirs
        join customers_customer owner on owner.id = theirs.customer_id and owner.merged_into_id is null
    ) on theirs.identity = summed.identity and theirs.superseded_at is null
        and theirs.customer_id <> summed.customer_id
"""

_REFUSE_PARTS = """
    update import_checked as row set reason = usages.problem, fault = 'number', value = row.number
    from import_usages usages, import_found found
    where usages.problem is not null and row.line = found.line and row.reason is null
        and usages.number = found.number and usages.activity_id = found.activity_id
"""


def compare(job: Job) -> None:
    """Fill import_writes: what every usage of the file is beside what is believed.

    A project that the file does not name is kept.
    """
    project = "usages.project_id" if "project" in job.mapping else _KEPT_PROJECT
    said = ["customer_id", "used_on", "quantity"] + ["project_id"] * ("project" in job.mapping)
    with connection.cursor() as cursor:
        execute(cursor, sql.SQL(_COMPARE).format(project=sql.SQL(project)))
        keep_taken(cursor, "costs_activityusage", said, job)


def write(job: Job) -> Written:
    """Supersede what differs, insert what is new, bump the customers concerned.

    A new usage is known at the start of its own day, a correction now; so is one that was taken back before.
    """
    compare(job)
    with connection.cursor() as cursor:
        end_corrected(cursor, "costs_activityusage", job)
        cursor.execute(_INSERT, {**job.values, "source": UsageSource.IMPORTED.value})
        cursor.execute(_CONCERNED)
        bump(row[0] for row in cursor.fetchall())
        return count_written(cursor)


_KEPT_PROJECT = "case when current.customer_id = usages.customer_id then current.project_id end"

_COMPARE = """
    create temp table import_writes as
    select identity, number, first_line, customer_id, activity_id, project_id, used_on, quantity,
        base_cost_minor, old_id, old_customer_id,
        case when old_id is null then 'add'
        when (customer_id, used_on, quantity, project_id) is not distinct from old_values then 'same'
        else 'correct' end as action
    from (
        select usages.identity, usages.number, usages.first_line, usages.customer_id, usages.activity_id,
            {project} as project_id, usages.used_on, usages.quantity::numeric(18, 4) as quantity,
            round(usages.quantity * usages.rate_minor)::bigint as base_cost_minor,
            current.id as old_id, current.customer_id as old_customer_id,
            (current.customer_id, current.used_on, current.quantity, current.project_id) as old_values
        from import_usages usages
        left join costs_activityusage current
            on current.identity = usages.identity and current.superseded_at is null
    ) compared
"""

_INSERT = """
    insert into costs_activityusage (known_at, import_id, identity, customer_id, project_id, activity_id,
        reference, used_on, quantity, base_cost_minor, source)
    select case when action = 'correct' or earlier.identity is not null then %(now)s
            else used_on::timestamp at time zone %(zone)s end,
        %(import)s, identity, customer_id, project_id, activity_id, number, used_on, quantity,
        base_cost_minor, %(source)s
    from import_writes w
    left join (
        select distinct identity from costs_activityusage where superseded_at is not null
    ) earlier using (identity)
    where action <> 'same' order by customer_id, used_on, first_line
"""

_CONCERNED = """
    select customer_id from import_writes where action <> 'same'
    union
    select old_customer_id from import_writes where action = 'correct'
"""
