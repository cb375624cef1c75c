"""The Django app of the API and the pages."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    label = "api"
    verbose_name = "Restore log API"

    def ready(self) -> None:
        from projections import extra_columns, folding

        extra_columns.listen()
        folding.register_folding()
