"""The year, hour by hour: beat comes or is away, respondents answer, owners act, people change their minds.

The clock is simulated and handed to the product's own services; the database, the cache and the processes
that are killed are real.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.contacts.models import Contact
from accounts.contacts.services import mark_left
from accounts.customers.models import Customer
from accounts.projects.models import Project
from accounts.projects.services import end_project
from accounts.surveys.models import Invitation, Respondent, RespondentState
from accounts.surveys.services import (
    change_respondent,
    make_due_invitations,
    pause_letters,
    resume_letters,
    stop_letters,
)
from accounts.surveys.services.alarms import raise_alarms
from tests.year import answers
from tests.year.answers import Character
from tests.year.book import Book, publish
from tests.year.expected import COMPANY, DAY, HOUR, Said, rules_of
from tests.year.hands import Hand
from tests.year.owners import Owners

TWICE = 0.1
"""Of the POSTs that arrive twice, at the same time."""
CHANGED = 0.04
"""Of the answers that are changed a few hours later; then the first POST arrives once more."""
BEAT_TWICE = 0.05
Action = Callable[[dt.datetime], None]


@dataclass(frozen=True)
class Posted:
    """An answer on its way; ``is_news``: whether it must be taken as new."""

    invitation: int
    key: str
    letters: dict[str, str]
    is_news: bool


@dataclass
class Year:
    """``step``: how often beat comes; ``outages``: from, until. ``kills``: workers to kill, in all."""

    book: Book
    start: dt.datetime
    weeks: int
    step: dt.timedelta
    outages: list[tuple[dt.datetime, dt.datetime]]
    kills: int
    rolled: random.Random
    say: Callable[[str], None]
    owners: Owners = field(init=False)
    told: Counter[str] = field(default_factory=Counter)
    mistaken: list[str] = field(default_factory=list)
    _events: list[tuple[dt.datetime, int, Action]] = field(default_factory=list)
    _posts: list[tuple[dt.datetime, int, Posted]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _seen: int = 0
    _invitations: dict[int, dict[str, Any]] = field(default_factory=dict)
    _characters: dict[int, Character] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = Owners(self.book, random.Random(self.rolled.random()), self.at)

    @property
    def end(self) -> dt.datetime:
        return self.start + 7 * DAY * self.weeks

    def run(self) -> None:
        self._plan_changes()
        beater, hands = Hand(), [Hand(), Hand()]
        try:
            now = self.start
            while now < self.end:
                if not any(first <= now < last for first, last in self.outages):
                    self._beat(now, beater)
                self._go_on(now + self.step, hands)
                now += self.step
                if (now - self.start) % (13 * 7 * DAY) < self.step:
                    self.say(f"{now:%Y-%m-%d}: {dict(self.told)}")
        finally:
            for hand in (beater, *hands):
                hand.close()

    def at(self, moment: dt.datetime, action: Action) -> None:
        heapq.heappush(self._events, (moment, next(self._order), action))

    def _beat(self, now: dt.datetime, beater: Hand) -> None:
        """Beat has come; now and then its task is delivered twice, or its workers die at it."""
        self.owners.look_at_clocks(now)
        by_now = self.kills * (now - self.start + 7 * DAY) / (self.end - self.start)
        if self.told["workers killed"] < by_now and now.isoweekday() in (3, 4, 5, 6):
            for _ in range(self.rolled.randrange(4)):
                self.told["workers killed"] += beater.kill_one("beat", now, self.rolled)
        is_twice = self.rolled.random() < BEAT_TWICE
        if is_twice:
            beater.send({"do": "beat", "now": now.isoformat()})
            self.told["tasks delivered twice"] += 1
        self.told["invitations"] += make_due_invitations(now=now)
        raise_alarms(now=now)
        if is_twice:
            beater.read()
            if beater.read() != 0:
                self.mistaken.append(f"a task delivered twice failed at {now}")
        self.book.ledger.beats.append(now)
        self._expect_answers(now)
        self.owners.hear(now)

    def _expect_answers(self, now: dt.datetime) -> None:
        made = Invitation.objects.filter(pk__gt=self._seen).order_by("pk")
        for row in made.values("pk", "project", "contact", "week", "expires_at", "customer"):
            self._seen = row["pk"]
            self._invitations[row["pk"]] = row
            of = self._characters.setdefault(row["contact"], answers.character(self.rolled))
            if self.rolled.random() < of.answers:
                at = now + answers.delay(of, self.rolled)
                if at < row["expires_at"]:
                    self._post(at, Posted(row["pk"], f"{row['pk']}-1", {}, is_news=True))

    def _post(self, at: dt.datetime, posted: Posted) -> None:
        heapq.heappush(self._posts, (at, next(self._order), posted))

    def _go_on(self, until: dt.datetime, hands: list[Hand]) -> None:
        """What people do until then: first the respondents, then we."""
        jobs: list[list[dict[str, Any]]] = [[], []]
        posts = []
        while self._posts and self._posts[0][0] < until:
            at, _order, posted = heapq.heappop(self._posts)
            posted = self._worded(posted)
            job = {
                "invitation": posted.invitation,
                "key": posted.key,
                "letters": posted.letters,
                "comment": "",
                "at": at.isoformat(),
            }
            side = self._invitations[posted.invitation]["project"] % 2
            is_twice = self.rolled.random() < TWICE
            for hand in (side, 1 - side) if is_twice else (side,):
                posts.append((hand, len(jobs[hand]), at, posted, is_twice and hand != side))
                jobs[hand].append(job)
        if posts:
            self._deliver(jobs, posts, hands)
        self.owners.look_at_cases()
        while self._events and self._events[0][0] < until:
            at, _order, action = heapq.heappop(self._events)
            action(at)

    def _worded(self, posted: Posted) -> Posted:
        if posted.letters:
            return posted
        project = self._invitations[posted.invitation]["project"]
        said = answers.letters(self.rolled, self.owners.open_dimensions(project))
        return replace(posted, letters=said)

    def _deliver(
        self,
        jobs: list[list[dict[str, Any]]],
        posts: list[tuple[int, int, dt.datetime, Posted, bool]],
        hands: list[Hand],
    ) -> None:
        for hand, batch in zip(hands, jobs, strict=True):
            hand.send({"do": "answers", "answers": batch})
        results = [hand.read() for hand in hands]
        news: Counter[str] = Counter()
        for hand, place, at, posted, is_copy in posts:
            self.told["POSTs"] += 1
            self.told["POSTs that came twice"] += is_copy or not posted.is_news
            if not results[hand][place]:
                continue
            news[posted.key] += 1
            if news[posted.key] > 1 or not posted.is_news:
                self.mistaken.append(f"answer {posted.key} was new twice")
            self._note(posted, at)
            if posted.key.endswith("-1"):
                self._change_of_mind(posted, at)
        for _hand, _place, _at, posted, _is_copy in posts:
            if posted.is_news and not news[posted.key]:
                self.mistaken.append(f"answer {posted.key} was not taken")

    def _note(self, posted: Posted, at: dt.datetime) -> None:
        row, ledger = self._invitations[posted.invitation], self.book.ledger
        low = rules_of(ledger, row["week"], row["customer"]).low
        ledger.answers[posted.key] = Said(
            project=row["project"],
            contact=row["contact"],
            monday=row["week"],
            at=at,
            letters=posted.letters,
            low=frozenset(code for code, letter in posted.letters.items() if letter in low),
        )

    def _change_of_mind(self, posted: Posted, at: dt.datetime) -> None:
        later = at + HOUR * self.rolled.uniform(1, 8)
        expires = self._invitations[posted.invitation]["expires_at"]
        if self.rolled.random() >= CHANGED or later + 9 * HOUR >= expires:
            return
        other = dict(posted.letters, communication="A" if posted.letters["communication"] != "A" else "B")
        self._post(later, replace(posted, key=f"{posted.invitation}-2", letters=other))
        self._post(later + self.step + HOUR, replace(posted, is_news=False))
        self.told["answers changed"] += 1

    def _plan_changes(self) -> None:
        """When who pauses, stops, comes back, leaves; which projects end; when the programme changes."""
        share = self.weeks / 52
        for place in range(len(self.book.respondents)):
            for often, action in (
                (1.0, self._pause),
                (0.15, self._opt_out),
                (0.1, self._stop_everywhere),
                (0.12, self._leave),
            ):
                if self.rolled.random() < often * share:
                    self.at(self._some_time(), lambda now, act=action, n=place: act(n, now))
        for project in self.book.ledger.works:
            if self.rolled.random() < 0.15 * share:
                self.at(self._some_time(), lambda now, pk=project: self._end(pk, now))
        self.at(self.start + 7 * DAY * self.weeks * 0.5, self._change_programme)
        self.at(self.start + 7 * DAY * self.weeks * 0.3, self._make_exception)

    def _some_time(self) -> dt.datetime:
        return self.start + (self.end - self.start) * self.rolled.uniform(0.1, 0.95)

    def _named(self, place: int) -> tuple[Respondent, Invitation | None]:
        respondent = Respondent.objects.get(pk=self.book.respondents[place])
        return respondent, Invitation.objects.filter(respondent=respondent).order_by("-pk").first()

    def _pause(self, place: int, now: dt.datetime) -> None:
        respondent, invitation = self._named(place)
        asked = self.book.ledger.asked[place]
        if asked.states[-1][1] == "opted_out":
            return
        until = now.astimezone(COMPANY).date() + DAY * self.rolled.randrange(3, 40)
        if invitation is not None and self.rolled.random() < 0.5:
            pause_letters(invitation, until=until, now=now)
        else:
            state = RespondentState.PAUSED
            change_respondent(respondent, state=state, author=self.book.lead, now=now, until=until)
        asked.states.append((now, "paused", until))
        self.told["pauses"] += 1

    def _opt_out(self, place: int, now: dt.datetime) -> None:
        respondent, invitation = self._named(place)
        if invitation is None:
            change_respondent(respondent, state=RespondentState.OPTED_OUT, author=None, now=now)
        else:
            stop_letters(invitation, now=now)
        self.book.ledger.asked[place].states.append((now, "opted_out", None))
        self.told["opt-outs"] += 1
        if self.rolled.random() < 0.5:
            self.at(now + DAY * self.rolled.uniform(2, 30), lambda later: self._resume(place, later))

    def _stop_everywhere(self, place: int, now: dt.datetime) -> None:
        _respondent, invitation = self._named(place)
        if invitation is None:
            return
        stop_letters(invitation, now=now, everywhere=True)
        contact = self.book.ledger.asked[place].contact
        self.book.ledger.people[contact].opted_out.append((now, True))
        self.told["opt-outs"] += 1
        if self.rolled.random() < 0.5:
            self.at(now + DAY * self.rolled.uniform(2, 30), lambda later: self._resume(place, later))

    def _resume(self, place: int, now: dt.datetime) -> None:
        _respondent, invitation = self._named(place)
        asked = self.book.ledger.asked[place]
        if invitation is None:
            return
        resume_letters(invitation, now=now)
        self.book.ledger.people[asked.contact].opted_out.append((now, False))
        asked.states.append((now, "active", None))

    def _leave(self, place: int, now: dt.datetime) -> None:
        contact = self.book.ledger.asked[place].contact
        left_on = now.astimezone(COMPANY).date() - DAY * self.rolled.randrange(5)
        mark_left(Contact.objects.get(pk=contact), left_on=left_on, now=now)
        self.book.ledger.people[contact].left.append((now, left_on))
        self.told["people who left"] += 1

    def _end(self, pk: int, now: dt.datetime) -> None:
        work = self.book.ledger.works[pk]
        day = now.astimezone(COMPANY).date() + DAY * self.rolled.randrange(-3, 10)
        if day <= work.started_on:
            return
        end_project(Project.objects.get(pk=pk), ended_on=day)
        work.ended.append((now, day))
        self.told["projects that ended"] += 1

    def _change_programme(self, now: dt.datetime) -> None:
        """Asked a day earlier and in the morning, and closed a day earlier; we have less time."""
        facts = replace(
            self.book.facts,
            send_weekday=4,
            send_hour=10,
            close_weekday=3,
            acknowledge_hours=18,
            plan_hours=54,
        )
        publish(self.book, facts, now=now)
        self.told["programme changes"] += 1

    def _make_exception(self, now: dt.datetime) -> None:
        """One customer is asked in the night of Wednesdays, when some clocks skip that hour."""
        customer = Customer.objects.order_by("pk")[1]
        facts = replace(self.book.facts, send_weekday=3, send_hour=2, close_weekday=2)
        publish(self.book, facts, now=now, customer=customer)
        self.told["programme changes"] += 1
