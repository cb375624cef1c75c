from django.apps import AppConfig


class DatabaseManagementConfig(AppConfig):
    name = "projections.database_management"
    label = "database_management"
    verbose_name = "Database management (legacy)"
