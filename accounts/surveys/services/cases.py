"""Corrective actions as people work on them. Codes, by field: state: closed, state; comment: blank, too_long;
solve_by: past, too_far; happened_on: outside; plan: changed; respondent: not_a_complainant; interaction:
other_customer.

Nobody of ours closes a case: a respondent who complained does, by his word or by his grade.

A ``token`` names the form that something was typed into: AlreadySavedError when that form was saved before,
be it at this moment.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import bump, company_day, refuse
from accounts.facts import AlreadySavedError
from accounts.interactions.models import Interaction
from accounts.notices.services import tell
from accounts.surveys.models import (
    OPEN,
    CaseEvent,
    CaseEventKind,
    CaseInteraction,
    CaseState,
    CorrectiveAction,
    Invitation,
)
from accounts.surveys.models.answers import MAX_COMMENT
from accounts.surveys.queries.complaints import complains_now, stands_in
from accounts.surveys.services.consequences import back_to_plan, confirm, reopen
from accounts.surveys.weeks import start_of
from accounts.users.models import User

ASSIGNED_NOTICE = "survey_case_assigned"
REJECTED_NOTICE = "survey_case_rejected"
COMMENTED_NOTICE = "survey_case_commented"
STEPS = {
    CaseState.CONTAINED: "contained_at",
    CaseState.CAUSE_FOUND: "cause_found_at",
    CaseState.CORRECTED: "corrected_at",
}
ORDER = list(CaseState)
A_YEAR = dt.timedelta(days=365)


@transaction.atomic
def acknowledge_case(
    case: CorrectiveAction, *, by: User, now: dt.datetime, comment: str = ""
) -> CorrectiveAction:
    """Somebody has seen it; the first clock stops. Said twice, it changes nothing."""
    current = taken(case)
    if current.state == CaseState.OPEN:
        current.state, current.acknowledged_at = CaseState.ACKNOWLEDGED, now
        current.save(update_fields=["state", "acknowledged_at"])
        log_event(current, CaseEventKind.ACKNOWLEDGED, by=by, now=now, comment=comment)
    return current


@transaction.atomic
def plan_case(
    case: CorrectiveAction,
    *,
    by: User,
    plan: str,
    solve_by: dt.date,
    now: dt.datetime,
    token: uuid.UUID | None = None,
    instead_of: int | None = None,
) -> CorrectiveAction:
    """What will be done and by when; also a new plan. Planning acknowledges.

    ``instead_of``: the id of the plan that its author read (`latest_plan`), 0 where there was none; refused
    when there is another one by now.
    """
    current = taken(case, token=token)
    require_words(plan)
    if solve_by < company_day(now):
        refuse("solve_by", "past", _("Choose a day that is not over."))
    if solve_by > last_solve_by(now):
        refuse("solve_by", "too_far", _("Choose a day within a year."))
    if instead_of is not None and instead_of != latest_plan(current):
        refuse("plan", "changed", _("Somebody saved another plan meanwhile. Read it, then save yours again."))
    if ORDER.index(CaseState(current.state)) < ORDER.index(CaseState.PLANNED):
        current.state = CaseState.PLANNED
    current.acknowledged_at = current.acknowledged_at or now
    current.planned_at, current.solve_by = current.planned_at or now, solve_by
    current.save(update_fields=["state", "acknowledged_at", "planned_at", "solve_by"])
    log_event(current, CaseEventKind.PLANNED, by=by, now=now, comment=plan, token=token)
    return current


def latest_plan(case: CorrectiveAction) -> int:
    """The id of the event that holds the plan made last, of whatever round; 0 where there is none."""
    plans = CaseEvent.objects.filter(case=case, kind=CaseEventKind.PLANNED)
    return plans.order_by("-pk").values_list("pk", flat=True).first() or 0


def last_solve_by(now: dt.datetime) -> dt.date:
    """The latest day that a plan may name: what takes longer is a project of its own."""
    return company_day(now) + A_YEAR


@transaction.atomic
def advance_case(
    case: CorrectiveAction,
    *,
    to: CaseState,
    by: User,
    comment: str,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> CorrectiveAction:
    """Contained, cause found or corrected: forwards only, of a case that is acknowledged."""
    current = taken(case, token=token)
    require_words(comment)
    is_forwards = ORDER.index(to) > ORDER.index(CaseState(current.state))
    if to not in STEPS or current.state == CaseState.OPEN or not is_forwards:
        refuse("state", "state", _("This step does not follow from where the corrective action is."))
    current.state = to
    setattr(current, STEPS[to], now)
    current.save(update_fields=["state", STEPS[to]])
    log_event(current, CaseEventKind(to.value), by=by, now=now, comment=comment, token=token)
    return current


@transaction.atomic
def fill_in_step(
    case: CorrectiveAction,
    *,
    step: CaseState,
    happened_on: dt.date,
    by: User,
    comment: str,
    now: dt.datetime,
    token: uuid.UUID | None = None,
) -> CorrectiveAction:
    """Say afterwards what was done in a step that was passed over, and on which day of the present round;
    also of a closed case. The state stays what it is."""
    current = taken(case, token=token, also_closed=True)
    require_words(comment)
    if step not in passed_over(current):
        refuse("state", "state", _("Nothing is missing here: this step was not passed over."))
    if not company_day(current.opened_at) <= happened_on <= company_day(current.closed_at or now):
        refuse("happened_on", "outside", _("Choose a day between the opening and today."))
    at = max(start_of(happened_on, settings.TIME_ZONE), current.opened_at)
    setattr(current, STEPS[step], at)
    current.save(update_fields=[STEPS[step]])
    log_event(current, CaseEventKind(step.value), by=by, now=now, comment=comment, token=token)
    return current


def passed_over(case: CorrectiveAction) -> tuple[CaseState, ...]:
    """Steps before the one it is at that nobody took in the present round."""
    reached = ORDER.index(CaseState(case.state))
    return tuple(
        step for step, column in STEPS.items() if ORDER.index(step) < reached and not getattr(case, column)
    )


@transaction.atomic
def prevent_case(
    case: CorrectiveAction, *, by: User, comment: str, now: dt.datetime, token: uuid.UUID | None = None
) -> CorrectiveAction:
    """What keeps it from coming again, of a case that is corrected or closed; said again, it is said anew."""
    current = taken(case, token=token, also_closed=True)
    require_words(comment)
    if current.is_open and current.corrected_at is None:
        refuse("state", "state", _("Say first that it is corrected."))
    current.prevented_at = now
    current.save(update_fields=["prevented_at"])
    log_event(current, CaseEventKind.PREVENTED, by=by, now=now, comment=comment, token=token)
    return current


@transaction.atomic
def link_interaction(case: CorrectiveAction, *, interaction: Interaction, by: User, now: dt.datetime) -> bool:
    """What was talked about it; also of a closed case. False when it was linked before."""
    if interaction.customer_id != case.customer_id:
        refuse("interaction", "other_customer", _("This belongs to another customer."))
    current = taken(case, also_closed=True)
    _link, is_new = CaseInteraction.objects.get_or_create(
        case=current,
        identity=interaction.identity,
        defaults={"customer_id": current.customer_id, "author": by, "known_at": now},
    )
    if is_new:
        log_event(current, CaseEventKind.LINKED, by=by, now=now, comment="")
    return is_new


def unlink_interaction(case: CorrectiveAction, *, identity: uuid.UUID) -> bool:
    """It does not belong here; False when it was not linked. The log keeps that it was."""
    deleted, _by_model = CaseInteraction.objects.filter(case=case, identity=identity).delete()
    return bool(deleted)


@transaction.atomic
def comment_case(
    case: CorrectiveAction, *, by: User, comment: str, now: dt.datetime, token: uuid.UUID | None = None
) -> CaseEvent:
    """A word in the log, also of a closed case; the owner hears of it unless it is his."""
    current = taken(case, token=token, also_closed=True)
    require_words(comment)
    event = log_event(current, CaseEventKind.COMMENTED, by=by, now=now, comment=comment, token=token)
    if current.owner_id != by.pk:
        tell(current.owner, COMMENTED_NOTICE, {"case": current.pk, "by": by.pk})
    return event


@transaction.atomic
def assign_case(
    case: CorrectiveAction, *, owner: User, by: User, now: dt.datetime, comment: str = ""
) -> CorrectiveAction:
    """Another owner, who is told unless he took it himself."""
    current = taken(case)
    if current.owner_id == owner.pk:
        return current
    current.owner = owner
    current.save(update_fields=["owner"])
    log_event(current, CaseEventKind.ASSIGNED, by=by, now=now, comment=comment, assignee=owner)
    if owner.pk != by.pk:
        tell(owner, ASSIGNED_NOTICE, {"case": current.pk, "by": by.pk}, current.customer)
    return current


@transaction.atomic
def hand_over_cases(*, leaving: User, to: User, by: User | None, now: dt.datetime) -> int:
    """The open corrective actions that ``leaving`` owns go to ``to``; how many. Set-wise."""
    owned = CorrectiveAction.objects.filter(OPEN, owner=leaving).order_by("pk")
    taken = list(owned.select_for_update(no_key=True).values_list("pk", "customer"))
    CorrectiveAction.objects.filter(pk__in=[pk for pk, _customer in taken]).update(owner=to)
    CaseEvent.objects.bulk_create(
        [
            CaseEvent(
                case_id=pk,
                customer_id=customer,
                kind=CaseEventKind.ASSIGNED,
                author=by,
                assignee=to,
                known_at=now,
            )
            for pk, customer in taken
        ],
        batch_size=5_000,
    )
    return len(taken)


@transaction.atomic
def confirm_case(
    case: CorrectiveAction,
    *,
    invitation: Invitation,
    now: dt.datetime,
    comment: str = "",
    contact_id: int | None = None,
) -> CorrectiveAction:
    """The respondent of ``invitation``, who complained, says by his link that it is solved; or somebody who
    was asked instead of him, ``contact_id``.

    It closes unless somebody else's low grade of the same or a later week still stands.
    """
    current = taken(case)
    check_length(comment)
    speaker = contact_id or invitation.contact_id
    week = _complained_in(current, speaker)
    confirm(current, invitation, week=week, answer=None, now=now, comment=comment, contact_id=speaker)
    bump([current.customer_id])
    return current


@transaction.atomic
def reject_case(
    case: CorrectiveAction,
    *,
    invitation: Invitation,
    comment: str,
    now: dt.datetime,
    contact_id: int | None = None,
) -> CorrectiveAction:
    """He says by his link that it is not solved: back to a plan, or open again if it was closed.

    ``contact_id`` as in `confirm_case`.
    """
    current = taken(case, also_closed=True)
    check_length(comment)
    speaker = contact_id or invitation.contact_id
    _complained_in(current, speaker)
    version = current.programme_version
    if current.closed_at is not None:
        reopen(current, version, now=now)
    elif current.state != CaseState.OPEN:
        back_to_plan(current, now=now)
    CaseEvent.objects.create(
        case=current,
        customer_id=current.customer_id,
        kind=CaseEventKind.REJECTED,
        contact_id=speaker,
        comment=comment,
        known_at=now,
    )
    tell(current.owner, REJECTED_NOTICE, {"case": current.pk}, current.customer)
    bump([current.customer_id])
    return current


@transaction.atomic
def add_words_of_customer(
    case: CorrectiveAction, *, contact_id: int, comment: str, now: dt.datetime
) -> CaseEvent | None:
    """He adds something to his answer; the owner hears of it. None when he said just that before."""
    current = taken(case, also_closed=True)
    if not comment.strip():
        refuse("comment", "blank", _("Write something first."))
    check_length(comment)
    last = CaseEvent.objects.filter(case=current, contact=contact_id).order_by("-pk").first()
    if last is not None and last.comment == comment:
        return None
    tell(current.owner, COMMENTED_NOTICE, {"case": current.pk, "contact": contact_id})
    return CaseEvent.objects.create(
        case=current,
        customer_id=current.customer_id,
        kind=CaseEventKind.COMMENTED,
        contact_id=contact_id,
        comment=comment,
        known_at=now,
    )


def taken(
    case: CorrectiveAction, *, token: uuid.UUID | None = None, also_closed: bool = False
) -> CorrectiveAction:
    """The case as it is now, locked until the end of the transaction: forms are saved one after the other."""
    current = CorrectiveAction.objects.select_for_update(no_key=True).get(pk=case.pk)
    if token is not None and CaseEvent.objects.filter(case=current, token=token).exists():
        raise AlreadySavedError(token)
    if current.closed_at is not None and not also_closed:
        refuse("state", "closed", _("This corrective action is closed."))
    return current


def _complained_in(case: CorrectiveAction, contact_id: int) -> dt.date:
    """The latest week he complained about, or of any complaint where he was asked instead of others; the
    present round of the case must be his."""
    complains = CorrectiveAction.objects.filter(complains_now(contact_id), pk=case.pk).exists()
    if not complains and not stands_in(case, contact_id):
        refuse("respondent", "not_a_complainant", _("Only somebody who complained can say so."))
    mine = case.grades.filter(answer__invitation__contact=contact_id)
    return (mine if mine.exists() else case.grades).latest("week").week_id


def log_event(
    case: CorrectiveAction,
    kind: CaseEventKind,
    *,
    by: User,
    now: dt.datetime,
    comment: str,
    token: uuid.UUID | None = None,
    assignee: User | None = None,
) -> CaseEvent:
    check_length(comment)
    return CaseEvent.objects.create(
        case=case,
        customer_id=case.customer_id,
        kind=kind,
        author=by,
        comment=comment,
        known_at=now,
        token=token,
        assignee=assignee,
    )


def require_words(comment: str) -> None:
    if not comment.strip():
        refuse("comment", "blank", _("Say what is done."))
    check_length(comment)


def check_length(comment: str) -> None:
    if len(comment) > MAX_COMMENT:
        refuse("comment", "too_long", _("A comment has at most 4,000 characters."))
