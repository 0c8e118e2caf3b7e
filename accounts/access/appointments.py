"""Who sees and changes planned meetings, and who may plan one."""

from django.db.models import Q, QuerySet

from accounts.access.found import get_or_404
from accounts.access.records import changeable_customers, loggable_customers, people_ids, visible_customers
from accounts.appointments.models import Appointment, Guest
from accounts.users.models import User


def visible_appointments(user: User) -> QuerySet[Appointment]:
    """Those of customers he sees, and those that he or his people organise or are to come to."""
    found = Appointment.objects.filter(customer__merged_into=None)
    if user.sees_everything:
        return found
    people = people_ids(user)
    invited = Guest.objects.filter(user__in=people, removed_at=None).values("appointment")
    seen = Q(customer__in=visible_customers(user).values("pk"))
    return found.filter(seen | Q(organiser__in=people) | Q(pk__in=invited))


def changeable_appointments(user: User) -> QuerySet[Appointment]:
    """His own, and those of customers he may change."""
    mine = Q(organiser=user.pk, customer__in=loggable_customers(user).values("pk"))
    return Appointment.objects.filter(mine | Q(customer__in=changeable_customers(user).values("pk")))


def get_appointment_or_404(user: User, pk: object) -> Appointment:
    related = ("customer", "organiser", "cancelled_by")
    return get_or_404(visible_appointments(user).select_related(*related), pk)
