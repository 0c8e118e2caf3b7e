from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "accounts.fields"
    label = "fields"
