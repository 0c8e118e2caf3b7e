"""Who is asked after a contact has left the company.

Codes: instead: other_customer, gone, opted_out, no_email.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.contacts.models import Contact
from accounts.customers.services import refuse
from accounts.projects.models import Project
from accounts.surveys.models import RespondentState
from accounts.surveys.services.inviting import name_respondent
from accounts.users.models import User


def asked_about(contact: Contact) -> QuerySet[Project]:
    """Running projects about which this contact is asked every week."""
    return Project.objects.filter(
        respondents__contact=contact, respondents__state=RespondentState.ACTIVE, ended_on=None
    ).order_by("pk")


@transaction.atomic
def ask_successor(leaving: Contact, *, instead: Contact, author: User | None, now: dt.datetime) -> int:
    """``instead`` is a respondent of the projects that ``leaving`` was asked about; of how many.

    The first letter is that of the next week: a week that is out already keeps who was asked in it.
    """
    if instead.customer_id != leaving.customer_id:
        refuse("instead", "other_customer", _("This contact belongs to another customer."))
    if instead.pk == leaving.pk or instead.left_on is not None:
        refuse("instead", "gone", _("Choose somebody who still works there."))
    if instead.opted_out:
        refuse("instead", "opted_out", _("This contact wants no surveys."))
    if not instead.email:
        refuse("instead", "no_email", _("This contact has no e-mail address."))
    projects = list(asked_about(leaving))
    for project in projects:
        name_respondent(project=project, contact=instead, author=author, now=now)
    return len(projects)
