"""The product's own tests: admin, serializers, report and the foreign key to a restore."""

from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from admin_modules.database_management.models import BackupLog as Dump
from admin_modules.database_management.models import RestoreLog as DumpRestore
from admin_modules.database_management.serializers import (
    RestoreLogSerializer as DumpRestoreSerializer,
)
from admin_modules.system_backups.models import BackupLog, RestoreLog
from admin_modules.system_backups.serializers import RestoreLogSerializer

from .counts import restores_by_status
from .models import RestoreReview


class RestoreTests(TestCase):
    """A restore in each table, looked at in every way that the product has."""

    def setUp(self) -> None:
        now = timezone.now()
        self.admin = get_user_model().objects.create_superuser("ada", "ada@example.org", "secret")
        self.client.force_login(self.admin)
        dump = Dump.objects.create(name="orders, monday", database_name="orders", **_times(Dump))
        backup = BackupLog.objects.create(name="everything, monday", **_times(BackupLog))
        self.old = DumpRestore.objects.create(
            name="orders again", source_backup=dump, target_database="orders", started_at=now
        )
        self.new = RestoreLog.objects.create(
            name="all again", source_backup=backup, restore_type="full", started_at=now
        )

    def test_the_report_counts_both_tables(self) -> None:
        counted = restores_by_status()
        self.assertEqual([sum(by.values()) for by in counted.values()], [1, 1])
        answer = self.client.get(reverse("restores-by-status"))
        self.assertEqual(answer.json(), counted)

    def test_serializers_name_the_backup(self) -> None:
        self.assertEqual(DumpRestoreSerializer(self.old).data["backup_name"], "orders, monday")
        self.assertEqual(RestoreLogSerializer(self.new).data["backup_name"], "everything, monday")

    def test_the_admin_lists_both(self) -> None:
        for restore in (self.old, self.new):
            label = restore._meta.app_label
            page = self.client.get(reverse(f"admin:{label}_restorelog_changelist"))
            self.assertContains(page, restore.name)

    def test_a_review_goes_with_its_restore(self) -> None:
        RestoreReview.objects.create(restore=self.old, reviewer=self.admin)
        self.old.delete()
        self.assertEqual(RestoreReview.objects.count(), 0)


def _times(model: type) -> dict[str, object]:
    """When it started, for a table that wants to know."""
    names = {field.name for field in model._meta.get_fields()}
    return {"started_at": timezone.now()} if "started_at" in names else {}
