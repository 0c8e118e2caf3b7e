"""When something was erased, for whoever saw it; for all others it is like what never was."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model, Q

from accounts.access.records import people_ids, visible_customers
from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.users.models import User


def customer_gone_at(user: User, pk: object) -> dt.datetime | None:
    """When a customer was erased that was his or his people's; of any, if he sees everything."""
    return _gone_at(Customer, pk, _his(user))


def contact_gone_at(user: User, pk: object) -> dt.datetime | None:
    """When a contact was erased whose customer he sees, or saw until that was erased too."""
    theirs = _deleted(Customer).filter(_his(user)).values("pgh_obj")
    seen = Q(customer__in=visible_customers(user).values("pk")) | Q(customer__in=theirs)
    return _gone_at(Contact, pk, seen)


def _his(user: User) -> Q:
    return Q() if user.sees_everything else Q(owner__in=people_ids(user))


def _gone_at(what: type[Model], pk: object, seen: Q) -> dt.datetime | None:
    last = _deleted(what).filter(seen, pgh_obj=pk).order_by("-pgh_id")
    at: dt.datetime | None = last.values_list("pgh_created_at", flat=True).first()
    return at


def _deleted(what: Any) -> Any:
    """What the audit keeps of rows that were removed: whose they were stands there, even without a name."""
    return what.pgh_event_models["deleted"].objects.filter(pgh_label="deleted")
