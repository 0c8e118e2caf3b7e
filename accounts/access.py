"""Who may see and change what: the only definition. Lists, pages, API, search, export, counters ask here.

Who sees a customer
1. Admins and executives: every customer.
2. An account manager: the customers he owns, with everything.
3. A project manager and a project's members: the customers of their projects; no profit unless granted.
4. A team's lead: all that the members of his teams see.

Who changes a customer's records: admins, its owner, and the owner's lead. A project manager changes his
projects. Members and executives read; whoever may log an interaction is said by `loggable_customers`.

Every function returns a queryset over a subquery (never a join with distinct), and object access derives
from it: a foreign, missing and malformed id give the same 404. The loser of a merge is in no list.
"""

from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404

from accounts.contacts.models import Contact
from accounts.customers.models import Customer
from accounts.imports.models import Import
from accounts.interactions.models import Interaction
from accounts.orders.models import Order
from accounts.projects.models import Project, ProjectMember
from accounts.users.models import Role, Team, TeamMember, User

M = TypeVar("M", bound=Model)


def people_of(user: User) -> QuerySet[User]:
    """The user himself and the members of the teams he leads."""
    led = TeamMember.objects.filter(team__lead=user).values("user")
    return User.objects.filter(Q(pk=user.pk) | Q(pk__in=led))


def visible_customers(user: User) -> QuerySet[Customer]:
    living = Customer.objects.filter(merged_into=None)
    if user.sees_everything:
        return living
    return living.filter(_owned(user) | Q(pk__in=_projects_of_people(user).values("customer")))


def changeable_customers(user: User) -> QuerySet[Customer]:
    living = Customer.objects.filter(merged_into=None)
    return living if user.is_admin else living.filter(_owned(user))


def loggable_customers(user: User) -> QuerySet[Customer]:
    """Customers he may log an interaction for; executives log their visits."""
    living = Customer.objects.filter(merged_into=None)
    if user.sees_everything:
        return living
    managed = Project.objects.filter(manager__in=people_of(user).values("pk")).values("customer")
    return living.filter(_owned(user) | Q(pk__in=managed))


def profit_customers(user: User) -> QuerySet[Customer]:
    """Customers whose cost, margin and expected value he may see."""
    if user.sees_everything:
        return Customer.objects.filter(merged_into=None)
    if user.may_see_profit:
        return visible_customers(user)
    return Customer.objects.filter(merged_into=None).filter(_owned(user))


def visible_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=changeable_customers(user).values("pk"))


def visible_projects(user: User) -> QuerySet[Project]:
    return Project.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_projects(user: User) -> QuerySet[Project]:
    """Projects of customers he may change, and those he or his people manage."""
    return Project.objects.filter(
        Q(customer__in=changeable_customers(user).values("pk"))
        | Q(manager__in=people_of(user).values("pk"), customer__merged_into=None)
    )


def visible_interactions(user: User) -> QuerySet[Interaction]:
    """Current versions only."""
    return Interaction.objects.filter(superseded_at=None, customer__in=visible_customers(user).values("pk"))


def changeable_interactions(user: User) -> QuerySet[Interaction]:
    """His own, and those of customers he may change."""
    mine = Q(author=user.pk, customer__in=loggable_customers(user).values("pk"))
    return Interaction.objects.filter(superseded_at=None).filter(
        mine | Q(customer__in=changeable_customers(user).values("pk"))
    )


def visible_orders(user: User) -> QuerySet[Order]:
    """Current versions only; whether direct cost is shown is a question for `profit_customers`."""
    return Order.objects.filter(superseded_at=None, customer__in=visible_customers(user).values("pk"))


def changeable_orders(user: User) -> QuerySet[Order]:
    return Order.objects.filter(superseded_at=None, customer__in=changeable_customers(user).values("pk"))


def visible_users(user: User) -> QuerySet[User]:
    """Colleagues are no secret among colleagues."""
    return User.objects.filter(is_active=True)


def manageable_users(user: User) -> QuerySet[User]:
    return User.objects.all() if user.is_admin else User.objects.none()


def manageable_teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if user.is_admin else Team.objects.none()


def visible_imports(user: User) -> QuerySet[Import]:
    return Import.objects.all() if may_import(user) else Import.objects.none()


def may_import(user: User) -> bool:
    return user.is_admin


def may_run_jobs(user: User) -> bool:
    """See the Jobs page, start a recompute, retry a failure."""
    return user.is_admin


def may_add_customers(user: User) -> bool:
    """An account manager may: the customer is then his own."""
    return user.role in {Role.ADMIN, Role.ACCOUNT_MANAGER}


def may_assign_owner(user: User) -> bool:
    return user.is_admin or Team.objects.filter(lead=user.pk).exists()


def get_or_404(queryset: QuerySet[M], value: object, *, field: str = "pk") -> M:
    """The object if ``queryset`` holds it; else, also for a malformed id, the same Http404."""
    try:
        return queryset.get(**{field: value})
    except (ObjectDoesNotExist, ValidationError, ValueError, TypeError, OverflowError) as error:
        raise Http404(queryset.model._meta.verbose_name) from error


def get_customer_or_404(user: User, pk: int | str) -> Customer:
    """The visible customer; an old id of one that was merged leads to the customer it was merged into."""
    tombstone = Customer.objects.filter(merged_into__isnull=False)
    try:
        pk = tombstone.filter(pk=pk).values_list("merged_into", flat=True).first() or pk
    except (ValueError, TypeError, OverflowError) as error:
        raise Http404(Customer._meta.verbose_name) from error
    return get_or_404(visible_customers(user).select_related("owner", "parent"), pk)


def get_contact_or_404(user: User, pk: object) -> Contact:
    return get_or_404(visible_contacts(user).select_related("customer"), pk)


def get_project_or_404(user: User, pk: object) -> Project:
    return get_or_404(visible_projects(user).select_related("customer", "manager"), pk)


def get_interaction_or_404(user: User, identity: object) -> Interaction:
    """By ``identity``, which stays the same through corrections."""
    found = visible_interactions(user).select_related("customer", "author")
    return get_or_404(found, identity, field="identity")


def get_order_or_404(user: User, pk: object) -> Order:
    return get_or_404(visible_orders(user).select_related("customer"), pk)


def _owned(user: User) -> Q:
    return Q(owner__in=people_of(user).values("pk"))


def _projects_of_people(user: User) -> QuerySet[Project]:
    people = people_of(user).values("pk")
    member_of = ProjectMember.objects.filter(user__in=people).values("project")
    return Project.objects.filter(Q(manager__in=people) | Q(pk__in=member_of))
