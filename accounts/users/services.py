"""Every write of users and teams."""

from __future__ import annotations

from django.db import transaction

from accounts import names
from accounts.users.models import User


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
) -> User:
    """A new person; without a password he sets one through the link of his invitation."""
    user = User(
        email=email.strip().lower(),
        name=name.strip(),
        sort_key=names.sort_key(name),
        role=role,
        language=language,
        time_zone=time_zone,
        may_see_profit=may_see_profit,
    )
    user.set_password(password)
    user.save(force_insert=True)
    return user
