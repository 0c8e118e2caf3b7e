from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
    label = "crm"

    def ready(self) -> None:
        # Celery: shared tasks find this application. Checks: they register themselves.
        from crm import celery, checks
