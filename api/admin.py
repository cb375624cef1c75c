"""The accounts in the admin. It shows no tokens: `manage.py accounts` shows each once."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from rest_framework.authtoken.models import TokenProxy

admin.site.unregister(TokenProxy)
admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Django's, except for the list of what is deleted together with an account."""

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[Any], Any, Any, Any]:
        told, *more = super().get_deleted_objects(objs, request)
        return (without_keys(told), *more)


def without_keys(told: list[Any]) -> list[Any]:
    """The nested list of what will be deleted, without the keys by which it names tokens."""
    return [without_keys(one) if isinstance(one, list) else _named(one) for one in told]


def _named(told: str) -> str:
    return "Token" if told.startswith("Token: ") else told
