"""The admin of the reports app."""

from django.contrib import admin

from .models import RestoreReview


@admin.register(RestoreReview)
class RestoreReviewAdmin(admin.ModelAdmin):
    """Reviews, newest first."""

    list_display = ("restore_id", "verdict", "reviewer", "reviewed_at")
    raw_id_fields = ("restore",)
    ordering = ("-reviewed_at",)
