"""The projections in the admin: to look at, never to change."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin  # generic for type checkers only


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and shows rows. The table is a projection, so nobody may add, change or delete."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RestoreAdmin(ReadOnlyAdmin):
    search_fields = ("name", "target_database", "restore_id")
    list_filter = ("status", "origin")
    ordering = ("-created_at", "-id")


class BackupAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "status", "database_name", "created_at", "origin")
    search_fields = ("name", "database_name", "backup_id")
    list_filter = ("status", "origin")
    ordering = ("-created_at", "-id")


class DeprecationNote(_ModelAdmin):
    """Says at the top of a legacy table's pages what to read instead."""

    change_list_template = "projections/deprecated_list.html"
    change_form_template = "projections/deprecated_row.html"
