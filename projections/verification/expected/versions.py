"""The number of events of each stream: nearly all have one, so only the others are queried."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from projections.verification.actual.readers import SnapshotReader
from projections.verification.sql import query

REMEMBERED: Final = 200_000
"""The most streams with several events to keep in memory; if there are more, each batch is
queried."""
PER_QUERY: Final = 500


class Versions:
    """The number of each stream's last event, up to a position of the log."""

    def __init__(self, service: SnapshotReader, upto: int) -> None:
        self.service = service
        self.upto = upto

    def of(self, streams: Sequence[str]) -> tuple[int, ...]:
        """The versions of these streams, whose ids are 32 hexadecimal digits."""
        later = self._all
        if later is None:
            later = self._look_up(streams)
        if not later:
            return (1,) * len(streams)
        return tuple([later.get(stream, 1) for stream in streams])

    @cached_property
    def _all(self) -> dict[str, int] | None:
        """Every stream with more than one event; None if there are too many to keep in memory."""
        rows = self.service.rows(query("versions"), (self.upto, REMEMBERED + 1))
        return None if len(rows) > REMEMBERED else _by_stream(rows)

    def _look_up(self, streams: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(streams), PER_QUERY):
            some = streams[start : start + PER_QUERY]
            sql = query("versions_of").format(streams=", ".join("?" * len(some)))
            found.update(_by_stream(self.service.rows(sql, (*some, self.upto))))
        return found


def _by_stream(rows: Sequence[Any]) -> dict[str, int]:
    return {stream.hex if isinstance(stream, UUID) else stream: last for stream, last in rows}
