"""Language and time zone of a page: the person's own; before the log-in the cookie's, else the browser's."""

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
        # Whoever used this browser before may have left a cookie with his language.
        translation.activate(user.language)
        request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        timezone.activate(user.time_zone)
