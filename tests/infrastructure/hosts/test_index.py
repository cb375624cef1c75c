"""The index of imported rows is only a memory of the log: lose it, and it is made anew."""

import pytest

from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.reindex import recount, reindex
from infrastructure.hosts.importing.row_index import Index
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, LEGACY_BACKUPS, TinyHost
from tests.support import raw

ROWS = "SELECT source_table, key, row_hash, stream_id FROM hosts_importedrow ORDER BY 1, 2"


@pytest.fixture
def eventful(sqlite_url, import_from) -> TinyHost:
    """A host whose rows were imported, changed, deleted and came back."""
    tiny = TinyHost(sqlite_url)
    tiny.fill(6)
    import_from(sqlite_url)
    tiny.execute(f"UPDATE {LEGACY} SET name = 'changed' WHERE id = 2")
    tiny.execute(f"DELETE FROM {LEGACY} WHERE id = 3")
    tiny.execute(f"DELETE FROM {CONSOLIDATED} WHERE id = 4")
    tiny.execute(f"DELETE FROM {LEGACY_BACKUPS} WHERE id = 1")
    import_from(sqlite_url)
    tiny.add(LEGACY, 3, name="back")
    import_from(sqlite_url)
    return tiny


def rows(database: str) -> list[tuple[object, ...]]:
    return [
        (table, key, digest and bytes(digest), str(stream))
        for table, key, digest, stream in raw.rows(database, ROWS)
    ]


def test_made_anew_it_is_the_same(eventful, database):
    index = Index(Log())
    before = rows(database), index.checkpoint()
    raw.execute(database, "DELETE FROM hosts_importedrow")
    assert reindex(index) == index.checkpoint()
    assert (rows(database), index.checkpoint()) == before
    assert recount(index, index.checkpoint()) == index.checkpoint()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM hosts_importedrow",
        f"DELETE FROM hosts_importedrow WHERE source_table = '{LEGACY}' AND key = 5",
        "UPDATE hosts_importedrow SET row_hash = NULL WHERE key = 5",
        "UPDATE hosts_importedrow SET row_hash = stream_hash WHERE key = 5",
        "DELETE FROM hosts_importcheckpoint",
        "UPDATE hosts_importcheckpoint SET position = 3",
    ],
)
def test_a_damaged_index_is_mended_before_an_import_uses_it(
    damage, eventful, database, import_from
):
    before = rows(database)
    made_up = "x'00'" if database.startswith("sqlite") else r"'\x00'::bytea"
    raw.execute(database, damage.replace("stream_hash", made_up))
    damaged = rows(database)
    assert import_from(eventful.url, dry_run=True).events == 0
    assert rows(database) == damaged  # a dry run looks at a copy of its own
    assert import_from(eventful.url).events == 0
    assert rows(database) == before


def test_it_is_made_anew_on_request(eventful, database, import_from):
    before = rows(database)
    assert import_from(eventful.url, rebuild_index=True).events == 0
    assert rows(database) == before
