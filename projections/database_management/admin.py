from django.contrib import admin

from projections.admin import BackupAdmin, DeprecationNote, RestoreAdmin
from projections.database_management.models import BackupLog, RestoreLog


@admin.register(RestoreLog)
class RestoreLogAdmin(DeprecationNote, RestoreAdmin):
    list_display = (
        "name", "status", "created_at", "target_database", "restore_method", "origin",
    )  # fmt: skip


@admin.register(BackupLog)
class BackupLogAdmin(DeprecationNote, BackupAdmin):
    pass
