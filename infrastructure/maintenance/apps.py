from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "infrastructure.maintenance"
    label = "maintenance"
    verbose_name = "Maintenance"
