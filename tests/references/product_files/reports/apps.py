"""Reports on both restore tables, under a label that is not the folder's name."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """It points at the legacy table."""

    name = "admin_modules.reports"
    label = "restore_reports"

    def ready(self) -> None:
        """Connect the signals."""
        from . import signals  # noqa: F401
