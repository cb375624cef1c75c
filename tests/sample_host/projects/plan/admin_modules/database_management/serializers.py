"""Restores as the product's clients see them."""

from rest_framework import serializers

from .models import RestoreLog


class RestoreLogSerializer(serializers.ModelSerializer):
    """A legacy restore, with the name of its backup."""

    backup_name = serializers.CharField(source="source_backup.name", default=None, read_only=True)

    class Meta:
        model = RestoreLog
        fields = ("id", "name", "status", "restore_method", "target_database", "backup_name")
