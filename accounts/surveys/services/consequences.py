"""What follows from the grades of an answer: corrective actions and notices, in the answer's transaction.

A low grade attaches to the open case of its project and dimension. Given after we said that it is corrected,
whatever week it rates, it is the opposite of a confirmation and sends the case back to a plan. Else it opens
the case again that was closed within the programme's repeat days; else it opens a new one. A grade that was
low before and is submitted again unchanged keeps its case as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.notices.services import tell
from accounts.surveys.models import (
    OPEN,
    Answer,
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CaseState,
    CorrectiveAction,
    Invitation,
    ProgrammeGrade,
    ProgrammeVersion,
    SurveyDimension,
)
from accounts.surveys.queries.complaints import SILENT, complainants_of, complains_now, stands_in
from accounts.surveys.worktime import clocks_of
from accounts.users.models import User

GRADES_NOTICE = "survey_grades_low"
EASED_NOTICE = "survey_grades_eased"
CLOSED_NOTICE = "survey_case_confirmed"
OUR_STEPS = (
    CaseEventKind.PLANNED,
    CaseEventKind.CONTAINED,
    CaseEventKind.CAUSE_FOUND,
    CaseEventKind.CORRECTED,
)
"""What somebody of ours did about it; having seen it is not yet a deed."""
REPEATABLE = (
    "acknowledged_at",
    "planned_at",
    "contained_at",
    "cause_found_at",
    "corrected_at",
    "prevented_at",
    "closed_at",
)


@dataclass(frozen=True)
class Given:
    """A grade for a dimension, and the one that stood before in the same answer."""

    dimension: SurveyDimension
    grade: ProgrammeGrade
    before: AnswerGrade | None

    @property
    def is_changed(self) -> bool:
        return self.before is None or self.before.grade_id != self.grade.pk

    @property
    def is_eased(self) -> bool:
        """A complaint stood there, and this is none."""
        return self.before is not None and self.before.opens_case and not self.grade.opens_case


def settle_low_grades(
    answer: Answer, invitation: Invitation, given: list[Given], *, now: dt.datetime
) -> dict[int, int]:
    """Case id by dimension id, for every grade that opens a case."""
    low = [each for each in given if each.grade.opens_case]
    kept = {each.dimension.pk: each.before.case_id for each in low if each.before and not each.is_changed}
    wanted = [each.dimension for each in low if each.dimension.pk not in kept]
    cases = {dimension: case for dimension, case in kept.items() if case is not None}
    if not wanted:
        return cases
    last = _last_cases(invitation.project_id, [dimension.pk for dimension in wanted])
    events = []
    for dimension in wanted:
        case, kind = _case_for(last.get(dimension.pk), dimension, answer, invitation, now)
        cases[dimension.pk] = case.pk
        events.append(_event(case, kind, invitation, answer, now))
    CaseEvent.objects.bulk_create(events)
    return cases


def settle_good_grades(
    answer: Answer, invitation: Invitation, given: list[Given], *, now: dt.datetime
) -> None:
    """Grades good enough to confirm, from a respondent who complained in the case that is open."""
    good = [each.dimension.pk for each in given if each.grade.confirms_case]
    cases = (
        CorrectiveAction.objects.select_for_update(no_key=True)
        .filter(OPEN, complains_now(invitation.contact_id), project=invitation.project_id, dimension__in=good)
        .order_by("pk")
    )
    letters = {each.dimension.pk: each.grade.letter for each in given if each.is_changed}
    before = {each.before.case_id: each.before.known_at for each in given if each.before}
    for case in cases:
        taken_back = case.pk in before and not _is_worked_on(case, since=before[case.pk])
        letter = letters.get(case.dimension_id, "") if taken_back else ""
        confirm(case, invitation, week=invitation.week_id, answer=answer, now=now, comment="", letter=letter)


def confirm(
    case: CorrectiveAction,
    invitation: Invitation,
    *,
    week: dt.date,
    answer: Answer | None,
    now: dt.datetime,
    comment: str,
    letter: str = "",
    contact_id: int | None = None,
) -> bool:
    """A respondent who complained says it is solved; whether that closed the case.

    A grade for a week before that of his complaint says nothing. The case stays open while somebody else's
    low grade of the same or a later week stands unconfirmed. ``letter``: what he changed his complaint to
    before we took a step, which is no word of our work. ``contact_id``: who says it, where that is not the
    one of ``invitation``.
    """
    contact_id = contact_id or invitation.contact_id
    standing = case.grades.filter(superseded_at=None, week__gte=week)
    if answer and standing.filter(answer__invitation__contact=contact_id).exists():
        return False
    CaseEvent.objects.create(
        case=case,
        customer_id=case.customer_id,
        kind=CaseEventKind.CONFIRMED,
        contact_id=contact_id,
        answer=answer,
        comment=comment,
        known_at=now,
    )
    if _is_contradicted(case, standing, contact_id, now=now):
        return False
    case.state, case.closed_at = CaseState.CONFIRMED, now
    case.save(update_fields=["state", "closed_at"])
    CaseEvent.objects.create(case=case, customer_id=case.customer_id, kind=CaseEventKind.CLOSED, known_at=now)
    facts = {"case": case.pk, "project": case.project_id, "contact": contact_id, "letter": letter}
    for user in _concerned(invitation, [case.owner]):
        tell(user, CLOSED_NOTICE, facts, invitation.customer)
    return True


def reopen(case: CorrectiveAction, version: ProgrammeVersion, *, now: dt.datetime) -> None:
    """Another round, with the clocks of ``version``: they start anew, and the log keeps what was.

    Whoever owned it may have left since: nobody would hear a clock of his.
    """
    if not case.owner.is_active:
        case.owner_id = case.project.manager_id
    for column in REPEATABLE:
        setattr(case, column, None)
    case.state, case.solve_by, case.programme_version = CaseState.OPEN, None, version
    case.opened_at, case.times_reopened = now, case.times_reopened + 1
    case.acknowledge_by, case.plan_by = clocks_of(version, now)
    case.save(
        update_fields=[
            *REPEATABLE,
            "owner",
            "state",
            "solve_by",
            "programme_version",
            "opened_at",
            "times_reopened",
            "acknowledge_by",
            "plan_by",
        ]
    )


def back_to_plan(case: CorrectiveAction, *, now: dt.datetime) -> None:
    """What was done did not help: the same round needs another plan."""
    case.state = CaseState.ACKNOWLEDGED
    case.planned_at = case.solve_by = None
    case.contained_at = case.cause_found_at = case.corrected_at = None
    _acknowledge_by, case.plan_by = clocks_of(case.programme_version, now)
    case.save()


def tell_managers(answer: Answer, invitation: Invitation, given: list[Given], cases: dict[int, int]) -> None:
    """One notice per person and answer: what is newly low, and the cases it stands in."""
    warned = [each for each in given if each.grade.warns and each.is_changed and not each.is_eased]
    if not warned:
        return
    facts = {
        "answer": answer.pk,
        "project": invitation.project_id,
        "contact": invitation.contact_id,
        "week": invitation.week_id.isoformat(),
        "is_late": answer.is_late,
        "grades": {each.dimension.code: each.grade.letter for each in warned},
        "cases": {
            each.dimension.code: cases[each.dimension.pk] for each in warned if each.dimension.pk in cases
        },
    }
    owners = User.objects.filter(cases__in=cases.values()) if cases else ()
    for user in _concerned(invitation, owners):
        tell(user, GRADES_NOTICE, facts, invitation.customer)


def tell_eased(
    answer: Answer, invitation: Invitation, given: list[Given], before: Mapping[int, AnswerGrade]
) -> None:
    """One notice per person and answer: complaints that it takes back, by a better grade or by none.

    Their cases stay open for our next step, but for those that this answer closed: that was told.
    """
    now_low = {each.dimension.pk for each in given if each.grade.opens_case}
    taken_back = [each for pk, each in before.items() if each.opens_case and pk not in now_low]
    if not taken_back:
        return
    closed = CaseEvent.objects.filter(
        answer=answer, kind=CaseEventKind.CONFIRMED, case__closed_at__isnull=False
    )
    told = set(closed.values_list("case", flat=True))
    eased = [each for each in taken_back if each.case_id not in told]
    if not eased:
        return
    letters = {each.dimension.pk: each.grade.letter for each in given}
    facts = {
        "answer": answer.pk,
        "project": invitation.project_id,
        "contact": invitation.contact_id,
        "week": invitation.week_id.isoformat(),
        "before": {each.dimension.code: each.grade.letter for each in eased},
        "grades": {each.dimension.code: letters.get(each.dimension_id, "") for each in eased},
        "cases": {each.dimension.code: each.case_id for each in eased},
    }
    owners = User.objects.filter(cases__in=[each.case_id for each in eased])
    for user in _concerned(invitation, owners):
        tell(user, EASED_NOTICE, facts, invitation.customer)


def _case_for(
    last: CorrectiveAction | None,
    dimension: SurveyDimension,
    answer: Answer,
    invitation: Invitation,
    now: dt.datetime,
) -> tuple[CorrectiveAction, CaseEventKind]:
    version = invitation.programme_version
    if last is not None and last.closed_at is None:
        if last.corrected_at and last.corrected_at <= now:
            back_to_plan(last, now=now)
        return last, CaseEventKind.ATTACHED
    if last is not None and last.closed_at and now - last.closed_at <= dt.timedelta(days=version.repeat_days):
        reopen(last, version, now=now)
        return last, CaseEventKind.REOPENED
    acknowledge_by, plan_by = clocks_of(version, now)
    case = CorrectiveAction.objects.create(
        customer_id=invitation.customer_id,
        project_id=invitation.project_id,
        dimension=dimension,
        programme_version=version,
        opened_by=answer,
        owner_id=invitation.project.manager_id,
        opened_at=now,
        acknowledge_by=acknowledge_by,
        plan_by=plan_by,
        known_at=now,
    )
    return case, CaseEventKind.OPENED


def _last_cases(project_id: int, dimension_ids: list[int]) -> dict[int, CorrectiveAction]:
    """The open case of each dimension, else the one closed last. Locked, in id order."""
    cases = (
        CorrectiveAction.objects.select_for_update(no_key=True)
        .filter(project=project_id, dimension__in=dimension_ids)
        .order_by("pk")
    )
    last: dict[int, CorrectiveAction] = {}
    for case in cases:
        known = last.get(case.dimension_id)
        if known is None or (known.closed_at and (not case.closed_at or case.closed_at >= known.closed_at)):
            last[case.dimension_id] = case
    return last


def _is_worked_on(case: CorrectiveAction, *, since: dt.datetime) -> bool:
    return CaseEvent.objects.filter(case=case, kind__in=OUR_STEPS, known_at__gte=since).exists()


def _is_contradicted(
    case: CorrectiveAction, standing: QuerySet[AnswerGrade], contact_id: int, *, now: dt.datetime
) -> bool:
    """Whether another contact's standing complaint is later than his last word that it is solved.

    The word of who stands in for them counts for those who cannot be asked any more.
    """
    confirmations = CaseEvent.objects.filter(case=case, kind=CaseEventKind.CONFIRMED)
    word = dict(confirmations.order_by("known_at", "pk").values_list("contact", "known_at"))
    others = standing.exclude(answer__invitation__contact=contact_id)
    complaints = others.values_list("answer__invitation__contact", "known_at")
    waiting = {contact for contact, at in complaints if contact not in word or word[contact] < at}
    if waiting and stands_in(case, contact_id):
        waiting -= {each.contact.pk for each in complainants_of(case, now=now) if each.reach in SILENT}
    return bool(waiting)


def _event(
    case: CorrectiveAction, kind: CaseEventKind, invitation: Invitation, answer: Answer, now: dt.datetime
) -> CaseEvent:
    return CaseEvent(
        case=case,
        customer_id=case.customer_id,
        kind=kind,
        contact_id=invitation.contact_id,
        answer=answer,
        known_at=now,
    )


def _concerned(invitation: Invitation, owners: Iterable[User]) -> list[User]:
    """The project manager, the customer's account manager and who owns the cases, each once."""
    people = (invitation.project.manager, invitation.customer.owner, *owners)
    return list({person.pk: person for person in people if person is not None and person.is_active}.values())
