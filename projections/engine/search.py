"""The search indexes: made after a switch, since they take as long as the rest of a rebuild.

A table that a rebuild has put in place has none, until `build_missing` has made it. Whoever
switches calls that afterwards, and the worker whenever it finds one missing.
"""

import time
from dataclasses import dataclass
from enum import Enum
from functools import partial

from django.db import connections
from django.db.models import QuerySet

from infrastructure.databases.asked_once import asked_once
from projections.engine.dialects import table_dialect
from projections.engine.models import GenerationState
from projections.engine.registry import PROJECTIONS, Searchable


class SearchState(Enum):
    """What a search in a table can count on."""

    READY = "ready"
    BUILDING = "building"
    NONE = "none"
    """No index, and nobody is making one: every row is looked at."""


@dataclass(frozen=True)
class SearchIndex:
    """An index that was made: how long that took, and its size."""

    seconds: float
    bytes: int


def state(projection: Searchable, using: str = "default") -> SearchState:
    """The state of a table's search index. Those of all tables are asked for together."""
    states = asked_once(("search indexes", using), partial(_states, using))
    ready, building = states.get(projection.label, (False, False))
    if ready:
        return SearchState.READY
    return SearchState.BUILDING if building else SearchState.NONE


def _states(using: str) -> dict[str, tuple[bool, bool]]:
    """Whether each table's index can be used, and whether one is being made; by label."""
    tables = {
        one.model._meta.db_table: one.label
        for one in PROJECTIONS.values()
        if isinstance(one, Searchable) and one.searched is not None
    }
    found = table_dialect(connections[using]).search_states(list(tables))
    return {label: found[table] for table, label in tables.items()}


def build_missing(*, using: str = "default", only_if_empty: bool = False) -> dict[str, SearchIndex]:
    """Make the search indexes that are missing, by label; or only those of empty tables.

    And any other index that a switch has left for later.

    Killed at any moment, it can be called again. Where another process is making them, or the
    database cannot have them, it does nothing.
    """
    made = {}
    dialect = table_dialect(connections[using])
    for projection in PROJECTIONS.values():
        live = dialect.place(projection.model, projection.key, GenerationState.LIVE)
        if not dialect.exists(live):
            continue
        # Those that a killed process has left for later.
        dialect.complete([projection.model])
        if not isinstance(projection, Searchable) or projection.searched is None:
            continue
        if state(projection, using) is not SearchState.NONE:
            continue
        if only_if_empty and QuerySet(projection.model, using=using).exists():
            continue
        began = time.monotonic()
        size = dialect.build_search(projection.model, projection.searched)
        if size is not None:
            made[projection.label] = SearchIndex(time.monotonic() - began, size)
    return made
