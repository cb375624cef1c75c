"""What a verification counts as assumed: in the host's rows, and in the log's record of them."""

from typing import Any

import pytest

from domain.consolidation.events import ColumnsChosen
from domain.consolidation.values import ColumnChoice
from domain.values import Tagged
from projections.verification.cells import Values
from projections.verification.expected.assumptions import Assumption, Suppositions
from projections.verification.expected.schema import TABLES
from tests.builders import backup_imported, imported, legacy_columns
from tests.projections.histories import event
from tests.projections.verification.test_host_rows import DECLARED, host_rows, restore, without

LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]
OWN_WORDS = [
    (LEGACY.label, "is_overwrite", False),
    (LEGACY.label, "restore_type", "database"),
]
"""What a legacy row never says."""
EARLIER = "the earlier instant"
IN_BERLIN = {
    "2021-03-28 02:30:00": True,  # skipped
    "2021-10-31 02:30:00.5": True,  # twice
    "2021-10-31T02:59:59": True,
    "2021-10-31 03:00:00": False,
    "2021-10-31 01:59:59.999999": False,
    "2021-10-31 02:30:00+01:00": False,
    "2021-10-31 02:30:00Z": False,
    "2021-10-31": False,
    "2021-10-31 02:30": False,
    "0001-01-01 00:00:00": False,
    "9999-12-31 23:59:59": False,
}
"""Times of a host in that zone, and whether each is one of two instants, or of none."""


def counted(*rows: dict[str, Any], **options: Any) -> tuple[list[Any], int]:
    """What is assumed in these rows of a host, and how many have an empty target."""
    wanted = host_rows(*rows, **options)
    list(wanted.chunks())
    supposed = wanted.suppositions
    return [tuple(one) for one in supposed.assumptions()], supposed.empty_targets


def logged(*events: Any, of: Any = LEGACY) -> tuple[list[Any], int]:
    """The same of a log's events."""
    supposed = Suppositions(of)
    for one in events:
        supposed.logged_row(one)
    return [tuple(one) for one in supposed.assumptions()], supposed.empty_targets


def test_what_the_host_has_no_column_for_is_assumed_in_every_row():
    assert counted(restore(1), restore(2)) == ([(*one, 2) for one in OWN_WORDS], 0)


def test_of_a_table_without_rows_nothing_is_assumed():
    assert counted() == ([], 0)


def test_a_row_is_counted_in_its_own_table_only():
    assert counted(restore(1), into=CONSOLIDATED)[0] == []


def test_a_column_that_was_chosen_is_not_assumed():
    choice = ColumnChoice(sources=("replaced",), how="decided")
    supposed = Suppositions(LEGACY)
    supposed.host_rows({LEGACY.label: {"is_overwrite": choice}}, [*DECLARED, "replaced"], {}, {}, 3)
    assert [tuple(one) for one in supposed.assumptions()] == [
        (LEGACY.label, "restore_type", "database", 3)
    ]


@pytest.mark.parametrize("written", [*IN_BERLIN, None, 7])
def test_a_local_time_is_assumed_where_its_zone_leaves_two_instants(written: Any):
    found, _ = counted(restore(1, completed_at=written), restore(2), zone="Europe/Berlin")
    twice = [(LEGACY.label, "completed_at", EARLIER, 1)] if IN_BERLIN.get(written) else []
    assert found == sorted([*((*one, 2) for one in OWN_WORDS), *twice])


def test_each_zone_has_its_own_two_instants():
    for zone, expected in (("Europe/Berlin", 1), ("America/New_York", 0), (None, 0)):
        found, _ = counted(restore(1, started_at="2021-10-31 02:30:00"), zone=zone)
        assert sum(rows for _, column, _, rows in found if column == "started_at") == expected


def test_a_column_that_is_declared_as_text_holds_no_local_time():
    declared = {**DECLARED, "started_at": "text"}
    row = restore(1, started_at="2021-10-31 02:30:00")
    assert counted(row, declared=declared, zone="Europe/Berlin")[0] == [
        (*one, 1) for one in OWN_WORDS
    ]


@pytest.mark.parametrize(
    ("first", "second", "rows"),
    [
        (None, "2021-10-31 02:30:00", 1),
        ("2021-10-31 02:30:00", None, 0),
        ("2021-10-31 12:00:00", "2021-10-31 02:30:00", 0),
    ],
)
def test_of_two_columns_only_the_one_that_is_shown_is_assumed(
    first: str | None, second: str | None, rows: int
):
    choice = ColumnChoice(sources=("ended", "completed_at"), how="decided")
    chosen = event(ColumnsChosen, columns={LEGACY.label: {"completed_at": choice}})
    found, _ = counted(
        {**restore(1, completed_at=second), "ended": first},
        declared={**DECLARED, "ended": "text"},
        log=((2, "c" * 32, chosen),),
        zone="Europe/Berlin",
    )
    assert sum(number for _, column, _, number in found if column == "completed_at") == rows


@pytest.mark.parametrize(("target", "empty"), [("", 2), ("shop", 0), (None, 0), (" ", 0)])
def test_empty_targets_are_counted(target: Any, empty: int):
    rows = [restore(number, target_database=target) for number in (1, 2)]
    assert counted(*rows)[1] == empty


def test_a_host_without_targets_has_no_empty_ones():
    declared = without(DECLARED, "target_database")
    assert counted(restore(1), declared=declared)[1] == 0


def test_the_log_s_record_is_counted_in_the_same_way():
    first = {"is_overwrite": False, "restore_type": "database"}
    local = {"started_at": Tagged("time", "2021-10-31T00:30:00Z"), "completed_at": "2021-10-31"}
    empty = legacy_columns(target_database="")
    assert logged(
        imported(1, 1, assumed=first),
        imported(2, 2, assumed={**first, **local}, columns=empty),
        imported(3, 3, assumed=first, columns=legacy_columns(target_database=None)),
    ) == (
        [
            (LEGACY.label, "completed_at", EARLIER, 1),
            (LEGACY.label, "is_overwrite", False, 3),
            (LEGACY.label, "restore_type", "database", 3),
            (LEGACY.label, "started_at", EARLIER, 1),
        ],
        1,
    )


def test_the_log_s_record_names_the_column_of_the_target():
    columns = {**legacy_columns(target_database=""), "goal": "shop"}
    assert logged(imported(columns=columns, sources={"target_database": ["goal"]}))[1] == 0
    columns = {**legacy_columns(), "goal": ""}
    assert logged(imported(columns=columns, sources={"target_database": ["goal"]}))[1] == 1


def test_a_backup_has_no_target():
    of = TABLES["database_management.BackupLog"]
    columns = {"id": 7, "target_database": ""}
    assert logged(backup_imported(columns=columns), of=of) == ([], 0)


@pytest.mark.parametrize(
    ("value", "rows", "says"),
    [
        (False, 1, "`is_overwrite` assumed false in 1 row of T"),
        ("database", 2, "`is_overwrite` assumed 'database' in 2 rows of T"),
        (True, 1_234, "`is_overwrite` assumed true in 1,234 rows of T"),
        ("x", 0, "`is_overwrite` assumed 'x' in 0 rows of T"),
    ],
)
def test_it_is_said_in_one_line(value: str | bool, rows: int, says: str):
    assert str(Assumption("T", "is_overwrite", value, rows)) == says


def test_values_of_a_batch_are_counted_together():
    supposed = Suppositions(LEGACY)
    said: dict[str, Values] = {"target_database": ("", "shop", "", None)}
    supposed.host_rows(None, DECLARED, said, {}, 4)
    supposed.host_rows(None, DECLARED, said, {}, 4)
    assert supposed.empty_targets == 4
    assert [one.rows for one in supposed.assumptions()] == [8, 8]
