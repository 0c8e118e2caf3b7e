from django.apps import AppConfig


class SnoozesConfig(AppConfig):
    name = "accounts.snoozes"
    label = "snoozes"
