"""Requests that cannot be taken at all, and those that nobody can answer now."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import bad_request as unreadable
from django.views.defaults import page_not_found as missing
from django.views.defaults import server_error as fault
from redis.exceptions import RedisError

from accounts import access
from accounts.customers.models import Customer

# What database, queue and cache raise when they are away, restarting, or cut us off.
AWAY = (OperationalError, InterfaceError, RedisError)
COME_AGAIN_SECONDS = 5


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too much text has an answer of its own: whoever pasted a file must know that nothing was saved."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return unreadable(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was erased says so, and when, to whoever saw it before."""
    if isinstance(exception, access.GoneError):
        context = {"is_customer": exception.what is Customer, "at": exception.at}
        return render(request, "410.html", context, status=410)
    return missing(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Of a request that failed: a database that is away says when to come again, all else is our fault.

    Django calls it while it handles the exception, whichever part of the request raised it.
    """
    return _away(request) if isinstance(sys.exc_info()[1], AWAY) else fault(request)


def _away(request: HttpRequest) -> HttpResponse:
    """503; what is only read is asked for again by the browser itself, what was sent only by the person.

    Nothing is looked up: no session, no user. What was sent is done wholly or not at all.
    """
    is_read = request.method in {"GET", "HEAD"}
    answer: HttpResponse
    if request.path.startswith("/api/"):
        text = _("Database or queue do not answer at the moment. Try again in a few seconds.")
        answer = JsonResponse({"error": "unavailable", "message": text, "fields": {}}, status=503)
    else:
        template = "survey/unavailable.html" if request.path.startswith("/s/") else "503.html"
        context = {"is_read": is_read, "company": settings.COMPANY_NAME}
        answer = HttpResponse(render_to_string(template, context), status=503)
        if is_read:
            answer["Refresh"] = str(COME_AGAIN_SECONDS)
    answer["Retry-After"] = str(COME_AGAIN_SECONDS)
    answer["Cache-Control"] = "no-store"
    return answer
