"""Who may see and change what: the only definition. Lists, pages, API, search, export, counters ask here.

Who sees a customer
1. Admins and executives: every customer.
2. An account manager: the customers he owns, with everything.
3. A project manager and a project's members: the customers of their projects; no profit unless granted.
4. A team's lead: all that the members of his teams see, and the members of the teams they lead. What a
   member sees as an executive or admin is not passed on: it comes from his role, not from his work.

Who sees grades and corrective actions: whoever sees the project by his work. Of a customer he knows through a
project, a project manager or member sees the grades of that project and not of the others.

Who changes a customer's records: admins, its owner, and the owner's lead. A project manager changes his
projects. Members and executives read; whoever may log an interaction is said by `loggable_customers`. A
corrective action is worked on by its owner, the project's manager, the customer's owner, and their leads;
whoever was told that a clock of it was missed, executives too, sees and may acknowledge it.
Somebody who is not active sees and changes nothing; what he left behind stays visible to his lead.

Every function returns a queryset over a subquery (never a join with distinct), and object access derives
from it: a foreign, missing and malformed id give the same 404. The loser of a merge is in no list.
"""

from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404

from accounts.actions.models import Action
from accounts.contacts.models import Contact
from accounts.costs.models import Activity, ActivityUsage
from accounts.customers.models import Customer
from accounts.imports.models import Import
from accounts.interactions.models import Interaction
from accounts.notices.models import Notice
from accounts.orders.models import Order
from accounts.orders.services import current_version_of
from accounts.projects.models import Project, ProjectMember
from accounts.surveys.models import (
    AlarmStep,
    CaseAlarm,
    CorrectiveAction,
    HolidayCalendar,
    Invitation,
    MeetingAttendee,
    ProgrammeVersion,
    Referral,
    Respondent,
    ReviewMeeting,
)
from accounts.users.models import Role, Team, User
from accounts.voice.models import Voice

M = TypeVar("M", bound=Model)


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
        return _living()
    people = people_of(user)
    return _living().filter(pk__in=_owned_by(people).union(_managed_by(people), _worked_for_by(people)))


def changeable_customers(user: User) -> QuerySet[Customer]:
    if user.is_admin:
        return _living()
    return _living().filter(pk__in=_owned_by(_people_who_write(user)))


def loggable_customers(user: User) -> QuerySet[Customer]:
    """Customers he may log an interaction for; executives log their visits."""
    if user.sees_everything:
        return _living()
    people = people_of(user)
    return _living().filter(pk__in=_owned_by(people).union(_managed_by(people)))


def may_log(user: User) -> bool:
    """Whether there is, or by his role may soon be, a customer he logs interactions for."""
    return user.is_active and (user.role != Role.MEMBER or loggable_customers(user).exists())


def profit_customers(user: User) -> QuerySet[Customer]:
    """Customers whose cost, margin and expected value he may see."""
    if user.sees_everything:
        return _living()
    people = people_of(user)
    granted = people if user.may_see_profit else people.filter(may_see_profit=True)
    return _living().filter(pk__in=_owned_by(people).union(_managed_by(granted), _worked_for_by(granted)))


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
        | Q(manager__in=_people_who_write(user).values("pk"), customer__merged_into=None)
    )


def graded_projects(user: User) -> QuerySet[Project]:
    """Projects whose grades, respondents and corrective actions he may see."""
    living = Project.objects.filter(customer__merged_into=None)
    if user.sees_everything:
        return living
    people = people_of(user).values("pk")
    owned = Project.objects.filter(customer__owner__in=people).values_list("pk")
    managed = Project.objects.filter(manager__in=people).values_list("pk")
    worked_for = ProjectMember.objects.filter(user__in=people).values_list("project")
    return living.filter(pk__in=owned.union(managed, worked_for))


def compared_people(user: User) -> QuerySet[User]:
    """People whose satisfaction index he may see as theirs: his own and that of his people, everybody's for
    who sees everything. With colleagues nobody is compared; beside him stands the company's mean."""
    return User.objects.all() if user.sees_everything else people_of(user)


def compared_teams(user: User) -> QuerySet[Team]:
    """Teams whose satisfaction index he may see as theirs: those that he or his people lead."""
    teams = Team.objects.all()
    return teams if user.sees_everything else teams.filter(lead__in=people_of(user).values("pk"))


def visible_respondents(user: User) -> QuerySet[Respondent]:
    return Respondent.objects.filter(project__in=graded_projects(user).values("pk"))


def changeable_respondents(user: User) -> QuerySet[Respondent]:
    """Whoever changes a project says whom we ask about it."""
    return Respondent.objects.filter(project__in=changeable_projects(user).values("pk"))


def visible_referrals(user: User) -> QuerySet[Referral]:
    return Referral.objects.filter(project__in=graded_projects(user).values("pk"))


def changeable_referrals(user: User) -> QuerySet[Referral]:
    """Whoever changes a project decides on a colleague whom a respondent proposes."""
    return Referral.objects.filter(project__in=changeable_projects(user).values("pk"))


def visible_invitations(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(project__in=graded_projects(user).values("pk"))


def visible_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Those of the projects whose grades he sees, that he or his people own, or that escalated to him."""
    living = CorrectiveAction.objects.filter(customer__merged_into=None)
    if user.sees_everything:
        return living
    his = Q(owner__in=people_of(user).values("pk")) | Q(pk__in=_escalated_to(user))
    return living.filter(his | Q(project__in=graded_projects(user).values("pk")))


def acknowledgeable_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Those he works on; of the others, who was told that a clock was missed may acknowledge for all."""
    mine = Q(pk__in=workable_cases(user).values("pk")) | Q(pk__in=_escalated_to(user))
    return visible_cases(user).filter(mine)


def workable_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Corrective actions he may acknowledge, plan, advance, comment on and assign."""
    if user.is_admin:
        return visible_cases(user)
    people = _people_who_write(user).values("pk")
    concerns = Q(owner__in=people) | Q(project__manager__in=people) | Q(customer__owner__in=people)
    return visible_cases(user).filter(concerns)


def possible_case_owners(case: CorrectiveAction) -> QuerySet[User]:
    """Who may be made the owner of a case: whoever works on it already, the project's team, their leads."""
    near = User.objects.filter(
        Q(pk__in=[case.owner_id, case.project.manager_id])
        | Q(customers=case.customer_id)
        | Q(project_memberships__project=case.project_id)
    ).values("pk")
    leads = Team.objects.filter(members__user__in=near).values("lead")
    people = User.objects.filter(Q(pk__in=near) | Q(pk__in=leads), is_active=True)
    return people.exclude(role=Role.EXECUTIVE)


def visible_actions(user: User) -> QuerySet[Action]:
    """His own, those of his people, those he gave, and those of customers, cases and meetings he sees."""
    if user.sees_everything:
        return Action.objects.filter(Q(customer=None) | Q(customer__merged_into=None))
    people = people_of(user).values("pk")
    customers, cases = visible_customers(user).values("pk"), visible_cases(user).values("pk")
    met = ReviewMeeting.objects.filter(Q(chair__in=people) | Q(attendees__user__in=people)).values("pk")
    mine = Q(owner__in=people) | Q(author__in=people) | Q(meeting__in=met)
    about = Q(case=None, customer__in=customers) | Q(case__in=cases)
    return Action.objects.filter(mine | about)


def changeable_actions(user: User) -> QuerySet[Action]:
    """His own and those he gave; his people's; those of customers he may change and cases he works on."""
    people = _people_who_write(user).values("pk")
    mine = Q(owner=user.pk) | Q(author=user.pk) | Q(owner__in=people) | Q(author__in=people)
    customers, cases = changeable_customers(user).values("pk"), workable_cases(user).values("pk")
    about = Q(case=None, customer__in=customers) | Q(case__in=cases)
    return visible_actions(user).filter(mine | about)


def visible_meetings(user: User) -> QuerySet[ReviewMeeting]:
    """Review meetings that he or his people hold or attend."""
    if user.sees_everything:
        return ReviewMeeting.objects.all()
    people = people_of(user).values("pk")
    attended = MeetingAttendee.objects.filter(user__in=people).values("meeting")
    return ReviewMeeting.objects.filter(Q(chair__in=people) | Q(pk__in=attended))


def changeable_meetings(user: User) -> QuerySet[ReviewMeeting]:
    """Whose minutes he may write: those he or his people hold, and those he attends."""
    if user.is_admin:
        return ReviewMeeting.objects.all()
    attended = MeetingAttendee.objects.filter(
        user__in=_people_who_write(user).filter(pk=user.pk).values("pk")
    )
    held = Q(chair__in=_people_who_write(user).values("pk"))
    return ReviewMeeting.objects.filter(held | Q(pk__in=attended.values("meeting")))


def may_hold_meetings(user: User) -> bool:
    """Whoever answers for projects or customers holds the weekly meeting about them."""
    return user.is_active and user.role not in {Role.EXECUTIVE, Role.MEMBER}


def visible_notices(user: User) -> QuerySet[Notice]:
    """His own; not those about a customer whom he no longer sees."""
    about = Q(customer=None) | Q(customer__in=visible_customers(user).values("pk"))
    return Notice.objects.filter(about, user=user.pk, user__is_active=True)


def visible_voices(user: User) -> QuerySet[Voice]:
    """What customers said outside the survey."""
    return Voice.objects.filter(customer__in=visible_customers(user).values("pk"))


def changeable_voices(user: User) -> QuerySet[Voice]:
    """His own, those he noted, and those of customers he logs interactions for."""
    concerns = Q(owner=user.pk) | Q(author=user.pk) | Q(customer__in=loggable_customers(user).values("pk"))
    return visible_voices(user).filter(concerns)


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
    return _living() if may_keep_programme(user) else Customer.objects.none()


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


def may_keep_costs(user: User) -> bool:
    """Add and change activities, and say what they cost."""
    return user.is_admin


def manageable_activities(user: User) -> QuerySet[Activity]:
    return Activity.objects.all() if may_keep_costs(user) else Activity.objects.none()


def customers_with_kept_costs(user: User) -> QuerySet[Customer]:
    """Customers whose usages he may remove."""
    return _living() if may_keep_costs(user) else Customer.objects.none()


def visible_usages(user: User) -> QuerySet[ActivityUsage]:
    """Current versions only; what serving a customer costs is part of his profit."""
    return ActivityUsage.objects.filter(superseded_at=None, customer__in=profit_customers(user).values("pk"))


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


def require(allowed: bool) -> None:
    """The answer to whom a page does not concern is that of a page that does not exist."""
    if not allowed:
        raise Http404


def get_or_404(queryset: QuerySet[M], value: object, *, field: str = "pk") -> M:
    """The object if ``queryset`` holds it; else, also for a malformed id, the same Http404."""
    try:
        return queryset.get(**{field: value})
    except (ObjectDoesNotExist, ValidationError, ValueError, TypeError, OverflowError) as error:
        raise Http404(queryset.model._meta.verbose_name) from error


def get_customer_or_404(user: User, pk: int | str) -> Customer:
    """The visible customer; an old id of one that was merged leads to the customer it was merged into."""
    visible = visible_customers(user).select_related("owner", "parent")
    tombstones = Customer.objects.filter(merged_into__isnull=False).values_list("merged_into", flat=True)
    try:
        return visible.get(pk=pk)
    except ObjectDoesNotExist:
        while (winner := tombstones.filter(pk=pk).first()) is not None:
            pk = winner
    except (ValueError, TypeError, OverflowError) as error:
        raise Http404(Customer._meta.verbose_name) from error
    return get_or_404(visible, pk)


def get_contact_or_404(user: User, pk: object) -> Contact:
    return get_or_404(visible_contacts(user).select_related("customer"), pk)


def get_project_or_404(user: User, pk: object) -> Project:
    return get_or_404(visible_projects(user).select_related("customer", "manager"), pk)


def get_case_or_404(user: User, pk: object) -> CorrectiveAction:
    related = ("customer", "project__manager", "dimension", "owner", "programme_version")
    return get_or_404(visible_cases(user).select_related(*related), pk)


def get_action_or_404(user: User, pk: object) -> Action:
    related = ("customer", "project", "contact", "case__dimension", "case__project", "meeting", "owner")
    return get_or_404(visible_actions(user).select_related(*related, "author", "done_by"), pk)


def get_voice_or_404(user: User, pk: object) -> Voice:
    related = ("customer", "project", "contact", "owner", "answered_by")
    return get_or_404(visible_voices(user).select_related(*related), pk)


def get_interaction_or_404(user: User, identity: object) -> Interaction:
    """By ``identity``, which stays the same through corrections."""
    found = visible_interactions(user).select_related("customer", "author")
    return get_or_404(found, identity, field="identity")


def get_order_or_404(user: User, pk: object) -> Order:
    return get_or_404(visible_orders(user).select_related("customer"), pk)


def get_current_order_or_404(user: User, pk: object) -> Order:
    """The version believed now, also by the id of an older one, when he sees it."""
    named = get_or_404(Order.objects.all(), pk)
    current = current_version_of(named)
    return get_order_or_404(user, current.pk if current else None)


def get_user_to_manage_or_404(user: User, pk: object) -> User:
    return get_or_404(manageable_users(user), pk)


def get_team_to_manage_or_404(user: User, pk: object) -> Team:
    return get_or_404(manageable_teams(user).select_related("lead"), pk)


def get_myself(user: User | AnonymousUser) -> User:
    """The person who asks, read anew: what a form writes must not start from a lazy object."""
    return get_or_404(User.objects.filter(is_active=True), user.pk)


def _living() -> QuerySet[Customer]:
    return Customer.objects.filter(merged_into=None)


def _people_who_write(user: User) -> QuerySet[User]:
    """Executives read, even where they lead a team."""
    return User.objects.none() if user.is_executive else people_of(user)


# Ids of customers, each asked from the side of the people: the union of short lists is then looked up by key.
# One condition with OR over them makes PostgreSQL read every customer and project.


def _escalated_to(user: User) -> QuerySet[CaseAlarm, int]:
    """Cases of which he was told that a clock was missed, as functional manager, lead, executive or admin."""
    alarms = CaseAlarm.objects.filter(step__in=[AlarmStep.LINE, AlarmStep.EXECUTIVES])
    told = alarms.filter(told__contains=[user.pk]) if user.is_active else alarms.none()
    return told.values_list("case", flat=True)


def _owned_by(people: QuerySet[User]) -> QuerySet[Customer, int]:
    return Customer.objects.filter(owner__in=people.values("pk")).values_list("pk", flat=True)


def _managed_by(people: QuerySet[User]) -> QuerySet[Project, int]:
    return Project.objects.filter(manager__in=people.values("pk")).values_list("customer", flat=True)


def _worked_for_by(people: QuerySet[User]) -> QuerySet[ProjectMember, int]:
    membership = ProjectMember.objects.filter(user__in=people.values("pk"))
    return membership.values_list("project__customer", flat=True)
