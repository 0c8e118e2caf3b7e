"""What is done about a corrective action: who is asked, told and talked to, and the 8D report of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts import access
from accounts.actions.models import Action
from accounts.interactions.models import Interaction, InteractionParticipant
from accounts.projects.models import FunctionalManager, FunctionalRole, ProjectMember
from accounts.surveys.models import (
    AlarmStep,
    CaseAlarm,
    CaseClock,
    CaseEvent,
    CaseEventKind,
    ConfirmationRequest,
    CorrectiveAction,
    ProgrammeDimension,
)
from accounts.surveys.queries.complaints import Complainant, Reach, complainants_of, nobody_can_speak
from accounts.surveys.services.alarms import last_day_of
from accounts.users.models import Team, User
from crm.queries.actions import Row, actions_about
from crm.queries.case_rounds import attempts_begun

MISSED = (AlarmStep.LINE, AlarmStep.EXECUTIVES)
OFFERED = 20
"""How many of the customer's interactions may be linked from the page, the latest first."""
MOST_WORDS = 5


@dataclass(frozen=True)
class Rung:
    """A clock that rang, and the names of those who were told."""

    alarm: CaseAlarm
    told: tuple[str, ...]


@dataclass(frozen=True)
class Path:
    """Who hears of a clock that is missed. ``role``: whose functional manager, None where it is nobody's."""

    role: str | None
    functional_manager: User | None
    leads: tuple[User, ...]

    @property
    def goes_to_admins(self) -> bool:
        return self.functional_manager is None and not self.leads


@dataclass(frozen=True)
class CaseWork:
    """``complainants``: whose word is wanted; ``requests``: the questions to them in this round, the latest
    first. ``rung``: what rang in this round; ``began_at``: when the attempt began that runs. ``offered``:
    interactions that are not linked yet; ``is_more_offered``: there are others that only words find.
    ``executives_hear``: whether a clock runs that they were not told of yet."""

    complainants: tuple[Complainant, ...]
    requests: tuple[ConfirmationRequest, ...]
    rung: tuple[Rung, ...]
    began_at: dt.datetime
    path: Path
    actions: tuple[Row, ...]
    interactions: tuple[Interaction, ...]
    offered: tuple[Interaction, ...]
    is_more_offered: bool
    executives_hear: bool

    @property
    def escalated_to(self) -> tuple[str, ...]:
        """Who was told that a clock of the attempt that runs was missed, each once."""
        missed = [
            rung
            for rung in reversed(self.rung)
            if rung.alarm.step in MISSED and rung.alarm.raised_at >= self.began_at
        ]
        return tuple(dict.fromkeys(name for rung in missed for name in rung.told))

    @property
    def may_be_asked(self) -> bool:
        return any(each.reach == Reach.YES for each in self.complainants)

    @property
    def needs_stand_in(self) -> bool:
        """Whether somebody else has to speak for all who complained."""
        return nobody_can_speak(self.complainants)


def work_of(case: CorrectiveAction, user: User, *, now: dt.datetime, talk: str = "") -> CaseWork:
    """About 15 queries, however much was done. ``talk``: words of the interactions that are offered."""
    visible = access.visible_interactions(user).filter(customer=case.customer_id)
    linked = case.interactions.values("identity")
    requests = ConfirmationRequest.objects.filter(case=case, round=case.times_reopened)
    rung = rung_of(case)
    offered = _said_with(visible.exclude(identity__in=linked), talk).order_by("-started_at", "-pk")
    found = tuple(offered[: OFFERED + 1])
    return CaseWork(
        complainants=tuple(complainants_of(case, now=now)) if case.is_open else (),
        requests=tuple(
            requests.select_related("contact", "asked_by", "invitation__contact").order_by("-known_at", "-pk")
        ),
        rung=rung,
        began_at=attempts_begun([case.pk]).get(case.pk, case.opened_at),
        path=path_of(case),
        actions=actions_about(user, Action.objects.filter(case=case)),
        interactions=tuple(visible.filter(identity__in=linked).order_by("-started_at", "-pk")),
        offered=found[:OFFERED],
        is_more_offered=len(found) > OFFERED,
        executives_hear=_executives_hear(case, rung),
    )


def _said_with(talks: QuerySet[Interaction], words: str) -> QuerySet[Interaction]:
    """Each word stands in the summary or in the name of who took part."""
    for word in words.split()[:MOST_WORDS]:
        named = Q(contact__name__icontains=word) | Q(user__name__icontains=word)
        took_part = InteractionParticipant.objects.filter(named, interaction=OuterRef("pk"))
        talks = talks.filter(Q(summary__icontains=word) | Exists(took_part))
    return talks


def _executives_hear(case: CorrectiveAction, rung: Iterable[Rung]) -> bool:
    told = [each.alarm for each in rung if each.alarm.step == AlarmStep.EXECUTIVES]
    ends = {last_day_of(each.due_at) if each.clock == CaseClock.SOLVE else each.due_at for each in told}
    return case.next_clock is not None and case.next_clock not in ends


def rung_of(case: CorrectiveAction) -> tuple[Rung, ...]:
    """What rang in the present round, the latest first."""
    alarms = list(case.alarms.filter(raised_at__gte=case.opened_at).order_by("-raised_at", "-pk"))
    names = _names(alarm.told for alarm in alarms)
    return tuple(Rung(alarm, tuple(names[pk] for pk in alarm.told if pk in names)) for alarm in alarms)


def escalations_of(case_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Who was told that a clock of an open case was missed in the attempt that runs, by id of the case."""
    alarms = list(
        CaseAlarm.objects.filter(
            case__in=case_ids, case__closed_at=None, step__in=MISSED, raised_at__gte=F("case__opened_at")
        )
        .order_by("pk")
        .values_list("case", "told", "raised_at")
    )
    begun = attempts_begun({case for case, _people, _at in alarms})
    told: dict[int, dict[int, None]] = defaultdict(dict)
    for case, people, raised_at in alarms:
        if case not in begun or raised_at >= begun[case]:
            told[case] |= dict.fromkeys(people)
    names = _names(told.values())
    return {case: tuple(names[pk] for pk in people if pk in names) for case, people in told.items()}


def path_of(case: CorrectiveAction) -> Path:
    """As `accounts.surveys.services.alarms` goes it."""
    asked = ProgrammeDimension.objects.filter(
        version=case.programme_version_id, dimension=case.dimension_id
    ).values_list("functional_role", flat=True)
    role = asked.first() or ""
    manager = (
        FunctionalManager.objects.filter(functional_role=role, user__is_active=True)
        .select_related("user")
        .first()
    )
    near = [case.owner_id, case.project.manager_id]
    leads = User.objects.filter(
        pk__in=Team.objects.filter(members__user__in=near).values("lead"), is_active=True
    ).exclude(pk=case.owner_id)
    return Path(
        role=str(FunctionalRole(role).label) if role else None,
        functional_manager=manager.user if manager and manager.user_id != case.owner_id else None,
        leads=tuple(leads.order_by("sort_key", "pk")),
    )


def with_alarms(case: CorrectiveAction, events: Iterable[CaseEvent]) -> None:
    """Give each event of the log that says "reminded" or "escalated" its alarms, as ``rang``."""
    rang = [each for each in events if each.kind in (CaseEventKind.REMINDED, CaseEventKind.ESCALATED)]
    if not rang:
        return
    found: dict[tuple[str, dt.datetime], list[CaseAlarm]] = defaultdict(list)
    for alarm in case.alarms.filter(raised_at__in={each.known_at for each in rang}).order_by("pk"):
        kind = CaseEventKind.ESCALATED if alarm.step in MISSED else CaseEventKind.REMINDED
        found[kind, alarm.raised_at].append(alarm)
    for event in rang:
        event.rang = found[event.kind, event.known_at]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Report:
    """The eight disciplines of a case's present round: what stands in its log, by step, oldest first."""

    team: tuple[tuple[str, str], ...]
    contained: tuple[CaseEvent, ...]
    cause: tuple[CaseEvent, ...]
    plan: tuple[CaseEvent, ...]
    corrected: tuple[CaseEvent, ...]
    asked: tuple[CaseEvent, ...]
    word: tuple[CaseEvent, ...]
    prevented: tuple[CaseEvent, ...]


def report_of(case: CorrectiveAction) -> Report:
    """Two queries beside the case."""
    by_kind: dict[str, list[CaseEvent]] = defaultdict(list)
    events: QuerySet[CaseEvent] = case.log.filter(known_at__gte=case.opened_at)
    for event in events.select_related("author", "contact", "answer").order_by("pk"):
        by_kind[event.kind].append(event)
    kinds = CaseEventKind
    return Report(
        team=_team(case),
        contained=tuple(by_kind[kinds.CONTAINED]),
        cause=tuple(by_kind[kinds.CAUSE_FOUND]),
        plan=tuple(by_kind[kinds.PLANNED]),
        corrected=tuple(by_kind[kinds.CORRECTED]),
        asked=tuple(by_kind[kinds.ASKED]),
        word=tuple(sorted(by_kind[kinds.CONFIRMED] + by_kind[kinds.REJECTED], key=lambda event: event.pk)),
        prevented=tuple(by_kind[kinds.PREVENTED]),
    )


def _team(case: CorrectiveAction) -> tuple[tuple[str, str], ...]:
    """Names and functional roles of the project's team; empty roles for owner and project manager."""
    members = ProjectMember.objects.filter(project=case.project_id).select_related("user")
    return tuple(
        (str(member.user), str(member.get_functional_role_display()))
        for member in members.order_by("functional_role", "user__sort_key", "pk")
    )


def _names(groups: Iterable[Iterable[int]]) -> dict[int, str]:
    people = {pk for group in groups for pk in group}
    return dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}
