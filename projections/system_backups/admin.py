from django.contrib import admin

from projections.admin import BackupAdmin, RestoreAdmin
from projections.system_backups.models import BackupLog, RestoreLog


@admin.register(RestoreLog)
class RestoreLogAdmin(RestoreAdmin):
    list_display = (
        "id", "name", "status", "restore_type", "target_database", "started_at", "origin",
    )  # fmt: skip


@admin.register(BackupLog)
class BackupLogAdmin(BackupAdmin):
    pass
