"""Whom we ask about a project, what happens next with each, and projects nobody is asked about."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Lower

from accounts import access
from accounts.actions.models import Action
from accounts.contacts.models import Contact
from accounts.customers.models import Stage
from accounts.customers.services import company_day
from accounts.keys import among
from accounts.projects.models import Project
from accounts.surveys.models import (
    Invitation,
    ProgrammeVersion,
    Referral,
    ReferralState,
    Respondent,
    RespondentChange,
    RespondentState,
)
from accounts.surveys.queries.programmes import version_for
from accounts.surveys.weeks import clock_of, monday_of, weeks_possibly_open
from accounts.users.models import User

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Asked = WithAnnotations[Respondent, "AskedFacts"]

WEEK = dt.timedelta(days=7)
UNASKED_SHOWN = 20
ADDING = uuid.UUID("8c9f1c86-0f0e-4b57-9f6f-6b1d8d7f2b5e")
"""Any constant: what actions to add a proposed colleague are named under."""


class AskedFacts(TypedDict):
    since: dt.datetime
    reason: str
    last_answered_at: dt.datetime | None
    last_week: dt.date | None


@dataclass(frozen=True)
class NextLetter:
    """When a letter goes out: the instant, and ``local``, the clock on his wall (naive, or a page would turn
    it into its reader's time). ``monday``: of the week it asks about."""

    at: dt.datetime
    local: dt.datetime
    monday: dt.date
    time_zone: str


@dataclass(frozen=True)
class RespondentRow:
    """``since``: when he came into his state, and the ``reason`` given then. ``letter``: the next; None where
    ``obstacle`` says why there is none: left, opted_out, no_email, paused, refused (for this project), ended.
    """

    respondent: Respondent
    since: dt.datetime
    reason: str
    last_answered_at: dt.datetime | None
    was_asked: bool
    obstacle: str
    letter: NextLetter | None

    @property
    def contact(self) -> Contact:
        return self.respondent.contact


@dataclass(frozen=True)
class Candidate:
    """A contact who is not asked yet. ``obstacle``: no_email or opted_out where he cannot be."""

    contact: Contact
    obstacle: str


@dataclass(frozen=True)
class Proposal:
    """A colleague whom a respondent proposes. ``meant``: the contact who has the address already, with
    ``obstacle`` left or opted_out where he cannot be asked.

    ``named``: how he is asked about this project already, if he is; ``is_ordered``: of who is no contact yet,
    whether the customer's owner was asked to add him.
    """

    referral: Referral
    meant: Contact | None
    obstacle: str
    named: Respondent | None = None
    is_ordered: bool = False

    @property
    def seen(self) -> str:
        """Says which version of it a page showed."""
        return self.referral.known_at.isoformat()


@dataclass(frozen=True)
class Unasked:
    """Projects nobody is asked about. ``count``: without those that wait for somebody who paused."""

    shown: tuple[Any, ...]
    count: int
    total: int


def respondents_of(project: Project, *, now: dt.datetime) -> list[RespondentRow]:
    """Asked ones first, then by name. Three queries."""
    version = _version(project, now)
    rows = [_row(each, project, version, now=now) for each in _asked(project)]
    return sorted(rows, key=lambda row: (row.letter is None, row.contact.sort_key, row.respondent.pk))


def is_over(project: Project, *, now: dt.datetime) -> bool:
    """Whether the project ended before the week that the next letters ask about."""
    next_week = next_letter(_version(project, now), settings.TIME_ZONE, now=now).monday
    return project.ended_on is not None and project.ended_on < next_week


def candidates_for(project: Project, *, today: dt.date) -> list[Candidate]:
    """Contacts of the customer who work there and are no respondents; whoever can be asked comes first."""
    contacts = _present(Contact.objects.filter(customer=project.customer_id), today)
    named = Respondent.objects.filter(project=project).values("contact")
    found = contacts.exclude(pk__in=named).order_by("sort_key", "pk")
    return sorted(
        (Candidate(contact, _obstacle_of_contact(contact, today)) for contact in found),
        key=lambda candidate: bool(candidate.obstacle),
    )


def askable_contacts(project: Project, *, today: dt.date) -> QuerySet[Contact]:
    """Whom one may name: at work there, with an e-mail address, not against surveys."""
    contacts = _present(Contact.objects.filter(customer=project.customer_id), today)
    return contacts.exclude(email="").filter(opted_out=False)


def proposals_for(project: Project, *, today: dt.date) -> list[Proposal]:
    """Those that wait for a decision, the oldest first. Four queries however many."""
    waiting = Referral.objects.filter(project=project, state=ReferralState.PROPOSED)
    found = proposals_of(waiting.select_related("contact").order_by("known_at", "pk"), today=today)
    if not found:
        return []
    meant = [each.meant.pk for each in found if each.meant]
    named = {each.contact_id: each for each in Respondent.objects.filter(project=project, contact__in=meant)}
    tokens = [order_of(each.referral) for each in found]
    ordered = set(Action.objects.filter(token__in=tokens).values_list("token", flat=True))
    return [
        replace(
            each,
            named=named.get(each.meant.pk) if each.meant else None,
            is_ordered=order_of(each.referral) in ordered,
        )
        for each in found
    ]


def order_of(referral: Referral) -> uuid.UUID:
    """The token of the action that adds who is proposed: asked for twice, there is one."""
    return uuid.uuid5(ADDING, f"{referral.pk} {referral.known_at.isoformat()}")


def proposals_of(referrals: Iterable[Referral], *, today: dt.date) -> list[Proposal]:
    """A query however many, none for none. Who is meant is the same contact as `contact_meant` finds."""
    found = list(referrals)
    if not found:
        return []
    contacts = (
        Contact.objects.annotate(address=Lower("email"))
        .filter(
            customer__in={each.customer_id for each in found},
            address__in={each.email.lower() for each in found},
        )
        .order_by(F("left_on").asc(nulls_last=True), "-pk")
    )
    by_address = defaultdict(list)
    for contact in contacts:
        by_address[contact.customer_id, contact.address].append(contact)
    return [_proposal(each, by_address[each.customer_id, each.email.lower()], today) for each in found]


def _proposal(referral: Referral, same: Sequence[Contact], today: dt.date) -> Proposal:
    others = [contact for contact in same if contact.pk != referral.contact_id]
    meant = others[-1] if others else None
    return Proposal(referral, meant, _obstacle_of_contact(meant, today) if meant else "")


def unasked_projects(projects: QuerySet[Project], *, today: dt.date) -> QuerySet[Any]:
    """Those under way about which nobody will get a letter, but not of a customer who is lost.

    ``is_paused``: somebody is named who paused or wants no letters, so that it waits for him. Last of all.
    """
    there = Q(contact__left_on=None) | Q(contact__left_on__gt=today)
    asked = (
        Respondent.objects.filter(
            there,
            project=OuterRef("pk"),
            state=RespondentState.ACTIVE,
            contact__opted_out=False,
        )
        .exclude(contact__email="")
        .values("pk")
    )
    under_way = projects.filter(Q(ended_on=None) | Q(ended_on__gte=today), started_on__lte=today)
    resting = Respondent.objects.filter(
        there,
        ~Q(state=RespondentState.ACTIVE) | Q(contact__opted_out=True),
        project=OuterRef("pk"),
    )
    found = under_way.filter(~Exists(asked)).exclude(customer__stage=Stage.LOST)
    return found.annotate(is_paused=Exists(resting)).order_by("is_paused", "customer__sort_key", "name", "pk")


def unasked_of(project_ids: Sequence[int], user: User, *, today: dt.date) -> Unasked:
    """The first `UNASKED_SHOWN`, with the count of all. One query."""
    may_name = access.changeable_projects(user).filter(pk=OuterRef("pk"))
    found = unasked_projects(Project.objects.filter(pk__in=among(project_ids)), today=today).annotate(
        may_name=Exists(may_name),
        waiting=Window(Count("pk", filter=Q(is_paused=False))),
        total=Window(Count("pk")),
    )
    shown = list(found.select_related("customer", "manager")[:UNASKED_SHOWN])
    first = shown[0] if shown else None
    return Unasked(tuple(shown), first.waiting if first else 0, first.total if first else 0)


def next_letter(version: ProgrammeVersion, time_zone: str, *, now: dt.datetime) -> NextLetter:
    """The first hour of sending after ``now``: who is named by then is asked then."""
    latest = weeks_possibly_open(now)[-1]
    for monday in (latest - WEEK, latest, latest + WEEK):
        clock = clock_of(version, monday, time_zone)
        if clock.due_at > now:
            break
    local = dt.datetime.combine(clock.sent_on, dt.time(version.send_hour))
    return NextLetter(clock.due_at, local, monday, time_zone)


def _version(project: Project, now: dt.datetime) -> ProgrammeVersion:
    """Under which the project is asked this week; before the first question the product's own, not stored."""
    try:
        return version_for(project.pk, monday=monday_of(company_day(now)))
    except LookupError:
        return ProgrammeVersion()


def _asked(project: Project) -> QuerySet[Asked]:
    latest = RespondentChange.objects.filter(respondent=OuterRef("pk")).order_by("-known_at", "-id")
    invitations = Invitation.objects.filter(project=OuterRef("project"), contact=OuterRef("contact"))
    of_all = invitations.order_by().values("project")
    return (
        Respondent.objects.filter(project=project)
        .select_related("contact")
        .annotate(
            since=Subquery(latest.values("known_at")[:1]),
            reason=Subquery(latest.values("reason")[:1]),
            last_answered_at=Subquery(of_all.annotate(at=Max("answered_at")).values("at")),
            last_week=Subquery(of_all.annotate(at=Max("week")).values("at")),
        )
        .order_by(F("contact__sort_key"), "pk")
    )


def _row(each: Asked, project: Project, version: ProgrammeVersion, *, now: dt.datetime) -> RespondentRow:
    of_contact = _obstacle_of_contact(each.contact, company_day(now))
    # An address can be added; whoever wants no letters or has a pause does not miss one.
    obstacle = of_contact
    if obstacle in {"", "no_email"}:
        obstacle = _obstacle_of_state(each) or obstacle
    letter = None if obstacle else next_letter(version, each.contact.time_zone, now=now)
    if letter and project.ended_on and project.ended_on < letter.monday:
        obstacle, letter = "ended", None
    return RespondentRow(
        respondent=each,
        since=each.since,
        reason=each.reason,
        last_answered_at=each.last_answered_at,
        was_asked=each.last_week is not None,
        obstacle=obstacle,
        letter=letter,
    )


def _obstacle_of_contact(contact: Contact, today: dt.date) -> str:
    if contact.left_on is not None and contact.left_on <= today:
        return "left"
    if contact.opted_out:
        return "opted_out"
    return "" if contact.email else "no_email"


def _obstacle_of_state(respondent: Respondent) -> str:
    by_state = {RespondentState.PAUSED: "paused", RespondentState.OPTED_OUT: "refused"}
    return by_state.get(RespondentState(respondent.state), "")


def _present(contacts: QuerySet[Contact], today: dt.date) -> QuerySet[Contact]:
    return contacts.filter(Q(left_on=None) | Q(left_on__gt=today))
