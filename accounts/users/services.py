"""Every write of users and teams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from knox.models import get_token_model

from accounts import names
from accounts.users.models import Role, Team, TeamMember, User


class LastAdminError(Exception):
    """Without an active admin who can log in nobody could let anybody in again; nothing was written."""

    def __str__(self) -> str:
        return _("This is the last active admin who can log in. Another one must have logged in first.")


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    role: str,
    password: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
    may_see_profit: bool = False,
    teams: Iterable[Team] = (),
) -> User:
    """A new person; without a password he sets one through the link of his invitation."""
    user = User(email=email.strip().lower(), role=role, may_see_profit=may_see_profit)
    _set_profile(user, name=name, language=language, time_zone=time_zone)
    user.set_password(password)
    user.save(force_insert=True)
    _put_into(user, teams)
    return user


def note_invitation(user: User, *, at: dt.datetime) -> None:
    """The letter with the link to choose a password went out then."""
    User.objects.filter(pk=user.pk).update(invited_at=at)


@transaction.atomic
def change_user(
    user: User,
    *,
    email: str,
    name: str,
    role: str,
    language: str,
    time_zone: str,
    may_see_profit: bool,
    teams: Iterable[Team],
) -> User:
    """What an admin may change of a person. Raises LastAdminError."""
    if role != Role.ADMIN:
        _keep_an_admin_beside(user)
    user.email = email.strip().lower()
    user.role = role
    user.may_see_profit = may_see_profit
    _set_profile(user, name=name, language=language, time_zone=time_zone)
    user.save(update_fields=["email", "role", "may_see_profit", "name", "sort_key", "language", "time_zone"])
    _put_into(user, teams)
    return user


@transaction.atomic
def change_profile(user: User, *, name: str, language: str, time_zone: str) -> User:
    """What everybody may change of himself."""
    _set_profile(user, name=name, language=language, time_zone=time_zone)
    user.save(update_fields=["name", "sort_key", "language", "time_zone"])
    return user


def change_language(user: User, *, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])


def set_password(user: User, *, password: str) -> None:
    """All his other sessions end: the password is part of their hash."""
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def deactivate(user: User) -> None:
    """He is out at once, and for good: sessions and API tokens end. Raises LastAdminError."""
    _keep_an_admin_beside(user)
    User.objects.filter(pk=user.pk).update(is_active=False, session_epoch=F("session_epoch") + 1)
    get_token_model().objects.filter(user=user).delete()
    user.refresh_from_db(fields=["is_active", "session_epoch"])


@transaction.atomic
def reactivate(user: User) -> None:
    """He may log in again; what ended when he was deactivated stays ended."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@transaction.atomic
def save_team(team: Team | None, *, name: str, lead: User, members: Iterable[User]) -> Team:
    """A new team, or other values of an existing one."""
    team = team or Team()
    team.name = name.strip()
    team.lead = lead
    team.save()
    wanted = {member.pk for member in members}
    TeamMember.objects.filter(team=team).exclude(user__in=wanted).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team=team, user_id=pk) for pk in sorted(wanted)], ignore_conflicts=True
    )
    return team


@transaction.atomic
def delete_team(team: Team) -> None:
    team.delete()


def _set_profile(user: User, *, name: str, language: str, time_zone: str) -> None:
    # A name of invisible characters alone is none; the address then says who it is.
    user.name = names.cleaned(name) or user.email
    user.sort_key = names.sort_key(user.name)
    user.language = language
    user.time_zone = time_zone


def _put_into(user: User, teams: Iterable[Team]) -> None:
    wanted = {team.pk for team in teams}
    TeamMember.objects.filter(user=user).exclude(team__in=wanted).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team_id=pk, user=user) for pk in sorted(wanted)], ignore_conflicts=True
    )


def _keep_an_admin_beside(user: User) -> None:
    """Two admins who deactivate each other wait here: the second finds himself the last one."""
    can_log_in = Q(last_login__isnull=False) | ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    admins = User.objects.filter(can_log_in, role=Role.ADMIN, is_active=True)
    admins = admins.order_by("pk").select_for_update()
    if {admin.pk for admin in admins} == {user.pk}:
        raise LastAdminError
