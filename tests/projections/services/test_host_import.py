"""A first import fills empty tables as a rebuild does, with the rows that catching up writes."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from django.db import connection, connections

from infrastructure.event_store.log import Log
from infrastructure.hosts.importing import importer
from projections.engine.dialects import table_dialect
from projections.engine.state import projections_state
from projections.services import host_import
from tests.conftest import use
from tests.projections.engine.tables import contents, generations
from tests.sample_host import make_host
from tests.support import postgres


@contextmanager
def rebuilding() -> Iterator[None]:
    """Another session holds the lock of a rebuild."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with table_dialect(connection).only_one_rebuild():
            locked.set()
            done.wait()
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()


def copied(url: str, folder: Path) -> str:
    connections.close_all()
    if not url.startswith("sqlite:///"):
        return postgres.fresh_database(template=url)
    shutil.copyfile(url.removeprefix("sqlite:///"), folder / "copy.sqlite3")
    return f"sqlite:///{folder}/copy.sqlite3"


@pytest.mark.parametrize("busy", [False, True], ids=["built anew", "while a rebuild runs"])
def test_an_import_that_was_killed_before_its_tables_goes_on_either_way(
    database: str, busy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    host = f"sqlite:///{tmp_path}/host.sqlite3"
    make_host(host, rows=40, seed=7, quarantine=2)
    importer.import_host(host, actor="ada", zone="UTC")
    other = copied(database, tmp_path)

    found = []
    for url, many in ((database, host_import.MANY), (other, 10)):
        use(url)
        monkeypatch.setattr(host_import, "MANY", many)
        with rebuilding() if busy and url == other else nullcontext():
            done = host_import.import_host(host, actor="ada", zone="UTC")
        assert (done.report.events, done.behind) == (0, {})
        assert {state["position"] for state in projections_state()} == {Log().head().position}
        found.append((contents(url), [state["quarantined"] for state in projections_state()]))
    assert found[0] == found[1]
    assert sum(found[0][1]) == 2

    built_anew = ("system_backups.RestoreLog", "frozen") in generations(other)
    assert built_anew is not busy
