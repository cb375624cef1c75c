"""What a table must hold of a host's rows: shifted, derived, overlaid with what was amended."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.backups.events import BackupChangedInHost, BackupImported
from domain.consolidation.events import ColumnsChosen
from domain.consolidation.values import ColumnChoice
from domain.events import Event
from domain.restores.events import (
    RestoreAmended,
    RestoreChangedInHost,
    RestoreImported,
    RestoreVanishedFromHost,
)
from domain.values import Tagged
from projections.verification.chunks import ComparedChunk, Overruled
from projections.verification.errors import HostNotComparable
from projections.verification.expected.from_host import ExpectedHostRows
from projections.verification.expected.schema import TABLES, ExpectedTable
from tests.projections.histories import backup_columns, event
from tests.projections.verification.in_memory import host_of, log_of, row_stream

Entry = tuple[int, str, Event]
LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]
LEGACY_BACKUPS = TABLES["database_management.BackupLog"]
BACKUPS = TABLES["system_backups.BackupLog"]

STREAM_41 = "90c883403d6b5b38ac6904fc046aae3c"
STREAM_42 = "cb3b8a4488755f91baa1f76488efda57"
"""The streams of the legacy restores 41 and 42: UUIDs of their table and key."""

DECLARED = {
    "id": "integer",
    "name": "varchar(255)",
    "source_backup_id": "bigint",
    "status": "varchar(20)",
    "restore_method": "varchar(20)",
    "target_database": "varchar(100)",
    "started_at": "datetime",
    "completed_at": "datetime",
    "duration_seconds": "integer",
    "message": "text",
    "created_by_id": "integer",
    "created_at": "datetime",
    "updated_at": "datetime",
}
CONSOLIDATED_DECLARED = {
    **{name: type_ for name, type_ in DECLARED.items() if name != "restore_method"},
    "restore_type": "varchar(20)",
    "trigger_type": "varchar(20)",
    "is_overwrite": "bool",
}
BACKUPS_DECLARED = {
    "id": "integer",
    "name": "text",
    "backup_type": "text",
    "status": "text",
    "database_name": "text",
    "file_path": "text",
    "size_bytes": "integer",
    "created_at": "datetime",
    "updated_at": "datetime",
}


def restore(key: int = 41, **changed: Any) -> dict[str, Any]:
    """A row of the host's, of either table."""
    row = {
        "id": key,
        "name": "nightly",
        "source_backup_id": 7,
        "status": "completed",
        "restore_method": "automatic",
        "restore_type": "full",
        "trigger_type": "recovery",
        "is_overwrite": 1,
        "target_database": "shop",
        "started_at": "2024-05-06 12:00:00",
        "completed_at": "2024-05-06 12:05:00.000007",
        "duration_seconds": 300,
        "message": "done",
        "created_by_id": 3,
        "created_at": "2024-05-06 11:59:00",
        "updated_at": "2024-05-06 12:05:01",
    }
    return {**row, **changed}


def read(kind: type[Event], row: dict[str, Any]) -> Event:
    """The importer's word that a legacy row reads like this."""
    columns = {name: row[name] for name in DECLARED}
    columns |= {name: Tagged("time", row[name]) for name in columns if name.endswith("_at")}
    return event(kind, columns=columns, legacy_id=row["id"], backup=None)


def backup_read(kind: type[Event], key: int, name: str | None) -> Event:
    """The importer's word that a legacy backup's database has this name."""
    return event(kind, legacy_id=key, columns=backup_columns(id=key, database_name=name))


def host_rows(
    *rows: dict[str, Any],
    log: tuple[tuple[int, str, Event], ...] = (),
    of: ExpectedTable = LEGACY,
    into: ExpectedTable | None = None,
    declared: dict[str, str] = DECLARED,
    zone: str | None = None,
) -> ExpectedHostRows:
    return ExpectedHostRows(
        host_of(of.name, declared, *rows),
        log_of(*log),
        into=into or of,
        of=of,
        zone=ZoneInfo(zone) if zone else None,
    )


def chunk_of(*rows: dict[str, Any], **options: Any) -> ComparedChunk:
    """These rows of the host, as they must stand in the table."""
    (chunk,) = host_rows(*rows, **options).chunks()
    return chunk


def cells(*rows: dict[str, Any], **options: Any) -> list[dict[str, str]]:
    """The same, as cells by the table's columns."""
    chunk = chunk_of(*rows, **options)
    table = options.get("into") or options.get("of", LEGACY)
    return [
        dict(zip(table.columns, chunk.cells(n), strict=True)) for n in range(len(chunk.streams))
    ]


def without(declared: dict[str, str], *columns: str) -> dict[str, str]:
    return {name: type_ for name, type_ in declared.items() if name not in columns}


# --- where rows stand, and what they say ----------------------------------------------------


IN_LEGACY = {
    "id": "i2:41",
    "name": "t7:nightly",
    "source_backup_id": "i1:7",
    "status": "t9:completed",
    "restore_method": "t9:automatic",
    "target_database": "t4:shop",
    "started_at": "d26:2024-05-06T12:00:00.000000",
    "completed_at": "d26:2024-05-06T12:05:00.000007",
    "duration_seconds": "i3:300",
    "message": "t4:done",
    "created_by_id": "t1:3",
    "created_at": "d26:2024-05-06T11:59:00.000000",
    "updated_at": "d26:2024-05-06T12:05:01.000000",
    "restore_id": "u36:90c88340-3d6b-5b38-ac69-04fc046aae3c",
    "backup_id": "u36:f5f43b66-0a1f-5ca8-9d8e-c9216857467d",
    "created_by_username": "-",
    "origin": "t6:legacy",
    "version": "i1:1",
    "amended": "t2:[]",
    "extra": "t2:{}",
}


def test_a_legacy_row_stands_in_its_own_table_as_it_is():
    assert cells(restore()) == [IN_LEGACY]


def test_a_legacy_row_stands_in_the_consolidated_table_behind_the_offset():
    chunk = chunk_of(restore(), into=CONSOLIDATED)
    assert chunk.ids == [10**12 + 41]
    expected = IN_LEGACY | {
        "id": "i13:1000000000041",
        "source_backup_id": "i13:1000000000007",
        "restore_type": "t8:database",
        "trigger_type": "t9:automatic",
        "is_overwrite": "b1:0",
        "validation": "-",
        "warnings_count": "-",
    }
    del expected["restore_method"]
    assert dict(zip(CONSOLIDATED.columns, chunk.cells(0), strict=True)) == expected


def test_a_consolidated_row_keeps_its_id_and_says_its_own_types():
    chunk = chunk_of(restore(), of=CONSOLIDATED, declared=CONSOLIDATED_DECLARED)
    row = dict(zip(CONSOLIDATED.columns, chunk.cells(0), strict=True))
    assert chunk.ids == [41]
    assert row["source_backup_id"] == "i1:7"
    assert (row["restore_type"], row["trigger_type"]) == ("t4:full", "t8:recovery")
    assert row["is_overwrite"] == "b1:1"
    assert row["restore_id"] == "u36:58e2d40b-d236-5675-af0e-5f596edb3e08"
    assert row["origin"] == "t12:consolidated"
    assert row["backup_id"] == f"u36:{row_stream('system_backups_backuplog', 7)}"


@pytest.mark.parametrize(
    ("into", "id_"), [(LEGACY_BACKUPS, "i1:7"), (BACKUPS, "i13:1000000000007")]
)
def test_a_legacy_backup_stands_in_both_tables(into, id_):
    row = {
        **backup_columns(),
        "created_at": "2021-03-01 00:00:00",
        "updated_at": None,
    }
    assert cells(row, of=LEGACY_BACKUPS, into=into, declared=BACKUPS_DECLARED) == [
        {
            "id": id_,
            "name": "t6:monday",
            "backup_type": "t4:full",
            "status": "t9:completed",
            "database_name": "t4:shop",
            "file_path": "t15:/backups/monday",
            "size_bytes": "i3:123",
            "created_at": "d26:2021-03-01T00:00:00.000000",
            "updated_at": "-",
            "backup_id": "u36:f5f43b66-0a1f-5ca8-9d8e-c9216857467d",
            "origin": "t6:legacy",
            "version": "i1:1",
            "extra": "t2:{}",
        }
    ]


def test_a_backup_may_lack_everything_but_its_id():
    (row,) = cells({"id": 7}, of=LEGACY_BACKUPS, declared={"id": "integer"})
    assert row.pop("id") == "i1:7"
    assert [row.pop(name) for name in ("origin", "version", "extra")] == [
        *("t6:legacy", "i1:1", "t2:{}")
    ]
    assert row.pop("backup_id") == "u36:f5f43b66-0a1f-5ca8-9d8e-c9216857467d"
    assert set(row.values()) == {"-"}


def test_a_batch_knows_its_streams_and_what_the_host_says():
    chunk = chunk_of(restore(41), restore(42, name="weekly"))
    assert chunk.ids == [41, 42]
    assert chunk.streams == (STREAM_41, STREAM_42)
    assert list(chunk.raw[LEGACY.columns.index("name")]) == ["nightly", "weekly"]
    assert list(chunk.overruled) == []
    assert chunk.amended is False


def test_whoever_asks_is_told_of_every_row_as_the_host_says_it():
    rows = host_rows(restore(41), restore(42), declared=DECLARED)
    seen: list[Any] = []
    rows.seen = seen.extend
    (chunk,) = rows.chunks()
    assert chunk.ids == [41, 42]
    assert [row[rows.at["started_at"]] for row in seen] == ["2024-05-06 12:00:00"] * 2


def test_a_backup_that_is_no_number_or_none_is_not_shifted():
    rows = restore(41, source_backup_id=None), restore(42, source_backup_id="seven")
    found = cells(*rows, into=CONSOLIDATED)
    assert [row["source_backup_id"] for row in found] == ["-", "!"]
    assert [row["backup_id"] for row in found] == ["-", "-"]


def test_only_the_row_and_its_backup_are_shifted():
    (row,) = cells(restore(duration_seconds=7, created_by_id=7), into=CONSOLIDATED)
    assert (row["duration_seconds"], row["created_by_id"]) == ("i1:7", "t1:7")


# --- columns that the schema does not name, and columns that the host lacks -----------------


def test_columns_that_nobody_named_are_kept_verbatim():
    declared = {"rack": "text", **DECLARED, "price": "blob", "restore_id": "integer"}
    row = restore(41, rack="A", price="1.50", restore_id=9)
    other = restore(42, rack=None, price=b"\1", restore_id=None)
    extras = [row["extra"] for row in cells(row, other, declared=declared)]
    assert extras == [
        't42:{"rack":"A","price":"1.50","restore_id":9}',
        't62:{"rack":null,"price":{"$":"bytes","v":"01"},"restore_id":null}',
    ]


def test_a_host_without_source_backups_has_none():
    (row,) = cells(restore(), declared=without(DECLARED, "source_backup_id"))
    assert (row["source_backup_id"], row["backup_id"]) == ("-", "-")
    assert row["target_database"] == "t4:shop"


def test_a_host_that_lacks_the_table_is_none():
    with pytest.raises(HostNotComparable, match=r"the table database_management_restorelog[.]"):
        ExpectedHostRows(
            host_of("other", {"id": "integer"}), log_of(), into=LEGACY, of=LEGACY, zone=None
        )


def test_a_host_whose_table_lacks_a_column_that_it_must_have_is_none():
    with pytest.raises(
        HostNotComparable, match=r"the column database_management_restorelog\.status[.]"
    ):
        host_rows(declared=without(DECLARED, "status"))


@pytest.mark.parametrize("key", ["41", 1.5, None, b"41"])
def test_a_host_whose_rows_have_other_keys_than_whole_numbers_is_none(key: object):
    declared = {**DECLARED, "id": "blob"}
    with pytest.raises(HostNotComparable, match=r"every row's database_management_restorelog\.id"):
        chunk_of(restore(41), {**restore(), "id": key}, declared=declared)


# --- what keeps a row out, as an event has it ------------------------------------------------


@pytest.mark.parametrize(
    ("column", "type_", "said", "kept"),
    [
        ("started_at", "datetime", "soon", Tagged("time", "soon")),
        ("started_at", "text", "soon", "soon"),
        ("started_at", "datetime", 7, 7),
        ("duration_seconds", "integer", "long", "long"),
        ("duration_seconds", "integer", 1.5, Tagged("float", "1.5")),
        ("duration_seconds", "text_decimal", "1.25", Tagged("decimal", "1.25")),
        ("duration_seconds", "text_decimal", "9223372036854775808", 9223372036854775808),
        ("duration_seconds", "text_decimal", "-9223372036854775809", -9223372036854775809),
        ("name", "date", "n" * 256, Tagged("raw", "n" * 256)),
        ("message", "blob", b"\xff", Tagged("bytes", "ff")),
        ("status", "text", None, None),
    ],
)
def test_the_value_that_keeps_a_row_out(column: str, type_: str, said: Any, kept: Any):
    declared = {**DECLARED, column: type_}
    chunk = chunk_of(restore(), restore(**{column: said}), declared=declared)
    out = chunk.misfit(1)
    assert (LEGACY.columns[out.column], out.value, out.by) == (column, kept, "host")


# --- times -----------------------------------------------------------------------------------


def test_naive_times_are_those_of_the_zone():
    (row,) = cells(restore(), zone="Europe/Berlin")
    assert row["started_at"] == "d26:2024-05-06T10:00:00.000000"
    assert row["completed_at"] == "d26:2024-05-06T10:05:00.000007"


def test_columns_that_are_declared_as_something_else_hold_no_times():
    declared = {**DECLARED, "started_at": "text", "completed_at": "text"}
    (row,) = cells(restore(completed_at=None), declared=declared)
    assert row["started_at"] == "!"
    assert row["completed_at"] == "-"
    assert row["created_at"] == "d26:2024-05-06T11:59:00.000000"


class OffsetsKept:
    """A host whose times carry their offset, as PostgreSQL's do; all else is SQLite's."""

    def __init__(self, host: Any) -> None:
        self.host = host

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    def is_local_time(self, column: Any) -> bool:
        return False


def test_times_that_carry_their_offset_are_in_no_zone():
    host = OffsetsKept(host_of(LEGACY.name, DECLARED, restore()))
    zone = ZoneInfo("Europe/Berlin")
    (chunk,) = ExpectedHostRows(host, log_of(), into=LEGACY, of=LEGACY, zone=zone).chunks()
    started = chunk.columns[LEGACY.columns.index("started_at")]
    assert started == ["d26:2024-05-06T12:00:00.000000"]


# --- the name of the database, from the backup ----------------------------------------------

NO_TARGET = without(DECLARED, "target_database")
STEADY = (
    (2, "a" * 32, backup_read(BackupImported, 7, "orders")),
    (3, STREAM_41, read(RestoreImported, restore(41))),
)
RENAMED = (
    (2, "a" * 32, backup_read(BackupImported, 7, "orders")),
    (3, STREAM_41, read(RestoreImported, restore(41))),
    (4, "a" * 32, backup_read(BackupChangedInHost, 7, "orders2")),
    (5, STREAM_42, read(RestoreImported, restore(42))),
)


def targets(*rows: dict[str, Any], **options: Any) -> list[str]:
    return [row["target_database"] for row in cells(*rows, **options)]


def test_only_restores_without_a_target_derive_it():
    assert host_rows(declared=NO_TARGET).derives_target is True
    declared = {**NO_TARGET, "restore_type": "text", "trigger_type": "text", "is_overwrite": "bool"}
    assert host_rows(of=CONSOLIDATED, declared=declared).derives_target is True
    assert host_rows(declared=NO_TARGET, log=(chosen(6, "other"),)).derives_target is False
    assert host_rows().derives_target is False
    assert host_rows(of=LEGACY_BACKUPS, declared=BACKUPS_DECLARED).derives_target is False


def test_a_missing_target_is_the_backups_database():
    rows = restore(41), restore(42, source_backup_id=None), restore(43, source_backup_id=8)
    assert targets(*rows, log=STEADY, declared=NO_TARGET) == ["t6:orders", "t0:", "t0:"]


def test_a_target_that_is_null_is_the_backups_database_and_others_stay():
    rows = restore(41, target_database=None), restore(42), restore(43, target_database="")
    assert targets(*rows, log=STEADY) == ["t6:orders", "t4:shop", "t0:"]


def test_other_columns_that_are_null_stay_so():
    (row,) = cells(restore(started_at=None, source_backup_id=None), log=STEADY)
    assert (row["started_at"], row["source_backup_id"]) == ("-", "-")
    assert row["target_database"] == "t4:shop"


def test_without_backups_there_is_no_name_to_derive():
    declared = without(DECLARED, "target_database", "source_backup_id")
    assert targets(restore(41), restore(42), log=STEADY, declared=declared) == ["t0:", "t0:"]


def test_a_row_has_the_name_that_its_backup_had_when_it_was_read():
    rows = restore(41), restore(42)
    assert targets(*rows, log=RENAMED, declared=NO_TARGET) == ["t6:orders", "t7:orders2"]


def test_what_was_not_read_of_the_host_is_no_reason_for_a_new_name():
    log = (
        *RENAMED,
        (6, STREAM_41, event(RestoreAmended, changes={"name": "nightly"})),
        (7, STREAM_41, event(RestoreVanishedFromHost)),
    )
    assert targets(restore(41), log=log, declared=NO_TARGET) == ["t6:orders"]


def test_a_row_that_is_read_again_has_the_new_name():
    log = (*RENAMED, (6, STREAM_41, read(RestoreChangedInHost, restore(41))))
    assert targets(restore(41), log=log, declared=NO_TARGET) == ["t7:orders2"]


def test_a_row_that_was_never_read_has_the_name_of_now():
    log = (*RENAMED, (6, "a" * 32, backup_read(BackupChangedInHost, 7, "orders3")))
    assert targets(restore(43), log=log, declared=NO_TARGET) == ["t7:orders3"]


def chosen(position: int, *sources: str, of: ExpectedTable = LEGACY_BACKUPS) -> Entry:
    """From here on, these columns of the host's backups name the database."""
    choice = ColumnChoice(sources=sources, how="decided")
    columns = {of.label: {"database_name": choice}} if sources != ("-",) else {}
    return position, "c" * 32, event(ColumnsChosen, columns=columns)


def renamed(position: int, name: str | None) -> Entry:
    return position, "a" * 32, backup_read(BackupChangedInHost, 7, name)


@pytest.mark.parametrize(
    ("later", "names"),
    [
        ([chosen(6, "other")], ["orders2", "orders2"]),
        ([chosen(6, "other"), renamed(7, "orders3")], ["orders3", "orders3"]),
        ([chosen(6, "other"), chosen(8, "database_name"), renamed(9, "3")], ["3", "3"]),
        ([chosen(6, "other"), chosen(8, "other"), renamed(9, "3")], ["3", "3"]),
        ([chosen(6, "database_name")], ["orders", "orders2"]),
        ([chosen(6)], ["orders", "orders2"]),
        ([chosen(6, "-")], ["orders", "orders2"]),
        ([chosen(6, "other", of=BACKUPS)], ["orders", "orders2"]),
        ([chosen(6, "other", of=LEGACY)], ["orders", "orders2"]),
    ],
)
def test_after_another_choice_of_the_backups_names_rows_are_read_anew(
    later: list[Entry], names: list[str]
):
    rows = restore(41), restore(42)
    found = targets(*rows, log=(*RENAMED, *later), declared=NO_TARGET)
    assert found == [f"t{len(name)}:{name}" for name in names]


def test_a_choice_of_no_column_is_one_only_after_another():
    again = (8, STREAM_41, read(RestoreChangedInHost, restore(41)))
    log = (*RENAMED, chosen(6, "other"), renamed(7, "3"), again, chosen(9), renamed(10, "4"))
    assert targets(restore(41), restore(42), log=log, declared=NO_TARGET) == ["t1:4", "t1:4"]


def test_a_choice_holds_for_the_log_as_of_an_earlier_event():
    log = log_of(*RENAMED, chosen(6, "other"))
    host = host_of(LEGACY.name, NO_TARGET, restore(41))
    for log_then in (log, log.as_of(5)):
        (chunk,) = ExpectedHostRows(host, log_then, into=LEGACY, of=LEGACY, zone=None).chunks()
        assert chunk.columns[LEGACY.columns.index("target_database")] == ["t7:orders2"]


# --- amended here ---------------------------------------------------------------------------


def amended(**changes: Any) -> Event:
    return event(RestoreAmended, changes=changes)


IMPORTED = (2, STREAM_41, read(RestoreImported, restore(41)))


def test_an_amended_value_stands_over_the_hosts():
    log = (IMPORTED, (3, STREAM_41, amended(message="really", started_at=None)))
    chunk = chunk_of(restore(41), restore(42), log=log)
    amended_row, other = (dict(zip(LEGACY.columns, chunk.cells(n), strict=True)) for n in range(2))
    assert (amended_row["message"], amended_row["started_at"]) == ("t6:really", "-")
    assert (amended_row["name"], other["message"]) == ("t7:nightly", "t4:done")
    assert (amended_row["version"], other["version"]) == ("i1:2", "i1:1")
    assert (amended_row["amended"], other["amended"]) == ('t24:["message","started_at"]', "t2:[]")
    assert list(chunk.overruled) == []
    assert chunk.amended is True


def test_an_amended_value_that_fits_no_column_keeps_the_row_out_and_the_hosts_does_not():
    log = (IMPORTED, (3, STREAM_41, amended(name="n" * 256, message="really")))
    chunk = chunk_of(restore(41), restore(42, name="h" * 256), log=log)
    name = LEGACY.columns.index("name")
    assert chunk.unfit == {0: name, 1: name}
    assert chunk.misfit(0) == (name, "n" * 256, "here")
    assert chunk.misfit(1) == (name, "h" * 256, "host")
    assert chunk.misfits == {(0, name): (name, "n" * 256, "here")}


def test_text_that_was_amended_to_no_unicode_is_shown_as_a_hosts_would_be():
    log = (IMPORTED, (3, STREAM_41, amended(name=Tagged("raw", "6bff"))))
    assert chunk_of(restore(41), log=log).misfit(0).value == Tagged("raw", "6bff")


def test_an_amended_value_that_fits_lets_a_row_stand_that_the_hosts_kept_out():
    log = (IMPORTED, (3, STREAM_41, amended(name="short")))
    chunk = chunk_of(restore(41, name="h" * 256), log=log)
    assert (chunk.unfit, chunk.misfits) == ({}, {})


def test_a_batch_without_amended_rows_is_as_the_host_says():
    log = (IMPORTED, (3, STREAM_41, amended(message="really")))
    chunk = chunk_of(restore(42), log=log)
    assert chunk.columns[LEGACY.columns.index("message")] == ["t4:done"]
    assert chunk.amended is False


def test_backups_are_never_amended():
    row = {**backup_columns(), "created_at": None}
    log = (IMPORTED, (3, STREAM_41, amended(message="really")))
    chunk = chunk_of(row, of=LEGACY_BACKUPS, declared=BACKUPS_DECLARED, log=log)
    assert chunk.amended is False


@pytest.mark.parametrize(("into", "pk"), [(LEGACY, 41), (CONSOLIDATED, 10**12 + 41)])
def test_a_host_that_changed_after_the_amendment_is_overruled(into, pk):
    log = (IMPORTED, (3, STREAM_41, amended(message="really", status="failed")))
    chunk = chunk_of(restore(41, message="again"), log=log, into=into)
    assert list(chunk.overruled) == [Overruled(pk, "message", "t5:again", "t6:really")]
    assert chunk.columns[into.columns.index("message")] == ["t6:really"]


def test_a_change_that_was_imported_after_the_amendment_is_overruled_too():
    log = (
        IMPORTED,
        (3, STREAM_41, amended(message="really")),
        (4, STREAM_41, read(RestoreChangedInHost, restore(41, message="again"))),
    )
    chunk = chunk_of(restore(41, message="again"), log=log)
    assert [said.host for said in chunk.overruled] == ["t5:again"]


def test_a_change_that_was_imported_before_the_amendment_is_known_to_it():
    log = (
        IMPORTED,
        (3, STREAM_41, amended(message="first")),
        (4, STREAM_41, read(RestoreChangedInHost, restore(41, message="again"))),
        (5, STREAM_41, amended(message="really")),
    )
    chunk = chunk_of(restore(41, message="again"), log=log)
    assert list(chunk.overruled) == []
    assert chunk.columns[LEGACY.columns.index("message")] == ["t6:really"]


def test_a_shifted_backup_is_compared_with_what_was_read_of_it():
    log = (IMPORTED, (3, STREAM_41, amended(source_backup_id=None)))
    chunk = chunk_of(restore(41), log=log, into=CONSOLIDATED)
    assert list(chunk.overruled) == []
    row = dict(zip(CONSOLIDATED.columns, chunk.cells(0), strict=True))
    assert (row["source_backup_id"], row["backup_id"]) == ("-", "-")


def test_an_amendment_before_anything_was_read_overrules_nothing():
    log = ((2, STREAM_41, amended(message="really")),)
    chunk = chunk_of(restore(41), log=log)
    assert list(chunk.overruled) == []
    assert chunk.columns[LEGACY.columns.index("message")] == ["t6:really"]
