from django.apps import AppConfig


class RemindingConfig(AppConfig):
    name = "accounts.reminding"
    label = "reminding"
