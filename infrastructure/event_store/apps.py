"""The Django app that holds the log."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class EventStoreConfig(AppConfig):
    name = "infrastructure.event_store"
    label = "event_store"
    verbose_name = "Event log"

    def ready(self) -> None:
        from infrastructure import long_values
        from infrastructure.databases.own_database import refuse_foreign_database
        from infrastructure.databases.poolers import refuse_transaction_pooling

        connection_created.connect(refuse_foreign_database)
        connection_created.connect(refuse_transaction_pooling)
        connection_created.connect(long_values.teach_long_values)
