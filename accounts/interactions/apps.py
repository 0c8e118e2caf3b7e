from django.apps import AppConfig


class InteractionsConfig(AppConfig):
    name = "accounts.interactions"
    label = "interactions"
