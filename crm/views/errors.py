"""Requests that cannot be taken at all."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import bad_request as unreadable


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too much text has an answer of its own: whoever pasted a file must know that nothing was saved."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return unreadable(request, exception)
