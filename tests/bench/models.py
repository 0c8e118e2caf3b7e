"""BG/NBD against `lifetimes` on the same data, and the import of a million orders."""

from __future__ import annotations

import csv
import datetime as dt
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from django.conf import settings

from scoring import store
from scoring.core.bg_nbd import BgNbdFit, expected_purchases, fit_bg_nbd
from scoring.core.fitting import Refusal
from scoring.core.lifetime_value import PurchaseHistory
from scoring.inputs import Moment
from scoring.rescore import current_run
from tests.bench.results import PROJECT, Line, Results, median, timed
from tests.scoring.core.cdnow import published_summary

ROWS = 1_000_000
BUYERS = 10_000
TIMES = 5


def measure(results: Results) -> None:
    cdnow = published_summary()
    results.milliseconds(
        "BG/NBD of CDNOW, fit", median(timed(lambda: _fit(*cdnow)) for _ in range(TIMES)), 10
    )
    run = current_run()
    assert run is not None
    moment = Moment(run.as_of, settings.TIME_ZONE)
    history = PurchaseHistory.of(store.read_states(run.pk), moment.day_number)
    bought = history.age > 0
    own = (history.x[bought], history.t_x[bought], history.age[bought])
    ours, theirs = median(timed(lambda: _ours(*own)) for _ in range(TIMES)), timed(lambda: _theirs(*own))
    results.seconds(f"BG/NBD fit and predict, {bought.sum():,} customers", ours)
    results.seconds("the same with lifetimes", theirs)
    results.add(Line("BG/NBD against lifetimes", theirs / ours, "x", 10, at_least=True))


def _fit(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> BgNbdFit | Refusal:
    return fit_bg_nbd(x, t_x, age, min_repeat_customers=30)


def _ours(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> None:
    fit = _fit(x, t_x, age)
    if isinstance(fit, BgNbdFit):
        expected_purchases(fit, x, t_x, age, 52.0)


def _theirs(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> None:
    from lifetimes import BetaGeoFitter
    from lifetimes.utils import ConvergenceError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = BetaGeoFitter()
        try:
            fitter.fit(x, t_x, age)
        except ConvergenceError:  # it gives up where ours refuses; its time counts all the same
            return
        fitter.conditional_expected_number_of_purchases_up_to_time(52.0, x, t_x, age)


def measure_import(results: Results, folder: Path, database_url: str) -> None:
    """A million orders of 10,000 customers from a file, checked, into a database of its own."""
    file = folder / "orders.csv"
    _write(file)
    environment = os.environ | {"DATABASE_URL": database_url}
    for command in (
        ["migrate", "--no-input", "-v", "0"],
        ["create_admin", "--email", "a@bench.example", "--name", "A"],
    ):
        _manage(command, environment | {"ADMIN_PASSWORD": "correct horse battery staple"})
    command = ["import_orders", str(file), "--owner", "a@bench.example"]
    results.add(Line("import of 1 M orders, checked", timed(lambda: _manage(command, environment)), "s", 60))
    file.unlink()


def _manage(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _write(file: Path) -> None:
    first = dt.date(2023, 1, 2)
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["Order number", "Customer", "Order date", "Amount", "Direct cost", "Quantity"])
        for row in range(ROWS):
            day = first + dt.timedelta(days=row * 7919 % 1000)
            amount = 100 + row * 104_729 % 100_000
            writer.writerow([f"SO{row}", f"Buyer {row % BUYERS}", day, amount, amount * 0.7, 1 + row % 90])
