from django.contrib import admin

from projections.admin import BackupAdmin, RestoreAdmin
from projections.system_backups.models import BackupLog, RestoreLog


@admin.register(RestoreLog)
class RestoreLogAdmin(RestoreAdmin):
    list_display = (
        "name", "status", "created_at", "validation", "target_database", "restore_type", "origin",
    )  # fmt: skip


@admin.register(BackupLog)
class BackupLogAdmin(BackupAdmin):
    pass
