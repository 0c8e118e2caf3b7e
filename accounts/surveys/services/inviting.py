"""Respondents, invitations and their links. Codes: other_customer, expired."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.contacts.models import Contact
from accounts.customers.services import refuse
from accounts.projects.models import Project
from accounts.surveys.links import hashed, new_token
from accounts.surveys.models import (
    Invitation,
    InvitationToken,
    Respondent,
    RespondentChange,
    RespondentState,
    Week,
)
from accounts.surveys.queries.programmes import WeekVersions, versions_of_week
from accounts.surveys.services.programmes import ensure_programme
from accounts.surveys.weeks import EARLIEST_ZONE, Clock, clock_of, start_of, weeks_possibly_open
from accounts.users.models import User

MAX_FAILURE = 400
CAME_BACK = gettext_noop("The letter came back.")
"""How the reason of a failure begins that another mail server reported after ours had taken the letter."""

MAKE = """
insert into surveys_invitation (
    customer_id, project_id, contact_id, respondent_id, week_id, programme_version_id, level,
    due_at, reminder_at, closes_at, expires_at, known_at, failure
)
select r.customer_id, r.project_id, r.contact_id, r.id, %(monday)s, z.version_id, c.level,
    z.due_at, z.reminder_at, z.closes_at, z.expires_at, %(now)s, ''
from surveys_respondent r
join contacts_contact c on c.id = r.contact_id
join projects_project p on p.id = r.project_id
join customers_customer k on k.id = r.customer_id
left join unnest(%(projects)s::bigint[], %(project_versions)s::bigint[]) as of_project (id, version_id)
    on of_project.id = r.project_id
left join unnest(%(customers)s::bigint[], %(customer_versions)s::bigint[]) as of_customer (id, version_id)
    on of_customer.id = r.customer_id
join unnest(
    %(versions)s::bigint[], %(zones)s::text[], %(sent)s::date[], %(due)s::timestamptz[],
    %(reminder)s::timestamptz[], %(closes)s::timestamptz[], %(expires)s::timestamptz[]
) as z (version_id, zone, sent_on, due_at, reminder_at, closes_at, expires_at)
    on z.zone = c.time_zone
    and z.version_id = coalesce(of_project.version_id, of_customer.version_id, %(general)s)
where z.due_at <= %(now)s and %(now)s < z.closes_at
  and r.state = 'active' and not c.opted_out and c.email <> '' and k.merged_into_id is null
  and (c.left_on is null or c.left_on > z.sent_on)
  and p.started_on <= z.sent_on and (p.ended_on is null or p.ended_on >= %(monday)s)
  and (
    select change.state from surveys_respondentchange change
    where change.respondent_id = r.id and change.known_at <= z.due_at
    order by change.known_at desc, change.id desc limit 1
  ) = 'active'
order by r.project_id, r.contact_id
on conflict (project_id, contact_id, week_id) do nothing
"""

# Whoever paused him until that day also resumed him.
RESUME = """
with resumed as (
    update surveys_respondent r set state = 'active', paused_until = null
    from contacts_contact c, unnest(
        %(zones)s::text[], %(days)s::date[], %(starts)s::timestamptz[]
    ) as z (zone, day, starts_at)
    where c.id = r.contact_id and z.zone = c.time_zone and z.day = r.paused_until and r.state = 'paused'
    returning r.id, z.starts_at
)
insert into surveys_respondentchange (respondent_id, state, author_id, reason, known_at)
select resumed.id, 'active', last.author_id, '', greatest(resumed.starts_at, last.known_at)
from resumed
left join lateral (
    select author_id, known_at from surveys_respondentchange change
    where change.respondent_id = resumed.id
    order by known_at desc, id desc limit 1
) last on true
"""


@transaction.atomic
def name_respondent(
    *, project: Project, contact: Contact, author: User | None, now: dt.datetime
) -> Respondent:
    """Ask this contact about the project every week from now on; named twice he is asked once."""
    if project.customer_id != contact.customer_id:
        refuse("contact", "other_customer", _("This contact belongs to another customer."))
    named = Respondent(customer_id=project.customer_id, project=project, contact=contact, known_at=now)
    Respondent.objects.bulk_create([named], ignore_conflicts=True)
    respondent = Respondent.objects.select_for_update().get(project=project, contact=contact)
    if not RespondentChange.objects.filter(respondent=respondent).exists():
        _date_state(respondent, author, reason="", now=now)
        return respondent
    return change_respondent(respondent, state=RespondentState.ACTIVE, author=author, now=now)


@transaction.atomic
def change_respondent(
    respondent: Respondent,
    *,
    state: RespondentState,
    author: User | None,
    now: dt.datetime,
    reason: str = "",
    until: dt.date | None = None,
) -> Respondent:
    """Pause, resume or opt out from now on. Without an ``author`` he said so himself.

    ``until``: the first day on which he is asked again; only a pause has one.
    """
    if state != RespondentState.PAUSED:
        until = None
    current = Respondent.objects.select_for_update().get(pk=respondent.pk)
    if (current.state, current.paused_until) != (state, until):
        current.state, current.paused_until = state, until
        current.save(update_fields=["state", "paused_until"])
        _date_state(current, author, reason=reason, now=now, until=until)
    return current


@transaction.atomic
def resume_paused(*, now: dt.datetime) -> int:
    """Ask those again whose pause has ended, as of the first moment of that day where they are; how many."""
    ended = Respondent.objects.filter(paused_until__lte=(now.astimezone(dt.UTC) + EARLIEST_ZONE).date())
    pauses = ended.values_list("contact__time_zone", "paused_until").distinct()
    starts = {(zone, day): start_of(day, zone) for zone, day in pauses if day is not None}
    over = [(*pause, at) for pause, at in starts.items() if at <= now]
    if not over:
        return 0
    zones, days, starts_at = (list(column) for column in zip(*over, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(RESUME, {"zones": zones, "days": days, "starts": starts_at})
        resumed: int = cursor.rowcount
    return resumed


def make_due_invitations(*, now: dt.datetime) -> int:
    """Invitations of every week that is still open for somebody; how many were made.

    Safe to call as often as one likes, and late: what was missed is made up while its week is open. Whose
    pause has ended is asked again first.
    """
    resume_paused(now=now)
    return sum(make_invitations(monday, now=now) for monday in weeks_possibly_open(now))


@transaction.atomic
def make_invitations(monday: dt.date, *, now: dt.datetime) -> int:
    """Invitations of one week for everybody whose hour has come and whose week is open; how many were made.

    Asked is who was a respondent at his due hour and still is one, of a project that ran in that week, under
    the version that holds for his project in that week.
    """
    ensure_programme(now=now)
    versions = versions_of_week(monday)
    clocks = _clocks(versions, monday)
    if not any(clock.due_at <= now < clock.closes_at for clock in clocks.values()):
        return 0
    Week.objects.bulk_create([Week(monday=monday)], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(MAKE, {"monday": monday, "now": now} | _scopes(versions) | _instants(clocks))
        made: int = cursor.rowcount
    return made


@transaction.atomic
def issue_token(invitation: Invitation, *, now: dt.datetime) -> str:
    """A new link's secret, in clear this once; only its hash is kept. Links issued before still work."""
    if now >= invitation.expires_at:
        refuse("invitation", "expired", _("This week can no longer be answered."))
    token = new_token()
    InvitationToken.objects.create(sha256=hashed(token), invitation=invitation, issued_at=now)
    return token


def mark_sent(invitation_id: int, *, now: dt.datetime) -> bool:
    """Whether this call is the one that marked it: only the first does."""
    return bool(Invitation.objects.filter(pk=invitation_id, sent_at=None).update(**taken_at(now)))


def taken_at(now: dt.datetime) -> dict[str, Any]:
    """The columns of a letter that the mail server took.

    A report that it came back may be here before we have marked it: that failure stays.
    """
    came_back = Q(failure__startswith=CAME_BACK)
    nothing = Value(None, output_field=DateTimeField())
    return {
        "sent_at": now,
        "failed_at": Case(When(came_back, then=F("failed_at")), default=nothing),
        "failure": Case(When(came_back, then=F("failure")), default=Value("")),
    }


def mark_failed(invitation_id: int, *, reason: str, now: dt.datetime) -> bool:
    """The letter could not be delivered, for good."""
    found = Invitation.objects.filter(pk=invitation_id)
    return bool(found.update(failed_at=now, failure=reason[:MAX_FAILURE]))


def give_up_unsent(*, reason: str, now: dt.datetime) -> int:
    """Mark what could not be sent while its week was open as failed; how many there were."""
    unsent = Invitation.objects.filter(sent_at=None, failed_at=None, due_at__lte=now, closes_at__lte=now)
    return unsent.update(failed_at=now, failure=reason[:MAX_FAILURE])


def ask_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """Forget that a letter failed, so that it is due again; only while its week is open."""
    failed = Invitation.objects.filter(pk=invitation_id, failed_at__isnull=False, closes_at__gt=now)
    return bool(failed.update(failed_at=None, failure=""))


def mark_reminded(invitation_id: int, *, now: dt.datetime) -> bool:
    """Whether this call is the one that marked it; who has answered is not reminded."""
    silent = Invitation.objects.filter(pk=invitation_id, reminded_at=None, answered_at=None)
    return bool(silent.update(reminded_at=now))


def _clocks(versions: WeekVersions, monday: dt.date) -> dict[tuple[int, str], Clock]:
    """By version and time zone: a few dozen, computed once each instead of once per respondent."""
    asked = Contact.objects.filter(survey_roles__state=RespondentState.ACTIVE)
    zones = asked.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    pairs = product(versions.all(), list(zones))
    return {(version.pk, zone): clock_of(version, monday, zone) for version, zone in pairs}


def _scopes(versions: WeekVersions) -> dict[str, Any]:
    return {
        "general": versions.general.pk,
        "customers": list(versions.by_customer),
        "customer_versions": [version.pk for version in versions.by_customer.values()],
        "projects": list(versions.by_project),
        "project_versions": [version.pk for version in versions.by_project.values()],
    }


def _instants(clocks: dict[tuple[int, str], Clock]) -> dict[str, Any]:
    return {
        "versions": [version for version, _zone in clocks],
        "zones": [zone for _version, zone in clocks],
        "sent": [clock.sent_on for clock in clocks.values()],
        "due": [clock.due_at for clock in clocks.values()],
        "reminder": [clock.reminder_at for clock in clocks.values()],
        "closes": [clock.closes_at for clock in clocks.values()],
        "expires": [clock.expires_at for clock in clocks.values()],
    }


def _date_state(
    respondent: Respondent,
    author: User | None,
    *,
    reason: str,
    now: dt.datetime,
    until: dt.date | None = None,
) -> None:
    RespondentChange.objects.create(
        respondent=respondent,
        state=respondent.state,
        author=author,
        reason=reason,
        until=until,
        known_at=now,
    )
