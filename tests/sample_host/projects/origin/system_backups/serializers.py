"""Restores of any kind as the product's clients see them."""

from rest_framework import serializers

from .models import RestoreLog


class RestoreLogSerializer(serializers.ModelSerializer):
    """A restore, with the name of its backup."""

    backup_name = serializers.CharField(source="source_backup.name", default=None, read_only=True)

    class Meta:
        model = RestoreLog
        fields = ("id", "name", "status", "restore_type", "trigger_type", "backup_name")
