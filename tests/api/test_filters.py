"""Each column filters, and what cannot be a filter is refused rather than ignored."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, hours, legacy, put, restore

ONE: dict[str, Any] = {
    "name": "ä nightly",
    "source_backup_id": 11,
    "status": "failed",
    "target_database": "shop, old",
    "started_at": NOON,
    "completed_at": NOON + hours(1),
    "duration_seconds": 3600,
    "message": "disk 100% full",
    "created_by_id": "4",
    "created_by_username": "ada",
    "created_at": NOON,
    "updated_at": NOON + timedelta(microseconds=1),
    "extra": '{"zone":"eu","n":1}',
    "origin": "legacy",
    "version": 5,
}
OTHER: dict[str, Any] = {
    "target_database": "",
    "created_at": NOON - hours(24),
    "updated_at": NOON - hours(24),
}
FILTERS = [
    ("id", "1"),
    ("restore_id", "00000000-0000-0000-0000-000000000001"),
    ("name", "ä nightly"),
    ("source_backup", "11"),
    ("status", "failed"),
    ("status_in", "cancelled,failed"),
    ("target_database", "shop, old"),
    ("started_at", "2025-06-01T12:00:00Z"),
    ("completed_at", "2025-06-01T15:00:00+02:00"),
    ("duration_seconds", "3600"),
    ("message", "disk 100% full"),
    ("created_by", "4"),
    ("created_by_username", "ada"),
    ("created_at", "2025-06-01T12:00:00"),
    ("updated_at", "2025-06-01T12:00:00.000001Z"),
    ("extra", '{"zone": "eu", "n": 1}'),
    ("origin", "legacy"),
    ("origin_in", "legacy,recorded"),
    ("version", "5"),
    ("id_max", "1"),
    ("source_backup_min", "11"),
    ("source_backup_max", "11"),
    ("duration_seconds_min", "3600"),
    ("duration_seconds_max", "3600"),
    ("version_min", "2"),
    ("started_at_after", "2025-06-01T12:00:00Z"),
    ("started_at_before", "2025-06-01T12:00:00Z"),
    ("completed_at_after", "2025-06-01"),
    ("completed_at_before", "2025-06-01T13:00:00Z"),
    ("created_at_after", "2025-06-01T11:59:59.999999Z"),
    ("updated_at_after", "2025-06-01T12:00:00.000001Z"),
    ("source_backup_isnull", "false"),
    ("started_at_isnull", "false"),
    ("completed_at_isnull", "false"),
    ("duration_seconds_isnull", "false"),
    ("created_by_isnull", "false"),
    ("created_by_username_isnull", "false"),
    ("search", "NIGHTLY"),
    ("search", "100% full"),
    ("search", "ada old"),
]
CONSOLIDATED_FILTERS = [
    ("restore_type", "files"),
    ("restore_type_in", "files,custom"),
    ("trigger_type", "recovery"),
    ("is_overwrite", "true"),
    ("is_overwrite", "1"),
]


def found(reader: Reader, path: str, filters: list[tuple[str, str]]) -> dict[str, list[int]]:
    """The ids that each of these filters lets through."""
    return {f"{name}={value}": reader.ids(path, **{name: value}) for name, value in filters}


def all_of(filters: list[tuple[str, str]], ids: list[int]) -> dict[str, list[int]]:
    return {f"{name}={value}": ids for name, value in filters}


def test_each_filter_finds_the_one_row_and_not_the_other(viewer: Reader):
    put(
        restore(1, **ONE, restore_type="files", trigger_type="recovery", is_overwrite=True),
        restore(2, **OTHER),
    )
    filters = FILTERS + CONSOLIDATED_FILTERS
    assert found(viewer, "restores/", filters) == all_of(filters, [1])


def test_so_it_does_in_the_legacy_table(viewer: Reader):
    put(legacy(1, **ONE, restore_method="recovery"), legacy(2, **OTHER))
    filters = [*FILTERS, ("restore_method", "recovery")]
    assert found(viewer, "legacy/restores/", filters) == all_of(filters, [1])


def test_backups_are_filtered_likewise(viewer: Reader):
    one = {
        "name": "weekly",
        "backup_type": "full",
        "status": "completed",
        "database_name": "shop",
        "file_path": "/b/1",
        "size_bytes": 2**40,
        "created_at": NOON,
        "updated_at": NOON,
    }
    put(backup(1, **one), backup(2))
    filters = [
        ("name", "weekly"),
        ("backup_type", "full"),
        ("database_name", "shop"),
        ("file_path", "/b/1"),
        ("size_bytes", "1099511627776"),
        ("size_bytes_min", "5"),
        ("created_at_before", "2025-06-01T12:00:00Z"),
        ("updated_at_isnull", "false"),
        ("backup_id", "00000000-0000-0000-0000-000000000001"),
        ("status_in", "completed"),
        ("search", "weekly shop"),
    ]
    assert found(viewer, "backups/", filters) == all_of(filters, [1])


def test_an_empty_text_asks_for_empty_text(viewer: Reader):
    put(restore(1, **ONE), restore(2, **OTHER))
    assert viewer.ids("restores/", target_database="") == [2]


def test_filters_are_combined(viewer: Reader):
    put(restore(1, **ONE), restore(2, **OTHER), restore(3, status="failed"))
    assert viewer.ids("restores/", status="failed", duration_seconds_isnull="true") == [3]


def test_null_can_be_asked_for(viewer: Reader):
    put(restore(1, **ONE), restore(2, **OTHER))
    assert viewer.ids("restores/", started_at_isnull="true") == [2]


def test_a_search_takes_every_character_for_itself(viewer: Reader):
    texts = [
        "'; DROP TABLE system_backups_restorelog; --",
        "%",
        "_",
        "\\",
        "\\%",
        "' OR 1=1",
        '"',
        "?",
    ]
    put(*(restore(n, message=f"<{text}>") for n, text in enumerate(texts)), restore(99))
    for n, text in enumerate(texts):
        assert n in viewer.ids("restores/", search=f"<{text}>")
        assert 99 not in viewer.ids("restores/", search=text)
        assert viewer.ids("restores/", message=f"<{text}>") == [n]


IMPOSSIBLE = [
    ("id", ""),
    ("id", "one"),
    ("id", "1.0"),
    ("id", "9223372036854775808"),
    ("id", "9" * 5000),
    ("id", "١"),
    ("source_backup", "1e400"),
    ("duration_seconds_min", "NaN"),
    ("name", "a\0b"),
    ("name", "a" * 1001),
    ("message", "\0"),
    ("status_in", "\0"),
    ("restore_id", "1"),
    ("restore_id", "\0"),
    ("started_at", ""),
    ("started_at", "yesterday"),
    ("started_at_after", "2025-13-01"),
    ("started_at_after", "2025-06-01T12:00:00 02:00"),
    ("started_at_before", "0001-01-01T00:00:00+14:00"),
    ("started_at_before", "9999-12-31T23:59:59-14:00"),
    ("started_at_isnull", "perhaps"),
    ("is_overwrite", "yes"),
    ("is_overwrite", ""),
    ("extra", "{"),
    ("extra", "[]"),
    ("extra", "[" * 900),
    ("search", "\0"),
    ("search", "a" * 201),
    ("search", "a b c d e f g h i j k"),
    ("search", "a\x85b\xa0c\u1680d\u2003e\u2028f\u2029g\u202fh\u205fi\u3000j\x1ck"),
    ("origin", "100%"),
    ("origin", "%s %(text)s"),
    ("origin_in", "legacy,%d"),
    ("validation", "50%s"),
]


def test_a_value_that_cannot_be_is_refused_by_name(viewer: Reader):
    for name, value in IMPOSSIBLE:
        problem = viewer.problem("restores/", 400, **{name: value})
        assert problem["code"] == "invalid"
        assert list(problem["errors"]) == [name]
        assert "%(" not in problem["errors"][name][0].replace(repr(value), "")


BEYOND = [
    ("id", "9223372036854775807", []),
    ("id_min", "-9223372036854775808", [1]),
    ("duration_seconds", "9223372036854775807", []),
    ("duration_seconds_max", "9223372036854775807", [1]),
    ("duration_seconds_min", "-5", [1]),
    ("duration_seconds", "-5", []),
    ("warnings_count", "-5", []),
    ("warnings_count_max", "-5", []),
    ("version_max", "4294967296", [1]),
    ("started_at_after", "0001-01-01T00:00:00Z", [1]),
    ("started_at_before", "9999-12-31T23:59:59.999999Z", [1]),
    ("name", "💾" * 300, []),
]


def test_values_beyond_the_columns_are_no_error(viewer: Reader):
    put(restore(1, **ONE))
    for name, value, ids in BEYOND:
        assert viewer.ids("restores/", **{name: value}) == ids


@pytest.mark.parametrize(
    "path", ["restores/", "legacy/restores/", "backups/", "projections/", "restores/1/", "schema/"]
)
def test_an_unknown_parameter_is_refused(viewer: Reader, path: str):
    put(restore(1))
    problem = viewer.problem(path, 400, statsu="failed")
    assert (problem["code"], problem["parameter"]) == ("unknown_parameter", "statsu")


def test_a_column_of_the_other_table_is_an_unknown_parameter(viewer: Reader):
    assert viewer.problem("restores/", 400, restore_method="manual")["parameter"] == (
        "restore_method"
    )
    assert viewer.problem("legacy/restores/", 400, is_overwrite="true")["parameter"] == (
        "is_overwrite"
    )


def test_a_parameter_given_twice_is_refused(viewer: Reader):
    problem = viewer.problem("restores/?status=failed&status=completed", 400)
    assert (problem["code"], problem["parameter"]) == ("repeated_parameter", "status")


def test_filters_go_by_uuid_too(viewer: Reader):
    put(restore(1), restore(2))
    assert viewer.ids("restores/", restore_id=str(UUID(int=2)).upper()) == [2]
