"""Who works while everything is killed; each person writes down what was confirmed to him."""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from django.db import Error, connection
from django.utils import timezone

from accounts.contacts.models import Contact
from accounts.projects.models import Project
from accounts.surveys.services import name_respondent
from tests.chaos.book import LONG_AGO, Book
from tests.chaos.browser import Answer, Browser, Form, LostError, Outcome, forms_in
from tests.chaos.postbox import Letter, letters_in

GRADES = ("A", "A-", "B+", "B", "B-", "C", "D")
WEIGHTS = (6, 5, 5, 4, 3, 2, 2)
PATIENT, HASTY = 25, 1
"""How often somebody presses the button who wants it done, and who gives up at once."""


@dataclass(frozen=True)
class Entry:
    """One write that somebody asked for. ``identity`` names it in the database; ``facts``: what it says."""

    kind: str
    identity: str
    outcome: Outcome
    facts: dict[str, str] = field(default_factory=dict)


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)
    maybe_named: list[tuple[int, int]] = field(default_factory=list)

    def of(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind == kind]

    def counted(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {}
        for entry in self.entries:
            found.setdefault(entry.kind, Counter())[entry.outcome.value] += 1
        return {kind: dict(counts) for kind, counts in sorted(found.items())}


class Person(threading.Thread):
    """Does `step` again and again until `end`; what it cannot bear is kept in ``failure``."""

    pause = 0.5

    def __init__(self, browser: Browser, journal: Journal, seed: int) -> None:
        super().__init__(name=f"{type(self).__name__}-{seed}", daemon=True)
        self.browser, self.journal, self.rolled = browser, journal, random.Random(seed)
        self.failure = ""
        self._is_over = threading.Event()

    def step(self) -> None:
        raise NotImplementedError

    def run(self) -> None:
        while not self._is_over.is_set():
            try:
                self.step()
            except LostError:
                pass
            except Exception:
                self.failure = traceback.format_exc()
                return
            self._is_over.wait(self.rolled.uniform(0.5, 1.5) * self.pause)

    def end(self) -> None:
        """Finish what he is at."""
        self._is_over.set()

    def press(self, kind: str, identity: str, send: Callable[[], Answer], **facts: str) -> Outcome:
        """Ask for a write, note what came of it, and now and then ask again for what is done already."""
        tries = HASTY if self.rolled.random() < 0.15 else PATIENT
        outcome, _answer = self.browser.press(send, tries=tries)
        if outcome is Outcome.CONFIRMED and self.rolled.random() < 0.15:
            self.browser.press(send, tries=1)
        self.journal.entries.append(Entry(kind, identity, outcome, facts))
        return outcome


class AccountManager(Person):
    """Logs interactions, makes orders with and without a number, and looks at his pages."""

    def __init__(self, browser: Browser, journal: Journal, seed: int, *, customers: list[int]) -> None:
        super().__init__(browser, journal, seed)
        self.customers = customers

    def step(self) -> None:
        customer = self.rolled.choice(self.customers)
        self.rolled.choice([self._log, self._log, self._order, self._look])(customer)

    def _log(self, customer: int) -> None:
        token = str(uuid.UUID(int=self.rolled.getrandbits(128), version=4))
        fields = {
            "kind": self.rolled.choice(["call", "visit", "meeting", "email"]),
            "direction": "outbound",
            "started_at": f"{timezone.now():%Y-%m-%dT%H:%M}",
            "minutes": str(self.rolled.randrange(5, 90)),
            "summary": f"Said {token}",
            "token": token,
        }
        path = f"/customers/{customer}/interactions/new"
        self.press("interaction", token, lambda: self.browser.post(path, fields), customer=str(customer))

    def _order(self, customer: int) -> None:
        token = str(uuid.UUID(int=self.rolled.getrandbits(128), version=4))
        number = f"T-{token[:13]}" if self.rolled.random() < 0.5 else ""
        amount = self.rolled.randrange(100, 100_000)
        fields = {
            "kind": "order",
            "ordered_on": f"{timezone.now() - dt.timedelta(days=self.rolled.randrange(1, 90)):%Y-%m-%d}",
            "currency": "CNY",
            "amount": f"{amount}.25",
            "number": number,
            "token": token,
        }
        path = f"/customers/{customer}/orders/new"
        facts = {"customer": str(customer), "amount_minor": str(amount * 100 + 25)}
        identity = number or f"typed:{token}"
        self.press("order", identity, lambda: self.browser.post(path, fields), **facts)

    def _look(self, customer: int) -> None:
        pages = ("/today/", f"/customers/{customer}", "/customers/", f"/customers/{customer}/satisfaction")
        self.browser.get(self.rolled.choice(pages))


class ProjectManager(Person):
    """Works on corrective actions: acknowledges, plans, comments, takes the next step."""

    def step(self) -> None:
        found = sorted(set(re.findall(r"/cases/(\d+)", self.browser.get("/cases/").body)))
        if not found:
            self.browser.get("/satisfaction/")
            return
        pk = self.rolled.choice(found)
        forms = {form.action.rsplit("/", 1)[-1]: form for form in forms_in(self._page(pk))}
        offered = [name for name in ("acknowledge", "plan", "advance", "comment") if name in forms]
        if offered:
            name = self.rolled.choice(offered)
            self._send(pk, name, forms[name])

    def _page(self, pk: str) -> str:
        wish = self.rolled.choice(["", "?do=plan", "?do=step"])
        return self.browser.get(f"/cases/{pk}{wish}").body

    def _send(self, pk: str, name: str, form: Form) -> None:
        token = form.fields.get("token", "")
        day = timezone.now() + dt.timedelta(days=self.rolled.randrange(3, 30))
        fields = form.fields | {"comment": f"About {name} {token}"}
        if name == "plan":
            fields["solve_by"] = f"{day:%Y-%m-%d}"
        identity = f"{pk}:{token}"
        self.press(f"case {name}", identity, lambda: self.browser.post(f"/cases/{pk}/{name}", fields))


class Importer(Person):
    """Uploads files of orders and starts them; asks for a recompute of everybody now and then."""

    pause = 4.0

    def __init__(self, browser: Browser, journal: Journal, seed: int, *, numbers: list[str]) -> None:
        super().__init__(browser, journal, seed)
        self.numbers = numbers

    def step(self) -> None:
        if self.rolled.random() < 0.25:
            self.browser.post("/jobs/start", {})
            return
        name = f"F{self.rolled.getrandbits(40):x}"
        rows = self.rolled.randrange(50, 400)
        content = "order number,customer number,date,amount\n" + "".join(
            f"{name}-{n},{self.rolled.choice(self.numbers)},2026-0{n % 9 + 1}-11,{n % 1000}.50\n"
            for n in range(rows)
        )
        file = (f"{name}.csv", content.encode())
        send = lambda: self.browser.post("/imports/new", {"owner": ""}, file=file)  # noqa: E731
        outcome, answer = self.browser.press(send, tries=PATIENT)
        if outcome is not Outcome.CONFIRMED:
            return
        form = self._form(answer.location)
        if form is None:
            return
        fields = form.fields | {"start": "1"}
        self.press("import", name, lambda: self.browser.post(answer.location, fields), rows=str(rows))

    def _form(self, path: str) -> Form | None:
        """The choice of columns; None when the page did not come in time."""
        for _ in range(PATIENT):
            try:
                page = self.browser.get(path)
            except LostError:
                page = Answer(0)
            found = [form for form in forms_in(page.body) if "encoding" in form.fields]
            if found:
                return found[0]
            time.sleep(1.0)
        return None


class Respondent(Person):
    """Everybody who has a letter: opens his link, answers, and sometimes thinks better of it."""

    pause = 0.3

    def __init__(
        self, browser: Browser, journal: Journal, seed: int, *, letters: SimpleQueue[Letter]
    ) -> None:
        super().__init__(browser, journal, seed)
        self.letters = letters

    def step(self) -> None:
        try:
            letter = self.letters.get(timeout=0.5)
        except Empty:
            return
        if self.rolled.random() < 0.2:
            return
        outcome = self._answer(letter)
        if outcome is Outcome.CONFIRMED and self.rolled.random() < 0.3:
            self._answer(letter)

    def _answer(self, letter: Letter) -> Outcome:
        form = self._form(letter)
        if form is None:
            return Outcome.UNKNOWN
        words = f"Words {form.fields['key']}"
        codes = [name.removeprefix("comment.") for name in form.fields if name.startswith("comment.")]
        given = {
            code: self.rolled.choices(GRADES, WEIGHTS)[0] for code in codes if self.rolled.random() < 0.8
        }
        fields = form.fields | given | {"comment": words}
        said = [fields[code] for code in codes if fields.get(code)]
        facts = {"to": letter.to, "grades": str(len(said)), "low": str(sum(each in "CD" for each in said))}
        return self.press(
            "answer", form.fields["key"], lambda: self.browser.post(letter.link, fields), **facts
        )

    def _form(self, letter: Letter) -> Form | None:
        for _ in range(PATIENT):
            try:
                page = self.browser.get(letter.link)
            except LostError:
                page = Answer(0)
            found = [form for form in forms_in(page.body) if "key" in form.fields]
            if found:
                return found[0]
            time.sleep(1.0)
        return None


class Namer(Person):
    """Names one respondent after the other, as of long ago, so that invitations become due all the time.

    The page names from now on, and the letter would be due next week: this calls the same service.
    """

    def __init__(self, journal: Journal, seed: int, *, book: Book, seconds: float) -> None:
        super().__init__(Browser(0, traffic=None), journal, seed)  # type: ignore[arg-type]
        self.waiting = list(book.unnamed)
        self.pause = seconds / (len(self.waiting) + 1)

    def step(self) -> None:
        if not self.waiting:
            return
        project, contact = self.waiting[-1]
        try:
            name_respondent(
                project=Project.objects.get(pk=project),
                contact=Contact.objects.get(pk=contact),
                author=None,
                now=timezone.now() - LONG_AGO,
            )
        except Error:
            connection.close()
            return
        self.journal.named.append(self.waiting.pop())

    def end(self) -> None:
        super().end()
        if self.waiting:
            self.journal.maybe_named.append(self.waiting[-1])


class Postman(threading.Thread):
    """Carries letters from the mail server to those who answer."""

    def __init__(self, file: Path, letters: SimpleQueue[Letter]) -> None:
        super().__init__(name="postman", daemon=True)
        self.file, self.letters = file, letters
        self._is_over = threading.Event()

    def run(self) -> None:
        carried = 0
        while not self._is_over.wait(0.3):
            fresh = letters_in(self.file, start=carried)
            carried += len(fresh)
            for letter in fresh:
                self.letters.put(letter)

    def end(self) -> None:
        self._is_over.set()
