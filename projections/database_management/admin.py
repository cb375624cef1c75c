from django.contrib import admin

from projections.admin import BackupAdmin, DeprecationNote, RestoreAdmin
from projections.database_management.models import BackupLog, RestoreLog


@admin.register(RestoreLog)
class RestoreLogAdmin(DeprecationNote, RestoreAdmin):
    list_display = (
        "id", "name", "status", "restore_method", "target_database", "started_at", "origin",
    )  # fmt: skip


@admin.register(BackupLog)
class BackupLogAdmin(DeprecationNote, BackupAdmin):
    pass
