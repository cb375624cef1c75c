"""The admin of `system_backups`."""

from django.contrib import admin

from .models import BackupConfiguration, BackupLog, BackupSchedule, RestoreLog

admin.site.register((BackupConfiguration, BackupSchedule))


@admin.register(BackupLog)
class BackupLogAdmin(admin.ModelAdmin):
    """Backups, newest first."""

    list_display = ("id", "name", "status", "storage_location", "file_size", "started_at")
    list_filter = ("status", "storage_location")
    search_fields = ("name",)


@admin.register(RestoreLog)
class RestoreLogAdmin(admin.ModelAdmin):
    """Restores, newest first."""

    list_display = ("id", "name", "status", "restore_type", "is_overwrite", "started_at")
    list_filter = ("status", "restore_type", "is_overwrite")
    search_fields = ("name", "message")
    readonly_fields = ("created_at", "updated_at")
    raw_id_fields = ("source_backup", "created_by")
