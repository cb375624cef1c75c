"""The app `system_backups` of the origin host."""

from django.apps import AppConfig


class SystemBackupsConfig(AppConfig):
    """Its tables are named after the label, as in the product."""

    name = "tests.sample_host.origin.system_backups"
    label = "system_backups"
