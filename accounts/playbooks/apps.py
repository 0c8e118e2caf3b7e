from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "accounts.playbooks"
    label = "playbooks"
