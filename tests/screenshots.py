"""``make screenshots``: the pictures of docs/screenshots, from a demo of its own with today's pages.

Run by ``python -m crm.demo exec``, which gives it a PostgreSQL and a Valkey that are thrown away.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from crm.demo import processes
from crm.demo.servers import free_port
from tests import chromium

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "docs" / "screenshots"
PASSWORD = "truenorth demo"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@dataclass(frozen=True)
class Shot:
    """A page of one person; ``then``: links that are followed first, by their place in the page."""

    name: str
    who: str
    address: str
    then: tuple[str, ...] = ()
    theme: str = "light"
    viewport: tuple[tuple[str, int], ...] = tuple(DESKTOP.items())


SHOTS = (
    Shot("today", "am", "/today/"),
    Shot("customer", "am", "/today/", ("a[id^=flag-][data-open]",)),
    Shot("board", "pm", "/satisfaction/"),
    Shot("corrective-action", "pm", "/cases/", ("tbody a[data-open]",)),
    Shot("satisfaction", "am", "/today/", ("a[id^=flag-][data-open]", ".tabs-line a[href$=satisfaction]")),
    Shot("customers-zh", "am2", "/customers/", theme="dark"),
    Shot("today-phone", "am", "/today/", viewport=tuple(PHONE.items())),
)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"MEDIA_ROOT": str(folder), "EMAIL_FILE_PATH": str(folder / "outbox")}
        for command in (["migrate", "-v", "0"], ["messages", "--compile-only"], ["demo_data"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, check=True)
        with _site(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium.required(), args=FLAGS)
            for shot in SHOTS:
                _take(browser, address, shot)
            _take_survey(browser, address, folder / "outbox")
            browser.close()
    return 0


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    """A web server and a worker that keeps the timetable, so that letters go out."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = os.environ | {"PUBLIC_URL": address, "INVITE_SECONDS": "2"}
    web = [sys.executable, "-m", "gunicorn", "crm.wsgi", "--threads", "4", "--bind", f"127.0.0.1:{port}"]
    worker = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "crm",
        "worker",
        "-c",
        "1",
        "-B",
        "-s",
        str(folder / "beat"),
    ]
    started = [
        processes.spawn(command, log=folder / f"{name}.log", folder=PROJECT, environment=environment)
        for name, command in (("web", web), ("worker", worker))
    ]
    try:
        if not processes.wait_until(lambda: _answers(f"{address}/health/ready"), seconds=60):
            raise RuntimeError(processes.tail(folder / "web.log"))
        yield address
    finally:
        for process in started:
            processes.end(process.pid, ask=signal.SIGTERM, seconds=20)
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _take(browser: Browser, address: str, shot: Shot) -> None:
    context = browser.new_context(base_url=address, viewport=dict(shot.viewport), color_scheme=shot.theme)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{shot.who}@demo.truenorth.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(shot.address)
    for link in shot.then:
        page.locator(link).first.click()
        page.wait_for_load_state("networkidle")
    _save(page, shot.name)
    context.close()


def _take_survey(browser: Browser, address: str, outbox: Path) -> None:
    """The page behind the first English letter, with a D chosen for delivery."""

    links: list[str] = []

    def is_there() -> bool:
        links[:] = [link for file in sorted(outbox.glob("*.eml")) for link in _english_links(file)]
        return bool(links)

    if not processes.wait_until(is_there, seconds=60):
        print("No letter was written in time (on Fridays before 14:00 no week is open): no picture of it.")
        return
    context = browser.new_context(base_url=address, viewport=PHONE, locale="en")
    page = context.new_page()
    page.goto(f"{links[0]}?quality=A-&delivery=D&communication=B%2B")
    _save(page, "survey")
    context.close()


def _english_links(file: Path) -> list[str]:
    letter = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = letter.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return re.findall(r"/s/[\w-]{20,}", text)[:1] if "Dear" in text or "Hello" in text else []


def _save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")
    print(FOLDER / f"{name}.png", flush=True)


if __name__ == "__main__":
    sys.exit(main())
