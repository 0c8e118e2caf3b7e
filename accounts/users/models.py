"""People who log in, and their teams."""

from __future__ import annotations

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.history import old_versions


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    EXECUTIVE = "executive", _("Executive")
    ACCOUNT_MANAGER = "account_manager", _("Account manager")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    MEMBER = "member", _("Project member")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


@pghistory.track(*old_versions(), exclude=["password", "last_login", "session_epoch", "invited_at"])
class User(AbstractBaseUser):
    """Logs in with an e-mail address. ``role`` is the kind of work; records come from ownership."""

    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    sort_key = models.CharField(max_length=240, db_collation="C", editable=False, default="")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    may_see_profit = models.BooleanField(_("may see profit"), default=False)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    # Part of every session's hash: raising it ends all sessions, for good.
    session_epoch = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    # When the latest letter with the link to choose a password went out.
    invited_at = models.DateTimeField(_("invited at"), null=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_executive(self) -> bool:
        return self.is_active and self.role == Role.EXECUTIVE

    @property
    def sees_everything(self) -> bool:
        return self.is_admin or self.is_executive

    @property
    def has_logged_in(self) -> bool:
        return self.last_login is not None

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hook for the present secret and the fallback ones."""
        value = f"{self.session_epoch}:{self.password}"
        return salted_hmac("truenorth.session", value, secret=secret, algorithm="sha256").hexdigest()


@pghistory.track(*old_versions())
class Team(models.Model):
    """A lead sees all that the members of his teams see."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    lead = models.ForeignKey(User, models.PROTECT, related_name="led_teams", verbose_name=_("lead"))

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


@pghistory.track(*old_versions())
class TeamMember(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="team_memberships")

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]
