"""Counts backups as of a position: they have no versions, so those that changed are folded."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from uuid import UUID

from domain.backups.events import EVENTS
from infrastructure.event_store.log import Log
from infrastructure.event_store.metadata_index import Place
from infrastructure.event_store.models import Event
from projections.engine import checkpoints
from projections.engine.fold import by_stream, first_violation, fold, values
from projections.engine.registry import row_projection
from projections.statistics.backup_counts import BackupCounts, BackupFacts
from projections.statistics.intervals import Interval
from projections.statistics.past import PastReader
from projections.statistics.question import Then
from projections.statistics.reading import marks
from projections.statistics.sql import sql

LABEL = "system_backups.BackupLog"
LATEST = 10
AT_A_TIME = 500
EARLIEST = datetime.min.replace(tzinfo=UTC)


def counted_then(
    then: Then,
    interval: Interval,
    wanted: Mapping[str, str],
    by: str | None,
    reader: PastReader,
    using: str,
) -> tuple[dict[str | None, BackupCounts], list[BackupFacts], list[BackupFacts]]:
    """The counts by a column's value, and the latest that were never restored, and never checked.

    Of the backups that were made in the interval and have the wanted values.
    """
    restored, results = set[int](), defaultdict[int, set[str]](set)
    for id, result in reader.restored():
        restored.add(id)
        if result is not None:
            results[id].add(result)
    counts: dict[str | None, BackupCounts] = defaultdict(BackupCounts)
    never_restored, never_checked = [], []
    for one in _backups(then, reader, using):
        if not _fits(one, interval, wanted):
            continue
        checks = results.get(one.id, ())
        value = getattr(one, by) if by else ""
        counts[value].add(1, one.id not in restored, "passed" in checks, bool(checks))
        if one.id not in restored:
            never_restored.append(one)
        if not checks:
            never_checked.append(one)
    return dict(counts), _latest(never_restored), _latest(never_checked)


def _backups(then: Then, reader: PastReader, using: str) -> Iterator[BackupFacts]:
    """All backups as of a position: those that have not changed since stand in the table."""
    projection = row_projection(LABEL)
    narrower = checkpoints.live(projection, using).scope != then.scope
    changed = _changed(0 if narrower else then.position, using)
    statement = sql("backups_of_origins").format(origins=marks(reader.origins))
    for row in reader.read(statement, reader.origins):
        one = BackupFacts.of(row)
        if UUID(one.backup_id) not in changed:
            yield one
    streams, log = sorted(changed), Log(using)
    for start in range(0, len(streams), AT_A_TIME):
        events = log.events_of(streams[start : start + AT_A_TIME], then.position)
        found = fold(projection, then.scope, by_stream(events, projection.event_type), {})
        for row in (folded.row for folded in found.values()):
            if row.present and first_violation(projection, row, values(row)) is None:
                yield BackupFacts.of([getattr(row, name) for name in BackupFacts._fields])


def _changed(position: int, using: str) -> set[UUID]:
    """The backups that have an event after a position."""
    events = Event.objects.using(using).annotate(place=Place()).filter(place__gt=position)
    return {
        stream
        for one in EVENTS
        for stream in events.filter(topic=one.TOPIC).values_list("stream_id", flat=True)
    }


def _fits(one: BackupFacts, interval: Interval, wanted: Mapping[str, str]) -> bool:
    since, before = interval
    if since is not None and (one.created_at is None or one.created_at < since):
        return False
    if before is not None and (one.created_at is None or one.created_at >= before):
        return False
    return all(getattr(one, column) == value for column, value in wanted.items())


def _latest(found: Iterable[BackupFacts]) -> list[BackupFacts]:
    # As SQL orders them: see `backups_without.sql`.
    return sorted(found, key=lambda one: (one.created_at or EARLIEST, one.id), reverse=True)[
        :LATEST
    ]
