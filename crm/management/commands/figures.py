"""``manage.py figures``: every published figure beside ours, computed by the product's own path.

Needs an empty database, which it migrates: the published purchases go in by the import, features come from
the recompute's SQL, fits from the run's stored cuts. Exits with 1 when a figure is not met.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from accounts.customers.models import Customer
from accounts.imports.services import receive_import, run_import, start_import
from scoring.core.bg_nbd import BgNbdFit, expected_purchases
from scoring.core.gamma_gamma import GammaGammaFit
from scoring.core.lifetime_value import PurchaseHistory
from scoring.core.results import Cuts
from scoring.core.state import CustomerState
from scoring.models import ScoringRun
from scoring.policy import cuts_of
from scoring.store import read_states

FOLDER = settings.BASE_DIR / "tests" / "data" / "cdnow"
CALIBRATION_END = dt.date(1997, 9, 30)
HOLD_OUT_END = dt.date(1998, 6, 30)
HOLD_OUT_WEEKS = 39.0
BG_NBD_SOURCE = "Fader, Hardie & Lee 2005, table 2"
GAMMA_GAMMA_SOURCE = "Fader & Hardie 2013"


@dataclass(frozen=True)
class Figure:
    """A published number, ours, and how far apart they may be (absolute)."""

    name: str
    source: str
    published: float
    ours: float
    tolerance: float

    @property
    def is_met(self) -> bool:
        return abs(self.published - self.ours) <= self.tolerance


class Command(BaseCommand):
    help = "Print every published figure beside ours."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if Customer.objects.exists():
            raise CommandError("Figures need an empty database: run `make figures`.")
        self._import()
        call_command("recompute", "--here", "--as-of", CALIBRATION_END.isoformat(), stdout=self.stdout)
        run = ScoringRun.objects.defer("cuts").latest("pk")
        state = read_states(run.pk)
        figures = list(_figures(state, cuts_of(run.pk)))
        self._print(figures)
        if not all(figure.is_met for figure in figures):
            raise CommandError("A published figure is not met.")

    def _import(self) -> None:
        path = FOLDER / "cdnow_sample.txt"
        with path.open("rb") as file:
            received = receive_import(file=File(file, name=path.name), owner=None, user=None)
        start_import(received)
        run_import(received.pk, now=timezone.now())
        received.refresh_from_db()
        self.stdout.write(f"{received.rows_added} purchases of {received.customers_added} customers.")

    def _print(self, figures: list[Figure]) -> None:
        self.stdout.write(f"\n{'figure':<52}{'published':>12}{'ours':>12}   source")
        for figure in figures:
            mark = "" if figure.is_met else "   NOT MET"
            self.stdout.write(
                f"{figure.name:<52}{figure.published:>12,.3f}{figure.ours:>12,.3f}   {figure.source}{mark}"
            )


def _figures(state: CustomerState, cuts: Cuts) -> Iterator[Figure]:
    purchases, values = cuts.lifetime.purchases, cuts.lifetime.values
    if not isinstance(purchases, BgNbdFit) or not isinstance(values, GammaGammaFit):
        raise CommandError(f"A model was refused: {cuts.lifetime.refusal}")
    history = PurchaseHistory.of(state, cuts.as_of_day)
    yield Figure("customers", "CDNOW sample", 2357, len(state), 0)
    yield Figure(
        "customers whose x, t_x and T equal the summary", "CDNOW summary", 2357, _equal(state, history), 0
    )
    yield Figure("BG/NBD r", BG_NBD_SOURCE, 0.243, purchases.r, 0.0005)
    yield Figure("BG/NBD alpha (weeks)", BG_NBD_SOURCE, 4.414, purchases.alpha, 0.0005)
    yield Figure("BG/NBD a", BG_NBD_SOURCE, 0.793, purchases.a, 0.0005)
    yield Figure("BG/NBD b", BG_NBD_SOURCE, 2.426, purchases.b, 0.0005)
    yield Figure("BG/NBD log-likelihood", BG_NBD_SOURCE, -9582.4, purchases.log_likelihood, 0.05)
    yield Figure("Gamma-Gamma p", GAMMA_GAMMA_SOURCE, 6.25, values.p, 0.005)
    yield Figure("Gamma-Gamma q", GAMMA_GAMMA_SOURCE, 3.74, values.q, 0.005)
    # Our money is in cents, so the scale parameter is too.
    yield Figure("Gamma-Gamma gamma (dollars)", GAMMA_GAMMA_SOURCE, 15.44, values.gamma / 100, 0.005)
    expected = expected_purchases(purchases, history.x, history.t_x, history.age, HOLD_OUT_WEEKS)
    yield Figure(
        "expected repeat purchase days, weeks 40-78", BG_NBD_SOURCE, 1653, expected.sum(), 0.005 * 1653
    )
    yield Figure("repeat purchase days that happened", "CDNOW sample", 1882, _happened(), 0)


def _equal(state: CustomerState, history: PurchaseHistory) -> int:
    """Customers whose x, t_x and T agree with the published summary to its two decimals."""
    published = _summary()
    numbers = dict(Customer.objects.values_list("pk", "number"))
    rows = np.array([published[numbers[pk] or ""] for pk in state.customer_id.tolist()])
    ours = np.stack([history.x, history.t_x, history.age], axis=1)
    return int(np.all(np.abs(ours - rows) <= 0.0051, axis=1).sum())


def _summary() -> dict[str, tuple[float, float, float]]:
    """Published x, t_x and T by customer number; the summary has the customer's place in the sample."""
    with (FOLDER / "cdnow_customers_summary.csv").open(encoding="utf-8") as file:
        by_place = {
            int(row["ID"]): (float(row["frequency"]), float(row["recency"]), float(row["T"]))
            for row in csv.DictReader(file)
        }
    purchases = (FOLDER / "cdnow_sample.txt").read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: by_place[int(line.split()[1])] for line in purchases if line.strip()}


def _happened() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(distinct (customer_id, ordered_on)) from orders_order"
            " where superseded_at is null and kind = 'order' and ordered_on > %s and ordered_on <= %s",
            [CALIBRATION_END, HOLD_OUT_END],
        )
        return int(cursor.fetchone()[0])
