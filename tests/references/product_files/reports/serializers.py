"""Restores as the product's clients see them."""

from admin_modules.database_management.models import RestoreLog as DatabaseRestore  # noqa: I001
from rest_framework import serializers


class DatabaseRestoreSerializer(serializers.ModelSerializer):
    """A restore of a database."""

    backup_name = serializers.CharField(source="source_backup.name", default=None, read_only=True)

    class Meta:
        model = DatabaseRestore
        fields = (
            "id",
            "name",
            "restore_method",  # who began it
            "target_database",
            "backup_name",
        )
        read_only_fields = ["restore_method"]
