from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "accounts.projects"
    label = "projects"
