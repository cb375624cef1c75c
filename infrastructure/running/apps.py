from django.apps import AppConfig


class RunningConfig(AppConfig):
    name = "infrastructure.running"
    label = "running"
    verbose_name = "Running restores"
