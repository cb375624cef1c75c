"""The product's own tests."""

from admin_modules.database_management.models import BackupLog as Dump, RestoreLog
from admin_modules.reports import tasks, views
from admin_modules.reports.forms import RestoreForm
from admin_modules.reports.models import RestoreReview
from admin_modules.reports.serializers import DatabaseRestoreSerializer
from django.test import TestCase
from django.utils import timezone


class RestoreTests(TestCase):
    """A restore, looked at in every way that the product has."""

    def setUp(self):
        now = timezone.now()
        dump = Dump.objects.create(name="monday", database_name="orders", **_times(Dump))
        self.restore = RestoreLog.objects.create(
            name="again",
            source_backup=dump,
            restore_method="recovery",
            target_database="orders",
            started_at=now,
        )

    def test_reports(self):
        self.assertEqual(tasks.recovered(), ["again"])
        self.assertEqual(list(views.begun_by_hand()), [])
        self.assertEqual(views.names_of([self.restore]), ["again: recovery"])

    def test_the_page(self):
        page = self.client.get(f"/restores/{self.restore.pk}/")
        self.assertContains(page, "again")

    def test_the_form_and_the_serializer(self):
        self.assertIn("name", RestoreForm(instance=self.restore).fields)
        shown = DatabaseRestoreSerializer(self.restore).data
        self.assertEqual((shown["target_database"], shown["backup_name"]), ("orders", "monday"))

    def test_a_review_goes_with_its_restore(self):
        RestoreReview.objects.create(restore=self.restore)
        self.restore.delete()
        self.assertEqual(RestoreReview.objects.count(), 0)


def _times(model):
    names = {field.name for field in model._meta.get_fields()}
    return {"started_at": timezone.now()} if "started_at" in names else {}
