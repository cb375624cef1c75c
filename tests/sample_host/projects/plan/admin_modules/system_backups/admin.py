"""The admin of `system_backups`."""

from django.contrib import admin

from .models import BackupLog, RestoreLog


@admin.register(BackupLog)
class BackupLogAdmin(admin.ModelAdmin):
    """Backups, newest first."""

    list_display = ("id", "name", "status", "created_at")
    list_filter = ("status",)
    search_fields = ("name",)


@admin.register(RestoreLog)
class RestoreLogAdmin(admin.ModelAdmin):
    """Restores, newest first."""

    list_display = (
        "id",
        "name",
        "status",
        "restore_type",
        "started_at",
        "duration_seconds",
        "created_by",
    )
    list_filter = ("status", "restore_type")
    search_fields = ("name", "message")
    readonly_fields = ("created_at", "updated_at")
    raw_id_fields = ("source_backup", "created_by")
