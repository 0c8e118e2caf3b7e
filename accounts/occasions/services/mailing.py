"""What is written about invitations while their letters go out. Codes: expired."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.customers.services import refuse
from accounts.occasions.models import OccasionAttempt, OccasionInvitation, OccasionToken
from accounts.surveys.links import hashed, new_token
from accounts.surveys.models import LetterFate
from accounts.surveys.services.inviting import CAME_BACK, MAX_FAILURE


@transaction.atomic
def issue_token(invitation: OccasionInvitation, *, now: dt.datetime) -> str:
    """A new link's secret, in clear this once; only its hash is kept. Links issued before still work."""
    if now >= invitation.closes_at:
        refuse("invitation", "expired", _("This survey can no longer be answered."))
    token = new_token()
    OccasionToken.objects.create(sha256=hashed(token), invitation=invitation, issued_at=now)
    return token


def give_up_unsent(*, reason: str, now: dt.datetime) -> int:
    """Mark what could not be sent while it could be answered as failed; how many there were."""
    unsent = OccasionInvitation.objects.filter(
        sent_at=None, failed_at=None, answered_at=None, due_at__lte=now, closes_at__lte=now
    )
    return unsent.update(failed_at=now, failure=reason[:MAX_FAILURE])


@transaction.atomic
def try_again(invitation_id: int, *, now: dt.datetime) -> bool:
    """Make the letter that failed or came back due again; whether one had, and it can still be answered."""
    failed = OccasionInvitation.objects.select_for_update().filter(
        pk=invitation_id, failed_at__isnull=False, closes_at__gt=now
    )
    invitation = failed.first()
    if invitation is None:
        return False
    if invitation.failure.startswith(CAME_BACK):
        bounced = OccasionAttempt.objects.filter(invitation=invitation_id, fate=LetterFate.BOUNCED)
        is_reminder = bounced.order_by("-pk").values_list("is_reminder", flat=True).first()
        invitation.reminded_at = None
        invitation.sent_at = invitation.sent_at if is_reminder else None
    invitation.failed_at, invitation.failure = None, ""
    invitation.save(update_fields=["sent_at", "reminded_at", "failed_at", "failure"])
    return True
