"""The app `system_backups` of the product."""

from django.apps import AppConfig


class SystemBackupsConfig(AppConfig):
    """Its tables are named after the label, as in the product."""

    name = "admin_modules.system_backups"
    label = "system_backups"
