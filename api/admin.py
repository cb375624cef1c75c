"""Accounts and roles in the admin. It shows no tokens: `manage.py accounts` shows each once.

What is changed here is recorded, in the same transaction.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from api.access.recording import (
    record_changes,
    record_role,
    recorded_changes,
    role_permissions,
    state_of_account,
)
from api.remedies import on_page
from domain.errors import RestoreLogError

admin.site.unregister(User)
admin.site.unregister(Group)


def or_why_not(request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """The page; if the log refuses a change, the same address again with the reason."""
    if request.method != "POST":
        page: HttpResponse = view(request, *args, **kwargs)
        return page
    try:
        with transaction.atomic():
            response: HttpResponse = view(request, *args, **kwargs)
            return response
    except RestoreLogError as error:
        why = error.message.said(on_page)
        messages.error(request, f"Nothing was changed. {why}")
        return HttpResponseRedirect(request.get_full_path())


def change_own_password(request: HttpRequest) -> HttpResponse:
    """The admin's page on which people change their own password."""

    def change(request: HttpRequest) -> HttpResponse:
        name = _actor(request)
        with recorded_changes(name, name):
            return admin.site.password_change(request)

    view = change if request.method == "POST" else admin.site.password_change
    return or_why_not(request, view)


class RecordedPages:
    """Pages whose changes are recorded. If the log does not take them, nothing is changed."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return or_why_not(request, super().changeform_view, *args, **kwargs)  # type: ignore[misc]

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return or_why_not(request, super().delete_view, *args, **kwargs)  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return or_why_not(request, super().changelist_view, *args, **kwargs)  # type: ignore[misc]


@admin.register(User)
class AccountAdmin(RecordedPages, UserAdmin):
    """Django's, with events of what it changes."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        self._remember(request, form.instance if change else None)
        return super().save_form(request, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._record(request, form.instance)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        before = state_of_account(obj)
        super().delete_model(request, obj)
        record_changes(before, None, _actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[User]) -> None:
        before = [state_of_account(user) for user in queryset]
        super().delete_queryset(request, queryset)
        for account in before:
            record_changes(account, None, _actor(request))

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        return or_why_not(request, self._change_password, id, form_url)

    def _change_password(self, request: HttpRequest, id: str, form_url: str) -> HttpResponse:
        user = self.get_object(request, id)
        self._remember(request, user)
        response = super().user_change_password(request, id, form_url)
        if user is not None:
            self._record(request, user)
        return response

    def _remember(self, request: Any, user: User | None) -> None:
        request.account_before = None if user is None else state_of_account(user)

    def _record(self, request: Any, user: User) -> None:
        record_changes(request.account_before, state_of_account(user), _actor(request))


@admin.register(Group)
class RoleAdmin(RecordedPages, GroupAdmin):
    """Django's groups, which are the roles, with events of what it changes."""

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        stored = Group.objects.get(pk=form.instance.pk) if change else None
        request.role_before = role_permissions(stored)
        return super().save_form(request, form, change)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        role = form.instance
        record_role(role.name, request.role_before, role_permissions(role), _actor(request))

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        self._record_deleted(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Group]) -> None:
        for role in queryset:
            self._record_deleted(request, role)
        super().delete_queryset(request, queryset)

    def _record_deleted(self, request: HttpRequest, role: Group) -> None:
        record_role(role.name, role_permissions(role), (), _actor(request))


def _actor(request: Any) -> str:
    name: str = request.user.get_username()
    return name
