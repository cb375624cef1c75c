"""The admin of the strange host's people."""

from django.contrib import admin

from .models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    """People by address."""

    list_display = ("email", "display_name", "is_staff", "is_active")
    search_fields = ("email",)
