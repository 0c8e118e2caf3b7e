"""The first admin: he invites everybody else."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import IntegrityError

from accounts.users.models import Role, User
from accounts.users.services import create_user

VARIABLE = "ADMIN_PASSWORD"


class Command(BaseCommand):
    help = (
        "Create the first admin. The password comes from --password-file, from the variable "
        f"{VARIABLE}, or is asked for."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="asked for when missing")
        parser.add_argument("--name", help="asked for when missing")
        parser.add_argument("--password-file", type=Path, help="a file that holds nothing but the password")
        parser.add_argument("--force", action="store_true", help="even though there is an active admin")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["force"] and User.objects.filter(role=Role.ADMIN, is_active=True).exists():
            raise CommandError(
                "There is an active admin, who can invite others. Use --force to add one here."
            )
        email = options["email"] or input("E-mail: ").strip()
        name = options["name"] or input("Name: ").strip()
        password = _password(options["password_file"])
        try:
            validate_email(email)
            validate_password(password, User(email=email, name=name))
            create_user(
                email=email,
                name=name,
                role=Role.ADMIN,
                password=password,
                time_zone=settings.TIME_ZONE,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except IntegrityError as error:
            raise CommandError(f"Somebody has the address {email} already.") from error
        self.stdout.write(f"{email} can log in as an admin.")


def _password(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password (again): "):
        raise CommandError("The passwords differ.")
    return password
