from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "accounts.contacts"
    label = "contacts"
