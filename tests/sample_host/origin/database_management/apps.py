"""The app `database_management` of the origin host."""

from django.apps import AppConfig


class DatabaseManagementConfig(AppConfig):
    """Its tables are named after the label, as in the product."""

    name = "tests.sample_host.origin.database_management"
    label = "database_management"
