"""The language of a page: what the person chose for himself, else the cookie, else the browser's wish."""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation


class UserLocaleMiddleware(LocaleMiddleware):
    """Django's LocaleMiddleware, with the user's own language and time zone first."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        user = request.user
        if not user.is_authenticated:
            timezone.deactivate()
            return
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        timezone.activate(user.time_zone)
