"""Whom we could ask about something, and when each would get his letter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.occasions.clocks import times_from
from accounts.occasions.models import EventKind, Occasion, OccasionInvitation
from accounts.occasions.queries.asking import LEFT, NO_ADDRESS, OPTED_OUT, RESTED, Candidate, candidates
from accounts.occasions.services.occasions import MAX_ABOUT, rhythm_of
from accounts.orders.models import Order
from accounts.surveys.models import ProgrammeVersion, SurveyProgramme, VersionState
from accounts.surveys.weeks import DAY

ASKED = "asked"


@dataclass(frozen=True)
class About:
    """What it is about, as the form begins. ``order`` or ``interaction``: where somebody came from."""

    event: str = ""
    day: dt.date | None = None
    words: str = ""
    project_id: int | None = None
    order: Order | None = None
    interaction: Interaction | None = None


@dataclass(frozen=True)
class Line:
    """A contact who could be asked. ``letter_at``: when his letter would go out; ``why``: why it cannot."""

    contact: Contact
    last_asked_at: dt.datetime | None
    letter_at: dt.datetime
    obstacle: str
    is_usual: bool

    @property
    def is_rested(self) -> bool:
        return self.obstacle == RESTED

    @property
    def can_be_chosen(self) -> bool:
        return self.obstacle in {"", RESTED}

    @property
    def why(self) -> str:
        words = {
            LEFT: _("has left the company"),
            NO_ADDRESS: _("has no e-mail address"),
            OPTED_OUT: _("wants no surveys"),
            RESTED: _("was asked a short while ago"),
            ASKED: _("was asked about this"),
        }
        return words.get(self.obstacle, "")


def published() -> QuerySet[SurveyProgramme]:
    """Surveys that ask now, beside the weekly one."""
    active = SurveyProgramme.objects.filter(
        versions__state=VersionState.ACTIVE, versions__customer=None, versions__project=None
    )
    return active.exclude(is_weekly=True).order_by("name")


def about_order(order: Order) -> About:
    number = order.number
    return About(
        event=EventKind.DELIVERY.value,
        day=order.delivered_on,
        words=_("Order %(number)s") % {"number": number} if number else "",
        project_id=order.project_id,
        order=order,
    )


def about_interaction(interaction: Interaction) -> About:
    kind = str(interaction.get_kind_display())
    words = f"{kind}: {interaction.summary}" if interaction.summary else kind
    return About(
        event=EventKind.OTHER.value,
        day=timezone.localtime(interaction.started_at).date(),
        words=" ".join(words.split())[:MAX_ABOUT],
        project_id=interaction.project_id,
        interaction=interaction,
    )


def lines_of(
    version: ProgrammeVersion, customer: Customer, about: About, *, day: dt.date, now: dt.datetime
) -> list[Line]:
    """Every contact of the customer. Three queries, two where it is about nothing known."""
    known = _asked_about(version, about)
    return [_line(version, each, known, day, now) for each in candidates(version, customer, now=now)]


def _line(
    version: ProgrammeVersion, candidate: Candidate, known: set[int], day: dt.date, now: dt.datetime
) -> Line:
    wanted = day + version.rules.wait_days * DAY
    times = times_from(wanted, rhythm_of(version), candidate.contact.time_zone, now=now)
    return Line(
        candidate.contact,
        candidate.last_asked_at,
        times.due_at,
        ASKED if candidate.contact.pk in known else candidate.obstacle,
        candidate.is_usual,
    )


def _asked_about(version: ProgrammeVersion, about: About) -> set[int]:
    found = Occasion.objects.filter(programme=version.programme_id)
    if about.order is not None:
        found = found.filter(order_identity=about.order.identity)
    elif about.interaction is not None:
        found = found.filter(interaction__identity=about.interaction.identity)
    else:
        return set()
    asked = OccasionInvitation.objects.filter(occasion__in=found.values("pk"))
    return set(asked.values_list("contact", flat=True))
