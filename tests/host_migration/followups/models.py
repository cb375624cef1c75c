"""One model for each way to refer to a restore or a backup of the legacy app."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Approval(models.Model):
    """At most one for each restore."""

    restore = models.OneToOneField(
        "database_management.RestoreLog", models.CASCADE, related_name="approval"
    )
    by = models.CharField(max_length=50)


class Incident(models.Model):
    """What several restores were needed for."""

    title = models.CharField(max_length=50)
    restores = models.ManyToManyField("database_management.RestoreLog", related_name="incidents")


class Part(models.Model):
    """A table of its own between incidents and backups."""

    backup = models.ForeignKey("database_management.BackupLog", models.PROTECT)
    inquiry = models.ForeignKey("followups.Inquiry", models.CASCADE)


class Inquiry(models.Model):
    """Which backups were looked at."""

    backups = models.ManyToManyField("database_management.BackupLog", through=Part)


class Remark(models.Model):
    """Said of a row of any model, each text once."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    about = GenericForeignKey()
    text = models.CharField(max_length=50)

    class Meta:
        unique_together = (("content_type", "object_id", "text"),)


class Bookmark(models.Model):
    """The same with an id that is text, as for models with other keys."""

    target_type = models.ForeignKey(ContentType, models.SET_NULL, null=True)
    target_id = models.CharField(max_length=50, null=True)
    target = GenericForeignKey("target_type", "target_id")
