"""Importing a host, and importing it again."""

from uuid import UUID, uuid5

import pytest

from domain.backups.events import BackupImported
from domain.consolidation.events import ColumnsChosen, HostAdopted, ZoneChosen
from domain.restores.events import (
    RestoreChangedInHost,
    RestoreImported,
    RestoreReturnedToHost,
    RestoreVanishedFromHost,
)
from domain.restores.values import BackupRef
from domain.values import Tagged
from infrastructure.event_store.codec import CODEC
from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    LEGACY,
    LEGACY_BACKUPS,
    TinyHost,
)
from tests.support import raw

OFFSET = 10**12


def test_a_first_import_adopts_the_host_says_how_it_is_read_then_records_its_rows(
    tiny, import_from, events
):
    tiny.fill(4)
    report = import_from(tiny.url)
    assert [type(event) for event in events()] == [
        HostAdopted,
        ColumnsChosen,
        ZoneChosen,
        *[BackupImported] * 4,
        *[RestoreImported] * 8,
    ]
    assert report.events == report.position == 15
    assert {label: table.imported for label, table in report.tables.items()} == {
        "database_management.BackupLog": 2,
        "system_backups.BackupLog": 2,
        "database_management.RestoreLog": 4,
        "system_backups.RestoreLog": 4,
    }


def test_importing_twice_adds_nothing(tiny, import_from):
    tiny.fill(4)
    first = import_from(tiny.url)
    again = import_from(tiny.url)
    assert (again.events, again.position) == (0, first.position)
    assert [table.unchanged for table in again.tables.values()] == [2, 2, 4, 4]


def test_a_legacy_row_says_where_it_stands_and_what_was_assumed(tiny, import_from, events):
    tiny.add(LEGACY_BACKUPS, 3, database_name="crm")
    tiny.add(LEGACY, 9, source_backup_id=3, created_by_id=8, duration_seconds=60)
    import_from(tiny.url)
    adopted, _, _, backup, restore = events()
    assert adopted.id_offset == OFFSET
    assert backup.originator_id == uuid5(adopted.host_id, f"{LEGACY_BACKUPS}:3")
    assert restore.originator_id == uuid5(adopted.host_id, f"{LEGACY}:9")
    assert (restore.origin, restore.legacy_id, restore.consolidated_id) == (
        "legacy",
        9,
        OFFSET + 9,
    )
    assert restore.backup == BackupRef(
        backup_id=backup.originator_id, legacy=3, consolidated=OFFSET + 3
    )
    assert restore.assumed == {"restore_type": "database", "is_overwrite": False}
    assert restore.derived == {}
    assert restore.username == "Łucja"
    assert restore.columns["created_by_id"] == 8
    assert restore.columns["duration_seconds"] == 60
    assert restore.columns["completed_at"] is None
    assert restore.metadata.actor == "ops"
    assert isinstance(restore.metadata.correlation, UUID)


def test_a_consolidated_row_takes_its_target_database_from_its_own_backup(
    tiny, import_from, events
):
    tiny.add(LEGACY_BACKUPS, 3, database_name="wrong")
    tiny.add(CONSOLIDATED_BACKUPS, 3, database_name="right")
    tiny.add(CONSOLIDATED, 1, source_backup_id=3)
    tiny.add(CONSOLIDATED, 2, source_backup_id=404)
    tiny.add(CONSOLIDATED, 4)
    import_from(tiny.url)
    first, dangling, without = events()[-3:]
    assert first.derived == {"target_database": "right"}
    assert (first.backup.legacy, first.backup.consolidated) == (None, 3)
    assert dangling.derived == {"target_database": ""}
    assert dangling.backup.consolidated == 404
    assert (without.derived, without.backup, without.legacy_id) == (
        {"target_database": ""},
        None,
        None,
    )


def test_columns_stand_in_the_hosts_order_whatever_they_are(host_url, import_from, events):
    tiny = TinyHost(host_url, extra={LEGACY: "compression varchar(10)"})
    tiny.add(LEGACY, 1, compression="zstd")
    import_from(host_url)
    columns = events()[-1].columns
    assert next(iter(columns)) == "id"
    assert list(columns)[-1] == "compression"
    assert columns["compression"] == "zstd"
    assert columns["created_at"].kind == "time"
    assert columns["created_at"].v.startswith("2021-03-01 12:00:00.000001")


def test_what_is_stored_is_what_the_codec_would_store(tiny, import_from, log):
    tiny.fill(2)
    import_from(tiny.url)
    for records in log.records():
        for record in records:
            event = log.decode(record)
            assert CODEC.encode(event) == (
                record.topic,
                record.schema_version,
                record.state,
                record.metadata,
            )


def test_changed_deleted_added_and_returned_rows_are_exactly_that_many_events(
    tiny, import_from, events
):
    tiny.fill(3)
    position = import_from(tiny.url).position

    tiny.execute(f"UPDATE {LEGACY} SET message = 'mended' WHERE id = 2")
    tiny.execute(f"DELETE FROM {CONSOLIDATED} WHERE id = 1")
    tiny.add(CONSOLIDATED, 50)
    report = import_from(tiny.url)
    changed, added, vanished = events(position)
    assert isinstance(changed, RestoreChangedInHost)
    assert (changed.columns["message"], changed.originator_version) == ("mended", 2)
    assert isinstance(added, RestoreImported)
    assert added.consolidated_id == 50
    assert isinstance(vanished, RestoreVanishedFromHost)
    legacy, consolidated = list(report.tables.values())[2:]
    assert (legacy.rows, legacy.changed, legacy.unchanged) == (3, 1, 2)
    assert (consolidated.rows, consolidated.imported, consolidated.deleted) == (3, 1, 1)

    tiny.add(CONSOLIDATED, 1, name="back")
    report = import_from(tiny.url)
    (returned,) = events(position + 3)
    assert isinstance(returned, RestoreReturnedToHost)
    assert (returned.originator_id, returned.originator_version) == (
        vanished.originator_id,
        vanished.originator_version + 1,
    )
    assert import_from(tiny.url).events == 0


def test_a_new_name_of_a_backups_database_is_not_a_change_of_the_restore(tiny, import_from):
    tiny.fill(2)
    import_from(tiny.url)
    tiny.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET database_name = 'renamed'")
    report = import_from(tiny.url)
    assert report.events == 1
    assert report.tables["system_backups.BackupLog"].changed == 1


def test_a_new_name_of_a_user_is_recorded_for_each_of_their_restores(tiny, import_from, events):
    tiny.fill(3)
    import_from(tiny.url)
    before = len(events())
    restores = [event for event in events() if getattr(event, "username", None)]
    tiny.execute("UPDATE auth_user SET username = 'renamed'")
    report = import_from(tiny.url)
    told = events()[before:]
    assert {event.originator_id for event in told} == {event.originator_id for event in restores}
    assert all(type(event) is RestoreChangedInHost for event in told)
    assert {event.username for event in told} == {"renamed"}
    assert report.events == len(restores) > 0
    assert import_from(tiny.url).events == 0


def test_a_changed_row_takes_its_derived_database_anew(tiny, import_from, events):
    tiny.fill(2)
    import_from(tiny.url)
    tiny.execute(f"UPDATE {CONSOLIDATED_BACKUPS} SET database_name = 'renamed'")
    tiny.execute(f"UPDATE {CONSOLIDATED} SET name = 'changed' WHERE id = 1")
    import_from(tiny.url)
    assert events()[-1].derived == {"target_database": "renamed"}


def test_a_dry_run_counts_and_writes_nothing(tiny, import_from, log):
    tiny.fill(2)
    report = import_from(tiny.url, dry_run=True)
    assert (report.events, log.head().position) == (9, 0)
    import_from(tiny.url)
    tiny.execute(f"UPDATE {LEGACY} SET name = 'x' WHERE id = 2")
    tiny.execute(f"DELETE FROM {LEGACY} WHERE id = 1")
    report = import_from(tiny.url, dry_run=True)
    assert (report.events, log.head().position) == (2, 9)
    tally = report.tables["database_management.RestoreLog"]
    assert (tally.changed, tally.deleted) == (1, 1)


def test_the_host_is_as_it_was(tiny, import_from):
    tiny.fill(3)
    before = tiny.dump()
    import_from(tiny.url)
    assert tiny.dump() == before


def test_a_row_that_the_service_amended_meanwhile_takes_the_next_version(tiny, import_from, events):
    from infrastructure.event_store.log import Log
    from infrastructure.recording import restores

    tiny.fill(1)
    import_from(tiny.url)
    restore = events()[-1]
    restores.amend_restore(
        Log(), restore.originator_id, actor="ops", reason="wrong", changes={"status": "failed"}
    )
    tiny.execute(f"UPDATE {CONSOLIDATED} SET name = 'changed' WHERE id = 1")
    import_from(tiny.url)
    assert events()[-1].originator_version == 3


def test_more_rows_than_a_chunk_holds(tiny, import_from, monkeypatch, log):
    monkeypatch.setattr("infrastructure.hosts.importing.chunk.EVENTS", 3)
    monkeypatch.setattr("infrastructure.hosts.importing.row_index.PAGE", 2)
    monkeypatch.setattr("infrastructure.hosts.importing.guards.TOLERATED", 1)
    tiny.fill(10)
    assert import_from(tiny.url).events == 33
    tiny.execute(f"UPDATE {LEGACY} SET name = 'changed' WHERE id IN (2, 3, 4, 5, 9)")
    tiny.execute(f"DELETE FROM {LEGACY} WHERE id IN (1, 6, 7, 8, 10)")
    assert import_from(tiny.url).events == 10
    assert import_from(tiny.url).events == 0


@pytest.mark.parametrize("column", ["email", "shoe_size"])
def test_users_without_a_username_are_called_by_their_email_or_not_at_all(
    column, host_url, import_from, events
):
    tiny = TinyHost(host_url)
    tiny.execute(f"ALTER TABLE auth_user RENAME COLUMN username TO {column}")
    tiny.add(LEGACY, 1, created_by_id=7)
    import_from(host_url)
    assert events()[-1].username == ("ada" if column == "email" else None)


def test_users_are_found_where_the_foreign_key_points(host_url, import_from, events):
    tiny = TinyHost(host_url, leave_out=[LEGACY])
    key = tiny.types["key"]
    tiny.execute('CREATE TABLE "Staff" (number varchar(36) PRIMARY KEY, username varchar(50))')
    mark = "?" if host_url.startswith("sqlite") else "%s"
    tiny.execute(f'INSERT INTO "Staff" VALUES ({mark}, {mark})', ["f00d", "grace"])
    tiny.execute(
        f"CREATE TABLE {LEGACY} (id {key} PRIMARY KEY, name text, status text, "
        "started_at text, completed_at text, duration_seconds text, message text, "
        'created_by_id varchar(36) REFERENCES "Staff" (number), created_at text, '
        "updated_at text, restore_method text)"
    )
    tiny.execute(f"INSERT INTO {LEGACY} (id, created_by_id) VALUES (1, 'f00d')")
    import_from(host_url)
    restore = events()[-1]
    assert (restore.username, restore.columns["created_by_id"]) == ("grace", "f00d")
    assert restore.derived == {"target_database": ""}
    assert restore.backup is None


def test_a_32_bit_key_gets_the_smaller_offset(postgresql_url, import_from, events):
    TinyHost(postgresql_url)
    raw.execute(postgresql_url, f"ALTER TABLE {LEGACY} ALTER COLUMN id TYPE integer")
    import_from(postgresql_url)
    assert events()[0].id_offset == 10**9


def test_times_are_tagged_as_the_host_wrote_them(tiny, import_from, events):
    tiny.add(LEGACY, 1)
    import_from(tiny.url)
    zone = "" if tiny.url.startswith("sqlite") else "+00"
    assert events()[-1].columns["created_at"] == Tagged("time", f"2021-03-01 12:00:00.000001{zone}")
