"""The projections in Django's admin, read-only."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin  # generic for type checkers only


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and shows rows. They belong to a projection, so they cannot be edited."""

    list_per_page = 50
    show_full_result_count = False

    class Media:
        css: ClassVar = {"all": ["projections/admin.css"]}

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the row's history in the log; the admin itself changes no rows."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return HttpResponseRedirect(self.trail(row))

    def trail(self, row: Any) -> str:
        """The URL of the row's change history."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RestoreAdmin(ReadOnlyAdmin):
    search_fields = ("name", "target_database", "restore_id")
    list_filter = ("status", "origin")
    ordering = ("-created_at",)

    def trail(self, row: Any) -> str:
        return reverse("v1:restore-events", args=[row.restore_id])


class BackupAdmin(ReadOnlyAdmin):
    list_display = ("name", "status", "created_at", "database_name", "origin")
    search_fields = ("name", "database_name", "backup_id")
    list_filter = ("status", "origin")
    ordering = ("-created_at",)

    def trail(self, row: Any) -> str:
        return f"{reverse('v1:audit-events')}?stream={row.backup_id}"


class DeprecationNote(_ModelAdmin):
    """Adds a note to the top of a legacy table's pages that names the table to read instead."""

    change_list_template = "projections/deprecated_list.html"
    change_form_template = "projections/deprecated_row.html"
