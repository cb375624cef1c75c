"""A plain Django REST framework service in one file: a `ModelViewSet` over one table, no more.

`uvicorn tests.bench.baselines.plain_rest:application`, with `PLAIN_DATABASE_URL`. Nobody logs in,
and there are no limits. `plain_table` has its table.
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
from rest_framework import routers, serializers, viewsets  # noqa: E402


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


router = routers.SimpleRouter()
router.register("restores", RestoreViewSet)
urlpatterns = router.urls
application = get_asgi_application()
