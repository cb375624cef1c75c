"""A row as the log last heard of it, in the cells of the table where it stands."""

from typing import Any

import pytest
from msgspec.structs import asdict

from domain.backups.events import BackupImported, BackupVanishedFromHost
from domain.restores.events import (
    RestoreAmended,
    RestoreChangedInHost,
    RestoreReturnedToHost,
    RestoreVanishedFromHost,
)
from domain.restores.values import BackupRef
from domain.values import Tagged
from projections.verification.expected.from_log import (
    cells_from_log,
    logged_cells,
    logged_misfit,
    standing_row,
)
from projections.verification.expected.schema import TABLES, ExpectedTable
from tests.builders import NOON, OFFSET, imported, legacy_columns, requested, started, stream
from tests.projections.verification.in_memory import NIGHTLY

LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]
LEGACY_BACKUPS = TABLES["database_management.BackupLog"]
HEX = "00000000000000000000000000000abc"

IN_LEGACY = {column: NIGHTLY[column] for column in LEGACY.columns if column in NIGHTLY} | {
    "restore_id": "u36:00000000-0000-0000-0000-000000000abc"
}


def said(table: ExpectedTable, *events: Any, shift: int = 0) -> dict[str, str] | None:
    """The cells by column, of a row with these events."""
    cells = cells_from_log(table, list(enumerate(events, 1)), shift, HEX)
    return None if cells is None else dict(zip(table.columns, cells, strict=True))


def legacy(*, derived: Any = None, assumed: Any = None, **columns: Any) -> Any:
    return imported(columns=legacy_columns(**columns), derived=derived or {}, assumed=assumed or {})


def consolidated(**columns: Any) -> Any:
    own = {"restore_type": "full", "trigger_type": "automatic", "is_overwrite": True}
    row = legacy_columns(**own) | columns
    if "restore_method" not in columns:
        del row["restore_method"]
    return imported(
        origin="consolidated", legacy_id=None, consolidated_id=7, columns=row, assumed={}
    )


LINK = BackupRef(backup_id=stream(5), legacy=5, consolidated=OFFSET + 5)


# --- what the log heard last ---------------------------------------------------------------


def later(kind: type, version: int = 2) -> Any:
    """The same row, read again."""
    read = imported(columns=legacy_columns(message="later"), originator_version=version)
    return kind(**asdict(read))


VANISHED = RestoreVanishedFromHost(originator_id=stream(1), originator_version=2)


def test_a_row_is_what_the_host_said_last() -> None:
    changed = later(RestoreChangedInHost)
    assert standing_row([(1, imported()), (2, changed)]) is changed
    assert standing_row([(1, imported()), (2, VANISHED), (3, changed)]) is changed
    returned = later(RestoreReturnedToHost)
    assert standing_row([(1, imported()), (2, VANISHED), (3, returned)]) is returned


def test_a_row_that_has_vanished_or_was_never_in_the_host_does_not_stand() -> None:
    assert standing_row([]) is None
    assert standing_row([(1, requested()), (2, started())]) is None
    assert standing_row([(1, imported()), (2, VANISHED)]) is None
    assert said(LEGACY, imported(), VANISHED) is None


def test_what_happens_here_leaves_the_host_s_row_as_it_was() -> None:
    first = imported()
    assert standing_row([(1, first), (2, started())]) is first


def test_a_backup_stands_until_it_vanishes() -> None:
    backup = BackupImported(
        originator_id=stream(1),
        originator_version=1,
        origin="legacy",
        legacy_id=3,
        consolidated_id=OFFSET + 3,
        columns={"id": 3, "name": "weekly", "size_bytes": 5, "target_database": "shop"},
        derived={},
        assumed={},
        sources={},
    )
    gone = BackupVanishedFromHost(originator_id=stream(1), originator_version=2)
    assert standing_row([(1, backup)]) is backup
    assert standing_row([(1, backup), (2, gone)]) is None
    assert said(LEGACY_BACKUPS, backup) == {
        "id": "i1:3",
        "name": "t6:weekly",
        "backup_type": "-",
        "status": "-",
        "database_name": "-",
        "file_path": "-",
        "size_bytes": "i1:5",
        "created_at": "-",
        "updated_at": "-",
        "backup_id": "u36:00000000-0000-0000-0000-000000000abc",
        "origin": "t6:legacy",
        "version": "i1:1",
        # A backup has no such column of its own.
        "extra": 't26:{"target_database":"shop"}',
    }


# --- its cells -----------------------------------------------------------------------------


def test_a_legacy_row_in_its_own_table_says_what_the_host_says() -> None:
    assert said(LEGACY, imported()) == IN_LEGACY


def test_a_legacy_row_in_the_consolidated_table_has_a_shifted_id_and_the_columns_it_lacked() -> (
    None
):
    row = said(CONSOLIDATED, legacy(source_backup_id=5), shift=OFFSET)
    expected = IN_LEGACY | {
        "id": "i13:1000000000007",
        "source_backup_id": "i13:1000000000005",
        "restore_type": "t8:database",
        "trigger_type": "t6:manual",
        "is_overwrite": "b1:0",
        "validation": "-",
        "warnings_count": "-",
    }
    del expected["restore_method"]
    assert row == expected


def test_a_key_that_is_no_number_cannot_be_shifted() -> None:
    row = said(CONSOLIDATED, legacy(source_backup_id="five"), shift=OFFSET)
    assert row is not None
    assert row["source_backup_id"] == "!"
    row = said(CONSOLIDATED, legacy(source_backup_id=None), shift=OFFSET)
    assert row is not None
    assert row["source_backup_id"] == "-"


def test_a_consolidated_row_says_what_its_own_columns_say() -> None:
    row = said(CONSOLIDATED, consolidated(source_backup_id=5))
    expected = IN_LEGACY | {
        "source_backup_id": "i1:5",
        "restore_type": "t4:full",
        "trigger_type": "t9:automatic",
        "is_overwrite": "b1:1",
        "origin": "t12:consolidated",
        "validation": "-",
        "warnings_count": "-",
    }
    del expected["restore_method"]
    assert row == expected


def test_columns_that_the_schema_does_not_name_stand_in_extra() -> None:
    row = said(LEGACY, legacy(file_path="/x", restore_type="full"))
    assert row is not None
    assert row["extra"] == 't40:{"file_path":"/x","restore_type":"full"}'
    row = said(CONSOLIDATED, consolidated(restore_method="manual"))
    assert row is not None
    assert row["extra"] == 't27:{"restore_method":"manual"}'
    row = said(LEGACY, legacy(origin="ours", version=3))
    assert row is not None
    assert row["extra"] == 't29:{"origin":"ours","version":3}'


def test_the_cells_of_one_event_leave_out_what_only_the_whole_stream_says() -> None:
    unsaid = {"restore_id": "", "version": "", "amended": ""}
    cells = dict(zip(LEGACY.columns, logged_cells(LEGACY, imported(), 0), strict=True))
    assert cells == IN_LEGACY | unsaid


def test_a_row_s_version_is_the_number_of_its_events() -> None:
    row = said(
        LEGACY, imported(), later(RestoreChangedInHost), VANISHED, later(RestoreReturnedToHost)
    )
    assert row == IN_LEGACY | {"message": "t5:later", "version": "i1:4"}


def test_a_row_has_the_backup_and_the_user_s_name_that_its_event_says() -> None:
    row = said(LEGACY, imported(backup=LINK, username=None))
    assert row == IN_LEGACY | {"backup_id": f"u36:{stream(5)}", "created_by_username": "-"}
    row = said(LEGACY, imported(username="n" * 256))
    assert row == IN_LEGACY | {"created_by_username": "!"}


def test_an_amendment_wins_over_what_the_host_said() -> None:
    amendment = RestoreAmended(
        originator_id=stream(1),
        originator_version=2,
        amended_at=NOON,
        changes={"message": "what really happened", "trigger_type": "recovery"},
        backup=None,
    )
    assert said(LEGACY, imported(), amendment, later(RestoreChangedInHost, 3)) == IN_LEGACY | {
        "message": "t20:what really happened",
        "restore_method": "t8:recovery",
        "version": "i1:3",
        "amended": 't28:["message","restore_method"]',
    }


# --- what no column can hold ---------------------------------------------------------------


def misfit(table: ExpectedTable, column: str, *events: Any, shift: int = 0) -> tuple[object, str]:
    """What was said of this column, and by whom."""
    number = table.columns.index(column)
    said = logged_misfit(table, events[0], list(enumerate(events, 1)), shift, number)
    assert said.column == number
    return said.value, said.by


def amendment(**changes: Any) -> RestoreAmended:
    return RestoreAmended(
        originator_id=stream(1), originator_version=2, amended_at=NOON, changes=changes, backup=None
    )


def test_a_column_that_cannot_hold_what_the_host_said_says_what_that_was() -> None:
    assert misfit(LEGACY, "name", legacy(name="n" * 256)) == ("n" * 256, "retired")
    assert misfit(LEGACY, "name", legacy(name=Tagged("raw", "6bff"))) == (
        Tagged("raw", "6bff"),
        "retired",
    )
    assert misfit(CONSOLIDATED, "trigger_type", legacy(restore_method=None)) == (None, "retired")
    assert misfit(LEGACY, "started_at", legacy(derived={"started_at": "soon"})) == (
        Tagged("time", "soon"),
        "retired",
    )


def test_a_user_s_name_that_the_column_cannot_hold_is_what_was_read() -> None:
    assert misfit(LEGACY, "created_by_username", imported(username="n" * 256)) == (
        "n" * 256,
        "retired",
    )


def test_a_key_that_no_column_can_hold_is_the_shifted_one() -> None:
    row = legacy(source_backup_id=2**63 - 1)
    assert misfit(CONSOLIDATED, "source_backup_id", row, shift=OFFSET) == (
        9_223_373_036_854_775_807,
        "retired",
    )


def test_a_column_that_cannot_hold_what_was_amended_says_who_said_that() -> None:
    row = legacy(name="n" * 256, message=None)
    amended = amendment(name="a" * 256)
    assert misfit(LEGACY, "name", row, amended) == ("a" * 256, "here")
    assert misfit(LEGACY, "message", row, amended) == (None, "retired")
    last = amendment(name=Tagged("raw", "6bff"))
    assert misfit(LEGACY, "name", row, amended, last) == (Tagged("raw", "6bff"), "here")


# --- values that were worked out at the import ---------------------------------------------


@pytest.mark.parametrize(
    ("derived", "assumed", "cell"),
    [
        ({}, {}, "t4:read"),
        ({"target_database": "derived"}, {}, "t7:derived"),
        ({}, {"target_database": "assumed"}, "t7:assumed"),
        ({"target_database": "derived"}, {"target_database": "assumed"}, "t7:assumed"),
        ({"target_database": ""}, {}, "t0:"),
    ],
)
def test_what_was_assumed_wins_over_what_was_derived_and_that_over_what_was_read(
    derived: Any, assumed: Any, cell: str
) -> None:
    row = said(LEGACY, legacy(target_database="read", derived=derived, assumed=assumed))
    assert row == IN_LEGACY | {"target_database": cell}


@pytest.mark.parametrize(
    "value", ["2024-02-29T22:00:00+00:00", Tagged("time", "2024-02-29T22:00:00+00:00")]
)
def test_an_instant_that_was_worked_out_is_a_time_however_it_is_kept(value: Any) -> None:
    row = said(LEGACY, legacy(derived={"started_at": value}))
    assert row == IN_LEGACY | {"started_at": "d26:2024-02-29T22:00:00.000000"}


@pytest.mark.parametrize("known", ["2024-02-29 23:00:00", Tagged("raw", "2024-02-29"), None])
def test_text_in_place_of_what_was_no_time_is_no_time_either(known: Any) -> None:
    row = said(LEGACY, legacy(started_at=known, derived={"started_at": "2024-02-29T22:00:00"}))
    assert row == IN_LEGACY | {"started_at": "!"}


def test_a_time_that_was_taken_for_none_is_none() -> None:
    row = said(LEGACY, legacy(assumed={"started_at": None}))
    assert row == IN_LEGACY | {"started_at": "-"}
