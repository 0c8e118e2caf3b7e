from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "accounts.files"
    label = "files"
