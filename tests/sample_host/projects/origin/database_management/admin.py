"""The admin of `database_management`."""

from django.contrib import admin

from .models import BackupLog, RestoreLog


@admin.register(BackupLog)
class BackupLogAdmin(admin.ModelAdmin):
    """Backups, newest first."""

    list_display = ("id", "name", "status", "database_name", "file_size", "started_at")
    list_filter = ("status", "backup_method")
    search_fields = ("name",)


@admin.register(RestoreLog)
class RestoreLogAdmin(admin.ModelAdmin):
    """Restores, newest first."""

    list_display = (
        "id",
        "name",
        "status",
        "restore_method",
        "target_database",
        "is_overwrite",
        "started_at",
    )
    list_filter = ("status", "restore_method", "is_overwrite")
    search_fields = ("name", "message")
    readonly_fields = ("created_at", "updated_at")
    raw_id_fields = ("source_backup", "created_by")
