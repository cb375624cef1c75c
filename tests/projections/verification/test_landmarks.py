"""What verification learns from the log before it looks at rows."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from msgspec.structs import asdict

from domain.backups.events import (
    BackupChangedInHost,
    BackupImported,
    BackupReturnedToHost,
    BackupVanishedFromHost,
)
from domain.consolidation.events import FingerprintAccepted, HostAdopted, Retired
from domain.consolidation.values import LegacyDigest
from domain.events import Event
from domain.restores.events import (
    RestoreAmended,
    RestoreChangedInHost,
    RestoreVanishedFromHost,
)
from domain.values import Tagged
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.verification.actual.readers import service_on
from projections.verification.errors import NoHostAdopted
from projections.verification.expected.schema import TABLES
from projections.verification.log_index import LogIndex, Names, RecordedRows
from tests.builders import NOON, OFFSET, backup_registered, imported, requested, started, stream
from tests.projections.verification.in_memory import ADOPTED, HOST, log_in_memory

LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]
LEGACY_BACKUPS = TABLES["database_management.BackupLog"]
BACKUPS = TABLES["system_backups.BackupLog"]

RETIRED = Retired(
    originator_id=stream(0),
    originator_version=2,
    certificate="c",
    legacy={"t": LegacyDigest(rows=1, digest="d", log_digest="l")},
)


def landmarks(*events: Event, upto: int | None = None) -> LogIndex:
    """What is learned of a log to which these are appended."""
    if events:
        Log().append([new_event(event) for event in events])
    return read(upto)


def read(upto: int | None = None) -> LogIndex:
    connection: Any = connections["default"]
    connection.ensure_connection()
    return LogIndex(service_on(connection.vendor, connection.connection), upto)


def amended(number: int, version: int = 2) -> RestoreAmended:
    return RestoreAmended(
        originator_id=stream(number),
        originator_version=version,
        amended_at=NOON,
        changes={"name": "amended"},
        backup=None,
    )


def consolidated(number: int, key: int) -> Event:
    return imported(number, origin="consolidated", legacy_id=None, consolidated_id=key)


def backup(
    number: int,
    name: Any = "shop",
    *,
    key: int = 3,
    version: int = 1,
    origin: str = "legacy",
    kind: Any = BackupImported,
) -> Event:
    """A backup of a database of this name, as it was read in the host."""
    legacy = origin == "legacy"
    return kind(  # type: ignore[no-any-return]
        originator_id=stream(number),
        originator_version=version,
        origin=origin,
        legacy_id=key if legacy else None,
        consolidated_id=OFFSET + key if legacy else key,
        columns={"id": key, "database_name": name},
        derived={},
        assumed={},
        sources={},
    )


# --- the log itself ------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_an_empty_log_is_bound_to_no_host() -> None:
    log = landmarks()
    assert (log.position, log.head) == (0, bytes(32))
    assert log.id_offset == 0
    with pytest.raises(NoHostAdopted):
        log.host  # noqa: B018


@pytest.mark.usefixtures("database")
def test_a_log_is_bound_to_the_host_that_it_adopted() -> None:
    log = landmarks(
        HostAdopted(
            originator_id=stream(0),
            originator_version=1,
            host_id=HOST,
            fingerprint="first",
            id_offset=1000,
        ),
        requested(1),
        FingerprintAccepted(originator_id=stream(0), originator_version=2, fingerprint="second"),
    )
    assert log.host == HOST
    assert log.id_offset == 1000
    assert log.fingerprints == ["first", "second"]
    assert log.retired is None


@pytest.mark.usefixtures("database")
def test_a_retired_migration_says_what_the_legacy_tables_were() -> None:
    retired = landmarks(ADOPTED, RETIRED).retired
    assert retired is not None
    assert retired.legacy == {"t": LegacyDigest(rows=1, digest="d", log_digest="l")}


@pytest.mark.usefixtures("database")
def test_a_log_is_read_to_its_end_or_to_a_position_before_it() -> None:
    log = landmarks(ADOPTED, requested(1), requested(2))
    hashes = [record.hash for (*records,) in Log().records() for record in records]
    assert (log.position, log.head) == (3, hashes[2])
    assert log.restores.streams == [stream(1).hex, stream(2).hex]
    before = read(upto=2)
    assert (before.position, before.head) == (2, hashes[1])
    assert before.restores.streams == [stream(1).hex]
    assert (read(upto=3).position, read(upto=4).position) == (3, 3)
    assert read(upto=4).head == hashes[2]
    assert (read(upto=0).position, read(upto=0).head) == (0, bytes(32))


@pytest.mark.usefixtures("database")
def test_the_head_of_a_whole_log_is_the_one_it_says_of_itself() -> None:
    landmarks(ADOPTED, requested(1))
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE event_store_head SET hash = %s", [b"\1" * 32])
    assert read(upto=2).head == read().head == b"\1" * 32


@pytest.mark.usefixtures("database")
def test_the_hash_at_a_position_is_the_stored_one() -> None:
    log = landmarks(ADOPTED, requested(1))
    hashes = [record.hash for (*records,) in Log().records() for record in records]
    assert log.hash_at(0) == bytes(32)
    assert (log.hash_at(1), log.hash_at(2)) == (hashes[0], hashes[1])
    assert log.hash_at(3) is None


def test_more_events_than_a_page_holds_are_all_read_once() -> None:
    with log_in_memory(*(requested(1) for _ in range(5_002))) as log:
        assert log.restores.ids.tolist() == [2 * OFFSET + n for n in range(2, 5_004)]


# --- what was recorded here, and what was amended ------------------------------------------


@pytest.mark.usefixtures("database")
def test_what_was_recorded_here_is_known_by_the_ids_of_its_rows() -> None:
    log = landmarks(
        ADOPTED, requested(1, id_offset=5000), started(1), backup_registered(2, id_offset=7000)
    )
    assert (log.restores.ids.tolist(), log.restores.streams) == ([5002], [stream(1).hex])
    assert (log.backups.ids.tolist(), log.backups.streams) == ([7004], [stream(2).hex])


@pytest.mark.parametrize(
    ("ids", "streams"),
    [
        ([], []),
        ([1, 2, 3], ["a", "b", "c"]),
        ([1, 3, 2], ["a", "c", "b"]),
        ([3, 1, 2], ["b", "c", "a"]),
        ([2, 1], ["b", "a"]),
    ],
)
def test_recorded_rows_stand_in_order_of_their_ids(ids: list[int], streams: list[str]) -> None:
    recorded = RecordedRows()
    for id_, name in zip(ids, "abc", strict=False):
        recorded.add(id_, name)
    assert recorded.in_order() == streams


@pytest.mark.usefixtures("database")
def test_amended_streams_are_known() -> None:
    log = landmarks(ADOPTED, imported(1), amended(1), imported(2, key=8), requested(3), amended(3))
    assert log.amended == {stream(1).hex, stream(3).hex}


# --- streams and keys ----------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_the_events_of_streams_come_oldest_first_with_their_positions() -> None:
    log = landmarks(ADOPTED, requested(1), requested(2), started(1))
    found = log.streams([stream(1).hex, stream(2).hex, stream(9).hex])
    assert set(found) == {stream(1).hex, stream(2).hex}
    kinds = [(position, type(event).__name__) for position, event in found[stream(1).hex]]
    assert kinds == [(2, "RestoreRequested"), (4, "RestoreStarted")]
    assert [position for position, _ in found[stream(2).hex]] == [3]


@pytest.mark.usefixtures("database")
def test_events_behind_the_position_are_not_there() -> None:
    landmarks(ADOPTED, requested(1), started(1))
    found = read(upto=2).streams([stream(1).hex])
    assert [position for position, _ in found[stream(1).hex]] == [2]


@pytest.mark.usefixtures("database")
def test_more_streams_than_a_query_asks_for_are_all_found() -> None:
    log = landmarks(ADOPTED, requested(1), requested(2))
    nobody = [UUID(int=n).hex for n in range(1_200)]
    found = log.streams([stream(1).hex, *nobody, stream(2).hex])
    assert set(found) == {stream(1).hex, stream(2).hex}


@pytest.mark.usefixtures("database")
def test_the_keys_of_a_table_are_those_of_every_row_it_ever_had_lowest_first() -> None:
    changed = asdict(imported(1, key=9)) | {"originator_version": 2}
    log = landmarks(
        ADOPTED,
        imported(1, key=9),
        imported(2, key=0),
        imported(3, key=7),
        RestoreChangedInHost(**changed),
        RestoreVanishedFromHost(originator_id=stream(3), originator_version=2),
        consolidated(4, key=6),
        consolidated(5, key=5),
        backup(6, key=4),
        backup(7, key=3, origin="consolidated"),
    )
    assert list(log.keys_of(LEGACY)) == [0, 7, 9]
    assert list(log.keys_of(CONSOLIDATED)) == [5, 6]
    assert list(log.keys_of(LEGACY_BACKUPS)) == [4]
    assert list(log.keys_of(BACKUPS)) == [3]


# --- what backups were called --------------------------------------------------------------


def test_a_name_is_known_from_the_position_behind_the_one_where_it_was_said() -> None:
    names = Names()
    names.say(3, 10, "shop")
    names.say(3, 20, "store")
    assert [names.at(3, position) for position in (1, 10, 11, 20, 21, 99)] == [
        "", "", "shop", "shop", "store", "store",
    ]  # fmt: skip
    assert names.at(4, 99) == ""


def test_a_name_is_settled_if_it_was_the_only_one_from_before_a_position() -> None:
    names = Names()
    names.say(3, 10, "shop")
    assert names.settled(3, 11) == "shop"
    assert names.settled(3, 10) is None
    assert names.settled(3, 9) is None
    assert names.settled(4, 99) == ""
    names.say(3, 20, "store")
    assert names.settled(3, 99) is None


@pytest.mark.usefixtures("database")
def test_backup_names_are_learned_when_they_are_asked_for_and_once() -> None:
    log = landmarks(ADOPTED, backup(1), imported(2, key=8), imported(3, key=9))
    assert log.first_restore == 0
    assert log.names["legacy"].at(3, 99) == ""
    log.learn_backup_names()
    log.learn_backup_names()
    assert log.first_restore == 3
    assert log.names["legacy"].settled(3, 3) == "shop"


@pytest.mark.usefixtures("database")
def test_a_log_without_imported_restores_has_no_first_one() -> None:
    log = landmarks(ADOPTED, backup(1), requested(2))
    log.learn_backup_names()
    assert log.first_restore == 0


@pytest.mark.usefixtures("database")
def test_backups_of_both_tables_with_one_key_are_told_apart() -> None:
    log = landmarks(
        ADOPTED,
        backup(1, "shop", key=0),
        backup(2, "store", key=0, origin="consolidated"),
    )
    log.learn_backup_names()
    assert log.names["legacy"].at(0, 9) == "shop"
    assert log.names["consolidated"].at(0, 9) == "store"


@pytest.mark.usefixtures("database")
def test_a_backup_is_called_what_the_host_said_last_and_nothing_while_it_is_gone() -> None:
    log = landmarks(
        ADOPTED,
        backup(1, "shop"),
        backup(2, "other", key=4),
        backup(1, "store", version=2, kind=BackupChangedInHost),
        BackupVanishedFromHost(originator_id=stream(1), originator_version=3),
        backup(1, "market", version=4, kind=BackupReturnedToHost),
    )
    log.learn_backup_names()
    names = log.names["legacy"]
    assert [names.at(3, position) for position in (2, 3, 5, 6, 7)] == [
        "", "shop", "store", "", "market",
    ]  # fmt: skip
    assert names.at(4, 99) == "other"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [None, 7, Tagged("bytes", "00ff")])
def test_a_backup_whose_name_is_no_text_is_called_nothing(name: object) -> None:
    log = landmarks(ADOPTED, backup(1, name))
    log.learn_backup_names()
    assert log.names["legacy"].settled(3, 99) == ""
