"""The Chromium of the browser tests: found on the machine, or installed (``python -m tests.chromium``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without it Chinese characters are boxes, in screenshots and in what is measured.
CHINESE_FONT = "fonts-noto-cjk"


def executable() -> str | None:
    """Path of a Chromium or Chrome: CHROMIUM if that is set, one on the PATH, or Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return named
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def required() -> str:
    """Like `executable`; raises RuntimeError with the one line that says what to do."""
    found = executable()
    if found is None:
        raise RuntimeError(
            "No Chromium for the browser tests. Install chromium, or name one in the variable CHROMIUM."
        )
    return found


def install() -> None:
    """Debian's package as root, Playwright's own download elsewhere. Raises CalledProcessError."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*apt, "update"], check=True, env=environment)
        packages = ["install", "-y", "--no-install-recommends", "chromium", CHINESE_FONT]
        subprocess.run([*apt, *packages], check=True, env=environment, stdout=subprocess.DEVNULL)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def _lacks_chinese_font() -> bool:
    """Whether Debian's font package could be installed here and is not."""
    if os.geteuid() != 0 or not shutil.which("dpkg-query"):
        return False
    query = subprocess.run(["dpkg-query", "-s", CHINESE_FONT], capture_output=True, check=False)
    return query.returncode != 0


def main() -> int:
    """Make sure that there is one; the exit code."""
    try:
        if executable() is None or _lacks_chinese_font():
            print("Installing Chromium and a Chinese font ...", flush=True)
            install()
        print(required())
    except (subprocess.CalledProcessError, RuntimeError) as error:
        print(f"{error}\nThe browser tests need Chromium: install it, or name one in the variable CHROMIUM.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
