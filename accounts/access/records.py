"""Who sees and changes customers and what hangs on them: contacts, orders, talks, usages, voices, needs."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.contacts.models import Contact
from accounts.costs.models import ActivityUsage
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.needs.models import Need
from accounts.orders.models import Order
from accounts.projects.models import Project, ProjectMember
from accounts.users.models import Role, User
from accounts.voice.models import Voice


def people_of(user: User) -> QuerySet[User]:
    """The user himself, the members of the teams he leads, the members of the teams they lead ...

    Two teams may lead each other: who was met before is dropped. Nobody for a user who is not active.
    """
    if not user.is_active:
        return User.objects.none()
    below = RawSQL("select users_people_of(%s)", [user.pk])
    return User.objects.filter(pk__in=below)


def visible_customers(user: User) -> QuerySet[Customer]:
    if user.sees_everything:
        return living()
    return living().filter(pk__in=_of_work(people_of(user)))


def visible_customer_ids(user: User) -> list[int]:
    """The ids of `visible_customers`, for a search that goes through them.

    The planner takes the work of a few people for a third of the book, and reads all of it; of an array whose
    length it cannot know it expects ten.
    """
    if user.sees_everything:
        return list(visible_customers(user).values_list("pk", flat=True))
    theirs = Func(
        ArraySubquery(_of_work(people_of(user))), template="(select unnest(%(expressions)s::bigint[]))"
    )
    return list(living().filter(pk__in=theirs).values_list("pk", flat=True))


def changeable_customers(user: User) -> QuerySet[Customer]:
    if user.is_admin:
        return living()
    return living().filter(pk__in=_owned_by(people_who_write(user)))


def loggable_customers(user: User) -> QuerySet[Customer]:
    """Customers he may log an interaction for; executives log their visits."""
    if user.sees_everything:
        return living()
    people = people_of(user)
    return living().filter(pk__in=_owned_by(people).union(_managed_by(people)))


def may_log(user: User) -> bool:
    """Whether there is, or by his role may soon be, a customer he logs interactions for."""
    return user.is_active and (user.role != Role.MEMBER or loggable_customers(user).exists())


def profit_customers(user: User) -> QuerySet[Customer]:
    """Customers whose cost, margin and expected value he may see."""
    if user.sees_everything:
        return living()
    people = people_of(user)
    granted = people if user.may_see_profit else people.filter(may_see_profit=True)
    return living().filter(pk__in=_owned_by(people).union(_managed_by(granted), _worked_for_by(granted)))


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
        | Q(manager__in=people_who_write(user).values("pk"), customer__merged_into=None)
    )


def visible_voices(user: User) -> QuerySet[Voice]:
    """What customers said outside the survey."""
    return Voice.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_voices(user: User) -> QuerySet[Voice]:
    """His own, those he noted, and those of customers he logs interactions for."""
    concerns = Q(owner=user.pk) | Q(author=user.pk) | Q(customer__in=loggable_customers(user).values("pk"))
    return visible_voices(user).filter(concerns)


def visible_needs(user: User) -> QuerySet[Need]:
    """What customers want of us."""
    return Need.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_needs(user: User) -> QuerySet[Need]:
    """His own, those he noted, and those of customers he logs interactions for."""
    concerns = Q(owner=user.pk) | Q(author=user.pk) | Q(customer__in=loggable_customers(user).values("pk"))
    return visible_needs(user).filter(concerns)


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


def visible_usages(user: User) -> QuerySet[ActivityUsage]:
    """Current versions only; what serving a customer costs is part of his profit."""
    return ActivityUsage.objects.filter(superseded_at=None, customer__in=profit_customers(user).values("pk"))


def living() -> QuerySet[Customer]:
    return Customer.objects.filter(merged_into=None)


def people_who_write(user: User) -> QuerySet[User]:
    """Executives read, even where they lead a team."""
    return User.objects.none() if user.is_executive else people_of(user)


def _of_work(people: QuerySet[User]) -> QuerySet[Any, int]:
    """Ids of customers that they own, manage a project for, or work for; none where there are no people."""
    return _owned_by(people).union(_managed_by(people), _worked_for_by(people))


def _owned_by(people: QuerySet[User]) -> QuerySet[Customer, int]:
    return Customer.objects.filter(owner__in=people.values("pk")).values_list("pk", flat=True)


def _managed_by(people: QuerySet[User]) -> QuerySet[Project, int]:
    return Project.objects.filter(manager__in=people.values("pk")).values_list("customer", flat=True)


def _worked_for_by(people: QuerySet[User]) -> QuerySet[ProjectMember, int]:
    membership = ProjectMember.objects.filter(user__in=people.values("pk"))
    return membership.values_list("project__customer", flat=True)
