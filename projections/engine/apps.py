from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EngineConfig(AppConfig):
    name = "projections.engine"
    label = "engine"
    verbose_name = "Projections"

    def ready(self) -> None:
        post_migrate.connect(make_search_indexes, sender=self)


def make_search_indexes(sender: Any, using: str, **kwargs: Any) -> None:
    """Make the search indexes of new tables, which takes no time: see `search`."""
    from projections.engine import search

    if any(backwards for _, backwards in kwargs.get("plan", ())):
        return
    search.build_missing(using=using, only_if_empty=True)
