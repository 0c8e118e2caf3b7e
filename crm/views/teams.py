"""Pages about teams and their leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.users import services
from accounts.users.models import Team
from crm.forms.people import TeamForm
from crm.queries import people as queries
from crm.views.request import UserRequest

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def teams(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_people(request.user))
    return render(request, "people/teams.html", {"teams": queries.teams(request.user)})


@page_or_post
def new_team(request: UserRequest) -> HttpResponse:
    access.require(access.may_manage_people(request.user))
    return _team_page(request, None, TeamForm(request.POST or None, team=None))


@page_or_post
def team(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_team_to_manage_or_404(request.user, pk)
    members = list(found.members.values_list("user", flat=True))
    present = {"name": found.name, "lead": found.lead_id, "members": members}
    return _team_page(request, found, TeamForm(request.POST or None, team=found, initial=present))


@require_POST
def delete_team(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_team_to_manage_or_404(request.user, pk)
    services.delete_team(found)
    messages.success(request, _("The team was deleted; its people stay."))
    return redirect("teams")


def _team_page(request: UserRequest, found: Team | None, form: TeamForm) -> HttpResponse:
    if form.is_valid():
        services.save_team(found, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("teams")
    status = 422 if form.is_bound else 200
    return render(request, "people/team.html", {"team": found, "form": form}, status=status)
