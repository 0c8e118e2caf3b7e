"""Who sees and changes contracts, opportunities and supply shares."""

from django.db.models import Q, QuerySet

from accounts.access.found import get_or_404
from accounts.access.records import changeable_customers, loggable_customers, visible_customers
from accounts.deals.models import Contract, Opportunity, SupplyShare
from accounts.facts import CURRENT
from accounts.users.models import User


def visible_contracts(user: User) -> QuerySet[Contract]:
    return Contract.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_contracts(user: User) -> QuerySet[Contract]:
    """His own, and those of customers whose records he changes."""
    concerns = Q(owner=user.pk) | Q(customer__in=changeable_customers(user).values("pk"))
    return visible_contracts(user).filter(concerns)


def visible_opportunities(user: User) -> QuerySet[Opportunity]:
    return Opportunity.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_opportunities(user: User) -> QuerySet[Opportunity]:
    """His own, and those of customers he logs interactions for."""
    concerns = Q(owner=user.pk) | Q(customer__in=loggable_customers(user).values("pk"))
    return visible_opportunities(user).filter(concerns)


def visible_shares(user: User) -> QuerySet[SupplyShare]:
    """What is believed now of who supplies how much."""
    return SupplyShare.objects.filter(CURRENT, customer__in=visible_customers(user).values("pk"))


def get_contract_or_404(user: User, pk: object) -> Contract:
    related = ("customer", "owner", "author", "renews", "renewed_by")
    return get_or_404(visible_contracts(user).select_related(*related), pk)


def get_opportunity_or_404(user: User, pk: object) -> Opportunity:
    related = ("customer", "owner", "author", "need")
    return get_or_404(visible_opportunities(user).select_related(*related), pk)
