"""Who sees grades, works on corrective actions and actions, and holds the weekly meeting."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.access.records import (
    PEOPLE,
    changeable_customers,
    changeable_projects,
    people_ids,
    people_of,
    visible_customers,
    writer_ids,
)
from accounts.actions.models import Action
from accounts.customers.models import Customer
from accounts.occasions.models import Occasion, OccasionInvitation
from accounts.projects.models import Project
from accounts.surveys.models import (
    OPEN,
    AlarmStep,
    CaseAlarm,
    CorrectiveAction,
    Invitation,
    MeetingAttendee,
    Referral,
    Respondent,
    ReviewMeeting,
    SurveyProgramme,
)
from accounts.users.models import Role, Team, User

# Of customers they own, those they manage, those they work for. `records` says why it is SQL.
_PROJECTS = f"""
    select project.id from projects_project project
    join customers_customer customer on customer.id = project.customer_id
    where customer.merged_into_id is null and customer.owner_id in ({PEOPLE})
    union
    select project.id from projects_project project
    join customers_customer customer on customer.id = project.customer_id
    where customer.merged_into_id is null and project.manager_id in ({PEOPLE})
    union
    select project.id from projects_projectmember member
    join projects_project project on project.id = member.project_id
    join customers_customer customer on customer.id = project.customer_id
    where customer.merged_into_id is null and member.user_id in ({PEOPLE})
"""  # noqa: S608 -- a constant


def graded_projects(user: User) -> QuerySet[Project]:
    """Projects whose grades, respondents and corrective actions he may see."""
    if user.sees_everything:
        return Project.objects.filter(customer__merged_into=None)
    return Project.objects.filter(pk__in=_graded_ids(user))


def _graded_ids(user: User) -> Any:
    """The ids of `graded_projects`, for ``project__in=``."""
    if user.sees_everything:
        return graded_projects(user).values("pk")
    return RawSQL(_PROJECTS, [user.pk] * 3) if user.is_active else []  # noqa: S611 -- a constant


def compared_people(user: User) -> QuerySet[User]:
    """People whose satisfaction index he may see as theirs: his own and that of his people, everybody's for
    who sees everything. With colleagues nobody is compared; beside him stands the company's mean."""
    return User.objects.all() if user.sees_everything else people_of(user)


def compared_teams(user: User) -> QuerySet[Team]:
    """Teams whose satisfaction index he may see as theirs: those that he or his people lead."""
    teams = Team.objects.all()
    return teams if user.sees_everything else teams.filter(lead__in=people_ids(user))


def visible_respondents(user: User) -> QuerySet[Respondent]:
    return Respondent.objects.filter(project__in=_graded_ids(user))


def changeable_respondents(user: User) -> QuerySet[Respondent]:
    """Whoever changes a project says whom we ask about it."""
    return Respondent.objects.filter(project__in=changeable_projects(user).values("pk"))


def visible_referrals(user: User) -> QuerySet[Referral]:
    return Referral.objects.filter(project__in=_graded_ids(user))


def changeable_referrals(user: User) -> QuerySet[Referral]:
    """Whoever changes a project decides on a colleague whom a respondent proposes."""
    return Referral.objects.filter(project__in=changeable_projects(user).values("pk"))


def visible_invitations(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(project__in=_graded_ids(user))


def visible_surveys(user: User) -> QuerySet[SurveyProgramme]:
    """Surveys beside the weekly one: what they ask is no secret; answers are those of `visible_occasions`."""
    others = SurveyProgramme.objects.filter(is_weekly=False)
    return others if user.is_active else others.none()


def may_manage_surveys(user: User) -> bool:
    """Write, publish and withdraw surveys beside the weekly one."""
    return user.is_admin


def visible_occasions(user: User) -> QuerySet[Occasion]:
    """Of a project those whose grades he sees, of no project those of customers he sees."""
    living = Occasion.objects.filter(customer__merged_into=None)
    if user.sees_everything:
        return living
    of_project = Q(project__in=_graded_ids(user))
    of_customer = Q(project=None, customer__in=visible_customers(user).values("pk"))
    return living.filter(of_project | of_customer)


def visible_occasion_invitations(user: User) -> QuerySet[OccasionInvitation]:
    return OccasionInvitation.objects.filter(occasion__in=visible_occasions(user).values("pk"))


def askable_customers(user: User) -> QuerySet[Customer]:
    """Customers whose contacts he may ask, and interview: those he may change, and those of projects that he
    or his people manage."""
    if user.is_admin:
        return changeable_customers(user)
    people = writer_ids(user)
    managed = Project.objects.filter(manager__in=people).values("customer")
    owned = Q(pk__in=changeable_customers(user).values("pk"))
    return Customer.objects.filter(owned | Q(pk__in=managed), merged_into=None)


def may_ask(user: User, customer: Customer) -> bool:
    return askable_customers(user).filter(pk=customer.pk).exists()


def visible_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Those of the projects whose grades he sees, that he or his people own, or that escalated to him."""
    living = CorrectiveAction.objects.filter(customer__merged_into=None)
    if user.sees_everything:
        return living
    his = Q(owner__in=people_ids(user)) | Q(pk__in=_escalated_to(user))
    return living.filter(his | Q(project__in=_graded_ids(user)))


def acknowledgeable_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Those he works on; of the others, who was told that a clock was missed may acknowledge for all."""
    mine = Q(pk__in=workable_cases(user).values("pk")) | Q(pk__in=_escalated_to(user))
    return visible_cases(user).filter(mine)


def escalated_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Open ones in whose present round he was told that a clock was missed."""
    told = _escalated_to(user).filter(raised_at__gte=F("case__opened_at"))
    return CorrectiveAction.objects.filter(OPEN, customer__merged_into=None, pk__in=told)


def commentable_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Those he works on; of the others, who was told that a clock was missed writes to the owner and gives
    him something to do. What is planned, done and said to the customer stays the owner's."""
    return acknowledgeable_cases(user)


def workable_cases(user: User) -> QuerySet[CorrectiveAction]:
    """Corrective actions he may acknowledge, plan, advance, comment on and assign."""
    if user.is_admin:
        return visible_cases(user)
    people = writer_ids(user)
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
    people = people_ids(user)
    customers, cases = visible_customers(user).values("pk"), visible_cases(user).values("pk")
    met = ReviewMeeting.objects.filter(Q(chair__in=people) | Q(attendees__user__in=people)).values("pk")
    mine = Q(owner__in=people) | Q(author__in=people) | Q(meeting__in=met)
    about = Q(case=None, customer__in=customers) | Q(case__in=cases)
    return Action.objects.filter(mine | about)


def changeable_actions(user: User) -> QuerySet[Action]:
    """His own and those he gave; his people's; those of customers he may change and cases he works on."""
    people = writer_ids(user)
    mine = Q(owner=user.pk) | Q(author=user.pk) | Q(owner__in=people) | Q(author__in=people)
    customers, cases = changeable_customers(user).values("pk"), workable_cases(user).values("pk")
    about = Q(case=None, customer__in=customers) | Q(case__in=cases)
    return visible_actions(user).filter(mine | about)


def visible_meetings(user: User) -> QuerySet[ReviewMeeting]:
    """Review meetings that he or his people hold or attend."""
    if user.sees_everything:
        return ReviewMeeting.objects.all()
    people = people_ids(user)
    attended = MeetingAttendee.objects.filter(user__in=people).values("meeting")
    return ReviewMeeting.objects.filter(Q(chair__in=people) | Q(pk__in=attended))


def changeable_meetings(user: User) -> QuerySet[ReviewMeeting]:
    """Whose minutes he may write: those he or his people hold, and those he attends."""
    if user.is_admin:
        return ReviewMeeting.objects.all()
    attended = MeetingAttendee.objects.filter(user=user.pk, user__in=writer_ids(user))
    held = Q(chair__in=writer_ids(user))
    return ReviewMeeting.objects.filter(held | Q(pk__in=attended.values("meeting")))


def may_hold_meetings(user: User) -> bool:
    """Whoever answers for projects or customers holds the weekly meeting about them."""
    return user.is_active and user.role not in {Role.EXECUTIVE, Role.MEMBER}


def _escalated_to(user: User) -> QuerySet[CaseAlarm, int]:
    """Cases of which he was told that a clock was missed, as functional manager, lead, executive or admin."""
    alarms = CaseAlarm.objects.filter(step__in=[AlarmStep.LINE, AlarmStep.EXECUTIVES])
    told = alarms.filter(told__contains=[user.pk]) if user.is_active else alarms.none()
    return told.values_list("case", flat=True)
