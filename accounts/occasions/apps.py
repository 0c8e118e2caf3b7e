from django.apps import AppConfig


class OccasionsConfig(AppConfig):
    name = "accounts.occasions"
    label = "occasions"
