from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "accounts.needs"
    label = "needs"
