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

Customers and what hangs on them: `records`. Grades and what comes of them: `satisfaction`. Roles: `duties`.
One object by its id: `found`.
"""

from accounts.access.duties import (
    customers_with_kept_costs,
    customers_with_programme,
    manageable_activities,
    manageable_calendars,
    manageable_teams,
    manageable_users,
    manageable_versions,
    may_add_customers,
    may_assign_owner,
    may_import,
    may_keep_costs,
    may_keep_programme,
    may_manage_people,
    may_run_jobs,
    may_see_outbox,
    may_see_status,
    possible_owners,
    projects_with_programme,
    visible_imports,
    visible_notices,
    visible_users,
)
from accounts.access.found import (
    get_action_or_404,
    get_case_or_404,
    get_contact_or_404,
    get_current_order_or_404,
    get_customer_or_404,
    get_interaction_or_404,
    get_myself,
    get_or_404,
    get_order_or_404,
    get_project_or_404,
    get_team_to_manage_or_404,
    get_user_to_manage_or_404,
    get_voice_or_404,
    require,
)
from accounts.access.records import (
    changeable_contacts,
    changeable_customers,
    changeable_interactions,
    changeable_orders,
    changeable_projects,
    changeable_voices,
    loggable_customers,
    may_log,
    people_of,
    profit_customers,
    visible_contacts,
    visible_customers,
    visible_interactions,
    visible_orders,
    visible_projects,
    visible_usages,
    visible_voices,
)
from accounts.access.satisfaction import (
    acknowledgeable_cases,
    changeable_actions,
    changeable_meetings,
    changeable_referrals,
    changeable_respondents,
    compared_people,
    compared_teams,
    graded_projects,
    may_hold_meetings,
    possible_case_owners,
    visible_actions,
    visible_cases,
    visible_invitations,
    visible_meetings,
    visible_referrals,
    visible_respondents,
    workable_cases,
)

__all__ = [
    "acknowledgeable_cases",
    "changeable_actions",
    "changeable_contacts",
    "changeable_customers",
    "changeable_interactions",
    "changeable_meetings",
    "changeable_orders",
    "changeable_projects",
    "changeable_referrals",
    "changeable_respondents",
    "changeable_voices",
    "compared_people",
    "compared_teams",
    "customers_with_kept_costs",
    "customers_with_programme",
    "get_action_or_404",
    "get_case_or_404",
    "get_contact_or_404",
    "get_current_order_or_404",
    "get_customer_or_404",
    "get_interaction_or_404",
    "get_myself",
    "get_or_404",
    "get_order_or_404",
    "get_project_or_404",
    "get_team_to_manage_or_404",
    "get_user_to_manage_or_404",
    "get_voice_or_404",
    "graded_projects",
    "loggable_customers",
    "manageable_activities",
    "manageable_calendars",
    "manageable_teams",
    "manageable_users",
    "manageable_versions",
    "may_add_customers",
    "may_assign_owner",
    "may_hold_meetings",
    "may_import",
    "may_keep_costs",
    "may_keep_programme",
    "may_log",
    "may_manage_people",
    "may_run_jobs",
    "may_see_outbox",
    "may_see_status",
    "people_of",
    "possible_case_owners",
    "possible_owners",
    "profit_customers",
    "projects_with_programme",
    "require",
    "visible_actions",
    "visible_cases",
    "visible_contacts",
    "visible_customers",
    "visible_imports",
    "visible_interactions",
    "visible_invitations",
    "visible_meetings",
    "visible_notices",
    "visible_orders",
    "visible_projects",
    "visible_referrals",
    "visible_respondents",
    "visible_usages",
    "visible_users",
    "visible_voices",
    "workable_cases",
]
