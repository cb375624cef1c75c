"""The Django app that remembers which host rows have been imported."""

from django.apps import AppConfig


class HostsConfig(AppConfig):
    name = "infrastructure.hosts"
    label = "hosts"
    verbose_name = "Hosts"

    def ready(self) -> None:
        from infrastructure.event_store.remembered_heads import register_memory
        from infrastructure.hosts.importing.row_index import beyond_the_log

        register_memory(beyond_the_log)
