from django.apps import AppConfig


class CostsConfig(AppConfig):
    name = "accounts.costs"
    label = "costs"
