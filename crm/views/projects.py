"""Projects: the list, the page of one with its team, and its form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from accounts.projects import services
from accounts.projects.models import Project
from crm.filters.projects import ProjectListFilter
from crm.forms.listing import ProjectListForm
from crm.forms.projects import ProjectForm, team_forms
from crm.queries import projects as queries
from crm.queries.respondents import is_over, respondents_of
from crm.views.request import UserRequest
from crm.views.writing import demand, page_or_post, status_of, wants_fragment
from scoring.services import rescore_soon


@require_safe
@vary_on_headers("HX-Request")
def projects(request: UserRequest) -> HttpResponse:
    visible = access.visible_projects(request.user)
    wanted = ProjectListFilter(request.GET, queryset=visible)
    wish = request.GET.get("sort", "")
    sort = wish if wish in queries.SORTS else queries.DEFAULT_SORT
    page = queries.page_of_projects(
        wanted.found, sort=sort, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    form = ProjectListForm(request.GET, user=request.user)
    context = {
        "page": page,
        "sort": sort,
        "filters": form,
        "faults": wanted.faults,
        "is_filtered": form.is_filtered,
        "is_sorted": bool(wish),
        "has_any": bool(page.rows) or visible.exists(),
        "shows_ended": bool(request.GET.get("show")),
    }
    template = "projects/_table.html" if wants_fragment(request) else "projects/list.html"
    return render(request, template, context)


@require_safe
def project(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_project_or_404(request.user, pk)
    (row,) = queries.rows_of(Project.objects.filter(pk=found.pk))
    now = timezone.now()
    sees_grades = access.graded_projects(request.user).filter(pk=found.pk).exists()
    customers = access.changeable_customers(request.user)
    context = {
        "row": row,
        "project": row.project,
        "may_change": access.changeable_projects(request.user).filter(pk=found.pk).exists(),
        "sees_grades": sees_grades,
        "respondents": respondents_of(found, now=now) if sees_grades else [],
        "is_over": is_over(found, now=now) if sees_grades else False,
        "may_edit_contacts": customers.filter(pk=found.customer_id).exists(),
        "now": now,
    }
    return render(request, "projects/project.html", context)


@page_or_post
def project_new(request: UserRequest, pk: int) -> HttpResponse:
    customer = access.get_customer_or_404(request.user, pk)
    demand(access.changeable_customers(request.user), customer)
    form = ProjectForm(request.POST or None, user=request.user)
    team = team_forms(request.POST or None, user=request.user)
    if form.is_valid() and team.is_valid():
        added = form.save(
            lambda: services.create_project(
                customer=customer, **form.changes(), members=team.memberships(), now=timezone.now()
            )
        )
        if added is not None:
            rescore_soon([customer.pk])
            messages.success(request, _("%(name)s was added.") % {"name": added.name})
            return redirect("project", added.pk)
    context = {"customer": customer, "form": form, "team": team}
    return render(request, "projects/form.html", context, status=status_of(form))


@page_or_post
def project_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = access.get_project_or_404(request.user, pk)
    demand(access.changeable_projects(request.user), found)
    form = ProjectForm(request.POST or None, user=request.user, stored=found)
    team = team_forms(request.POST or None, user=request.user, project=found)
    if form.is_valid() and team.is_valid():
        changed = form.save(
            lambda: services.change_project(
                found,
                expected_version=form.expected_version,
                changes=form.changes(),
                members=team.memberships(),
            )
        )
        if changed is not None:
            rescore_soon([found.customer_id])
            messages.success(request, _("Saved."))
            return _to_page_or_list(request, found.pk)
    context = {"customer": found.customer, "project": found, "form": form, "team": team}
    return render(request, "projects/form.html", context, status=status_of(form))


def _to_page_or_list(request: UserRequest, pk: int) -> HttpResponse:
    """Whoever gave the project away may no longer see it."""
    if access.visible_projects(request.user).filter(pk=pk).exists():
        return redirect("project", pk)
    return redirect("projects")
