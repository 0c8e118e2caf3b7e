"""``manage.py messages [--compile-only]``: update and compile the translation catalogues."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm import catalogues


class Command(BaseCommand):
    help = "Collect all texts into locale/*/LC_MESSAGES/django.po and compile them. No gettext is needed."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--compile-only", action="store_true", help="leave the catalogues as they are")

    def handle(self, *args: Any, compile_only: bool, **options: Any) -> None:
        for language in catalogues.LANGUAGES:
            if compile_only:
                catalogues.compile_catalogue(settings.BASE_DIR, language)
                continue
            left = catalogues.update(settings.BASE_DIR, language)
            catalogues.compile_catalogue(settings.BASE_DIR, language)
            self.stdout.write(f"{language}: {left} texts to translate")
