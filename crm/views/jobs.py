"""Jobs: what was recomputed, how far it is, what failed, and doing it again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from crm.views.request import UserRequest
from scoring.models import RunKind, ScoringRun
from scoring.queries import latest_runs, run_progress
from scoring.rescore import current_run
from scoring.services import cancel_run, retry_run, start_run

SHOWN_RUNS = 30


@require_safe
@vary_on_headers("HX-Request")
def jobs(request: UserRequest) -> HttpResponse:
    access.require(access.may_run_jobs(request.user))
    runs = latest_runs(SHOWN_RUNS)
    is_running = any(progress.is_running for progress in runs)
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    context = {
        "runs": runs,
        "is_fragment": is_fragment,
        "current": current_run(),
        "is_running": is_running,
        "refresh_seconds": 2 if is_running else None,
    }
    return render(request, "jobs/_runs.html" if is_fragment else "jobs/jobs.html", context)


@require_POST
def start(request: UserRequest) -> HttpResponse:
    access.require(access.may_run_jobs(request.user))
    if any(progress.is_running for progress in latest_runs(SHOWN_RUNS)):
        messages.info(request, _("A recompute is running already; no other one was started."))
    else:
        start_run(timezone.now(), kind=RunKind.MANUAL, requested_by=request.user)
        messages.success(request, _("The recompute has started."))
    return redirect("jobs")


@require_safe
@vary_on_headers("HX-Request")
def job(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_run_jobs(request.user))
    progress = run_progress(get_object_or_404(ScoringRun.objects.only("pk"), pk=pk).pk)
    context = {
        "progress": progress,
        "refresh_seconds": 2 if progress.is_running else None,
    }
    is_fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "jobs/_progress.html" if is_fragment else "jobs/job.html", context)


@require_POST
def retry(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_run_jobs(request.user))
    run = get_object_or_404(ScoringRun, pk=pk)
    if retry_run(run):
        messages.success(request, _("The run goes on where it stopped."))
    else:
        messages.info(request, _("This run neither failed nor was stopped."))
    return redirect("job", pk=pk)


@require_POST
def cancel(request: UserRequest, pk: int) -> HttpResponse:
    access.require(access.may_run_jobs(request.user))
    run = get_object_or_404(ScoringRun, pk=pk)
    if cancel_run(run):
        messages.success(request, _("The run is stopped. The scores of the run before it stay."))
    else:
        messages.info(request, _("This run had already ended."))
    return redirect("job", pk=pk)
