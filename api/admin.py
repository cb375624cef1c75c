"""The accounts in the admin. It shows no tokens: `manage.py accounts` shows each once."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Django's."""
