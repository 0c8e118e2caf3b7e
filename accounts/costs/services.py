"""Every write of activities, their rates and their usage.

A usage costs quantity x the rate of its day; whoever prices one holds a share of the activity's row, which
`set_rate` takes for itself: nothing is priced at a rate that is just being replaced.

What is wrong is raised as a ValidationError by field, with the codes: blank, code_taken, name_taken,
driver_in_use, rate, rate_missing, rate_needed, too_old, too_far, future, quantity, too_large, not_in_use,
project_of_another; what somebody else changed in the meantime as a ConflictError. Nothing is written then.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.costs.models import (
    Activity,
    ActivityRate,
    ActivityUsage,
    CostPool,
    Driver,
    UsageSource,
)
from accounts.customers.models import Customer
from accounts.customers.services import ConflictError, bump, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.projects.models import Project
from accounts.users.models import User

MAX_RATE_MINOR = 10**12
MAX_COST_MINOR = 10**13
MAX_QUANTITY = 10**14
FIRST_DAY = dt.date(1970, 1, 1)
YEARS_AHEAD = 10


class ActivityChanges(TypedDict, total=False):
    """Columns to change; those not named stay as they are."""

    code: str
    name: str
    pool: CostPool | str
    driver: Driver | str
    is_value_adding: bool
    is_active: bool


@dataclass(frozen=True)
class Repriced:
    """What a rate changed: how many usages cost something else now, and whose (ids of customers).

    ``replaced``: the rate that began on the same day, in minor units; None without one.
    """

    usages: int
    customers: tuple[int, ...]
    replaced: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class UsageFacts:
    """What a usage says; ``quantity`` in units of the activity's driver."""

    activity: Activity
    used_on: dt.date
    quantity: Decimal
    project_id: int | None = None
    reference: str = ""


@transaction.atomic
def add_activity(
    *,
    code: str,
    name: str,
    pool: CostPool,
    driver: Driver,
    now: dt.datetime,
    is_value_adding: bool = True,
) -> Activity:
    """A new activity, without a rate yet: nothing can be used of it before `set_rate`."""
    activity = Activity(
        code=code, name=name, pool=pool, driver=driver, is_value_adding=is_value_adding, known_at=now
    )
    _save(activity, force_insert=True)
    return activity


@transaction.atomic
def change_activity(activity: Activity, *, expected_version: int, changes: ActivityChanges) -> Activity:
    """Change the named columns; the driver only while nothing was used.

    Raises ConflictError when the record no longer has ``expected_version``.
    """
    current = _taken(activity)
    if current.version != expected_version:
        raise ConflictError(activity.pk)
    differing = {name: value for name, value in changes.items() if getattr(current, name) != value}
    if not differing:
        return current
    if "driver" in differing and current.usages.exists():
        refuse(
            "driver",
            "driver_in_use",
            _("Usages of this activity are counted in this unit already. Add another activity."),
        )
    for name, value in differing.items():
        setattr(current, name, value)
    current.version += 1
    _save(current, update_fields=[*differing, "version"])
    return current


@transaction.atomic
def set_rate(
    *, activity: Activity, valid_from: dt.date, rate_minor: Decimal, author: User | None, now: dt.datetime
) -> Repriced:
    """One unit costs ``rate_minor`` from ``valid_from`` until the next rate; the usages of that time follow.

    A rate that began on this very day is superseded, and every usage whose cost changes gets a new version.
    """
    if not 0 <= rate_minor <= MAX_RATE_MINOR:
        refuse("rate", "rate", _("A rate is not negative, and at most ten billion."))
    if valid_from < FIRST_DAY:
        refuse("valid_from", "too_old", _("A rate cannot be older than 1970."))
    if (valid_from.year, valid_from.month) > (now.year + YEARS_AHEAD, now.month):
        refuse("valid_from", "too_far", _("A rate begins within the next ten years."))
    _taken(activity)
    same_day = _rates(activity).filter(valid_from=valid_from)
    replaced = same_day.values_list("rate_minor", flat=True).first()
    same_day.update(superseded_at=now)
    ActivityRate.objects.create(
        activity=activity, valid_from=valid_from, rate_minor=rate_minor, author=author, known_at=now
    )
    return replace(_reprice(activity, valid_from, rate_minor, now), replaced=replaced)


@transaction.atomic
def withdraw_rate(rate: ActivityRate, *, now: dt.datetime) -> Repriced:
    """The rate before it holds on; refused when usages would be left without any."""
    activity = _taken(rate.activity)
    earlier = _rates(activity).filter(valid_from__lt=rate.valid_from).order_by("-valid_from").first()
    following = following_rate(activity, rate.valid_from)
    if earlier is None and usages_between(activity, rate.valid_from, following).exists():
        refuse("rate", "rate_needed", _("Usages of this time have no other rate. Correct the rate instead."))
    ended = _rates(activity).filter(pk=rate.pk).update(superseded_at=now)
    if not ended:
        raise ConflictError(rate.pk)
    if earlier is None:
        return Repriced(0, ())
    return _reprice(activity, rate.valid_from, earlier.rate_minor, now)


@transaction.atomic
def add_usage(
    *,
    customer: Customer,
    facts: UsageFacts,
    now: dt.datetime,
    source: UsageSource = UsageSource.TYPED,
    token: uuid.UUID | None = None,
) -> ActivityUsage:
    """A new usage. Without a reference ``token``, which names what it comes from, is its identity.

    Raises AlreadySavedError when that identity is there already, be it at this moment.
    """
    share(facts.activity)
    _check(customer, facts, now)
    identity = f"typed:{token or uuid.uuid4()}"
    if facts.reference:
        identity = f"ref:{facts.activity.pk}:{facts.reference}"
    usage = ActivityUsage(
        identity=identity,
        customer=customer,
        project_id=facts.project_id,
        activity=facts.activity,
        reference=facts.reference,
        used_on=facts.used_on,
        quantity=facts.quantity,
        base_cost_minor=cost_of(facts),
        source=source,
        known_at=now,
    )
    try:
        with transaction.atomic():
            usage.save(force_insert=True)
    except IntegrityError as error:
        if "usage_one_current" not in str(error):
            raise
        raise AlreadySavedError from error
    bump([customer.pk])
    return usage


@transaction.atomic
def remove_usage(usage: ActivityUsage, *, now: dt.datetime) -> None:
    """No longer believed from ``now`` on; what was believed before stays readable.

    Raises ConflictError when this version is no longer the current one.
    """
    current = ActivityUsage.objects.filter(pk=usage.pk, superseded_at=None)
    if not current.update(superseded_at=now):
        raise ConflictError(usage.pk)
    bump([usage.customer_id])


@transaction.atomic
def restore_usage(removed: ActivityUsage, *, now: dt.datetime) -> ActivityUsage:
    """Undo of a removal: a new version, at the rate that holds now. Restored twice it stays one."""
    share(removed.activity)
    ActivityUsage.objects.select_for_update().get(pk=removed.pk)
    present = ActivityUsage.objects.filter(identity=removed.identity, superseded_at=None).first()
    if present:
        return present
    facts = UsageFacts(activity=removed.activity, used_on=removed.used_on, quantity=removed.quantity)
    restored = ActivityUsage.objects.create(
        identity=removed.identity,
        customer_id=removed.customer_id,
        project_id=removed.project_id,
        activity=removed.activity,
        reference=removed.reference,
        used_on=removed.used_on,
        quantity=removed.quantity,
        base_cost_minor=cost_of(facts),
        source=removed.source,
        import_id=removed.import_id,
        known_at=now,
    )
    bump([removed.customer_id])
    return restored


def rate_on(activity: Activity, day: dt.date) -> Decimal | None:
    """Minor units of the company's currency per unit of the driver; None: no rate was set by then."""
    valid = _rates(activity).filter(valid_from__lte=day).order_by("-valid_from")
    return valid.values_list("rate_minor", flat=True).first()


def following_rate(activity: Activity, day: dt.date) -> dt.date | None:
    """When the next rate after ``day`` begins."""
    later = _rates(activity).filter(valid_from__gt=day).order_by("valid_from")
    return later.values_list("valid_from", flat=True).first()


def usages_between(activity: Activity, first: dt.date, following: dt.date | None) -> QuerySet[ActivityUsage]:
    """The believed usages from ``first`` on and before ``following``, which None leaves open."""
    usages = activity.usages.filter(superseded_at=None, used_on__gte=first)
    return usages if following is None else usages.filter(used_on__lt=following)


def _rates(activity: Activity) -> QuerySet[ActivityRate]:
    return ActivityRate.objects.filter(activity=activity, superseded_at=None)


def _reprice(activity: Activity, valid_from: dt.date, rate_minor: Decimal, now: dt.datetime) -> Repriced:
    values: dict[str, int | Decimal | dt.date | dt.datetime | None] = {
        "activity": activity.pk,
        "low": valid_from,
        "high": following_rate(activity, valid_from),
        "rate": rate_minor,
        "now": now,
        "max": MAX_COST_MINOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TOO_LARGE, values)
        if cursor.fetchone():
            refuse("rate", "too_large", _("At this rate a usage would cost more than can be kept."))
        cursor.execute(_REPRICE, values)
        written = cursor.fetchall()
    bump(customer_id for customer_id, _count in written)
    return Repriced(sum(count for _id, count in written), tuple(customer_id for customer_id, _ in written))


_CONCERNED = """
    usage.activity_id = %(activity)s and usage.superseded_at is null and usage.used_on >= %(low)s
    and (%(high)s::date is null or usage.used_on < %(high)s)
"""
_TOO_LARGE = f"""
    select 1 from costs_activityusage usage
    where {_CONCERNED} and round(quantity * %(rate)s) > %(max)s limit 1
"""  # noqa: S608 - what is put in is written above
_REPRICE = f"""
    with ended as (
        update costs_activityusage usage set superseded_at = %(now)s
        where {_CONCERNED} and base_cost_minor <> round(quantity * %(rate)s)
        returning identity, customer_id, project_id, activity_id, reference, used_on, quantity, source
    ),
    written as (
        insert into costs_activityusage (known_at, identity, customer_id, project_id, activity_id, reference,
            used_on, quantity, base_cost_minor, source)
        select %(now)s, identity, customer_id, project_id, activity_id, reference, used_on, quantity,
            round(quantity * %(rate)s), source
        from ended order by customer_id, used_on
        returning customer_id
    )
    select customer_id, count(*) from written group by customer_id order by customer_id
"""  # noqa: S608 - what is put in is written above


def _taken(activity: Activity) -> Activity:
    return Activity.objects.select_for_update(no_key=True).get(pk=activity.pk)


def share(activity: Activity) -> None:
    """Hold a share of the activity until the transaction ends: its rates stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute("select from costs_activity where id = %s for share", [activity.pk])


def _save(activity: Activity, **how: Any) -> None:
    activity.code, activity.name = names.cleaned(activity.code), names.cleaned(activity.name)
    for field in ("code", "name"):
        if not getattr(activity, field):
            refuse(field, "blank", _("Type a code.") if field == "code" else _("Type a name."))
    try:
        with transaction.atomic():
            activity.save(**how)
    except IntegrityError as error:
        if "activity_code_once" not in str(error) and "activity_name_once" not in str(error):
            raise
        raise ValidationError(_taken_names(activity, str(error))) from error


def _taken_names(activity: Activity, message: str) -> dict[str, ValidationError]:
    """The database names one constraint; whoever typed both anew learns of both at once."""
    others = Activity.objects.exclude(pk=activity.pk)
    codes = others.annotate(key=Lower("code")).filter(key=Lower(Value(activity.code)))
    same_names = others.annotate(key=Lower("name")).filter(key=Lower(Value(activity.name)))
    faults = {}
    if "activity_code_once" in message or codes.exists():
        faults["code"] = ValidationError(_("Another activity has this code."), code="code_taken")
    if "activity_name_once" in message or same_names.exists():
        faults["name"] = ValidationError(_("Another activity has this name."), code="name_taken")
    return faults


def _check(customer: Customer, facts: UsageFacts, now: dt.datetime) -> None:
    if facts.used_on < FIRST_DAY:
        refuse("used_on", "too_old", _("An activity cannot be older than 1970."))
    if facts.used_on > company_day(now):
        refuse("used_on", "future", _("An activity is entered when it has happened."))
    if not 0 < facts.quantity < MAX_QUANTITY:
        refuse("quantity", "quantity", _("The quantity is above zero."))
    if not facts.activity.is_active:
        refuse("activity", "not_in_use", _("This activity is no longer in use."))
    if facts.project_id and not Project.objects.filter(pk=facts.project_id, customer=customer).exists():
        refuse("project", "project_of_another", _("This project belongs to another customer."))


def cost_of(facts: UsageFacts) -> int:
    """Minor units of the company's currency, rounded once; whoever asks holds a share of the activity."""
    rate = rate_on(facts.activity, facts.used_on)
    if rate is None:
        refuse("activity", "rate_missing", _("This activity has no rate on this day."))
    cost = int((facts.quantity * rate).quantize(Decimal(1), ROUND_HALF_UP))
    if cost > MAX_COST_MINOR:
        refuse("quantity", "too_large", _("This usage costs more than can be kept."))
    return cost
