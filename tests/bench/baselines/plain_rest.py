"""A plain Django REST framework service in one file: a `ModelViewSet` over a table, no more.

`uvicorn tests.bench.baselines.plain_rest:application`, with `PLAIN_DATABASE_URL`. Nobody logs in,
and there are no limits. `restores/` is for writing, and `plain_table` has its table; `rows/` is for
reading, and shows our own consolidated table, in pages by `LimitOffsetPagination`.
"""

import os
from typing import Any, ClassVar

import dj_database_url
import django
from django.conf import settings


def _database() -> dict[str, Any]:
    """Connections are kept on both sides; on SQLite both wait for a lock, and sync commits."""
    config: dict[str, Any] = dict(dj_database_url.parse(os.environ["PLAIN_DATABASE_URL"]))
    if config["ENGINE"].endswith("sqlite3"):
        begin = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 60, "init_command": begin}
    else:
        options = {"pool": {"min_size": 0, "max_size": 20}}
    return config | {"OPTIONS": options}


if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": _database()},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["rest_framework"],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "UNAUTHENTICATED_USER": None,
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
        ROOT_URLCONF=__name__,
        SECRET_KEY="x" * 50,
        USE_TZ=True,
    )
    django.setup()

from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import models  # noqa: E402
from rest_framework import pagination, routers, serializers, viewsets  # noqa: E402


class Restore(models.Model):
    """One row for a restore."""

    name = models.CharField(max_length=200)
    target_database = models.CharField(max_length=100)
    status = models.CharField(max_length=20, default="pending")
    requested_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "plain"

    def __str__(self) -> str:
        return self.name


class RestoreSerializer(serializers.ModelSerializer[Restore]):
    class Meta:
        model = Restore
        fields: ClassVar = ["id", "name", "target_database", "status", "requested_at"]


class RestoreViewSet(viewsets.ModelViewSet[Restore]):
    queryset = Restore.objects.all()
    serializer_class = RestoreSerializer


class Row(models.Model):
    """A row of our consolidated table of restores."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=255)
    source_backup_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20)
    restore_type = models.CharField(max_length=20)
    trigger_type = models.CharField(max_length=20)
    target_database = models.CharField(max_length=100)
    is_overwrite = models.BooleanField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(null=True)
    message = models.TextField()
    created_by_id = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    restore_id = models.UUIDField(unique=True)
    backup_id = models.UUIDField(null=True)
    created_by_username = models.CharField(max_length=255, null=True)
    origin = models.CharField(max_length=12)
    version = models.IntegerField()
    extra = models.TextField()
    validation = models.CharField(max_length=20, null=True)
    warnings_count = models.PositiveIntegerField(null=True)

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "system_backups_restorelog"

    def __str__(self) -> str:
        return self.name


class RowSerializer(serializers.ModelSerializer[Row]):
    class Meta:
        model = Row
        fields = "__all__"


class Pages(pagination.LimitOffsetPagination):
    default_limit = 100


class RowViewSet(viewsets.ModelViewSet[Row]):
    queryset = Row.objects.order_by("-created_at", "-id")
    serializer_class = RowSerializer
    pagination_class = Pages


router = routers.SimpleRouter()
router.register("restores", RestoreViewSet)
router.register("rows", RowViewSet)
urlpatterns = router.urls
application = get_asgi_application()
