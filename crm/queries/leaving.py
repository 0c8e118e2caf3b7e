"""What hangs on a contact when he leaves: his people, what waits for his word, what was promised to him."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts import access
from accounts.actions.models import Action
from accounts.contacts.models import Attitude, Contact, ContactDeparture, DecisionRole
from accounts.facts import CURRENT
from accounts.surveys.models import CorrectiveAction, Invitation, Respondent, RespondentState
from accounts.surveys.queries.complaints import complains_now
from accounts.users.models import User
from crm.queries.contacts import open_actions_about

MOST_SHOWN = 50


@dataclass(frozen=True)
class Leaving:
    """``reports``: those who report to him now; ``given``: those who were given ``successor`` when he left.

    ``cases``: open corrective actions that his complaint keeps open, of those the reader sees. ``surveys``:
    how many projects ask him every week; ``unanswered``: invitations he could still answer.
    ``is_champion``: the churn flag takes his leaving for a sign.
    """

    departure: ContactDeparture | None
    reports: list[Contact]
    given: list[Contact]
    cases: list[CorrectiveAction]
    actions: list[Action]
    surveys: int
    unanswered: int
    is_champion: bool

    @property
    def is_nothing(self) -> bool:
        return not (
            self.reports or self.given or self.cases or self.actions or self.surveys or self.unanswered
        )


def leaving_of(contact: Contact, user: User, *, now: dt.datetime) -> Leaving:
    """Before he leaves and after, in as many queries whatever hangs on him."""
    departure = ContactDeparture.objects.filter(CURRENT, contact=contact).select_related("successor").first()
    people = contact.reports.filter(left_on=None).order_by("sort_key", "pk")
    given = Contact.objects.filter(pk__in=departure.reports if departure else []).order_by("sort_key", "pk")
    cases = access.visible_cases(user).filter(complains_now(contact.pk), closed_at=None)
    asked = Respondent.objects.filter(contact=contact, state=RespondentState.ACTIVE, project__ended_on=None)
    waiting = Invitation.objects.filter(contact=contact, answered_at=None, expires_at__gt=now)
    return Leaving(
        departure=departure,
        reports=list(people[:MOST_SHOWN]),
        given=list(given[:MOST_SHOWN]),
        cases=list(cases.select_related("project", "dimension").order_by("pk")[:MOST_SHOWN]),
        actions=open_actions_about(contact, access.visible_actions(user)),
        surveys=asked.count(),
        unanswered=waiting.count(),
        is_champion=contact.attitude == Attitude.SUPPORTER
        and contact.decision_role in {DecisionRole.DECISION_MAKER, DecisionRole.INFLUENCER},
    )
