from django.apps import AppConfig


class DealsConfig(AppConfig):
    name = "accounts.deals"
    label = "deals"
