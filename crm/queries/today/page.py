"""The list of one person: which queues, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.users.models import Role
from crm.queries.today.actions import ActionQueue
from crm.queries.today.cases import CaseQueue, waiting_for_customers
from crm.queries.today.chances import GrowingQueue, UnprofitableQueue
from crm.queries.today.company import company_week
from crm.queries.today.deals import ContractQueue, RivalQueue
from crm.queries.today.flags import AcknowledgedQueue, FlagQueue
from crm.queries.today.follow_ups import FollowUpQueue, open_follow_ups
from crm.queries.today.items import SHOWN, Next, Overview, Section, SilentLine
from crm.queries.today.meetings import MeetingQueue
from crm.queries.today.needs import NeedQueue
from crm.queries.today.queues import Queue
from crm.queries.today.referrals import ReferralQueue
from crm.queries.today.saved import SavedQueue
from crm.queries.today.scope import Scope
from crm.queries.today.survey import GradeQueue, ProjectQueue, next_close, silent_line
from crm.queries.today.troubles import ImportQueue, LetterQueue, OwnerlessQueue, RunQueue, overview_of
from crm.queries.today.voices import VoiceQueue
from scoring.satisfaction import WeekIndex

SNOOZED = "snoozed"
"""The page of what he put off."""
MOST_SHOWN = 500
"""Of one section by itself."""
FIRST = 5
"""Shown of what needs nobody today."""

QUEUES: dict[str, Queue[Any]] = {
    queue.kind: queue
    for queue in (
        FlagQueue(),
        AcknowledgedQueue(),
        CaseQueue(),
        MeetingQueue(),
        FollowUpQueue(),
        ActionQueue(),
        VoiceQueue(),
        NeedQueue(),
        ContractQueue(),
        RivalQueue(),
        GradeQueue(),
        ReferralQueue(),
        ProjectQueue(),
        ImportQueue(),
        RunQueue(),
        LetterQueue(),
        OwnerlessQueue(),
        SavedQueue(),
        GrowingQueue(),
        UnprofitableQueue(),
    )
}
ORDER: dict[str, tuple[str, ...]] = {
    Role.ACCOUNT_MANAGER: (
        "flag",
        "case",
        "voice",
        "meeting",
        "follow_up",
        "action",
        "need",
        "contract",
        "rival",
        "grade",
        "referral",
    ),
    Role.PROJECT_MANAGER: (
        "case",
        "grade",
        "voice",
        "flag",
        "meeting",
        "follow_up",
        "action",
        "need",
        "referral",
        "project",
    ),
    Role.MEMBER: ("case", "voice", "flag", "meeting", "follow_up", "action", "need", "grade"),
    Role.EXECUTIVE: ("flag", "case", "meeting", "follow_up", "action"),
    Role.ADMIN: (
        "run",
        "import",
        "letter",
        "case",
        "voice",
        "flag",
        "meeting",
        "follow_up",
        "action",
        "need",
        "contract",
        "rival",
        "ownerless",
        "project",
    ),
}
CHANCES: dict[str, tuple[str, ...]] = {
    Role.ACCOUNT_MANAGER: ("saved", "growing", "unprofitable"),
    Role.PROJECT_MANAGER: ("saved",),
    Role.EXECUTIVE: ("unprofitable",),
}
"""What stands below, because it needs nobody today."""


@dataclass(frozen=True)
class Today:
    """``sections`` and ``chances`` without the empty ones; ``acknowledged``: flags already noticed.

    ``snoozed``: how many items he put off; ``waiting_cases``: corrective actions that wait for the customer.
    ``next``: what comes, when there is nothing now. ``week``: the company's index, for executives;
    ``overview``: counts, for admins.
    """

    sections: tuple[Section, ...]
    chances: tuple[Section, ...]
    acknowledged: Section | None
    silent: SilentLine
    snoozed: int
    waiting_cases: int
    next: Next | None
    week: WeekIndex | None
    overview: Overview | None

    @property
    def count(self) -> int:
        """What needs him."""
        return sum(section.count for section in self.sections)


def kinds_of(role: str) -> tuple[str, ...]:
    """All that may stand on the list of a role, in its order."""
    return ORDER[role] + CHANCES.get(role, ())


def today_of(scope: Scope, *, only: str = "") -> Today:
    """All sections of his role; of ``only`` a kind of item that section alone, and more of it; or what he
    put off (`SNOOZED`).

    About 20 queries, however long the list is.
    """
    role = scope.user.role
    sections = _sections(scope, ORDER[role], only, SHOWN)
    chances = _sections(scope, CHANCES.get(role, ()), only, FIRST)
    is_whole = only not in {*kinds_of(role), SNOOZED}
    acknowledged = QUEUES["acknowledged"].section(scope, limit=FIRST) if is_whole else None
    return Today(
        sections=sections,
        chances=chances,
        acknowledged=acknowledged if acknowledged and acknowledged.count else None,
        silent=silent_line(scope),
        snoozed=sum(len(QUEUES[kind].asleep(scope)) for kind in kinds_of(role)),
        waiting_cases=waiting_for_customers(scope),
        next=None if sections else _next(scope),
        week=company_week(scope.now) if scope.user.is_executive else None,
        overview=overview_of(scope) if scope.user.is_admin else None,
    )


def _sections(scope: Scope, kinds: tuple[str, ...], only: str, limit: int) -> tuple[Section, ...]:
    """Those that are not empty."""
    if only == SNOOZED:
        sections = [QUEUES[kind].asleep_section(scope) for kind in kinds]
    elif only in kinds_of(scope.user.role):
        sections = [QUEUES[kind].section(scope, limit=MOST_SHOWN) for kind in kinds if kind == only]
    else:
        sections = [QUEUES[kind].section(scope, limit=limit) for kind in kinds]
    return tuple(section for section in sections if section.count)


def find(scope: Scope, kind: str, key: str) -> Any | None:
    """The row of an item that stands on his list, put off or not; None for what does not."""
    queue = QUEUES.get(kind)
    return queue.one(scope, key) if queue is not None and kind in kinds_of(scope.user.role) else None


def _next(scope: Scope) -> Next:
    coming = open_follow_ups(scope).filter(follow_up_by=scope.user, follow_up_on__gt=scope.today)
    first = coming.select_related("customer").order_by("follow_up_on", "pk").first()
    return Next(
        follow_up_on=first.follow_up_on if first else None,
        follow_up_customer=first.customer.short_name if first else "",
        closes_at=next_close(scope),
    )
