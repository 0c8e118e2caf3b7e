"""Who sees, adds and deletes the files of customers."""

from django.db.models import Q, QuerySet

from accounts.access.found import get_or_404
from accounts.access.records import changeable_customers, loggable_customers, visible_customers
from accounts.files.models import Attachment
from accounts.users.models import User


def visible_files(user: User) -> QuerySet[Attachment]:
    """Not those that were deleted. Files are added by whoever logs interactions with the customer."""
    return Attachment.objects.filter(deleted_at=None, customer__in=visible_customers(user).values("pk"))


def changeable_files(user: User) -> QuerySet[Attachment]:
    """His own, and those of customers he may change."""
    own = Q(uploaded_by=user.pk, customer__in=loggable_customers(user).values("pk"))
    return visible_files(user).filter(own | Q(customer__in=changeable_customers(user).values("pk")))


def deleted_files(user: User) -> QuerySet[Attachment]:
    """What he deleted himself, and may bring back."""
    return Attachment.objects.filter(deleted_by=user.pk, customer__in=loggable_customers(user).values("pk"))


def get_file_or_404(user: User, pk: object) -> Attachment:
    return get_or_404(visible_files(user).select_related("customer", "uploaded_by"), pk)
