"""One run: a book, people who work, a killer, and the closing figures."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from django.db import connection

from scoring import recompute
from scoring.models import RunKind, ScoringRun
from scoring.services import start_run
from scoring.tasks import instant, terms
from tests.chaos import checks
from tests.chaos.book import PASSWORD, Book, make_book
from tests.chaos.browser import Browser, Traffic
from tests.chaos.checks import Figures
from tests.chaos.killer import Killer
from tests.chaos.people import (
    AccountManager,
    Importer,
    Journal,
    Namer,
    Person,
    Postman,
    ProjectManager,
    Respondent,
)
from tests.chaos.postbox import Letter, letters_in
from tests.chaos.stage import Stage

RESPONDENTS_AT_ONCE = 3
FINISH_SECONDS = 150.0
SLOW_SECONDS = 5.0


class Storm:
    """``every``: mean seconds between two kills."""

    def __init__(self, stage: Stage, seed: int, every: float, say: Callable[[str], None]) -> None:
        self.stage, self.seed, self.say = stage, seed, say
        self.journal, self.traffic = Journal(), Traffic()
        self.letters: SimpleQueue[Letter] = SimpleQueue()
        self.every = every
        self.book: Book
        self.killer: Killer
        self.settled = self.began = 0.0

    def prepare(self, *, customers: int, respondents_each: int) -> None:
        self.book = make_book(customers=customers, respondents_each=respondents_each, seed=self.seed)
        self.say(
            f"{customers} customers with {respondents_each} respondents each, who live in {self.book.zone}."
        )
        run = start_run(instant(), kind=RunKind.MANUAL)
        while recompute.work(run.pk, terms=terms()):
            pass
        assert ScoringRun.objects.get(pk=run.pk).state == "done"
        connection.close()
        self.stage.start_application()

    def rage(self, seconds: float) -> None:
        """People work and are disturbed for so long; then everything is started that is down."""
        people = self._people(seconds)
        postman = Postman(self.stage.letters, self.letters)
        self.killer = Killer(self.stage, random.Random(self.seed), self.every, self.say)
        self.began = time.monotonic()
        for thread in (postman, *people):
            thread.start()
        self.killer.rage(seconds)
        for person in people:
            person.end()
        postman.end()
        late = time.monotonic() + FINISH_SECONDS
        for person in people:
            person.join(timeout=max(0.0, late - time.monotonic()))
        self._complain(people)

    def _complain(self, people: list[Person]) -> None:
        stuck = [person.name for person in people if person.is_alive()]
        failed = [f"{person.name}:\n{person.failure}" for person in people if person.failure]
        if stuck or failed:
            raise RuntimeError("\n".join([f"Still at it: {stuck}", *failed]))

    def close(self) -> Figures:
        """Wait until all is done, stop those who write, and look."""
        self.settled = checks.settle(self.stage.valkey.url)
        left = checks.left_to_do(self.stage.valkey.url)
        for name in ("beat", *self.stage.worker_names, "web"):
            self.stage.parts[name].stop()
        figures = Figures()
        figures.tell("kills", sum(self.killer.kills.values()))
        ended = self.killer.ended_by_themselves
        figures.tell("parts that ended by themselves", sum(ended.values()), ", ".join(sorted(ended)))
        figures.tell("seconds until nothing was left to do", round(self.settled))
        figures.none("left to do all the same", left)
        checks.check_traffic(figures, self.traffic, self.killer.outages)
        checks.check_everything(figures, self.journal, self.book, letters_in(self.stage.letters))
        return figures

    def told(self) -> dict[str, Any]:
        """Beside the figures: what was killed how often, and what people asked for."""
        away: dict[str, float] = {}
        for outage in self.killer.outages:
            away[outage.part] = round(away.get(outage.part, 0.0) + outage.ended - outage.began, 1)
        return {
            "ended_by_themselves": dict(self.killer.ended_by_themselves),
            "kills": dict(sorted(self.killer.kills.items())),
            "seconds_away": away,
            "asked": self.journal.counted(),
            "slow": self._slow(),
            "outages": [
                [each.part, self._at(each.began), self._at(each.ended)] for each in self.killer.outages
            ],
        }

    def _slow(self) -> list[list[object]]:
        slow = [each for each in self.traffic.requests if each.ended - each.began > SLOW_SECONDS]
        return [
            [each.method, each.path, each.status, self._at(each.began), self._at(each.ended)] for each in slow
        ]

    def _at(self, moment: float) -> float:
        """Seconds since the storm began."""
        return round(moment - self.began, 1)

    def _people(self, seconds: float) -> list[Person]:
        book, journal = self.book, self.journal
        seeds = iter(range(self.seed * 100, self.seed * 100 + 100))
        people: list[Person] = [
            AccountManager(self._browser(email), journal, next(seeds), customers=book.customers[email])
            for email in book.owners
        ]
        people += [ProjectManager(self._browser(email), journal, next(seeds)) for email in book.managers]
        people += [Importer(self._browser(book.admin), journal, next(seeds), numbers=book.numbers)]
        people += [
            Respondent(self._browser(), journal, next(seeds), letters=self.letters)
            for _ in range(RESPONDENTS_AT_ONCE)
        ]
        people += [Namer(journal, next(seeds), book=book, seconds=seconds * 0.8)]
        return people

    def _browser(self, email: str = "") -> Browser:
        return Browser(self.stage.web_port, self.traffic, email, PASSWORD)
