"""What the address of a week's board asks for: which week, whose projects, in which order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import TextChoices
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.customers.services import company_day
from accounts.surveys.weeks import monday_of
from crm.forms.satisfaction import Keeper, ReviewForm, keepers_of
from crm.queries import boards as queries
from crm.queries.boards import Left, Order, Placed, Pulse, Review, Scoped, Whose
from crm.views.request import UserRequest

WEEK = dt.timedelta(days=7)
WEEK_CODE = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
C = TypeVar("C", bound=TextChoices)


@dataclass(frozen=True)
class Wish:
    """``projects``: those whose grades are shown; ``keepers``: managers and teams to choose among;
    ``previous`` and ``following``: weeks to go to, None at either end."""

    projects: list[int]
    whose: Whose
    order: Order
    left: Left
    keeper: str
    keepers: tuple[Keeper, ...]
    has_own: bool
    pulse: Pulse
    previous: dt.date | None
    following: dt.date | None

    @property
    def week(self) -> dt.date:
        return self.pulse.week

    @property
    def was_asked(self) -> bool:
        return self.pulse.latest is not None

    @property
    def sunday(self) -> dt.date:
        return self.week + dt.timedelta(days=6)

    @property
    def code(self) -> str:
        return code_of(self.week)

    @property
    def number(self) -> int:
        return self.week.isocalendar().week

    @property
    def year(self) -> str:
        return str(self.week.isocalendar().year)

    @property
    def previous_code(self) -> str:
        return code_of(self.previous) if self.previous else ""

    @property
    def following_code(self) -> str:
        return code_of(self.following) if self.following else ""

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the filters keep."""
        return [("week", self.code)]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.left or self.keeper)

    def form(self) -> ReviewForm:
        return ReviewForm(
            whose=self.whose,
            order=self.order,
            left=self.left,
            keeper=self.keeper,
            keepers=self.keepers,
            has_own=self.has_own,
        )


def wish_of(request: UserRequest, now: dt.datetime) -> Wish:
    """404 for a week that the calendar lacks, or that is to come."""
    scope = queries.scope_of(request.user)
    has_own = any(each.is_managed for each in scope)
    manages = any(each.manager == request.user.pk for each in scope)
    whose = _choice(request, "whose", Whose, Whose.MINE if manages else Whose.ALL)
    wanted = [each for each in scope if each.is_managed or whose == Whose.ALL]
    keepers = keepers_of(wanted)
    keeper, projects = _kept(request, wanted, keepers)
    this_week = monday_of(company_day(now))
    pulse = queries.pulse_of(projects, week_in(request), this_week=this_week, now=now)
    last = max(pulse.latest or this_week, this_week)
    if pulse.week > last:
        no_week()
    return Wish(
        projects=projects,
        whose=whose,
        order=_choice(request, "sort", Order, Order.FALL),
        left=_choice(request, "left", Left, Left.ALL),
        keeper=keeper,
        keepers=keepers,
        has_own=has_own,
        pulse=pulse,
        previous=pulse.week - WEEK if pulse.first and pulse.week > pulse.first else None,
        following=pulse.week + WEEK if pulse.week < last else None,
    )


def review_of(
    request: UserRequest, wish: Wish, *, now: dt.datetime, is_whole: bool = False
) -> tuple[tuple[Placed, ...], Review]:
    """The board in its order, and a page of it, or ``is_whole`` all of it."""
    placed = queries.order_of(wish.projects, wish.week, order=wish.order, now=now)
    left = [each for each in placed if not (wish.left and each.is_reviewed)]
    cursors = {} if is_whole else {name: request.GET.get(name, "") for name in ("after", "before")}
    page = queries.page_of(left, **cursors, most=len(left) if is_whole else None)
    language = get_language() or "en"
    review = queries.review_of(placed, page, wish.week, user=request.user, language=language, now=now)
    return placed, review


def code_of(monday: dt.date) -> str:
    """The ISO week that begins on that Monday: 2026-W47."""
    year, week, _day = monday.isocalendar()
    return f"{year}-W{week:02}"


def week_in(request: UserRequest) -> dt.date | None:
    """The Monday of ?week=2026-W47, of a form before the address; None without one."""
    text = request.POST.get("week") or request.GET.get("week")
    return monday_in(text) if text else None


def monday_in(code: str) -> dt.date:
    """A week that the calendar lacks is no page."""
    found = WEEK_CODE.fullmatch(code)
    try:
        return dt.date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else no_week()
    except ValueError:
        return no_week()


def no_week() -> dt.date:
    raise Http404(_("There is no such week."))


def _choice(request: UserRequest, name: str, choices: type[C], default: C) -> C:
    wish = request.GET.get(name, "")
    return choices(wish) if wish in choices.values else default


def _kept(request: UserRequest, wanted: Sequence[Scoped], keepers: Sequence[Keeper]) -> tuple[str, list[int]]:
    """The projects of one manager or team."""
    wish = request.GET.get("by", "")
    chosen = next((keeper for keeper in keepers if keeper.code == wish), None)
    projects = [each.pk for each in wanted if chosen is None or each.manager in chosen.managers]
    return (chosen.code if chosen else ""), projects
