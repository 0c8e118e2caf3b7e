"""Who sees and changes customers and what hangs on them: contacts, orders, talks, usages, voices, needs."""

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.contacts.models import Contact
from accounts.costs.models import ActivityUsage
from accounts.customers.models import Customer
from accounts.interactions.models import Interaction
from accounts.needs.models import Need
from accounts.orders.models import Order
from accounts.projects.models import Project
from accounts.users.models import Role, User
from accounts.voice.models import Voice

# The user and the people below him. What they own, manage a project for and work for is SQL, because it is a
# part of nearly every statement of every page, and Django takes longer to write it than PostgreSQL to run it.
PEOPLE = "select users_people_of(%s)"
_GRANTED = f"select id from users_user where may_see_profit and id in ({PEOPLE})"  # noqa: S608 -- a constant
_OWNED = "select id from customers_customer where owner_id in ({people})"
_MANAGED = "select customer_id from projects_project where manager_id in ({people})"
# One after the other, by index: "or" reads all projects of the book.
_PROJECTS = f"""
    select project.id from projects_project project
    join customers_customer customer on customer.id = project.customer_id
    where customer.owner_id in ({PEOPLE})
    union select id from projects_project where manager_id in ({PEOPLE})
"""  # noqa: S608 -- a constant
_WORKED_FOR = (
    "select project.customer_id from projects_projectmember member"
    " join projects_project project on project.id = member.project_id where member.user_id in ({people})"
)


def people_of(user: User) -> QuerySet[User]:
    """The user himself, the members of the teams he leads, the members of the teams they lead ...

    Two teams may lead each other: who was met before is dropped. Nobody for a user who is not active.
    """
    if not user.is_active:
        return User.objects.none()
    return User.objects.filter(pk__in=people_ids(user))


def people_ids(user: User) -> RawSQL | list[int]:
    """The ids of `people_of`, for ``owner__in=``."""
    return RawSQL(PEOPLE, [user.pk]) if user.is_active else []  # noqa: S611 -- a constant


def visible_customers(user: User) -> QuerySet[Customer]:
    if user.sees_everything:
        return living()
    return living().filter(pk__in=_of_work(user))


def visible_customer_ids(user: User) -> list[int]:
    """The ids of `visible_customers`, for a search that goes through them.

    The planner takes the work of a few people for a third of the book, and reads all of it; of an array whose
    length it cannot know it expects ten.
    """
    if user.sees_everything:
        return list(visible_customers(user).values_list("pk", flat=True))
    theirs = _of_work(user, whole="select unnest(array({work}))")
    return list(living().filter(pk__in=theirs).values_list("pk", flat=True))


def changeable_customers(user: User) -> QuerySet[Customer]:
    if user.is_admin:
        return living()
    return living().filter(owner__in=writer_ids(user))


def loggable_customers(user: User) -> QuerySet[Customer]:
    """Customers he may log an interaction for; executives log their visits."""
    if user.sees_everything:
        return living()
    return living().filter(pk__in=_ids(user, _OWNED, _MANAGED))


def may_log(user: User) -> bool:
    """Whether there is, or by his role may soon be, a customer he logs interactions for."""
    return user.is_active and (user.role != Role.MEMBER or loggable_customers(user).exists())


def profit_customers(user: User) -> QuerySet[Customer]:
    """Customers whose cost, margin and expected value he may see."""
    if user.sees_everything:
        return living()
    if user.may_see_profit:
        return living().filter(pk__in=_of_work(user))
    granted = (part.format(people=_GRANTED) for part in (_MANAGED, _WORKED_FOR))
    return living().filter(pk__in=_ids(user, _OWNED, *granted))


def visible_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(customer__in=changeable_customers(user).values("pk"))


def visible_projects(user: User) -> QuerySet[Project]:
    return Project.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_projects(user: User) -> QuerySet[Project]:
    """Projects of customers he may change, and those he or his people manage."""
    projects = Project.objects.filter(customer__merged_into=None)
    if user.is_admin:
        return projects
    if user.is_executive or not user.is_active:
        return projects.none()
    return projects.filter(pk__in=RawSQL(_PROJECTS, [user.pk] * 2))  # noqa: S611 -- a constant


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


def writer_ids(user: User) -> RawSQL | list[int]:
    """`people_ids`, nobody for an executive: executives read, even where they lead a team."""
    return [] if user.is_executive else people_ids(user)


def _of_work(user: User, *, whole: str = "{work}") -> RawSQL | list[int]:
    """Ids of customers that they own, manage a project for, or work for; none where there are no people."""
    return _ids(user, _OWNED, _MANAGED, _WORKED_FOR, whole=whole)


def _ids(user: User, *parts: str, whole: str = "{work}") -> RawSQL | list[int]:
    """For ``pk__in=``. ``whole`` may wrap all ``parts``."""
    if not user.is_active:
        return []
    work = " union ".join(part.format(people=PEOPLE) for part in parts)
    return RawSQL(whole.format(work=work), [user.pk] * len(parts))  # noqa: S611 -- constants of this file
