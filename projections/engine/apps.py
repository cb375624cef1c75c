from django.apps import AppConfig


class EngineConfig(AppConfig):
    name = "projections.engine"
    label = "engine"
    verbose_name = "Projections"

    def ready(self) -> None:
        from projections import extra_columns

        extra_columns.listen()
