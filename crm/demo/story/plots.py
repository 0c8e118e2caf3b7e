"""How a customer of the demo behaves: most are ordinary, a few tell a story that Today must find."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from crm.demo.story.moods import (
    DELIGHTED,
    DIVIDED,
    GONE_QUIET,
    LEAVING,
    MISSING,
    ORDINARY,
    SAVED,
    SLIDING,
    Mood,
)

HISTORY_DAYS = 3 * 365


@dataclass(frozen=True)
class Dates:
    """Of an order, in days ago; ``delivered``: None: not yet."""

    ordered: int
    promised: int
    delivered: int | None


@dataclass(frozen=True)
class Plot:
    """A customer's behaviour.

    ``gap_days``: mean days between orders, with ``gap_spread`` as their coefficient of variation; ``amount``:
    mean order in whole currency units; ``margin``: share of the amount; ``growth``: factor per year on the
    amount; ``stops_before``: days ago of the last order; ``starts_before``: days ago of the first;
    ``talks_per_month``; ``silent_days``: since when nobody has talked to anybody; ``supporter_left_before``:
    days ago; ``slips``: his latest orders, all of them late; ``mood``: how his people grade us.
    """

    title: str
    gap_days: float
    amount: float
    margin: float = 0.24
    gap_spread: float = 0.25
    growth: float = 1.0
    starts_before: int = HISTORY_DAYS
    stops_before: int = 0
    talks_per_month: float = 2.0
    silent_days: int = 0
    supporter_left_before: int | None = None
    pause: tuple[int, int] | None = None
    single_order: bool = False
    is_lost: bool = False
    slips: tuple[Dates, ...] = ()
    mood: Mood = ORDINARY


STORIES = (
    Plot(
        "sliding: orders get rarer than his rhythm allows",
        14,
        60_000,
        stops_before=48,
        talks_per_month=1.5,
        # One in each of the weeks in which delivery is graded worse and worse; the last has not come yet.
        slips=(Dates(63, 25, 23), Dates(57, 18, 13), Dates(52, 11, 2), Dates(48, 4, None)),
        mood=SLIDING,
    ),
    Plot("his champion left", 21, 90_000, supporter_left_before=25, talks_per_month=2.5, mood=MISSING),
    Plot("big, and earns us nothing", 6, 240_000, margin=0.01, talks_per_month=9, mood=DIVIDED),
    Plot(
        "small, growing fast",
        12,
        6_000,
        growth=2.6,
        starts_before=700,
        margin=0.34,
        talks_per_month=3,
        mood=DELIGHTED,
    ),
    Plot("silent: orders go on, nobody talks", 18, 70_000, silent_days=190, mood=GONE_QUIET),
    Plot(
        "saved: a delivery failed, he stopped ordering for six weeks, and came back",
        16,
        80_000,
        pause=(58, 14),
        talks_per_month=3,
        mood=SAVED,
    ),
    Plot("lost to a competitor", 20, 50_000, stops_before=150, silent_days=120, is_lost=True, mood=LEAVING),
    Plot("new, one order", 30, 30_000, starts_before=75, single_order=True),
)


def mood_of(place: int) -> Mood:
    """How the people of the customer at a place in the book grade us."""
    return STORIES[place].mood if place < len(STORIES) else ORDINARY


def plots(count: int, random: np.random.Generator) -> list[Plot]:
    """The stories first, then ordinary customers of widely different size and rhythm."""
    ordinary = [_ordinary(random) for _ in range(count - len(STORIES))]
    return [*STORIES, *ordinary]


def _ordinary(random: np.random.Generator) -> Plot:
    plot = Plot(
        "ordinary",
        gap_days=float(random.choice([7, 10, 14, 21, 30, 45, 60])),
        amount=float(np.exp(random.normal(10.3, 1.1))),
        margin=float(np.clip(random.normal(0.24, 0.08), 0.03, 0.5)),
        gap_spread=float(random.uniform(0.15, 0.6)),
        growth=float(np.exp(random.normal(0.03, 0.15))),
        starts_before=int(random.integers(200, HISTORY_DAYS)),
        talks_per_month=float(random.gamma(2.0, 0.8)),
    )
    if random.random() < 0.06:
        plot = replace(plot, stops_before=int(plot.gap_days * random.uniform(3, 8)))
    return plot


@dataclass(frozen=True)
class OrderLine:
    ordered_on: dt.date
    amount: float
    direct_cost: float
    quantity: int
    promised_on: dt.date
    delivered_on: dt.date | None


def order_lines(plot: Plot, today: dt.date, random: np.random.Generator) -> list[OrderLine]:
    """The customer's orders from ``starts_before`` to ``stops_before`` days ago."""
    since = max((slip.ordered for slip in plot.slips), default=-1)
    lines = []
    for before in _order_days(plot, random):
        promised = before - int(random.integers(15, 35))
        delivered = promised - int(max(0, random.normal(-1, 3)))
        if before > since:
            lines.append(_line(plot, Dates(before, promised, delivered), today, random))
    return lines + [_line(plot, slip, today, random) for slip in plot.slips]


def _line(plot: Plot, dates: Dates, today: dt.date, random: np.random.Generator) -> OrderLine:
    """An order with these dates; one whose day of delivery is still to come is not delivered."""
    years = (plot.starts_before - dates.ordered) / 365
    amount = plot.amount * plot.growth**years * float(np.exp(random.normal(0, 0.3)))
    cost = amount * (1 - plot.margin) * float(np.exp(random.normal(0, 0.04)))
    return OrderLine(
        ordered_on=today - dt.timedelta(days=dates.ordered),
        amount=round(amount, 2),
        direct_cost=round(cost, 2),
        quantity=max(1, int(amount / random.uniform(30, 90))),
        promised_on=today - dt.timedelta(days=dates.promised),
        delivered_on=None
        if dates.delivered is None or dates.delivered < 0
        else today - dt.timedelta(days=dates.delivered),
    )


def _order_days(plot: Plot, random: np.random.Generator) -> list[int]:
    if plot.single_order:
        return [plot.starts_before]
    shape = 1 / plot.gap_spread**2
    gaps = random.gamma(shape, plot.gap_days / shape, size=int(2 * HISTORY_DAYS / plot.gap_days) + 4)
    before = plot.starts_before - np.concatenate([[0.0], np.cumsum(gaps)])
    kept = [int(day) for day in before if day >= plot.stops_before]
    if plot.pause:
        first, last = plot.pause
        kept = [day for day in kept if not last < day < first]
    return kept
