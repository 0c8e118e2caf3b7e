from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "accounts.appointments"
    label = "appointments"
