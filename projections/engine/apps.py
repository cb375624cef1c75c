from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "projections.engine"
    label = "engine"
    verbose_name = "Projections"
