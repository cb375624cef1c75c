"""When a projection cannot go on it stands still, says why, and the others go on."""

from dataclasses import replace
from typing import Any

import pytest

from domain.catalogue import UnknownTopic
from domain.restores import events as restores
from infrastructure.event_store.errors import BrokenChain, LogLostEvents
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import NewEvent
from infrastructure.event_store.verify_log import verify_chain
from projections.engine import registry
from projections.engine.catch_up import catch_up
from projections.engine.errors import (
    CheckpointNotInLog,
    ProjectorFailed,
    RebuildRequired,
    RebuildRunning,
)
from projections.engine.rebuild import rebuild
from projections.engine.state import projections_state
from tests.projections.engine.tables import contents, generations, leftovers
from tests.projections.histories import event, history, legacy_columns, record, uuid
from tests.support import forging, here, raw, service

LABEL = "system_backups.RestoreLog"


def change(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    projection = replace(registry.PROJECTIONS[LABEL], **changed)
    monkeypatch.setitem(registry.PROJECTIONS, LABEL, projection)


def requested(number: int) -> Any:
    return event(restores.RestoreRequested, stream=uuid(number), name=f"number {number}")


def test_a_projector_that_raises_stops_its_projection_before_that_event(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    record([requested(number) for number in range(1, 10)])
    project = registry.PROJECTIONS[LABEL].project

    def broken(row: Any, event: Any) -> Any:
        if event.name in ("number 5", "number 8"):
            raise KeyError("no such thing")
        return project(row, event)

    change(monkeypatch, project=broken)
    caught = catch_up()

    assert isinstance(caught[LABEL].error, ProjectorFailed)
    assert (caught[LABEL].position, caught[LABEL].events) == (4, 4)
    assert len(contents(database)[LABEL]) == 4
    assert len(contents(database)["database_management.RestoreLog"]) == 9
    state = {one["label"]: one for one in projections_state()}[LABEL]
    assert (state["state"], state["failed_position"], state["lag_events"]) == ("stopped", 5, 5)
    assert "event 5 (restore.Requested): KeyError: 'no such thing'" in state["error"]

    with pytest.raises(ProjectorFailed):
        rebuild()
    assert len(contents(database)[LABEL]) == 4
    assert leftovers(database) == []
    assert {state for _, state in generations(database)} == {"live"}

    change(monkeypatch, project=project)
    assert catch_up()[LABEL].error is None
    assert len(contents(database)[LABEL]) == 9
    assert {one["state"] for one in projections_state()} == {"live"}


def test_another_version_of_a_projector_asks_for_a_rebuild(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    record([requested(1)])
    catch_up()
    record([requested(2)])
    change(monkeypatch, version=registry.PROJECTIONS[LABEL].version + 1)

    caught = catch_up()

    assert isinstance(caught[LABEL].error, RebuildRequired)
    assert len(contents(database)[LABEL]) == 1
    assert {one["label"]: one["state"] for one in projections_state()}[LABEL] == "rebuild_required"
    rebuild([LABEL])
    assert catch_up()[LABEL].error is None
    assert len(contents(database)[LABEL]) == 2


def test_a_checkpoint_that_is_not_in_the_log_is_refused(database: str):
    record([requested(1)])
    catch_up()
    raw.execute(
        database,
        "UPDATE engine_generation SET position = 7 WHERE label = 'system_backups.RestoreLog'",
    )
    record([requested(number) for number in range(2, 12)])

    caught = catch_up()

    assert isinstance(caught[LABEL].error, CheckpointNotInLog)
    assert len(contents(database)[LABEL]) == 1
    assert len(contents(database)["database_management.RestoreLog"]) == 11
    assert {one["label"]: one["state"] for one in projections_state()}[LABEL] == "not_in_log"
    # A rebuild would take away the only thing that tells of a loss: first that is accepted.
    with pytest.raises(LogLostEvents, match="another event at position 7"):
        rebuild()
    here.run("accept_log", "--reason", "somebody wrote to the checkpoint")
    rebuild()
    assert catch_up()[LABEL].error is None
    assert len(contents(database)[LABEL]) == 11


FORGERIES = {
    "changed": ["UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 5"],
    "deleted": ["DELETE FROM event_store_event WHERE position = 5"],
    "cut off": ["DELETE FROM event_store_event WHERE position >= 5"],
    "swapped": [
        "UPDATE event_store_event SET position = 99 WHERE position = 5",
        "UPDATE event_store_event SET position = 5 WHERE position = 6",
        "UPDATE event_store_event SET position = 6 WHERE position = 99",
    ],
    "inserted": [
        "UPDATE event_store_event SET position = position + 100 WHERE position >= 5",
        "INSERT INTO event_store_event SELECT 5, stream_id, 9, topic, schema_version, state,"
        " metadata, recorded_at, salt, hash FROM event_store_event WHERE position = 1",
        "UPDATE event_store_event SET position = position - 99 WHERE position > 100",
    ],
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_log_is_not_followed(database: str, what: str):
    record([requested(number) for number in range(1, 4)])
    catch_up()
    record([requested(number) for number in range(4, 10)])
    rows = contents(database)
    forging.forge(database, *FORGERIES[what])

    with pytest.raises(BrokenChain, match="at position 5"):
        catch_up()
    assert verify_chain().first_bad == 5
    assert contents(database) == rows
    for state in projections_state():
        assert (state["position"], state["state"]) == (3, "stopped")
        assert "position 5" in state["error"]

    with pytest.raises(BrokenChain, match="at position 5"):
        rebuild()
    assert contents(database) == rows
    refused = here.run("project", check=False)
    assert refused.code == 2
    assert len(refused.err.strip().splitlines()) == 1


def test_an_event_nobody_knows_is_one_clear_line_and_exit_2(database: str):
    record([requested(1)])
    Log().append([NewEvent(uuid("x"), 1, "restore.Teleported", 3, b"{}", b'{"actor":"a"}')])
    with pytest.raises(UnknownTopic):
        catch_up()
    for command in ("project", "rebuild"):
        result = service.run(command, database=database, env={"DEBUG": "1"}, check=False)
        assert result.code == 2
        assert result.err.count("\n") == 1
        assert "'restore.Teleported' of schema version 3" in result.err


def test_a_row_that_does_not_fit_is_withheld_until_it_does(database: str):
    record([event(restores.RestoreImported, columns=legacy_columns(name="x" * 256))])
    catch_up()
    assert contents(database)["database_management.RestoreLog"] == []
    assert raw.rows(
        database,
        'SELECT label, row_id, cause, "column", reason, engine_withheldrow.position'
        " FROM engine_withheldrow JOIN engine_generation ON engine_generation.id = generation_id",
    ) == [
        (
            "database_management.RestoreLog",
            41,
            "quarantined",
            "name",
            "256 characters, and the column holds 255",
            1,
        )
    ]
    record([event(restores.RestoreAmended, 2, changes={"name": "short"})])
    catch_up()
    rows = contents(database)["database_management.RestoreLog"]
    assert [row[:2] for row in rows] == [(41, "short")]
    assert raw.rows(database, "SELECT * FROM engine_withheldrow") == []


def test_a_vanished_row_is_withheld_and_returns(database: str):
    record([event(restores.RestoreImported), event(restores.RestoreVanishedFromHost, 2)])
    catch_up()
    assert contents(database)["database_management.RestoreLog"] == []
    assert raw.rows(database, "SELECT row_id, cause FROM engine_withheldrow") == [(41, "vanished")]
    record([event(restores.RestoreReturnedToHost, 3)])
    catch_up()
    assert len(contents(database)["database_management.RestoreLog"]) == 1
    assert raw.rows(database, "SELECT * FROM engine_withheldrow") == []


def test_two_rebuilds_at_once_are_one_too_many(database: str):
    record(history(1, 20))
    refused = []

    def second(phase: str) -> None:
        if phase == "load":
            result = service.run("rebuild", database=database, env={"DEBUG": "1"}, check=False)
            refused.append((result.code, result.err))

    rebuild(on_phase=second)
    assert refused == [(2, f"{RebuildRunning()}\n")]
