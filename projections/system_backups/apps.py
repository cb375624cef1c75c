from django.apps import AppConfig


class SystemBackupsConfig(AppConfig):
    name = "projections.system_backups"
    label = "system_backups"
    verbose_name = "System backups"

    def ready(self) -> None:
        from domain.backups.events import BackupEvent
        from domain.restores.events import RestoreEvent
        from projections.engine.registry import RowProjection, register
        from projections.mapping.backup_row import BackupRow
        from projections.mapping.searched import BACKUP_TEXTS, RESTORE_TEXTS
        from projections.system_backups import backup_projector, models, projector, rows
        from projections.system_backups.mapping import MAPPING_VERSION
        from projections.system_backups.scope import includes

        register(
            RowProjection(
                model=models.RestoreLog,
                row_type=rows.RestoreRow,
                event_type=RestoreEvent,
                key="restore_id",
                version=MAPPING_VERSION,
                project=projector.project,
                includes=includes,
                scoped=True,
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
                scoped=True,
                certified=True,
                searched=BACKUP_TEXTS,
            ),
        )
