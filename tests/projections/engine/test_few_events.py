"""A few new events get into all tables in one short transaction, as by a rebuild."""

import random
import tempfile
from collections.abc import Callable
from itertools import groupby
from uuid import uuid4

import pytest
from django.db import connection

from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.engine import few_events
from projections.engine.catch_up import catch_up
from projections.engine.few_events import catch_up_with_few
from projections.engine.models import Generation
from projections.engine.rebuild import rebuild
from projections.engine.registry import PROJECTIONS
from projections.engine.state import projections_state
from tests.projections.engine.tables import contents
from tests.projections.histories import history
from tests.projections.histories import record as append
from tests.tally.installed import due, installed, told

NOT_COUNTED = (
    *("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT QUOTE("),
    *("REPLACE INTO 'main'.", "INSERT INTO 'main'."),
)
"""What begins and ends transactions, what Django asks SQLite for its list of queries, and what
SQLite's full-text search says to itself."""


def statements(work: Callable[[], object]) -> list[str]:
    """The statements that the database gets, without `NOT_COUNTED`."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        sent: list[str] = []
        connection.connection.set_trace_callback(sent.append)
        work()
        connection.connection.set_trace_callback(None)
        # What is written is shown again for its trigger, after what FTS5 does by itself.
        sent = [one for one, _ in groupby(one for one in sent if "PRAGMA 'main'." not in one)]
    else:
        with tempfile.TemporaryFile("w+") as file:
            connection.connection.pgconn.trace(file.fileno())
            work()
            connection.connection.pgconn.untrace()
            file.seek(0)
            parts = [line.rstrip("\n").split("\t") for line in file]
        sent = [part[-1].strip(' "') for part in parts if "F" in part and part[-2:][0] in _RUN]
    return [one for one in sent if not one.lstrip("-").strip().startswith(NOT_COUNTED)]


_RUN = ("Query", "Execute")


@pytest.mark.usefixtures("database")
def test_one_event_takes_at_most_ten_statements_and_at_most_four_more_for_sums():
    restore = uuid4()
    restores.request_restore(Log(), restore_id=restore, name="orders", actor="ada")
    catch_up()
    for command, sums in ((restores.start_restore, 1), (restores.complete_restore, 4)):
        command(Log(), restore, actor="ada")
        sent = statements(catch_up_with_few)
        assert 5 <= len(sent) <= 10 + sums, "\n".join(sent)
    assert {one["position"] for one in projections_state()} == {Log().head().position}


@pytest.mark.parametrize("seed", [4, 9])
def test_the_tables_are_those_of_a_rebuild(database: str, seed: int):
    with installed():
        events, chance = history(seed, 120), random.Random(seed)
        catch_up()
        while events:
            size = chance.choice([1, 1, 2, 3, 7, 40])
            part, events = events[:size], events[size:]
            append(part)
            assert catch_up_with_few() == Log().head().position
        by_few = contents(database), told(database)
        assert by_few[1] == due(database)

        rebuild(workers=1)
        assert (contents(database), told(database)) == by_few


@pytest.mark.usefixtures("database")
def test_where_anything_is_unusual_it_changes_nothing(monkeypatch: pytest.MonkeyPatch):
    catch_up()
    append(history(4, 8))
    end = Log().head().position
    Generation.objects.filter(label="system_backups.RestoreLog").update(projector_version=99)
    before = list(Generation.objects.order_by("pk").values())
    assert catch_up_with_few() is None
    assert list(Generation.objects.order_by("pk").values()) == before

    version = PROJECTIONS["system_backups.RestoreLog"].version
    Generation.objects.filter(label="system_backups.RestoreLog").update(projector_version=version)
    monkeypatch.setattr(few_events, "FEW", end - 1)
    assert catch_up_with_few() is None
    monkeypatch.setattr(few_events, "FEW", end)
    assert catch_up_with_few() == end
    assert catch_up_with_few() is None
