"""The app `database_management` of the product."""

from django.apps import AppConfig


class DatabaseManagementConfig(AppConfig):
    """Its tables are named after the label, as in the product."""

    name = "admin_modules.database_management"
    label = "database_management"
