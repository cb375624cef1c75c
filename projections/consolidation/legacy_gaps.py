"""Facts recorded here that the legacy table cannot represent. They stay in the log.

The legacy table holds only restores of databases. It has no partial outcome, no backup of files
alone, no validation and no number of warnings, and no `overwrite` unless the host's own table has
a column for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.lookups import In

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.events import Event
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreValidated,
)
from domain.restores.values import BackupRef
from infrastructure.event_store.codec import CODEC, with_envelope
from infrastructure.event_store.log import Log
from infrastructure.event_store.metadata_index import Plain
from infrastructure.event_store.models import Event as StoredEvent

CHUNK = 5_000
"""Events that are read together."""
TOPICS = tuple(
    event.TOPIC
    for event in (
        RestoreRequested,
        RestoreStarted,
        RestoreCompleted,
        RestoreFailed,
        RestoreCancelled,
        RestoreValidated,
        RestoreAmended,
    )
)


class LegacyGap(NamedTuple):
    """One thing that the legacy table cannot represent; `column` is None for a restore as a whole.

    `id` is the row's in the legacy table, or, where it has none there, in the consolidated one.
    """

    restore_id: UUID
    id: int
    column: str | None
    value: Any
    why: str


@dataclass
class _Restore:
    """The facts of a restore that the legacy table may be unable to represent."""

    id: int
    restore_type: str
    is_overwrite: Any
    status: str
    backup: BackupRef | None
    warnings_count: int | None = None
    validation: str | None = None


class LegacyGaps:
    """Reads the log, possibly in several parts. `gaps` has the gaps that were found."""

    def __init__(self, using: str = "default") -> None:
        self.log = Log(using)
        self.position = 0
        self._restores: dict[UUID, _Restore | None] = {}
        self._knows_overwriting = self._has_column("is_overwrite")

    def read(self, upto: int) -> None:
        """Read on up to this position."""
        events = self._events(upto)
        while chunk := list(islice(events, CHUNK)):
            begun = {one.originator_id for one in chunk if isinstance(one, RestoreRequested)}
            others = {one.originator_id for one in chunk} - begun - self._restores.keys()
            self._restores |= self._imported(others)
            for event in chunk:
                self._follow(event)
        self.position = max(self.position, upto)

    def gaps(self) -> list[LegacyGap]:
        """In order of the restores' ids."""
        known = [(one.id, key, one) for key, one in self._restores.items() if one is not None]
        return [
            gap
            for _, key, one in sorted(known, key=lambda k: k[:2])
            for gap in _of(key, one, knows_overwriting=self._knows_overwriting)
        ]

    @classmethod
    def of_first(cls, most: int) -> "LegacyGaps":
        """Those by the first `most` events that count; `position` is how far they reach.

        For a page, which may not take as long as the whole log would.
        """
        report = cls()
        # Not by the index of topics: it has all of these events, which SQLite would put in order.
        counted = StoredEvent.objects.filter(In(Plain("topic"), TOPICS)).order_by("position")
        beyond = counted.values_list("position", flat=True)[most : most + 1].first()
        report.read(report.log.head().position if beyond is None else beyond - 1)
        return report

    @classmethod
    def so_far(cls) -> list[LegacyGap]:
        """The gaps in the whole log."""
        report = cls()
        report.read(report.log.head().position)
        return report.gaps()

    def _has_column(self, target: str) -> bool:
        """Whether, according to the log, the host's legacy table has a column for this target."""
        consolidation = Consolidation.from_events(
            CONSOLIDATION_ID, self.log.stream(CONSOLIDATION_ID)
        )
        choices = (consolidation.columns or {}).get("database_management.RestoreLog", {})
        return target in choices and bool(choices[target].sources)

    def _follow(self, event: Event) -> None:
        key = event.originator_id
        if isinstance(event, RestoreRequested):
            self._restores[key] = _Restore(
                event.id_offset + event.position,
                event.restore_type,
                event.is_overwrite,
                "pending",
                event.backup,
            )
            return
        restore = self._restores[key]
        if restore is None:
            return
        match event:
            case RestoreStarted():
                restore.status = "in_progress"
            case RestoreCompleted():
                restore.status, restore.warnings_count = event.outcome, event.warnings_count
            case RestoreFailed():
                restore.status, restore.warnings_count = "failed", event.warnings_count
            case RestoreCancelled():
                restore.status, restore.warnings_count = "cancelled", None
            case RestoreValidated():
                restore.validation = event.result
            case RestoreAmended():
                restore.status = str(event.changes.get("status", restore.status))
                restore.is_overwrite = event.changes.get("is_overwrite", restore.is_overwrite)
                if "source_backup_id" in event.changes:
                    restore.backup = event.backup

    def _imported(self, keys: Iterable[UUID]) -> dict[UUID, _Restore | None]:
        """Those of these restores that are legacy rows; None for each of the others.

        A consolidated row was never in the legacy table.
        """
        found: dict[UUID, _Restore | None] = dict.fromkeys(keys)
        if not found:
            return found
        firsts = StoredEvent.objects.using(self.log.using).filter(
            stream_id__in=list(found), stream_version=1
        )
        for stream, topic, schema, state in firsts.values_list(
            "stream_id", "topic", "schema_version", "state"
        ):
            first = CODEC.decode(topic, schema, bytes(state))
            if isinstance(first, HostRow) and first.legacy_id is not None:
                found[stream] = _Restore(first.legacy_id, "database", False, "", None)
        return found

    def _events(self, upto: int) -> Iterator[Event]:
        stored = (
            StoredEvent.objects.using(self.log.using)
            .filter(position__gt=self.position, position__lte=upto, topic__in=TOPICS)
            .order_by("position")
            .values_list(
                "position", "stream_id", "stream_version", "topic", "schema_version", "state"
            )
        )
        for position, stream, version, topic, schema, state in stored.iterator(chunk_size=CHUNK):
            event = CODEC.decode(topic, schema, bytes(state))
            yield with_envelope(event, stream, version, position)


def _of(key: UUID, restore: _Restore, *, knows_overwriting: bool) -> Iterator[LegacyGap]:
    if restore.restore_type != "database":
        why = "the legacy table holds restores of databases only"
        yield LegacyGap(key, restore.id, None, restore.restore_type, why)
        return
    if restore.is_overwrite and not knows_overwriting:
        why = "the legacy table has no such column"
        yield LegacyGap(key, restore.id, "is_overwrite", restore.is_overwrite, why)
    if restore.status == "partial":
        why = "the legacy table has no partial outcome and shows completed"
        yield LegacyGap(key, restore.id, "status", "partial", why)
    for column in ("validation", "warnings_count"):
        if (value := getattr(restore, column)) is not None:
            why = "the legacy table has no such column"
            yield LegacyGap(key, restore.id, column, value, why)
    backup = restore.backup
    if backup is not None and backup.legacy is None:
        why = "the legacy table of backups does not hold this backup"
        yield LegacyGap(key, restore.id, "source_backup_id", backup.consolidated, why)
