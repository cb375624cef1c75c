"""A projection that many streams share a row of is kept as any other: by day and target, here."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from domain.restores import events as restores
from domain.values import Tagged
from infrastructure.event_store.log import Log
from projections.engine import parallel
from projections.engine.catch_up import catch_up
from projections.engine.dialects import postgresql, sqlite
from projections.engine.errors import ProjectorFailed, RebuildRequired
from projections.engine.generations import go_back
from projections.engine.rebuild import rebuild
from projections.engine.registry import PROJECTIONS
from projections.engine.state import projections_state
from projections.history.as_of import rows_as_of
from tests.projections.engine.tables import leftovers, live_digest
from tests.projections.histories import (
    NATIVE,
    NOON,
    consolidated_columns,
    event,
    history,
    record,
    uuid,
)
from tests.support import raw
from tests.tally.installed import LABEL, TABLE, due, installed, told

SOURCE = "system_backups.RestoreLog"


@pytest.fixture
def tally(database: str) -> Iterator[str]:
    """The URL of a database with the fifth projection."""
    with installed():
        yield database


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql.PostgreSQLTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "chunk", 70)

    def waited_for(helpers: parallel.Helpers) -> bool:
        return helpers.begun is not None and helpers.begun.result() is None

    monkeypatch.setattr(parallel.Helpers, "ready", waited_for)


def state() -> dict[str, Any]:
    return {one["label"]: one for one in projections_state()}[LABEL]


@pytest.mark.parametrize("seed", [4, 9])
def test_it_follows_the_log_event_by_event_and_in_parts_of_any_size(tally: str, seed: int):
    events, chance = history(seed, 120), random.Random(seed)
    while events:
        size = chance.choice([1, 1, 7, 60])
        part, events = events[:size], events[size:]
        record(part)
        assert catch_up()[LABEL].error is None
        assert told(tally) == due(tally)
    assert len(told(tally)) > 20
    assert state()["rows"] == len(told(tally))
    assert live_digest(LABEL) == digest(tally)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("scope", ["native", "all"])
@pytest.mark.parametrize("workers", [1, 3])
def test_a_rebuild_makes_what_following_made(tally: str, scope: str, workers: int):
    record(history(9, 400))
    labels = [SOURCE, LABEL]
    rebuild(labels, scope=scope, workers=workers)
    assert told(tally) == due(tally)
    made = live_digest(LABEL)

    # The log goes on, and one that stands alone is built of the log alone.
    record(more(40))
    catch_up()
    assert told(tally) == due(tally)
    followed = live_digest(LABEL)
    assert followed != made
    result = rebuild([LABEL], scope=scope, workers=workers).projections[LABEL]

    assert (result.digest, result.rows) == (followed, len(due(tally)))
    assert live_digest(LABEL) == followed
    assert leftovers(tally) == []


def test_the_previous_generation_takes_in_what_came_since(tally: str):
    record(history(9, 100))
    rebuild()
    rebuild()
    record(more(30))
    go_back()
    assert told(tally) == due(tally)
    record(more(5, after=30))
    go_back([LABEL, SOURCE])
    assert told(tally) == due(tally)


def test_a_restore_moves_between_days_and_targets(tally: str):
    def row(**changed: Any) -> dict[str, Any]:
        return {**NATIVE, "columns": consolidated_columns(**changed)}

    def at(day: int) -> Tagged:
        return Tagged("time", f"2024-05-{day:02} 23:59:59.999999")

    def after(type_: Any, version: int, **changed: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
        record([event(type_, version, stream=moving, **changed)])
        catch_up()
        assert told(tally) == due(tally)
        return {(str(day), target): said for (day, target), said in told(tally).items()}

    moving = uuid("moves")
    other = {**row(started_at=at(1)), "consolidated_id": 99}
    record([event(restores.RestoreImported, stream=uuid("stays"), **other)])
    stays = {("2024-05-01", "shop"): (1, 1, 17)}
    assert after(restores.RestoreImported, 1, **row(started_at=at(1))) == {
        ("2024-05-01", "shop"): (2, 2, 34)
    }
    assert after(restores.RestoreChangedInHost, 2, **row(started_at=at(2))) == {
        **stays,
        ("2024-05-02", "shop"): (1, 1, 17),
    }
    assert after(
        restores.RestoreAmended, 3, changes={"target_database": "till", "status": "failed"}
    ) == {**stays, ("2024-05-02", "till"): (1, 0, 17)}
    assert after(restores.RestoreVanishedFromHost, 4) == stays
    assert after(
        restores.RestoreReturnedToHost, 5, **row(started_at=at(3), duration_seconds=3)
    ) == {**stays, ("2024-05-03", "till"): (1, 0, 3)}
    # The table of restores cannot hold it, so nobody sees it, and it does not count.
    assert after(restores.RestoreAmended, 6, changes={"target_database": "x" * 101}) == stays
    assert after(restores.RestoreAmended, 7, changes={"target_database": "shop"}) == {
        **stays,
        ("2024-05-03", "shop"): (1, 0, 3),
    }
    assert (state()["vanished"], state()["quarantined"]) == (0, 0)


def test_what_its_own_columns_cannot_hold_is_kept_out_until_it_fits(
    tally: str, monkeypatch: pytest.MonkeyPatch
):
    projection: Any = PROJECTIONS[LABEL]

    def far(row: Any) -> Any:
        ((key, measures),) = projection.contribute(row).items()
        return {key: (measures[0] * 2**30, *measures[1:])}

    monkeypatch.setitem(PROJECTIONS, LABEL, replace(projection, contribute=far))
    first, second = ({"stream": uuid(number), "consolidated_id": number} for number in (51, 52))
    record([event(restores.RestoreImported, **{**NATIVE, **first})])
    catch_up()
    assert [said[0] for said in told(tally).values()] == [2**30]
    record([event(restores.RestoreImported, **{**NATIVE, **second})])
    assert catch_up()[LABEL].error is None
    assert (told(tally), state()["quarantined"]) == ({}, 1)
    record([event(restores.RestoreVanishedFromHost, 2, stream=second["stream"])])
    catch_up()
    assert [said[0] for said in told(tally).values()] == [2**30]
    assert state()["quarantined"] == 0


def test_what_cannot_be_counted_stops_it_before_that_event_and_the_others_go_on(
    tally: str, monkeypatch: pytest.MonkeyPatch
):
    projection: Any = PROJECTIONS[LABEL]

    def broken(row: Any) -> Any:
        if row.name == "number 5":
            raise KeyError("no such day")
        return projection.contribute(row)

    monkeypatch.setitem(PROJECTIONS, LABEL, replace(projection, contribute=broken))
    record(
        [
            event(restores.RestoreRequested, stream=uuid(number), name=f"number {number}")
            for number in range(1, 10)
        ]
    )
    caught = catch_up()

    assert isinstance(caught[LABEL].error, ProjectorFailed)
    assert f"{LABEL} cannot apply event 5 (restore.Requested): KeyError" in str(caught[LABEL].error)
    assert (caught[LABEL].position, caught[SOURCE].position) == (4, 9)
    assert sum(said[0] for said in told(tally).values()) == 4
    with pytest.raises(ProjectorFailed):
        rebuild([LABEL])
    monkeypatch.setitem(PROJECTIONS, LABEL, projection)
    assert catch_up()[LABEL].error is None
    assert told(tally) == due(tally)


def test_another_version_of_its_source_asks_for_a_rebuild_of_both(
    tally: str, monkeypatch: pytest.MonkeyPatch
):
    record(history(9, 20))
    catch_up()
    source: Any = PROJECTIONS[SOURCE]
    monkeypatch.setitem(PROJECTIONS, SOURCE, replace(source, version=source.version + 1))
    caught = catch_up()
    stopped = {label for label, one in caught.items() if isinstance(one.error, RebuildRequired)}
    assert stopped == {SOURCE, LABEL, "statistics.RestoreSums"}
    rebuild(stopped)
    assert {one.error for one in catch_up().values()} == {None}


def test_as_of_and_a_dry_run_know_it(tally: str):
    record(history(9, 60))
    catch_up()
    live = told(tally)
    position = state()["position"]
    record(more(20))

    rows = list(rows_as_of(LABEL, position))

    assert {(row["day"], row["target"]): tuple(row.values())[3:] for row in rows} == live
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    raw.execute(tally, f"UPDATE {TABLE} SET restores = restores + 1 WHERE target = 'shop'")
    changes: Any = rebuild([LABEL], dry_run=True).projections[LABEL].changes
    then = {row["id"]: row for row in rows_as_of(LABEL, Log().head().position)}
    for one in changes.differences:
        row = {**then[one.pk], "id": str(one.pk)}
        assert one.then == (row if one.column is None else row[one.column])
    assert {one.column for one in changes.differences} >= {None, "restores"}


def more(count: int, *, after: int = 0) -> list[Any]:
    """Restores recorded later, of other days and targets."""
    return [
        event(
            restores.RestoreRequested,
            stream=uuid(f"later {number}"),
            target_database=("shop", "till", "猫")[number % 3],
            requested_at=NOON + timedelta(days=number % 7),
        )
        for number in range(after, after + count)
    ]


def digest(url: str) -> str:
    """The table's, by what the reference says of digests."""
    whole = sha256()
    for row_id, day, target, *measures in raw.rows(url, f"SELECT * FROM {TABLE} ORDER BY id"):
        texts = [("u", UUID(str(row_id))), ("d", day), ("t", target), *(("i", n) for n in measures)]
        cells = [f"{letter}{len(str(text).encode())}:{text}" for letter, text in texts]
        whole.update(sha256("".join(cells).encode()).digest())
    return whole.hexdigest()
