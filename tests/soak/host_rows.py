"""A host of a million legacy rows on PostgreSQL, whose migration is watched there and back."""

from collections.abc import Callable
from pathlib import Path

from tests.host_migration.batches import written
from tests.host_migration.conftest import make_stage
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage, columns
from tests.soak.moving import Watched, watched
from tests.soak.parameters import EVENTS
from tests.support import postgres, raw

MADE = min(EVENTS // 2, 3_000)
"""Rows that the sample host makes in each table; the others are like them."""
OWN = EVENTS // 5
"""Rows of the host's own in its consolidated table."""
PATIENCE = 7_200
"""Seconds that a migration may take."""


def there_and_back(service: str, folder: Path, found: Callable[..., None], *, batches: int) -> None:
    """Apply a migration and take it back, with readers and writers at work, and note both."""
    how = f"in batches of {batches:,}" if batches else "in one transaction"
    with postgres.private_server(durable=True) as server:
        # Ordinary rows alone: clients copy one of them again and again, and one may be huge.
        host = server.fresh_database()
        stage = make_stage(service, host, "plan", folder, rows=MADE, odd_rows=False)
        _fill(stage, LEGACY, EVENTS)
        _fill(stage, CONSOLIDATED, OWN)
        last = int(stage.value(f"SELECT max(id) FROM {CONSOLIDATED}"))
        legacy, own = _counts(stage)
        name = written(stage, batches) if batches else str(stage.write().json["name"])
        with watched(stage, last) as seen:
            stage.product.migrate(name, timeout=PATIENCE)
        _note(found, f"the host's legacy rows moved {how}", seen)
        inserted = seen.done["INSERT consolidated"]
        assert len(stage.moved()) >= legacy >= EVENTS
        with watched(stage, last) as seen:
            stage.product.migrate(stage.product.last, timeout=PATIENCE)
        _note(found, f"taken back {how}", seen)
        inserted += seen.done["INSERT consolidated"]
        assert _counts(stage)[1] == own + inserted


def _fill(stage: Stage, table: str, rows: int) -> None:
    """Further rows, like those that are there, each a second later than the last."""
    names = sorted(columns(stage.host, table) - {"id", "created_at", "started_at"})
    listed = ", ".join(names)
    there = stage.value(f"SELECT count(*) FROM {table}")
    later = "make_interval(secs => number)"
    stage.execute(
        f"INSERT INTO {table} ({listed}, created_at, started_at)"
        f" SELECT {listed}, created_at + {later}, started_at + {later} FROM"
        f" (SELECT t.*, row_number() OVER () AS number FROM {table} AS t,"
        f" generate_series(1, {rows // there})) AS many LIMIT {max(rows - there, 0)}"
    )
    raw.vacuum(stage.host, table)


def _counts(stage: Stage) -> tuple[int, int]:
    legacy, own = (stage.value(f"SELECT count(*) FROM {table}") for table in (LEGACY, CONSOLIDATED))
    return int(legacy), int(own)


def _note(found, what: str, seen: Watched) -> None:
    found(
        what,
        "postgresql",
        f"{EVENTS:,} rows in {seen.seconds:,.0f} s, {seen.wal / 10**6:,.0f} MB of WAL; "
        f"locks: {seen.locks or 'none that others wait for'}; the longest that each waited: "
        f"{seen.waits}",
        seconds=seen.seconds,
        wal=seen.wal,
    )
