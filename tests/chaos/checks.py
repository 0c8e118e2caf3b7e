"""After the storm: what was confirmed is there once, and everything that follows from it as well."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import redis
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.imports.models import Import, ImportState
from accounts.interactions.models import Interaction
from accounts.notices.models import Notice
from accounts.orders.models import Order
from accounts.surveys.models import (
    Answer,
    AnswerGrade,
    CaseEvent,
    CaseEventKind,
    CorrectiveAction,
    Invitation,
    LetterKind,
    ProgrammeVersion,
)
from accounts.surveys.queries.mailing import to_send
from crm.mail.surveys import message_id
from scoring.models import RunState, ScoringRun
from scoring.rescore import stale_customers
from scoring.tasks import instant
from tests.chaos import scores
from tests.chaos.book import Book, open_weeks
from tests.chaos.browser import Outcome, Traffic
from tests.chaos.killer import Outage
from tests.chaos.people import Entry, Journal
from tests.chaos.postbox import Letter

SETTLE_SECONDS = 300.0
CALM_LOOKS = 4
"""Nothing is waited for any more when nothing was left to do so often in a row."""


@dataclass(frozen=True)
class Line:
    """One closing figure. ``wanted``: what it must be; None where it only tells."""

    what: str
    value: int
    wanted: int | None = None
    note: str = ""

    @property
    def is_good(self) -> bool:
        return self.wanted is None or self.value == self.wanted


@dataclass
class Figures:
    lines: list[Line] = field(default_factory=list)

    def tell(self, what: str, value: int, note: str = "") -> None:
        self.lines.append(Line(what, value, note=note))

    def none(self, what: str, wrong: Iterable[object]) -> None:
        """Nothing of this kind may be there; the first few are named."""
        found = list(wrong)
        note = ", ".join(map(str, found[:5]))
        self.lines.append(Line(what, len(found), 0, note))


def settle(redis_url: str) -> float:
    """Wait until nothing is left to do; the seconds it took. What is left then, the checks will find."""
    began, calm = time.monotonic(), 0
    while calm < CALM_LOOKS and time.monotonic() - began < SETTLE_SECONDS:
        calm = calm + 1 if not left_to_do(redis_url) else 0
        time.sleep(0.5)
    return time.monotonic() - began


def left_to_do(redis_url: str) -> list[str]:
    now = timezone.now()
    running = Import.objects.filter(state__in=[ImportState.WAITING, ImportState.RUNNING])
    runs = ScoringRun.objects.filter(state__in=[RunState.COUNTING, RunState.SCORING])
    questions: dict[str, Callable[[], object]] = {
        "letters": to_send(now=now).exists,
        "imports": running.exists,
        "runs": runs.exists,
        "stale customers": lambda: stale_customers(1, as_of=instant()),
        "messages": lambda: waiting_messages(redis_url),
    }
    return [name for name, ask in questions.items() if ask()]


def waiting_messages(redis_url: str) -> int:
    """Beside those that the timetable has put in just now."""
    with redis.Redis.from_url(redis_url) as queue:
        return max(0, int(queue.llen("letters")) + int(queue.llen("celery")) - 5)


def check_everything(
    figures: Figures,
    journal: Journal,
    book: Book,
    letters: list[Letter],
) -> None:
    check_writes(figures, journal)
    check_answers(figures, journal)
    check_cases(figures, journal)
    check_invitations(figures, journal, book)
    check_letters(figures, letters)
    check_imports(figures, journal)
    scores.check(figures)


def check_writes(figures: Figures, journal: Journal) -> None:
    """Confirmed: there once. Unknown: there once or not at all. Refused: not there."""
    present = {
        "interaction": _times(Interaction.objects.values_list("identity", flat=True)),
        "order": _times(Order.objects.filter(import_id=None).values_list("identity", flat=True)),
        "answer": _times(Answer.objects.values_list("idempotency_key", flat=True)),
    }
    events = CaseEvent.objects.filter(token__isnull=False).values_list("case", "token")
    of_cases = Counter(f"{case}:{token}" for case, token in events)
    present |= {f"case {name}": of_cases for name in ("plan", "advance", "comment")}
    told = [entry for entry in journal.entries if entry.kind in present]
    times = {entry: present[entry.kind][entry.identity] for entry in map(_Asked, told)}
    of = {outcome: [each for each in times if each.outcome is outcome] for outcome in Outcome}
    figures.tell("confirmed writes", len(of[Outcome.CONFIRMED]))
    figures.none("confirmed and missing", (e for e in of[Outcome.CONFIRMED] if times[e] == 0))
    figures.none("written twice", (e for e in times if times[e] > 1))
    figures.none("refused and there", (e for e in of[Outcome.REFUSED] if times[e]))
    unknown = of[Outcome.UNKNOWN]
    done = sum(times[each] for each in unknown)
    figures.tell("unknown to who asked", len(unknown), f"{done} of them are there, once each")
    figures.none("orders with another amount", _wrong_amounts(journal))


@dataclass(frozen=True)
class _Asked:
    """An entry as a key: its facts are a dictionary."""

    kind: str
    identity: str
    outcome: Outcome

    def __init__(self, entry: Entry) -> None:
        for name in ("kind", "identity", "outcome"):
            object.__setattr__(self, name, getattr(entry, name))

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}"


def _times(identities: Iterable[object]) -> Counter[str]:
    return Counter(map(str, identities))


def _wrong_amounts(journal: Journal) -> list[str]:
    amounts = dict(Order.objects.filter(import_id=None).values_list("identity", "amount_minor"))
    return [
        entry.identity
        for entry in journal.of("order")
        if entry.identity in amounts and amounts[entry.identity] != int(entry.facts["amount_minor"])
    ]


def check_answers(figures: Figures, journal: Journal) -> None:
    counted = Answer.objects.annotate(
        given=Count("grades"), low=Count("grades", filter=Q(grades__opens_case=True))
    )
    there = {key: (given, low) for key, given, low in counted.values_list("idempotency_key", "given", "low")}
    torn = [
        entry.identity
        for entry in journal.of("answer")
        if entry.identity in there
        and there[entry.identity] != (int(entry.facts["grades"]), int(entry.facts["low"]))
    ]
    figures.none("answers without all of their grades", torn)
    current = Count("answers", filter=Q(answers__superseded_at=None))
    answered = Invitation.objects.annotate(current=current, versions=Count("answers"))
    figures.none(
        "answered, and not by one current answer",
        answered.filter(versions__gt=0).exclude(current=1).values_list("pk", flat=True),
    )
    figures.none(
        "answered, and not marked so",
        answered.filter(versions__gt=0, answered_at=None).values_list("pk", flat=True),
    )


def check_cases(figures: Figures, journal: Journal) -> None:
    low = AnswerGrade.objects.filter(grade__opens_case=True)
    figures.tell("low grades", low.count())
    figures.none("low grades without a corrective action", low.filter(case=None).values_list("pk", flat=True))
    open_cases = CorrectiveAction.objects.filter(closed_at=None)
    doubled = open_cases.values("project", "dimension").annotate(n=Count("pk")).filter(n__gt=1)
    figures.tell("corrective actions", CorrectiveAction.objects.count())
    figures.none("two open for one project and dimension", doubled)
    figures.none("cases without a grade", CorrectiveAction.objects.filter(grades=None).values_list("pk"))
    figures.none("cases opened twice in their log", _opened_twice())
    asked = {entry.identity.split(":")[0] for entry in journal.of("case acknowledge")}
    confirmed = {
        entry.identity.split(":")[0]
        for entry in journal.of("case acknowledge")
        if entry.outcome is Outcome.CONFIRMED
    }
    acts = CaseEvent.objects.filter(author__isnull=False).values_list("case", flat=True)
    figures.none("acknowledged, and nobody did", confirmed - {str(pk) for pk in acts})
    figures.none("acknowledged twice in a round", _acknowledged_twice(asked))


def _opened_twice() -> Iterable[object]:
    opened = CaseEvent.objects.filter(kind=CaseEventKind.OPENED).values("case")
    return opened.annotate(n=Count("pk")).filter(n__gt=1).values_list("case", flat=True)


def _acknowledged_twice(asked: set[str]) -> list[int]:
    def times(kind: CaseEventKind) -> Count:
        return Count("log", filter=Q(log__kind=kind), distinct=True)

    cases = CorrectiveAction.objects.filter(pk__in=asked).annotate(
        acknowledged=times(CaseEventKind.ACKNOWLEDGED), rejected=times(CaseEventKind.REJECTED)
    )
    wrong = cases.filter(acknowledged__gt=F("times_reopened") + F("rejected") + 1)
    return list(wrong.values_list("pk", flat=True))


def check_invitations(figures: Figures, journal: Journal, book: Book) -> None:
    """Computed from the calendar, respondent by respondent, and not by the statement that makes them."""
    weeks = open_weeks(ProgrammeVersion.objects.latest("pk"), book.zone, timezone.now())
    named = [*book.named, *journal.named]
    due = {(project, contact, week) for project, contact in named for week in weeks}
    maybe = {(project, contact, week) for project, contact in journal.maybe_named for week in weeks}
    made = Counter(Invitation.objects.values_list("project", "contact", "week"))
    figures.tell("invitations due", len(due))
    figures.none("due and not made", due - made.keys())
    figures.none("made twice", (key for key, times in made.items() if times > 1))
    figures.none("made and not due", made.keys() - due - maybe)


def check_letters(figures: Figures, letters: list[Letter]) -> None:
    invitations = {message_id(each, LetterKind.INVITATION): each for each in Invitation.objects.all()}
    sent = Counter(letter.message_id for letter in letters)
    figures.tell("letters that arrived", len(letters))
    figures.none("invitations without a letter", (invitations.keys() - sent.keys()))
    figures.none("letters of no invitation", sent.keys() - invitations.keys())
    figures.none(
        "letters not marked as sent", (each.pk for each in invitations.values() if each.sent_at is None)
    )
    figures.none(
        "letters given up", Invitation.objects.filter(failed_at__isnull=False).values_list("pk", flat=True)
    )
    doubled = sum(times - 1 for times in sent.values())
    figures.tell("letters sent again", doubled, "with the Message-ID of the first")


def check_imports(figures: Figures, journal: Journal) -> None:
    rows = {
        entry.identity: int(entry.facts["rows"])
        for entry in journal.of("import")
        if entry.outcome is Outcome.CONFIRMED
    }
    done = list(Import.objects.filter(state=ImportState.DONE))
    taken = Counter(each.file_name.removesuffix(".csv") for each in done)
    added = {each.file_name.removesuffix(".csv"): each.rows_added for each in done}
    with connection.cursor() as cursor:
        cursor.execute(
            "select split_part(number, '-', 1), count(*), count(distinct number) from orders_order"
            " where import_id is not null group by 1"
        )
        there = {name: (versions, numbers) for name, versions, numbers in cursor.fetchall()}
    figures.tell("files", len(rows), f"{sum(rows.values())} rows")
    figures.none("files not taken", (name for name in rows if taken[name] == 0))
    figures.none("files taken twice", (name for name in taken if taken[name] > 1))
    figures.none("files with other rows", (n for n in taken if (added[n], added[n]) != there.get(n)))
    figures.none("files short of rows", (n for n in rows if n in added and added[n] != rows[n]))
    notices = Counter(Notice.objects.filter(kind="import_done").values_list("facts__import", flat=True))
    figures.none("files not told of once", (each.pk for each in done if notices[each.pk] != 1))
    failed = Import.objects.filter(state=ImportState.FAILED).values_list("file_name", "error")
    figures.none("files failed", failed)


def check_traffic(figures: Figures, traffic: Traffic, outages: list[Outage]) -> None:
    """A fault page may only be seen while something is away, and then it says so: 503."""
    requests = traffic.requests
    figures.tell("requests", len(requests))
    outside = [each for each in requests if not _overlaps(each.began, each.ended, outages)]
    figures.tell("requests while nothing was away", len(outside))
    for status in sorted({each.status for each in requests if each.status >= 500} | {500, 503}):
        found = [each for each in requests if each.status == status]
        note = f"{sum(each in outside for each in found)} of them while nothing was away"
        if status == 503:
            figures.tell("503, come again", len(found), note)
        else:
            figures.none(f"bare {status}", (f"{each.method} {each.path}" for each in found))
    figures.none("503 while nothing was away", (each.path for each in outside if each.status == 503))
    lost = [each for each in requests if each.status == 0]
    figures.tell("without an answer", len(lost), f"{sum(e in outside for e in lost)} while nothing was away")
    slowest = max((each.ended - each.began for each in requests), default=0.0)
    figures.tell("slowest answer, ms", round(slowest * 1000))


def _overlaps(began: float, ended: float, outages: list[Outage]) -> bool:
    return any(began < outage.ended and outage.began < ended for outage in outages)
