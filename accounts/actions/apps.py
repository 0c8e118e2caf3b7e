from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "accounts.actions"
    label = "actions"
