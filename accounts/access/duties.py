"""What belongs to a role rather than to a customer: people, imports, jobs, programmes, costs, owners."""

from django.db.models import Q, QuerySet

from accounts.access.records import living, people_of, visible_customers, visible_projects
from accounts.costs.models import Activity
from accounts.customers.models import Customer
from accounts.imports.models import Import
from accounts.interactions.models import KindTemplate
from accounts.notices.models import Notice
from accounts.playbooks.models import Playbook
from accounts.projects.models import Project
from accounts.surveys.models import HolidayCalendar, ProgrammeVersion
from accounts.users.models import Role, Team, User


def visible_notices(user: User) -> QuerySet[Notice]:
    """His own; not those about a customer whom he no longer sees."""
    about = Q(customer=None) | Q(customer__in=visible_customers(user).values("pk"))
    return Notice.objects.filter(about, user=user.pk, user__is_active=True)


def visible_users(user: User) -> QuerySet[User]:
    """Colleagues are no secret among colleagues."""
    return User.objects.filter(is_active=True) if user.is_active else User.objects.none()


def manageable_users(user: User) -> QuerySet[User]:
    return User.objects.all() if user.is_admin else User.objects.none()


def manageable_teams(user: User) -> QuerySet[Team]:
    return Team.objects.all() if user.is_admin else Team.objects.none()


def may_manage_people(user: User) -> bool:
    return user.is_admin


def visible_imports(user: User) -> QuerySet[Import]:
    return Import.objects.all() if may_import(user) else Import.objects.none()


def may_import(user: User) -> bool:
    return user.is_admin


def may_run_jobs(user: User) -> bool:
    """See the Jobs page, start a recompute, retry a failure."""
    return user.is_admin


def may_keep_programme(user: User) -> bool:
    """Change the survey programme, the holiday calendars and who heads a function."""
    return user.is_admin


def manageable_versions(user: User) -> QuerySet[ProgrammeVersion]:
    """Versions of the weekly programme, drafts and overrides too."""
    weekly = ProgrammeVersion.objects.filter(programme__is_weekly=True)
    return weekly if may_keep_programme(user) else weekly.none()


def customers_with_programme(user: User) -> QuerySet[Customer]:
    """Customers whom he may give a survey programme of their own."""
    return living() if may_keep_programme(user) else Customer.objects.none()


def projects_with_programme(user: User) -> QuerySet[Project]:
    """Projects that he may give a survey programme of their own."""
    return visible_projects(user) if may_keep_programme(user) else Project.objects.none()


def manageable_calendars(user: User) -> QuerySet[HolidayCalendar]:
    return HolidayCalendar.objects.all() if may_keep_programme(user) else HolidayCalendar.objects.none()


def may_see_outbox(user: User) -> bool:
    """See what became of every letter to a respondent."""
    return user.is_admin


def may_see_status(user: User) -> bool:
    """See whether every part of the installation is alive, and what waits."""
    return user.is_admin


def may_keep_playbooks(user: User) -> bool:
    """Write playbooks, and say which start by themselves."""
    return user.is_admin


def manageable_playbooks(user: User) -> QuerySet[Playbook]:
    return Playbook.objects.all() if may_keep_playbooks(user) else Playbook.objects.none()


def visible_playbooks(user: User) -> QuerySet[Playbook]:
    """Whoever logs in reads what is done when: the actions of playbooks come to everybody."""
    return Playbook.objects.all() if user.is_active else Playbook.objects.none()


def may_keep_templates(user: User) -> bool:
    """Write the templates that the texts of interactions begin with."""
    return user.is_admin


def manageable_templates(user: User) -> QuerySet[KindTemplate]:
    """Deleted ones too, so that they can be brought back."""
    return KindTemplate.objects.all() if may_keep_templates(user) else KindTemplate.objects.none()


def visible_templates(user: User) -> QuerySet[KindTemplate]:
    """They are the same for everybody."""
    present = KindTemplate.objects.filter(deleted_at=None)
    return present if user.is_active else present.none()


def may_keep_costs(user: User) -> bool:
    """Add and change activities, and say what they cost."""
    return user.is_admin


def manageable_activities(user: User) -> QuerySet[Activity]:
    return Activity.objects.all() if may_keep_costs(user) else Activity.objects.none()


def customers_with_kept_costs(user: User) -> QuerySet[Customer]:
    """Customers whose usages he may remove."""
    return living() if may_keep_costs(user) else Customer.objects.none()


def may_add_customers(user: User) -> bool:
    """An account manager may: the customer is then his own."""
    return user.is_active and user.role in {Role.ADMIN, Role.ACCOUNT_MANAGER}


def may_assign_owner(user: User) -> bool:
    """Admins, and leads within their teams."""
    writes = user.is_active and not user.is_executive
    return user.is_admin or (writes and Team.objects.filter(lead=user.pk).exists())


def possible_owners(user: User) -> QuerySet[User]:
    """Whom he may make the owner of a customer: active account managers, admins and leads.

    An admin chooses among all of them, a lead among the people of his teams; nobody else assigns.
    """
    if not may_assign_owner(user):
        return User.objects.none()
    people = visible_users(user) if user.is_admin else people_of(user).filter(is_active=True)
    owns = Q(role__in=[Role.ACCOUNT_MANAGER, Role.ADMIN]) | Q(pk__in=Team.objects.values("lead"))
    return people.filter(owns).exclude(role=Role.EXECUTIVE)
