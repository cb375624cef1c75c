"""What follows a restore."""

from admin_modules.database_management import models
from django.db.models.signals import post_save
from django.dispatch import receiver

SEEN = []


@receiver(post_save, sender=models.RestoreLog)
def note_restore(sender, instance, **kwargs):
    """Remember it, and how many backups there are."""
    SEEN.append((instance.pk, models.BackupLog.objects.count()))
