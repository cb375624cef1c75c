"""Why a row is not as it must be: the host has moved on, or the projection is wrong."""

from typing import Any

import pytest

from domain.events import Event
from domain.restores.events import RestoreAmended
from domain.values import Tagged
from projections.verification.causes import Causes
from projections.verification.cells import Cells
from projections.verification.chunks import CellViolation
from projections.verification.compare import Mismatch
from projections.verification.differences import Difference, Tally
from projections.verification.expected.schema import TABLES, Origin
from tests.builders import NOON, OFFSET, imported, legacy_columns
from tests.projections.verification.in_memory import NIGHTLY, log_in_memory, row_stream

LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
BACKUPS = "database_management.BackupLog"
ORIGINS = {LEGACY: "t6:legacy", CONSOLIDATED: "t12:consolidated"}
NAME, STATUS = 1, 3
NO_STATUS = CellViolation(STATUS, None, "host")


def cells(label: str, stream: object, **changes: str) -> Cells:
    """The cells of the row that was imported, with some of them changed."""
    own = {"restore_id": f"u36:{stream}", "origin": ORIGINS[label]}
    row = NIGHTLY | own | changes
    return [row[column] for column in TABLES[label].columns]


def in_legacy(key: int = 7, **changes: str) -> Cells:
    """The cells of a legacy row in its own table."""
    stream = row_stream("database_management_restorelog", key)
    return cells(LEGACY, stream, **{"id": f"i{len(str(key))}:{key}"} | changes)


def in_consolidated(key: int = 7, **changes: str) -> Cells:
    """The cells of a consolidated row in its table."""
    return cells(CONSOLIDATED, row_stream("system_backups_restorelog", key), **changes)


def shifted(key: int = 7, **changes: str) -> Cells:
    """The cells of a legacy row in the consolidated table."""
    stream = row_stream("database_management_restorelog", key)
    own = {"id": f"i13:{OFFSET + key}", "origin": "t6:legacy"}
    return cells(CONSOLIDATED, stream, **own | changes)


def legacy(key: int = 7, **columns: Any) -> Event:
    return imported(
        originator_id=row_stream("database_management_restorelog", key),
        key=key,
        columns=legacy_columns(key, **columns),
    )


def consolidated(key: int = 7) -> Event:
    """The same row, in the host's consolidated table."""
    columns = legacy_columns(
        key, restore_type="database", trigger_type="manual", is_overwrite=False
    )
    del columns["restore_method"]
    return imported(
        originator_id=row_stream("system_backups_restorelog", key),
        origin="consolidated",
        legacy_id=None,
        consolidated_id=key,
        columns=columns,
        assumed={},
        sources={},
    )


def explained(
    label: str,
    *rows: Mismatch,
    log: tuple[Event, ...] = (),
    derives: frozenset[Origin] = frozenset(),
) -> tuple[list[Difference], Tally]:
    """What is said of these rows, and how they are counted."""
    tally = Tally()
    with log_in_memory(*log) as landmarks:
        causes = Causes(landmarks, TABLES[label], derives)
        return list(causes.explain(rows, tally)), tally


def counts(tally: Tally) -> tuple[int, int, int, int]:
    return tally.missing, tally.unexpected, tally.differing, tally.host_changed


# --- rows that are missing -----------------------------------------------------------------


def test_a_missing_row_that_was_imported_is_the_projection_s_fault() -> None:
    row = Mismatch(7, None, in_legacy(), None)
    (found,), tally = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, 7, "", "nightly 7", None, "projection_wrong")
    assert counts(tally) == (1, 0, 0, 0)


def test_a_missing_row_that_the_log_does_not_know_is_new_in_the_host() -> None:
    row = Mismatch(8, None, in_legacy(8), None)
    (found,), tally = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, 8, "", "nightly 7", None, "host_changed")
    assert counts(tally) == (1, 0, 0, 1)


def test_a_missing_row_that_no_column_could_hold_at_the_import_was_mended_in_the_host() -> None:
    row = Mismatch(7, None, in_legacy(), None)
    (found,), _ = explained(LEGACY, row, log=(legacy(name=None),))
    assert found.cause == "host_changed"


@pytest.mark.parametrize("pk", [2 * OFFSET, 2 * OFFSET + 9, 3 * OFFSET])
def test_a_missing_row_recorded_here_is_the_projection_s_fault(pk: int) -> None:
    row = Mismatch(pk, None, in_legacy(), None)
    (found,), tally = explained(LEGACY, row)
    assert (found.pk, found.cause) == (pk, "projection_wrong")
    assert counts(tally) == (1, 0, 0, 0)


def test_the_highest_id_of_a_host_s_row_is_no_row_recorded_here() -> None:
    row = Mismatch(2 * OFFSET - 1, None, shifted(), None)
    (found,), _ = explained(CONSOLIDATED, row)
    assert found.cause == "host_changed"


# --- rows that must not be there -----------------------------------------------------------


def test_a_row_that_the_host_has_no_more_was_deleted_there() -> None:
    row = Mismatch(7, None, None, in_legacy())
    (found,), tally = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, 7, "", None, "nightly 7", "host_changed")
    assert counts(tally) == (0, 1, 0, 1)


def test_a_row_that_nobody_knows_is_the_projection_s_fault() -> None:
    row = Mismatch(8, None, None, in_legacy(8))
    (found,), tally = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, 8, "", None, "nightly 7", "projection_wrong")
    assert counts(tally) == (0, 1, 0, 0)


def test_a_row_that_no_column_could_hold_at_the_import_should_never_have_stood() -> None:
    row = Mismatch(7, None, None, in_legacy())
    (found,), _ = explained(LEGACY, row, log=(legacy(name=None),))
    assert found.cause == "projection_wrong"


def test_a_row_with_an_id_that_is_no_number_is_named_by_what_stands_there() -> None:
    row = Mismatch(2**63, None, None, in_legacy(id="t5:seven"))
    (found,), _ = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, "seven", "", None, "nightly 7", "projection_wrong")


# --- rows that differ ----------------------------------------------------------------------


def test_each_column_that_differs_has_its_own_cause() -> None:
    row = Mismatch(
        7,
        None,
        in_legacy(message="t5:again", duration_seconds="i3:301"),
        in_legacy(duration_seconds="i3:299"),
    )
    found, tally = explained(LEGACY, row, log=(legacy(),))
    assert found == [
        Difference(LEGACY, 7, "duration_seconds", 301, 299, "projection_wrong"),
        Difference(LEGACY, 7, "message", "again", "done", "host_changed"),
    ]
    assert counts(tally) == (0, 0, 1, 1)


@pytest.mark.parametrize(
    ("column", "must", "shown"),
    [
        ("origin", "t6:legacy", "t12:consolidated"),
        ("version", "i1:1", "i1:2"),
        ("amended", "t2:[]", 't8:["name"]'),
    ],
)
def test_what_only_the_log_knows_no_change_of_the_host_explains(
    column: str, must: str, shown: str
) -> None:
    amendment = RestoreAmended(
        originator_id=row_stream("database_management_restorelog", 7),
        originator_version=2,
        amended_at=NOON,
        changes={"name": "nightly 7"},
        backup=None,
    )
    # The log has gone on since the position at which the row is looked at.
    row = Mismatch(7, None, in_legacy(**{column: must}), in_legacy(**{column: shown}))
    (found,), tally = explained(LEGACY, row, log=(legacy(), amendment))
    assert (found.column, found.cause) == (column, "projection_wrong")
    assert counts(tally) == (0, 0, 1, 0)


def test_a_user_who_is_called_otherwise_now_was_renamed_in_the_host() -> None:
    row = Mismatch(7, None, in_legacy(created_by_username="t5:grace"), in_legacy())
    (found,), _ = explained(LEGACY, row, log=(legacy(),))
    assert found == Difference(LEGACY, 7, "created_by_username", "grace", "ada", "host_changed")
    forged = in_legacy(created_by_username="t3:eve")
    (found,), _ = explained(LEGACY, Mismatch(7, None, in_legacy(), forged), log=(legacy(),))
    assert found == Difference(LEGACY, 7, "created_by_username", "ada", "eve", "projection_wrong")


def test_a_row_that_changed_in_several_columns_counts_once() -> None:
    row = Mismatch(7, None, in_legacy(message="t5:again", status="t6:failed"), in_legacy())
    found, tally = explained(LEGACY, row, log=(legacy(),))
    assert [difference.cause for difference in found] == ["host_changed", "host_changed"]
    assert counts(tally) == (0, 0, 1, 1)


def test_a_row_that_differs_and_that_the_log_does_not_know_is_the_projection_s_fault() -> None:
    row = Mismatch(8, None, in_legacy(8), in_legacy(8, status="t4:lost"))
    found, tally = explained(LEGACY, row, log=(legacy(),))
    assert found == [Difference(LEGACY, 8, "status", "completed", "lost", "projection_wrong")]
    assert counts(tally) == (0, 0, 1, 0)


def test_a_row_recorded_here_that_differs_is_the_projection_s_fault() -> None:
    row = Mismatch(2 * OFFSET + 9, None, in_legacy(), in_legacy(status="t4:lost"))
    found, _ = explained(LEGACY, row, log=(legacy(),))
    assert [difference.cause for difference in found] == ["projection_wrong"]


def test_rows_are_counted_together_and_each_is_held_against_its_own_events() -> None:
    log = (legacy(7), legacy(8, message="eight"))
    found, tally = explained(
        LEGACY,
        Mismatch(7, None, in_legacy(7, message="t5:other"), in_legacy(7, message="t5:eight")),
        Mismatch(8, None, in_legacy(8, message="t5:other"), in_legacy(8, message="t5:eight")),
        Mismatch(9, None, None, in_legacy(9)),
        Mismatch(10, None, None, in_legacy(10)),
        Mismatch(11, None, in_legacy(11), None),
        log=log,
    )
    assert [(difference.pk, difference.cause) for difference in found] == [
        (7, "projection_wrong"),
        (8, "host_changed"),
        (9, "projection_wrong"),
        (10, "projection_wrong"),
        (11, "host_changed"),
    ]
    assert counts(tally) == (1, 2, 2, 2)


# --- a row's events, by its id and its table -----------------------------------------------


def test_a_consolidated_row_is_held_against_what_was_read_in_its_own_table() -> None:
    row = Mismatch(7, None, None, in_consolidated())
    (found,), _ = explained(CONSOLIDATED, row, log=(consolidated(),))
    assert found.cause == "host_changed"
    (found,), _ = explained(CONSOLIDATED, row, log=(legacy(),))
    assert found.cause == "projection_wrong"


@pytest.mark.parametrize("key", [0, 7, OFFSET - 1])
def test_a_legacy_row_in_the_consolidated_table_is_held_against_the_legacy_one(key: int) -> None:
    row = Mismatch(OFFSET + key, None, shifted(key, message="t5:again"), shifted(key))
    found, _ = explained(CONSOLIDATED, row, log=(legacy(key),))
    assert found == [
        Difference(CONSOLIDATED, OFFSET + key, "message", "again", "done", "host_changed")
    ]


def test_the_id_that_the_log_says_of_a_legacy_row_is_the_one_it_has_in_the_consolidated_table() -> (
    None
):
    row = Mismatch(OFFSET + 7, None, shifted(id="i1:9"), shifted())
    found, _ = explained(CONSOLIDATED, row, log=(legacy(),))
    assert found == [
        Difference(CONSOLIDATED, OFFSET + 7, "id", 9, 1_000_000_000_007, "host_changed")
    ]


def test_no_id_is_shifted_in_a_legacy_table() -> None:
    row = Mismatch(OFFSET + 7, None, None, in_legacy())
    (found,), _ = explained(LEGACY, row, log=(legacy(),))
    assert found.cause == "projection_wrong"


# --- a database name that is taken from the backup -----------------------------------------


def test_another_name_for_the_same_backup_is_the_projection_s_fault() -> None:
    expected = in_consolidated(target_database="t5:store")
    row = Mismatch(7, None, expected, in_consolidated())
    found, tally = explained(
        CONSOLIDATED, row, log=(consolidated(),), derives=frozenset({"consolidated"})
    )
    assert found == [
        Difference(CONSOLIDATED, 7, "target_database", "store", "shop", "projection_wrong")
    ]
    assert counts(tally) == (0, 0, 1, 0)


def test_a_name_that_comes_with_another_backup_is_the_host_s_change() -> None:
    expected = in_consolidated(target_database="t5:store", source_backup_id="i1:3")
    row = Mismatch(7, None, expected, in_consolidated())
    found, _ = explained(
        CONSOLIDATED, row, log=(consolidated(),), derives=frozenset({"consolidated"})
    )
    assert [(difference.column, difference.cause) for difference in found] == [
        ("source_backup_id", "host_changed"),
        ("target_database", "host_changed"),
    ]


def test_a_name_that_the_host_has_a_column_for_is_the_host_s_change() -> None:
    row = Mismatch(7, None, in_legacy(target_database="t5:store"), in_legacy())
    (found,), _ = explained(LEGACY, row, log=(legacy(),), derives=frozenset())
    assert found.cause == "host_changed"


def test_any_other_column_of_a_table_without_names_is_the_host_s_change() -> None:
    row = Mismatch(7, None, in_legacy(message="t5:again"), in_legacy())
    (found,), _ = explained(LEGACY, row, log=(legacy(),), derives=frozenset({"legacy"}))
    assert found.cause == "host_changed"


@pytest.mark.parametrize(
    ("derives", "cause"), [("legacy", "projection_wrong"), ("consolidated", "host_changed")]
)
def test_the_names_of_legacy_rows_in_the_consolidated_table_are_the_legacy_table_s(
    derives: Origin, cause: str
) -> None:
    row = Mismatch(OFFSET + 7, None, shifted(target_database="t5:store"), shifted())
    (found,), _ = explained(CONSOLIDATED, row, log=(legacy(),), derives=frozenset({derives}))
    assert found == Difference(CONSOLIDATED, OFFSET + 7, "target_database", "store", "shop", cause)


# --- rows that no column can hold ----------------------------------------------------------


def test_a_quarantined_row_that_stands_nowhere_is_no_more_than_that() -> None:
    misfit = CellViolation(STATUS, "far too long for a status", "host")
    row = Mismatch(7, None, in_legacy(status="!"), None, misfit)
    found, tally = explained(LEGACY, row, log=(legacy(),))
    assert found == [
        Difference(LEGACY, 7, "status", "far too long for a status", None, "quarantined", misfit)
    ]
    assert counts(tally) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("0000-00-00 00:00:00.000000", "0000-00-00T00:00:00.000000"),
        ("0000-00-00T00:00:00.000000", "0000-00-00T00:00:00.000000"),
        ("some other day", "some other day"),
        (17, 17),
    ],
)
def test_a_time_that_no_column_holds_is_spelled_in_one_way(said: object, shown: object) -> None:
    number = TABLES[LEGACY].columns.index("started_at")
    row = Mismatch(7, None, in_legacy(started_at="!"), None, CellViolation(number, said, "host"))
    (found,), _ = explained(LEGACY, row, log=(legacy(),))
    assert (found.column, found.expected) == ("started_at", shown)


def test_of_another_column_it_is_shown_as_it_is() -> None:
    number = TABLES[LEGACY].columns.index("name")
    misfit = CellViolation(number, "0000-00-00 and on", "host")
    row = Mismatch(7, None, in_legacy(name="!"), None, misfit)
    (found,), _ = explained(LEGACY, row, log=(legacy(),))
    assert (found.column, found.expected) == ("name", "0000-00-00 and on")


def test_a_quarantined_row_that_still_stands_was_good_when_it_was_imported() -> None:
    row = Mismatch(7, None, in_legacy(status="!"), in_legacy(), NO_STATUS)
    found, tally = explained(LEGACY, row, log=(legacy(),))
    assert found == [
        Difference(LEGACY, 7, "status", None, "completed", "quarantined", NO_STATUS),
        Difference(LEGACY, 7, "", None, "nightly 7", "host_changed"),
    ]
    assert counts(tally) == (0, 1, 0, 1)


@pytest.mark.parametrize("log", [(), (legacy(status=None),), (legacy(message="else"),)])
def test_a_quarantined_row_that_nobody_imported_like_that_is_the_projection_s_fault(
    log: tuple[Event, ...],
) -> None:
    row = Mismatch(7, None, in_legacy(status="!"), in_legacy(), NO_STATUS)
    found, tally = explained(LEGACY, row, log=log)
    assert found == [
        Difference(LEGACY, 7, "status", None, "completed", "quarantined", NO_STATUS),
        Difference(LEGACY, 7, "", None, "nightly 7", "projection_wrong"),
    ]
    assert counts(tally) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (None, None),
        (True, True),
        (2**63, 9_223_372_036_854_775_808),
        ("a\0b", "a\0b"),
        (b"\x00\xff", "00ff"),
        (1.5, "1.5"),
        (Tagged("time", "2024-02-30 00:00:00"), "2024-02-30 00:00:00"),
    ],
)
def test_a_value_that_no_column_can_hold_is_shown_as_it_is(raw: object, shown: object) -> None:
    misfit = CellViolation(NAME, raw, "host")
    (found,), _ = explained(LEGACY, Mismatch(7, None, in_legacy(name="!"), None, misfit))
    assert (found.column, found.expected) == ("name", shown)
    assert type(found.expected) is type(shown)


def test_a_backup_is_held_against_its_own_events() -> None:
    # The restore with the same key is another row.
    found_cells = ["i1:7", "t6:weekly", "-", "-", "-", "-", "-", "-", "-", "t2:{}", "u36:x"]
    row = Mismatch(7, None, None, found_cells)
    (found,), _ = explained(BACKUPS, row, log=(legacy(),))
    assert found == Difference(BACKUPS, 7, "", None, "weekly", "projection_wrong")
