from django.apps import AppConfig


class SystemBackupsConfig(AppConfig):
    name = "projections.system_backups"
    label = "system_backups"
    verbose_name = "System backups"
