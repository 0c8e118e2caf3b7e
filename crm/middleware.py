"""What happens around every request: counting, the person's language and time zone, what he opened lately."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from psycopg.sql import Composable

from crm import recent
from crm.metrics import counts

OPENED = {
    "customer": "customer",
    "customer_people": "customer",
    "customer_projects": "customer",
    "customer_orders": "customer",
    "customer_satisfaction": "customer",
    "contact": "contact",
    "project": "project",
    "project_satisfaction": "project",
}
"""Pages of one record, by the names of their addresses, and what it is."""


class CountingMiddleware:
    """Counts every request that is not answered by a file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        counts.request_ended(view, request.method, response.status_code, seconds=time.perf_counter() - began)
        return response


class UserLocaleMiddleware(LocaleMiddleware):
    """The person's own language and time zone; before the log-in the cookie's, else the browser's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        user = request.user
        if not user.is_authenticated:
            timezone.deactivate()
            return
        # Whoever used this browser before may have left a cookie with his language.
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        timezone.activate(user.time_zone)


class RecentMiddleware:
    """Notes which customer's, contact's or project's page was opened, once it was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        place = request.resolver_match
        if place is None or request.method != "GET" or response.status_code != 200:
            return response
        kind = OPENED.get(place.url_name or "", "")
        if kind and request.user.is_authenticated and "HX-Request" not in request.headers:
            recent.note(request.user.pk, kind, place.kwargs["pk"])
        return response


class PlainStatementsMiddleware:
    """Statements composed by psycopg reach the wrappers of the connection as text.

    pghistory, which notes the acting user in every statement of a request, looks into that text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with connection.execute_wrapper(_as_text):
            return self.get_response(request)


def _as_text(execute: Callable[..., Any], statement: Any, *rest: Any) -> Any:
    return execute(statement.as_string() if isinstance(statement, Composable) else statement, *rest)
