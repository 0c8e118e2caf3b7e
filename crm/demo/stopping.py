"""How the demo learns that somebody wants it to stop."""

import signal
from pathlib import Path

import psutil

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(KeyboardInterrupt):
    """Somebody asked the demo to stop, by Ctrl-C or by what means the same."""


class StopFlag:
    """Raised by SIGINT, SIGTERM or SIGHUP, to us or to the `make` that runs us.

    A signal only sets the flag, which every wait looks at: so a stop never falls between starting a
    process and noting it down.
    """

    def __init__(self) -> None:
        self.raised = False
        for number in STOP_SIGNALS:
            signal.signal(number, self._raise)
        parent = psutil.Process().parent()
        self._make = parent.pid if parent is not None and "make" in parent.name() else None
        self._make_caught = self._caught_by_make()

    def _raise(self, number: int, frame: object) -> None:
        self.raised = True

    def check(self) -> None:
        """Raises Stop when the demo has been asked to stop.

        GNU make passes on SIGTERM only. At a SIGINT or SIGHUP that reached it alone (a terminal sends them
        to everybody) it takes its handler off and waits for us for ever, which is how we notice.
        """
        if self.raised or self._make_caught & ~self._caught_by_make():
            raise Stop

    def _caught_by_make(self) -> int:
        """Bit mask of the stop signals that make has a handler for; 0 without make or without /proc."""
        if self._make is None:
            return 0
        try:
            status = Path(f"/proc/{self._make}/status").read_text()
        except OSError:
            return 0
        caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
        return caught & sum(1 << (number - 1) for number in STOP_SIGNALS)
