"""What runs at night."""

from admin_modules.database_management import models as tables


def recovered():
    """The names of restores that were a recovery, newest first."""
    found = tables.RestoreLog.objects.filter(restore_method="recovery").order_by("-started_at")
    return [restore.name for restore in found if restore.restore_method == "recovery"]


def rename_first(name):
    """Give the first restore another name."""
    restore = tables.RestoreLog.objects.first()
    restore.name = name
    restore.save(update_fields=["name", "restore_method"])
    return restore.get_restore_method_display()
