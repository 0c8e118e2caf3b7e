"""What stands on somebody's list of today: items with their reasons, in sections with exact counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from accounts.playbooks.models import Playbook
from accounts.surveys.models import CorrectiveAction

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Item:
    """``kind`` and ``key`` name it; ``was``: what would have to change for it to come back when snoozed.

    ``bar``: how bad it is, or empty; ``template`` shows one.
    """

    kind: ClassVar[str]
    template: ClassVar[str]
    key: str
    was: str = ""
    bar: str = ""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """A churn signal in words; points are its share of the churn score.

    ``page``: URL name of the page of the customer where one sees it. ``days`` or ``weeks``: how long somebody
    has been silent, or something overdue; ``who`` left ``on`` a day. ``ago_days``: since something was over,
    ``left_days``: until it is.
    """

    label: Any
    points: float
    page: str = "customer"
    days: int | None = None
    ago_days: int | None = None
    left_days: int | None = None
    weeks: int | None = None
    who: str = ""
    on: dt.date | None = None


@dataclass(frozen=True)
class Fall:
    """A dimension that was graded worse every week: the lowest letters of these weeks and their points,
    oldest first, from the last one before it fell."""

    letters: tuple[str, ...]
    points: tuple[int, ...]

    @property
    def weeks(self) -> int:
        """How often in a row it fell."""
        return len(self.letters) - 1


@dataclass(frozen=True, kw_only=True)
class FlagItem(Item):
    """A flagged customer. ``score``: the present one, 0 to 100; ``tendency`` and ``holds_until``: of
    `crm.queries.tendency`, why it is not that of the level. ``other_points``: of the reasons that are not
    shown. ``money_minor``: at risk, in minor units of the base currency, gone where the customer ``is_lost``;
    None unless he may see it. ``ordered_on``: his latest order. ``owner``: his name, where it is not the
    reader. ``playbook``: one that fits and that the reader may start there."""

    kind = "flag"
    template = "today/_flag.html"
    customer_id: int
    customer: str
    level: str
    score: float
    tendency: str
    holds_until: float | None
    reasons: tuple[Reason, ...]
    other_points: float
    money_minor: int | None
    is_lost: bool
    ordered_on: dt.date | None
    since: dt.datetime
    owner: str
    may_change: bool
    playbook: Playbook | None
    acknowledged_at: dt.datetime | None
    acknowledged_by: str


@dataclass(frozen=True, kw_only=True)
class CaseItem(Item):
    """An open corrective action with the low grade that was given last: by whom, and his words; and the
    ``lowest`` letter of its present round.

    ``clock``: what runs and until when, so that two items differ when it does; the page shows it by ``case``.
    ``fall``: that of the dimension, when it is one of several weeks. ``is_escalated``: the reader was told
    that its clock was missed.
    """

    kind = "case"
    template = "today/_case.html"
    case: CorrectiveAction
    clock: str
    dimension: str
    letter: str
    lowest: str
    respondent: str
    words: str
    said_at: dt.datetime | None
    fall: Fall | None
    owner: str
    may_work: bool
    is_escalated: bool

    @property
    def may_acknowledge(self) -> bool:
        return self.may_work or self.is_escalated


@dataclass(frozen=True, kw_only=True)
class FollowUpItem(Item):
    """A promise made in an interaction. ``by``: who is to keep it, where it is not the reader."""

    kind = "follow_up"
    template = "today/_follow_up.html"
    customer_id: int
    customer: str
    interaction: str
    summary: str
    due_on: dt.date
    is_overdue: bool
    by: str
    may_log: bool
    may_change: bool


@dataclass(frozen=True)
class Warned:
    """A grade that warns, and what was said with it; ``fall`` as in `CaseItem`."""

    letter: str
    dimension: str
    words: str
    fall: Fall | None = None


@dataclass(frozen=True, kw_only=True)
class GradeItem(Item):
    """An answer with grades that warn and open no corrective action, the worst first."""

    kind = "grade"
    template = "today/_grade.html"
    customer_id: int
    customer: str
    project_id: int
    project: str
    grades: tuple[Warned, ...]
    comment: str
    respondent: str
    said_at: dt.datetime
    may_log: bool


@dataclass(frozen=True, kw_only=True)
class ProjectItem(Item):
    """A project under way that nobody is asked about."""

    kind = "project"
    template = "today/_project.html"
    project_id: int
    project: str
    customer: str
    manager: str


@dataclass(frozen=True, kw_only=True)
class ImportItem(Item):
    """A file that could not be imported; ``reason`` in words."""

    kind = "import"
    template = "today/_import.html"
    import_id: int
    file_name: str
    reason: str
    at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class RunItem(Item):
    """A recompute that failed, and none has succeeded since."""

    kind = "run"
    template = "today/_run.html"
    run_id: int
    reason: str
    at: dt.datetime


class LetterAction(StrEnum):
    ADDRESS = "address"
    CONTACT = "contact"
    RESPONDENTS = "respondents"


@dataclass(frozen=True, kw_only=True)
class LetterItem(Item):
    """An invitation that could not be delivered. ``action``: what mends it, one of `LetterAction`."""

    kind = "letter"
    template = "today/_letter.html"
    contact_id: int
    contact: str
    project_id: int
    project: str
    action: str
    reason: str
    at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class VoiceItem(Item):
    """What a customer said that waits for an answer; ``contact``: empty where nobody is named."""

    kind = "voice"
    template = "today/_voice.html"
    voice_id: int
    customer: str
    contact: str
    voice_kind: str
    text: str
    answer_by: dt.date
    is_overdue: bool
    owner: str


@dataclass(frozen=True, kw_only=True)
class ReferralItem(Item):
    """A colleague whom a respondent proposes to ask instead. ``meant``: the contact who has the address
    already, ``is_askable``: he can be asked. ``seen`` says which version of the proposal this is.
    ``may_add``: whether the reader may make a contact of somebody new; ``level``: the proposer's, which is
    offered."""

    kind = "referral"
    template = "today/_referral.html"
    referral_id: int
    name: str
    email: str
    message: str
    proposer: str
    customer: str
    project_id: int
    project: str
    at: dt.datetime
    seen: str
    meant: str
    is_askable: bool
    may_add: bool
    level: str


@dataclass(frozen=True, kw_only=True)
class OwnerlessItem(Item):
    """A customer whom nobody represents."""

    kind = "ownerless"
    template = "today/_ownerless.html"
    customer_id: int
    customer: str


@dataclass(frozen=True, kw_only=True)
class GrowthItem(Item):
    """A customer who buys much more than a year ago. ``growth``: 1 is twice as much; sales of the last
    ``days`` and of the same days a year before, in minor units of the base currency."""

    kind = "growing"
    template = "today/_growing.html"
    customer_id: int
    customer: str
    growth: float
    recent_minor: int
    before_minor: int
    days: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class UnprofitableItem(Item):
    """A large customer who earns nothing: money of the policy's window of ``days``, in minor units of
    the base currency."""

    kind = "unprofitable"
    template = "today/_unprofitable.html"
    customer_id: int
    customer: str
    sales_minor: int
    gross_profit_minor: int
    cost_to_serve_minor: int
    days: int
    owner: str

    @property
    def lost_minor(self) -> int:
        return self.cost_to_serve_minor - self.gross_profit_minor


@dataclass(frozen=True)
class Solved:
    """A corrective action that the customer confirmed."""

    case_id: int
    dimension: str
    at: dt.datetime


@dataclass(frozen=True)
class OrdersBack:
    """The first order after ``days`` without one."""

    day: dt.date
    days: int


@dataclass(frozen=True, kw_only=True)
class SavedItem(Item):
    """A customer who was at risk and is not any more, and what is known of why."""

    kind = "saved"
    template = "today/_saved.html"
    customer_id: int
    customer: str
    opened_at: dt.datetime
    cleared_at: dt.datetime
    solved: tuple[Solved, ...]
    orders_back: OrdersBack | None
    owner: str


@dataclass(frozen=True)
class Section:
    """``count``: of all, also those beyond the items shown; the words for ``code`` are the template's."""

    code: str
    items: tuple[Item, ...]
    count: int

    @property
    def has_more(self) -> bool:
        return self.count > len(self.items)


@dataclass(frozen=True)
class SilentLine:
    """Respondents who were reminded this week and have not answered: how many, and the first of them."""

    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Overview:
    """Counts for an admin: open flags by level (worst first), open and overdue corrective actions."""

    flags: tuple[tuple[str, int], ...]
    cases: int
    overdue_cases: int


@dataclass(frozen=True)
class Next:
    """What comes when nothing needs him: the next follow-up, and when the next survey closes."""

    follow_up_on: dt.date | None
    follow_up_customer: str
    closes_at: dt.datetime | None
