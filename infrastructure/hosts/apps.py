"""The Django app that remembers which host rows have been imported."""

from django.apps import AppConfig


class HostsConfig(AppConfig):
    name = "infrastructure.hosts"
    label = "hosts"
    verbose_name = "Hosts"
