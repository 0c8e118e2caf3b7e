"""Handing over what a person keeps, to one who stays: from customers to meetings."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from accounts.actions.services import hand_over_actions
from accounts.appointments.services import hand_over_appointments
from accounts.customers.models import Customer, CustomerOwner
from accounts.customers.services import bump, company_day
from accounts.deals.services import hand_over_deals
from accounts.needs.services import hand_over_needs
from accounts.projects.models import Project
from accounts.surveys.services import hand_over_cases
from accounts.users.models import User


@transaction.atomic
def hand_over(*, leaving: User, to: User, author: User | None, now: dt.datetime) -> int:
    """The customers ``leaving`` owns, the open projects he manages, the open corrective actions he owns,
    what he is to do, the needs and deals he answers for and the meetings to come that he organises go to
    ``to``; how many customers.

    Set-wise, with the same rows that one change of owner leaves: a dated owner row, a new version.
    """
    if leaving == to:
        return 0
    owned = Customer.objects.filter(owner=leaving, merged_into=None)
    ids = list(owned.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    CustomerOwner.objects.bulk_create(
        [
            CustomerOwner(customer_id=pk, owner=to, valid_from=company_day(now), author=author, known_at=now)
            for pk in ids
        ],
        batch_size=5_000,
    )
    Customer.objects.filter(pk__in=ids).update(owner=to, version=F("version") + 1)
    bump(ids)
    Project.objects.filter(manager=leaving, ended_on=None).update(manager=to, version=F("version") + 1)
    hand_over_cases(leaving=leaving, to=to, by=author, now=now)
    hand_over_actions(leaving=leaving, to=to)
    hand_over_needs(leaving=leaving, to=to)
    hand_over_deals(leaving=leaving, to=to)
    hand_over_appointments(leaving=leaving, to=to, now=now)
    return len(ids)
