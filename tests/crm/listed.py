"""Records of the list of customers for the permission table and for tests."""

from __future__ import annotations

from accounts import access
from accounts.customers.models import Customer
from accounts.fields.models import CustomField, FieldKind
from accounts.fields.services import FieldFacts, add_field
from accounts.lists.bulk import run_change, start_change
from accounts.lists.models import BulkChange, BulkKind, SavedView
from accounts.lists.services import Shown, save_view
from accounts.users.models import User
from tests.conftest import MONDAY


def view(owner: User, name: str = "East") -> SavedView:
    """His, shared with everybody."""
    known = SavedView.objects.filter(name=name).first()
    return known or save_view(owner, name=name, shown=Shown({"stage": "prospect"}), is_shared=True)


def change(author: User, customer: Customer) -> BulkChange:
    """His, done: the customer has a tag more."""
    found = BulkChange.objects.filter(author=author).first()
    if found is None:
        found = start_change(
            kind=BulkKind.ADD_TAG,
            value="vip",
            customers=Customer.objects.filter(pk=customer.pk),
            author=author,
            now=MONDAY,
        )
        run_change(found.pk, changeable=access.changeable_customers, now=MONDAY)
    return found


def field(key: str = "plant", kind: FieldKind = FieldKind.TEXT, **facts: object) -> CustomField:
    known = CustomField.objects.filter(key=key).first()
    return known or add_field(key=key, facts=FieldFacts(label=key.title(), kind=kind, **facts))  # type: ignore[arg-type]
