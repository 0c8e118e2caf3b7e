"""How django-allauth fits here: accounts exist by invitation only, and mail is sent by the workers."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest

from accounts.users import services
from accounts.users.models import User
from crm.mail import letters


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        services.set_password(user, password=password)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The link is made when the letter is written: no secret waits in the queue."""
        letters.post(letters.Kind.PASSWORD_RESET, user)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what was changed about his log-in; the prefix ends with what it was."""
        letters.post(letters.Kind.SECURITY_NOTICE, user, change=template_prefix.rpartition("/")[2])


class LinkTokens(PasswordResetTokenGenerator):
    """Links to set a password: one use, expiring (PASSWORD_RESET_TIMEOUT), void once he is deactivated."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_epoch}{user.is_active}"
