"""A projection of another app, in which many restores make a row, goes through the migration."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from api import accounts
from projections.engine.catch_up import catch_up
from projections.engine.generations import go_back
from projections.engine.registry import PROJECTIONS
from projections.services import record
from tests.projections.engine.tables import live_digest
from tests.sample_host.build import make_host
from tests.support import here, raw
from tests.tally.installed import LABEL, due, installed, told

FOUR = {
    f"{app}.{model}"
    for app in ("database_management", "system_backups")
    for model in ("RestoreLog", "BackupLog")
}
LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"


@pytest.fixture
def host(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'host.sqlite3'}"
    make_host(url, rows=60, seed=5)
    return url


@pytest.fixture
def step(host: str, tmp_path: Path, public_key: Path) -> Callable[..., Any]:
    """A step of the migration, which writes its files into a folder of its own."""
    steps = iter(range(100))

    def run(name: str, *options: str) -> Any:
        folder = tmp_path / f"{next(steps)}"
        folder.mkdir()
        files = {
            "roll_back": (),
            "retire": ("certificate",),
            "cut_over": ("certificate", "snapshot"),
        }
        written = [f"--{file}={folder / file}" for file in files[name]]
        if "--restore-snapshot" in options:
            written = []
        return here.run(name, "--yes", "--json", *written, *options, source=host).json

    return run


def looked_at(database: str, host: str, *, scope: str) -> dict[Any, Any]:
    """What the table says, which is what it has to say; and so does whoever tells of it."""
    assert told(database) == due(database)
    (state,) = [
        one
        for one in here.run("projections", "--json").json["projections"]
        if one["label"] == LABEL
    ]
    assert (state["state"], state["scope"], state["lag_events"]) == ("live", scope, 0)
    assert state["rows"] == len(told(database))
    found = here.run("verify", "--json", source=host).json
    assert (found["equal"], set(found["tables"])) == (True, FOUR)
    assert Client().get("/readyz").status_code == 200
    return told(database)


def test_it_is_built_followed_switched_and_taken_back_with_the_tables(
    database: str, host: str, step: Callable[..., Any]
):
    with installed():
        here.run("import_host", source=host)
        first = looked_at(database, host, scope="native")
        assert first

        move(database, host)
        moved = looked_at(database, host, scope="native")
        assert moved != first
        assert {target for _, target in moved} >= {"elsewhere", "recorded here"}

        done = step("cut_over")
        wide = looked_at(database, host, scope="all")
        assert sum(said[0] for said in wide.values()) > sum(said[0] for said in moved.values())
        step("cut_over", "--restore-snapshot", done["snapshot"])
        assert looked_at(database, host, scope="native") == moved

        step("cut_over")
        step("roll_back")
        assert looked_at(database, host, scope="native") == moved
        step("cut_over")
        assert looked_at(database, host, scope="all") == wide
        move_again(database)
        later = looked_at(database, host, scope="all")
        assert later != wide
        step("retire", "--reason", "it is over")
        assert looked_at(database, host, scope="all") == later

        digest = live_digest(LABEL)
        rebuilt = here.run("rebuild", "--json", "--workers", "2").json["projections"][LABEL]
        assert (rebuilt["digest"], rebuilt["rows"]) == (digest, len(later))
        move_again(database)
        latest = looked_at(database, host, scope="all")
        go_back()
        assert looked_at(database, host, scope="all") == latest
        assert live_digest(LABEL) not in (None, digest)
        trail = here.run("audit", str(some_restore(database)), "--json").json["events"]
        assert {change["label"] for one in trail for change in one["changes"]} <= FOUR


def test_one_that_comes_late_is_filled_and_taken_back_too(
    database: str, host: str, step: Callable[..., Any]
):
    here.run("import_host", source=host)
    step("cut_over")
    with installed():
        here.run("project")
        assert looked_at(database, host, scope="all")
        step("roll_back")
        assert looked_at(database, host, scope="native")
        step("cut_over")
        assert looked_at(database, host, scope="all")


def test_one_that_cannot_go_on_stops_alone_and_is_named_where_it_has_to_be_built(
    database: str, host: str, step: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
):
    def broken(row: Any) -> Any:
        if row.name == "late":
            raise KeyError("no such day")
        return tally.contribute(row)

    with installed():
        tally: Any = PROJECTIONS[LABEL]
        here.run("import_host", source=host)
        monkeypatch.setitem(PROJECTIONS, LABEL, replace(tally, contribute=broken))
        step("cut_over")
        move_again(database)
        assert here.run("verify", "--json", source=host).json["equal"]
        reasons = Client().get("/readyz").json()["reasons"]
        assert [reason.partition(" ")[0] for reason in reasons] == [LABEL]
        refused = here.run("roll_back", "--yes", source=host, check=False)
        assert (refused.code, "KeyError" in refused.err) == (2, True)
        assert here.run("consolidation", "--json").json["state"] == "cut_over"

        monkeypatch.setitem(PROJECTIONS, LABEL, tally)
        here.run("project")
        step("roll_back")
        looked_at(database, host, scope="native")


def test_metrics_tell_of_it(database: str):
    with installed():
        catch_up()
        token = accounts.new_token(accounts.create("scraper"))
        text = Client(headers={"Authorization": f"Token {token}"}).get("/metrics").content.decode()
    assert f'restorelog_projection_rows{{projection="{LABEL}"}} 0.0' in text


def move(database: str, host: str) -> None:
    """Restores go to other days and targets, leave and come back."""
    actor, where = "ada", "recorded here"
    recorded = record.request_restore(name="by hand", actor=actor, target_database=where).what
    record.start_restore(recorded.id, actor=actor)
    for table in (LEGACY, CONSOLIDATED):
        restore = some_restore(database, table)
        record.amend_restore(
            restore, {"target_database": "elsewhere"}, actor=actor, reason="it was restored there"
        )
    gone = {}
    for table in (LEGACY, CONSOLIDATED):
        keys = [key for (key,) in raw.rows(host, f"SELECT id FROM {table} ORDER BY id LIMIT 9")]
        raw.execute(
            host,
            f"UPDATE {table} SET started_at = '2019-12-31 23:59:59' WHERE id IN (?, ?)",
            keys[5:7],
        )
        gone[table] = raw.rows(host, f"SELECT * FROM {table} WHERE id IN (?, ?)", keys[7:9])
        raw.execute(host, f"DELETE FROM {table} WHERE id IN (?, ?)", keys[7:9])
    here.run("import_host", source=host)
    looked_at(database, host, scope="native")
    for table, rows in gone.items():
        marks = ", ".join("?" * len(rows[0]))
        raw.execute(host, f"INSERT INTO {table} VALUES ({marks})", rows[0])
    here.run("import_host", source=host)


def move_again(database: str) -> None:
    """Restores go on, now that the legacy rows stand in the consolidated table too."""
    restore = some_restore(database, LEGACY)
    for target in ("somewhere", "somewhere else"):
        record.amend_restore(restore, {"target_database": target}, actor="ada", reason="moved")
    record.request_restore(name="late", actor="ada", target_database="late")


def some_restore(database: str, table: str = CONSOLIDATED) -> UUID:
    """One of the host's restores that the service has in this table."""
    origin = "legacy" if table == LEGACY else "consolidated"
    return UUID(
        str(
            raw.rows(
                database,
                f"SELECT restore_id FROM {table} WHERE origin = '{origin}' ORDER BY id LIMIT 1",
            )[0][0]
        )
    )
