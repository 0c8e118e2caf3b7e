"""What this week's survey asks of him, short of a corrective action."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window
from django.utils.translation import get_language

from accounts import access
from accounts.customers.models import Stage
from accounts.projects.models import Project
from accounts.surveys.models import Answer, AnswerGrade, Invitation, Respondent
from accounts.surveys.queries.weeks import asked_weeks
from accounts.surveys.weeks import monday_of
from crm.queries.today.falls import falls_of
from crm.queries.today.items import GradeItem, Item, ProjectItem, SilentLine, Warned
from crm.queries.today.queues import Queue
from crm.queries.today.scope import Scope

NEW_FOR = dt.timedelta(days=7)
# Grades and invitations are found by week; the latest close, and late answers, lie within these.
WEEKS_BACK = dt.timedelta(weeks=4)
NAMED = 4
COLUMNS = (
    "pk",
    "known_at",
    "comment",
    "customer_id",
    "customer__short_name",
    "project_id",
    "project__name",
    "invitation__contact__name",
)
WARNS = Q(superseded_at=None, grade__warns=True, opens_case=False)


class GradeQueue(Queue[Answer]):
    """Answers of the last seven days with grades that warn and opened nothing, the latest first.

    Only of weeks that are open and of the latest: a late word about an older one is no news of this week.
    """

    kind = "grade"
    columns = COLUMNS

    def found(self, scope: Scope) -> QuerySet[Answer]:
        monday = monday_of(scope.today)
        latest = asked_weeks(scope.now).values("monday")[:1]
        grades = AnswerGrade.objects.filter(
            WARNS,
            project__in=scope.project_keys,
            week__gte=monday - WEEKS_BACK,
            known_at__gt=scope.now - NEW_FOR,
        )
        of_now = Q(week__in=latest) | Q(invitation__closes_at__gt=scope.now)
        answers = Answer.objects.filter(of_now, pk__in=grades.values("answer"))
        return answers.order_by("-known_at", "pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        may_log = scope.may_log(row.customer_id for row in rows)
        grades = _warnings_of([row.pk for row in rows], scope)
        return [
            GradeItem(
                key=str(row.pk),
                bar="watch",
                customer_id=row.customer_id,
                customer=row.customer__short_name,
                project_id=row.project_id,
                project=row.project__name,
                grades=tuple(grades[row.pk]),
                comment=row.comment,
                respondent=row.invitation__contact__name,
                said_at=row.known_at,
                may_log=row.customer_id in may_log,
            )
            for row in rows
        ]


def _warnings_of(answer_ids: list[int], scope: Scope) -> dict[int, list[Warned]]:
    """The warning grades of each answer, the worst first."""
    language = get_language() or "en"
    grades = list(
        AnswerGrade.objects.filter(WARNS, answer__in=answer_ids)
        .select_related("grade", "dimension")
        .order_by("-grade__position", "pk")
    )
    falls = falls_of([(each.project_id, each.dimension_id) for each in grades], scope.today)
    found: dict[int, list[Warned]] = {}
    for each in grades:
        fall = falls.get((each.project_id, each.dimension_id))
        warned = Warned(each.grade.letter, each.dimension.name_in(language), each.comment, fall)
        found.setdefault(each.answer_id, []).append(warned)
    return found


class ProjectQueue(Queue[Project]):
    """Projects under way for which nobody was ever named: a project manager's own, for an admin all.

    Not of a customer who is lost.
    """

    kind = "project"

    def found(self, scope: Scope) -> QuerySet[Project]:
        if scope.user.is_admin:
            projects = access.graded_projects(scope.user)
        elif scope.manages_projects:
            projects = access.graded_projects(scope.user).filter(manager__in=scope.people)
        else:
            return Project.objects.none()
        # Whose respondents all paused or want no letters waits for them: naming others is no duty.
        named = Respondent.objects.filter(project=OuterRef("pk"))
        under_way = Q(started_on__lte=scope.today) & (Q(ended_on=None) | Q(ended_on__gte=scope.today))
        silent = projects.filter(under_way).filter(~Exists(named)).exclude(customer__stage=Stage.LOST)
        return silent.select_related("customer", "manager").order_by("started_on", "pk")

    def items(self, rows: Sequence[Any], scope: Scope) -> list[Item]:
        return [
            ProjectItem(
                key=str(row.pk),
                project_id=row.pk,
                project=row.name,
                customer=row.customer.short_name,
                manager=scope.name_unless_mine(row.manager),
            )
            for row in rows
        ]


def silent_line(scope: Scope) -> SilentLine:
    """Who was reminded this week and has not answered; his projects only."""
    silent = _asked(scope).filter(reminded_at__isnull=False).annotate(total=Window(Count("*")))
    found = silent.order_by("contact__sort_key", "pk").values_list("contact__name", "total")[:NAMED]
    names = list(found)
    return SilentLine(count=names[0][1] if names else 0, names=tuple(name for name, _total in names))


def next_close(scope: Scope) -> dt.datetime | None:
    """When the survey that is under way closes for the first of those who have not answered."""
    return _asked(scope).order_by("closes_at").values_list("closes_at", flat=True).first()


def _asked(scope: Scope) -> QuerySet[Invitation]:
    return Invitation.objects.filter(
        project__in=scope.project_keys,
        week__gte=monday_of(scope.today) - WEEKS_BACK,
        answered_at=None,
        closes_at__gt=scope.now,
    )
