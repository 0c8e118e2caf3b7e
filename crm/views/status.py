"""The state of the installation: a page for admins, and a page for Prometheus."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import access
from crm.metrics import exposition, verdict
from crm.metrics.reading import recent
from crm.views.request import UserRequest
from crm.views.writing import wants_fragment
from scoring.queries import latest_runs

SHOWN_RUNS = 14


@require_safe
@vary_on_headers("HX-Request")
def status(request: UserRequest) -> HttpResponse:
    access.require(access.may_see_status(request.user))
    reading = recent(timezone.now())
    runs = latest_runs(SHOWN_RUNS)
    context = {
        "reading": reading,
        "findings": verdict.findings(reading),
        "beat_is_alive": verdict.beat_is_alive(reading.pulses),
        "runs": runs,
        "longest": max((run.seconds for run in runs), default=0.0),
        "refresh_seconds": 10,
    }
    return render(
        request, "status/_status.html" if wants_fragment(request) else "status/status.html", context
    )


@csrf_exempt
@require_safe
@login_not_required
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for Prometheus, who shows METRICS_TOKEN; without one only demo and tests have this page."""
    if not settings.METRICS_TOKEN and settings.PRODUCTION:
        raise Http404
    if settings.METRICS_TOKEN and not _shows_token(request):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition.page(recent(timezone.now())), content_type=exposition.CONTENT_TYPE)


def _shows_token(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)
