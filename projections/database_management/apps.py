from django.apps import AppConfig


class DatabaseManagementConfig(AppConfig):
    name = "projections.database_management"
    label = "database_management"
    verbose_name = "Database management (legacy)"

    def ready(self) -> None:
        from domain.backups.events import BackupEvent
        from domain.restores.events import RestoreEvent
        from projections.database_management import backup_projector, models, projector, rows
        from projections.database_management.mapping import MAPPING_VERSION
        from projections.database_management.scope import includes
        from projections.engine.registry import RowProjection, register
        from projections.mapping.backup_row import BackupRow
        from projections.mapping.searched import RESTORE_TEXTS

        register(
            RowProjection(
                model=models.RestoreLog,
                row_type=rows.RestoreRow,
                event_type=RestoreEvent,
                key="restore_id",
                version=MAPPING_VERSION,
                project=projector.project,
                includes=includes,
                certified=True,
                searched=RESTORE_TEXTS,
            ),
            RowProjection(
                model=models.BackupLog,
                row_type=BackupRow,
                event_type=BackupEvent,
                key="backup_id",
                version=MAPPING_VERSION,
                project=backup_projector.project,
                includes=includes,
                certified=True,
            ),
        )
