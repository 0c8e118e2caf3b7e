"""The front door."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from crm.views.request import UserRequest


@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Whoever manages projects starts with them, everybody else with his customers."""
    return redirect("projects" if request.user.role == "project_manager" else "customers")
