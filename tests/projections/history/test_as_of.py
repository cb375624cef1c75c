"""A table as of a position is what a replay up to there makes of it."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from projections.engine.catch_up import catch_up
from projections.history.as_of import position_as_of, rows_as_of
from projections.history.errors import NotRecordedYet, UnknownMoment
from tests.projections.engine.tables import TABLES
from tests.projections.histories import history, record
from tests.support import raw, service


def test_any_position_is_as_a_replay_of_only_those_events(database: str):
    last = record(history(12, 150))
    positions = sorted(random.Random(12).sample(range(last), 50))
    for position in positions:
        catch_up(upto=position)
        for label, table in TABLES.items():
            expected = raw.rows(
                database, f"SELECT id, name, status, version, extra FROM {table} ORDER BY id"
            )
            found = [
                tuple(row[column] for column in ("id", "name", "status", "version", "extra"))
                for row in rows_as_of(label, position)
            ]
            assert found == expected
    assert positions[-1] < last


def test_every_column_is_there_as_it_stood(database: str):
    record(history(13, 80))
    catch_up(upto=100)
    columns = "restore_id, started_at, message, extra, is_overwrite, duration_seconds"
    expected = raw.rows(database, f"SELECT {columns} FROM system_backups_restorelog ORDER BY id")
    found = [
        tuple(row[column] for column in columns.split(", "))
        for row in rows_as_of("system_backups.RestoreLog", 100)
    ]
    if database.startswith("sqlite"):
        found = [
            (
                row[0].hex,
                row[1] and str(row[1].replace(tzinfo=None)),
                row[2],
                row[3],
                int(row[4]),
                row[5],
            )
            for row in found
        ]
    assert found == expected


def test_a_time_means_the_last_event_recorded_by_then(database: str):
    before = datetime.now(UTC)
    last = record(history(14, 5))
    assert last == position_as_of((datetime.now(UTC) + timedelta(seconds=1)).isoformat())
    with pytest.raises(NotRecordedYet, match="The log had no events yet at"):
        position_as_of((before - timedelta(seconds=1)).isoformat())


@pytest.mark.parametrize("text", ["-1", "12.5", "yesterday", "9" * 30, "99999", ""])
def test_what_is_neither_a_position_nor_a_time_is_refused(database: str, text: str):
    with pytest.raises(UnknownMoment):
        position_as_of(text)


def test_the_command_writes_rows_and_no_half_file(database: str, tmp_path: Path):
    record(history(16, 20))
    out = tmp_path / "rows.ndjson"
    arguments = ("as_of", "40", "system_backups.RestoreLog", "--out", str(out))
    run = {"database": database, "env": {"DEBUG": "1"}, "check": False}
    assert service.run(*arguments, "--json", **run).json["position"] == 40
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert rows
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert service.run("as_of", "40", "nonsense", "--out", str(tmp_path / "x"), **run).code == 2
    assert [path.name for path in tmp_path.iterdir() if "service" not in path.name] == [
        "rows.ndjson"
    ]
