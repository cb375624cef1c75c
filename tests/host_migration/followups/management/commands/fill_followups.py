"""Writes rows that refer to legacy restores and backups, and some that refer to nothing."""

from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import models

from followups.models import Approval, Bookmark, Incident, Inquiry, Part, Remark

GONE = 424_242


class Command(BaseCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        restores, backups = (_model("database_management", name) for name in ("Restore", "Backup"))
        there = list(restores.objects.order_by("pk"))
        native = _model("system_backups", "Restore").objects.order_by("pk")[0]
        for restore in there[:8]:
            Approval.objects.create(restore=restore, by="ada")
        for title, some in (("flood", there[:3]), ("fire", there[2:5]), ("drill", [])):
            Incident.objects.create(title=title).restores.set(some)
        inquiry = Inquiry.objects.create()
        wanted = restores.objects.values("source_backup")
        for backup in backups.objects.filter(pk__in=wanted).order_by("pk")[:2]:
            Part.objects.create(backup=backup, inquiry=inquiry)
        legacy, own = map(ContentType.objects.get_for_model, (restores, native))
        for restore in there[:4]:
            Remark.objects.create(about=restore, text="slow")
        Remark.objects.create(about=native, text="slow")
        Remark.objects.create(content_type=legacy, object_id=GONE, text="lost")
        for target in (str(there[0].pk), str(there[5].pk), f"0{there[0].pk}", "all", None, GONE):
            Bookmark.objects.create(target_type=legacy, target_id=target)
        Bookmark.objects.create(target_type=own, target_id=str(native.pk))
        Bookmark.objects.create()
        self._log(there, native, legacy, own)
        self._permit(legacy, own)

    def _log(self, there: list[Any], native: Any, legacy: Any, own: Any) -> None:
        user = get_user_model().objects.order_by("pk")[0]
        for kind, key, flag in (
            (legacy, there[0].pk, CHANGE),
            (legacy, there[6].pk, CHANGE),
            (legacy, GONE, DELETION),
            (own, native.pk, CHANGE),
        ):
            LogEntry.objects.create(
                user=user, content_type=kind, object_id=str(key), action_flag=flag,
                object_repr="a restore",
            )  # fmt: skip

    def _permit(self, legacy: Any, own: Any) -> None:
        def named(kind: Any, *verbs: str) -> Any:
            names = [f"{verb}_restorelog" for verb in verbs]
            return Permission.objects.filter(content_type=kind, codename__in=names)

        retry = Permission.objects.create(content_type=legacy, codename="retry", name="Can retry")
        Group.objects.create(name="operators").permissions.set(
            [*named(legacy, "view", "change"), retry]
        )
        Group.objects.create(name="both").permissions.set(
            [*named(legacy, "view"), *named(own, "view")]
        )
        users = get_user_model().objects.order_by("pk")
        users[0].user_permissions.set(named(legacy, "delete"))


def _model(app: str, what: str) -> type[models.Model]:
    return apps.get_model(app, f"{what}Log")
