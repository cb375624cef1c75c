"""Every version of every restore's row: as of any position they are what a replay makes."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.restores import events as restores
from infrastructure.event_store.log import Log
from projections.engine import checkpoints, parallel
from projections.engine.catch_up import catch_up
from projections.engine.dialects import postgresql, sqlite
from projections.engine.errors import ProjectorFailed, RebuildRequired
from projections.engine.few_events import catch_up_with_few
from projections.engine.first_fill import fill
from projections.engine.generations import go_back
from projections.engine.models import Generation
from projections.engine.rebuild import rebuild
from projections.engine.registry import PROJECTIONS
from projections.engine.state import projections_state
from projections.history.as_of import rows_as_of
from projections.row_versions.models import RestoreVersion
from projections.services.appending import append_with_tables
from tests.projections.engine.tables import VERSIONS as TABLE
from tests.projections.engine.tables import leftovers, live_digest
from tests.projections.histories import NATIVE, consolidated_columns, event, history, record, uuid
from tests.projections.services.test_appending import add_all
from tests.support import raw

LABEL, SOURCE = "row_versions.RestoreVersion", "system_backups.RestoreLog"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql.PostgreSQLTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "chunk", 70)

    def waited_for(helpers: parallel.Helpers) -> bool:
        return helpers.begun is not None and helpers.begun.result() is None

    monkeypatch.setattr(parallel.Helpers, "ready", waited_for)


def state() -> dict[str, Any]:
    return {one["label"]: one for one in projections_state()}[LABEL]


def standing(position: int, scope: str) -> list[dict[str, Any]]:
    """The rows that the versions give for a position and a scope, in order of id."""
    columns = PROJECTIONS[SOURCE].columns
    found = RestoreVersion.objects.filter(valid_from__lte=position, present=True).exclude(
        valid_to__lte=position
    )
    if scope == "native":
        found = found.exclude(origin="legacy")
    return list(found.order_by("id").values(*columns))


def agree(url: str, seed: int) -> None:
    """The versions are those of a replay, at some positions, and one for each event."""
    end = Log().head().position
    for position in [0, *random.Random(seed).sample(range(1, end), 5), end]:
        for scope in ("native", "all"):
            assert standing(position, scope) == list(rows_as_of(SOURCE, position, scope=scope))
    wrong = raw.rows(
        url,
        f"SELECT made.position FROM {TABLE} AS v"
        " JOIN event_store_event AS made ON made.position = v.valid_from"
        " LEFT JOIN event_store_event AS ended ON ended.stream_id = made.stream_id"
        " AND ended.stream_version = made.stream_version + 1"
        " WHERE made.stream_version <> v.version"
        " OR coalesce(v.valid_to, 0) <> coalesce(ended.position, 0)",
    )
    assert wrong == []
    topics = "topic LIKE 'restore.%'"
    events = raw.value(url, f"SELECT count(*) FROM event_store_event WHERE {topics}")
    assert raw.value(url, f"SELECT count(*) FROM {TABLE}") == events
    assert (state()["rows"], state()["position"]) == (events, end)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("seed", [4, 9])
def test_however_the_events_come_the_versions_are_those_of_a_replay(database: str, seed: int):
    events, chance = history(seed, 90), random.Random(seed)
    ways: list[Callable[[list[Any]], object]] = [
        lambda part: (record(part), catch_up()),
        lambda part: (record(part), catch_up_with_few() or catch_up()),
        lambda part: append_with_tables(lambda log: add_all(log, part)),
    ]
    while events:
        size = chance.choice([1, 1, 2, 7, 60, 150])
        part, events = events[:size], events[size:]
        chance.choice(ways)(part)
        assert (state()["error"], state()["lag_events"]) == ("", 0)
    agree(database, seed)
    followed = live_digest(LABEL)

    result = rebuild([LABEL], workers={4: 1, 9: 3}[seed]).projections[LABEL]
    assert (result.digest, result.rows) == (followed, state()["rows"])
    assert (live_digest(LABEL), leftovers(database)) == (followed, [])

    record(more(20))
    go_back([LABEL])
    agree(database, seed)


def test_a_row_that_is_not_in_the_table_has_versions_that_say_why(database: str):
    def changed(**columns: Any) -> dict[str, Any]:
        return {**NATIVE, "columns": consolidated_columns(**columns)}

    def told() -> list[tuple[Any, ...]]:
        assert catch_up()[LABEL].error is None
        names = ("valid_to", "name", "status", "present", "absence", "absence_column")
        return list(RestoreVersion.objects.order_by("valid_from").values_list(*names))

    record([event(restores.RestoreImported, **changed(name="one"))])
    assert told() == [(None, "one", "completed", True, None, None)]
    record([event(restores.RestoreChangedInHost, 2, **changed(name="two", status="x" * 21))])
    assert told()[1:] == [(None, "two", None, False, "quarantined", "status")]
    # What does not fit is still known when something else changes.
    record([event(restores.RestoreAmended, 3, changes={"name": "three"})])
    assert told()[2:] == [(None, "three", None, False, "quarantined", "status")]
    assert RestoreVersion.objects.get(valid_from=3).absence_reason == (
        "21 characters, and the column holds 20"
    )
    record([event(restores.RestoreVanishedFromHost, 4)])
    assert told()[3:] == [(None, "three", None, False, "vanished", "")]
    record([event(restores.RestoreReturnedToHost, 5, **changed())])
    assert told() == [
        (2, "one", "completed", True, None, None),
        (3, "two", None, False, "quarantined", "status"),
        (4, "three", None, False, "quarantined", "status"),
        (5, "three", None, False, "vanished", ""),
        (None, "three", "completed", True, None, None),
    ]
    followed = live_digest(LABEL)
    assert rebuild([LABEL]).projections[LABEL].digest == followed


@pytest.mark.usefixtures("database")
def test_each_version_says_how_is_overwrite_is_known():
    assumed = {**NATIVE, "assumed": {"is_overwrite": False}}
    observed = {**NATIVE, "columns": consolidated_columns(name="changed")}
    amended = {"changes": {"is_overwrite": True}}
    record(
        [
            event(restores.RestoreImported, **assumed),
            event(restores.RestoreAmended, 2, changes={"name": "other"}),
            event(restores.RestoreChangedInHost, 3, **observed),
            event(restores.RestoreAmended, 4, **amended),
            event(restores.RestoreChangedInHost, 5, **observed),
        ]
    )
    catch_up()
    known = RestoreVersion.objects.order_by("valid_from").values_list("is_overwrite_known_by")
    assert [one for (one,) in known] == [
        *("assumed", "assumed", "observed", "recorded", "recorded"),
    ]


def test_a_projector_that_fails_stops_the_versions_before_that_event(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    projection: Any = PROJECTIONS[LABEL]

    def broken(before: Any, one: Any, row: Any) -> Any:
        if row.name == "later 5":
            raise KeyError("unheard of")
        return projection.note(before, one, row)

    record(more(9))
    catch_up(upto=3)
    monkeypatch.setitem(PROJECTIONS, LABEL, replace(projection, note=broken))
    caught = catch_up()
    assert isinstance(caught[LABEL].error, ProjectorFailed)
    assert f"{LABEL} cannot apply event 6 (restore.Requested): KeyError" in str(caught[LABEL].error)
    assert (caught[LABEL].position, caught[SOURCE].position) == (5, 9)
    assert raw.value(database, f"SELECT count(*) FROM {TABLE}") == 5
    monkeypatch.setitem(PROJECTIONS, LABEL, projection)
    assert catch_up()[LABEL].error is None
    agree(database, 1)


def test_one_that_comes_late_keeps_nobody_waiting_and_is_built_beside(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checkpoints, "LATE", 20)
    record(more(30))
    catch_up()
    Generation.objects.filter(label=LABEL).delete()
    raw.execute(database, f"DELETE FROM {TABLE}")
    record(more(1, after=30))
    caught = catch_up()
    assert isinstance(caught[LABEL].error, RebuildRequired)
    assert "has not been built from the log yet" in str(caught[LABEL].error)
    assert caught[SOURCE].position == 31
    monkeypatch.setattr("projections.engine.first_fill.ENOUGH", 20)
    fill()
    assert (state()["state"], state()["position"], state()["rows"]) == ("live", 31, 31)
    agree(database, 1)


def more(count: int, *, after: int = 0) -> list[Any]:
    """Restores recorded later."""
    return [
        event(restores.RestoreRequested, stream=uuid(f"later {number}"), name=f"later {number}")
        for number in range(after, after + count)
    ]
