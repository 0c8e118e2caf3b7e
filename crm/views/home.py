"""The front door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from crm.views.request import UserRequest


@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Everybody starts with what needs him."""
    return redirect("today")
