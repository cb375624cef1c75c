"""The app `system_backups` of the standard host."""

from django.apps import AppConfig


class SystemBackupsConfig(AppConfig):
    """Its tables are named after the label, as in the product."""

    name = "tests.sample_host.standard.system_backups"
    label = "system_backups"
