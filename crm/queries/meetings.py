"""The weekly meeting: its list, its agenda, what was decided, and what is still to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts import access
from accounts.actions.models import UNDONE, Action
from accounts.projects.models import Project
from accounts.surveys.models import CorrectiveAction, MeetingAttendee, MeetingDecision, ReviewMeeting
from accounts.users.models import User
from crm.queries.actions import Row, actions_about
from crm.queries.board_words import Line, cases_of, lines_of
from crm.queries.boards import Order, Placed, Review, ReviewRow, order_of, page_of, review_of, scope_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ListedMeeting = WithAnnotations[ReviewMeeting, "MeetingCounts"]

MOST_MEETINGS = 100
EARLIER_SHOWN = 5


class MeetingCounts(TypedDict):
    """``decided``: decisions; ``to_do``: actions that are not done yet."""

    decided: int
    to_do: int


@dataclass(frozen=True)
class Minutes:
    """``carried``: what earlier meetings of the same chair agreed and nobody has done yet."""

    attendees: tuple[MeetingAttendee, ...]
    decisions: tuple[MeetingDecision, ...]
    actions: tuple[Row, ...]
    carried: tuple[Row, ...]


@dataclass(frozen=True)
class Topic:
    """One project of the agenda. ``number`` of ``count`` counts from 1; ``previous`` and ``following`` are
    ids, None at either end; ``decisions`` and ``actions``: of this meeting and of earlier ones, the latest
    first."""

    row: ReviewRow
    lines: tuple[Line, ...]
    cases: tuple[CorrectiveAction, ...]
    decisions: tuple[MeetingDecision, ...]
    actions: tuple[Row, ...]
    number: int
    count: int
    previous: int | None
    following: int | None

    @property
    def said(self) -> tuple[Line, ...]:
        """What the customer's people wrote."""
        return tuple(line for line in self.lines if not line.is_ours)

    @property
    def notes(self) -> tuple[Line, ...]:
        """What we noted for ourselves."""
        return tuple(line for line in self.lines if line.is_ours)


def listed_meetings(user: User) -> tuple[ListedMeeting, ...]:
    """The latest first. One query."""
    decided = MeetingDecision.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    to_do = Action.objects.filter(UNDONE, meeting=OuterRef("pk")).order_by().values("meeting")
    found = access.visible_meetings(user).select_related("chair", "week")
    counted = found.annotate(
        decided=Coalesce(Subquery(decided.annotate(n=Count("pk")).values("n")), 0),
        to_do=Coalesce(Subquery(to_do.annotate(n=Count("pk")).values("n")), 0),
    )
    return tuple(counted.order_by("-week", "chair__sort_key", "-pk")[:MOST_MEETINGS])


def agenda_of(meeting: ReviewMeeting, viewer: User, *, now: dt.datetime) -> tuple[Placed, ...]:
    """The projects that the chair manages or leads, or without any those he sees, worst fall first; only
    those that the viewer sees."""
    scope = scope_of(meeting.chair)
    managed = [each.pk for each in scope if each.is_managed]
    ids = managed or [each.pk for each in scope]
    if viewer.pk != meeting.chair_id:
        seen = access.graded_projects(viewer).filter(pk__in=ids)
        ids = list(seen.order_by("pk").values_list("pk", flat=True))
    return order_of(ids, meeting.week_id, order=Order.FALL, now=now)


def agenda_projects(agenda: Sequence[Placed]) -> QuerySet[Project]:
    """For choosing one, by name."""
    ids = [each.pk for each in agenda]
    return Project.objects.filter(pk__in=ids).select_related("customer").order_by("name", "pk")


def minutes_of(meeting: ReviewMeeting, viewer: User) -> Minutes:
    attendees = meeting.attendees.select_related("user").order_by("user__sort_key", "user")
    decisions = meeting.decisions.select_related("project__customer", "decided_by").order_by("pk")
    earlier = ReviewMeeting.objects.filter(chair=meeting.chair, week__lt=meeting.week_id)
    return Minutes(
        attendees=tuple(attendees),
        decisions=tuple(decisions),
        actions=actions_about(viewer, Action.objects.filter(meeting=meeting)),
        carried=actions_about(viewer, Action.objects.filter(UNDONE, meeting__in=earlier)),
    )


def topic_of(
    meeting: ReviewMeeting,
    agenda: Sequence[Placed],
    project: int | None,
    viewer: User,
    *,
    language: str,
    now: dt.datetime,
) -> Topic | None:
    """The project with that id, else the first one; None of an empty agenda."""
    places = {each.pk: number for number, each in enumerate(agenda)}
    if not agenda:
        return None
    number = places.get(project or 0, 0)
    placed = agenda[number]
    review = _review_of_one(placed, meeting, viewer, language=language, now=now)
    decisions = MeetingDecision.objects.filter(project=placed.pk, meeting__week__lte=meeting.week_id)
    actions = Action.objects.filter(Q(meeting__isnull=False), project=placed.pk)
    return Topic(
        row=review.page.rows[0],
        lines=lines_of([placed.pk], meeting.week_id),
        cases=cases_of([placed.pk], meeting.week_id),
        decisions=tuple(
            decisions.select_related("meeting", "decided_by").order_by("-meeting__week", "-pk")[
                :EARLIER_SHOWN
            ]
        ),
        actions=actions_about(viewer, actions)[:EARLIER_SHOWN],
        number=number + 1,
        count=len(agenda),
        previous=agenda[number - 1].pk if number else None,
        following=agenda[number + 1].pk if number + 1 < len(agenda) else None,
    )


def possible_attendees(meeting: ReviewMeeting, viewer: User) -> QuerySet[User]:
    """Colleagues, and who is down as having been there."""
    there = User.objects.filter(pk__in=meeting.attendees.values("user"))
    return (access.visible_users(viewer) | there).order_by("sort_key", "pk")


def _review_of_one(
    placed: Placed, meeting: ReviewMeeting, viewer: User, *, language: str, now: dt.datetime
) -> Review:
    page = page_of([placed])
    return review_of([placed], page, meeting.week_id, user=viewer, language=language, now=now)
