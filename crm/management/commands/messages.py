"""Update and compile the translation catalogues."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm import catalogues


class Command(BaseCommand):
    help = "Collect all texts into locale/*/LC_MESSAGES/django.po and compile them. No gettext is needed."

    def handle(self, *args: Any, **options: Any) -> None:
        for language in catalogues.LANGUAGES:
            left = catalogues.update(settings.BASE_DIR, language)
            catalogues.compile_catalogue(settings.BASE_DIR, language)
            self.stdout.write(f"{language}: {left} texts to translate")
