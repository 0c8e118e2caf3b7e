"""The request of a page behind the log-in, for the type checker."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.users.models import User


class UserRequest(HttpRequest):
    """What LoginRequiredMiddleware and HtmxMiddleware make of a request."""

    user: User
    htmx: HtmxDetails
