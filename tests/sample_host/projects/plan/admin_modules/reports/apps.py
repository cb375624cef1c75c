"""Reports on both restore tables."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """An app that others forget: it points at the legacy table."""

    name = "admin_modules.reports"
    label = "reports"
