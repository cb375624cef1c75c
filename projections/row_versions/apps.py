from django.apps import AppConfig


class RowVersionsConfig(AppConfig):
    name = "projections.row_versions"
    label = "row_versions"
    verbose_name = "Versions of rows"

    def ready(self) -> None:
        from domain.consolidation.values import Scope
        from projections.engine.registry import VersionsProjection, register
        from projections.row_versions import models
        from projections.row_versions.known_by import NOTES_VERSION, known_by
        from projections.row_versions.passing import passes

        register(
            VersionsProjection(
                model=models.RestoreVersion,
                of="system_backups.RestoreLog",
                scope=Scope.ALL,
                number="version",
                note=known_by,
                passes=passes,
                own_version=NOTES_VERSION,
            )
        )
