"""After the migration, with the legacy app's imports patched: the product's own pages, report,
serializers and foreign keys, on the database that was migrated."""

import json
from pathlib import Path
from typing import Any

from tests.host_migration.patching import patched
from tests.host_migration.product import Product
from tests.host_migration.stage import LEGACY, LEGACY_BACKUPS, Stage
from tests.support import raw

PACKAGE = {"plan": "admin_modules.", "origin": ""}
"""What the dotted names of a project's apps begin with."""
LOOK = """
import json
from importlib import import_module
from django.contrib.auth import get_user_model
from django.test import Client
from django.test.utils import setup_test_environment
from django.urls import reverse

setup_test_environment()
models = import_module(package + "system_backups.models")
users = get_user_model().objects
browser = Client()
browser.force_login(users.create_superuser("inspector", "inspector@example.org", "secret"))
row = models.RestoreLog.objects.get(pk=copy)
pages = [
    browser.get(reverse("admin:system_backups_restorelog_changelist")),
    browser.get(reverse("admin:system_backups_restorelog_change", args=[copy])),
    browser.get(reverse("admin:system_backups_backuplog_change", args=[row.source_backup_id])),
]
said = [
    dict(import_module(package + app + ".serializers").RestoreLogSerializer(row).data)
    for app in ("system_backups", "database_management")
]
print(json.dumps({
    "status": [page.status_code for page in pages],
    "listed": pages[0].context["cl"].result_count,
    "report": browser.get(reverse("restores-by-status")).json(),
    "said": said,
    "backup": row.source_backup.name,
    "of_backup": row.pk in row.source_backup.restores.values_list("pk", flat=True),
    "by": row.created_by and row.created_by.pk,
    "of_user": row.created_by is None
    or row.pk in row.created_by.system_restores.values_list("pk", flat=True),
}))
"""


def looked_at(product: Product, copy: int) -> Any:
    """What the product shows of a restore that was moved, and of all."""
    given = f"package, copy = {PACKAGE[product.name]!r}, {copy}\n"
    return json.loads(product.manage("shell", "-v0", "-c", given + LOOK).stdout)


def test_pages_report_serializers_and_foreign_keys_show_the_moved_restores(
    stage: Stage, tmp_path: Path
):
    stage.forward()
    patched(stage.product, tmp_path / "references.patch")
    key, name, method, status, target, backup, user = raw.rows(
        stage.host,
        f"SELECT r.id, r.name, r.restore_method, r.status, r.target_database, b.name,"
        f" r.created_by_id FROM {LEGACY} AS r JOIN {LEGACY_BACKUPS} AS b"
        " ON b.id = r.source_backup_id WHERE r.target_database <> '' AND r.created_by_id < 44"
        " AND r.restore_method = 'manual' ORDER BY r.id",
    )[0]
    copy = stage.moved()[key]
    found = looked_at(stage.product, copy)
    assert found["status"] == [200, 200, 200]
    assert found["listed"] == 240
    assert (found["backup"], found["by"]) == (backup, user)
    assert found["of_backup"]
    assert found["of_user"]
    for said in found["said"]:
        assert (said["id"], said["name"], said["status"]) == (copy, name, status)
        assert (said["trigger_type"], said["backup_name"]) == (method, backup)
    assert found["said"][1]["target_database"] == target
    legacy, consolidated = (sum(of.values()) for of in found["report"].values())
    assert (legacy, consolidated) == (120, 240)
