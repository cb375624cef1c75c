"""What a restore looks like over REST."""

from datetime import UTC, datetime
from uuid import UUID

from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore

WHOLE = {
    "name": "nightly",
    "source_backup_id": 11,
    "status": "failed",
    "restore_type": "full",
    "trigger_type": "automatic",
    "target_database": "shop",
    "is_overwrite": True,
    "started_at": datetime(2024, 2, 29, 23, 0, 0, 1, tzinfo=UTC),
    "completed_at": datetime(2024, 2, 29, 23, 5, tzinfo=UTC),
    "duration_seconds": 300,
    "message": "disk full\n\t'\"",
    "created_by_id": "4",
    "created_by_username": "ada",
    "created_at": datetime(2024, 2, 29, 22, 59, 59, tzinfo=UTC),
    "updated_at": datetime(2024, 2, 29, 23, 5, tzinfo=UTC),
    "restore_id": UUID("9b1f7a52-0f5d-4f5e-9d0a-2f6f4b6f3a11"),
    "backup_id": UUID("00000000-0000-0000-0000-00000000000b"),
    "version": 3,
    "extra": '{"zone":"eu","size":{"$":"decimal","v":"1.50"}}',
}
SHOWN = {
    "id": 2_000_000_000_007,
    "restore_id": "9b1f7a52-0f5d-4f5e-9d0a-2f6f4b6f3a11",
    "name": "nightly",
    "source_backup": 11,
    "status": "failed",
    "restore_type": "full",
    "trigger_type": "automatic",
    "target_database": "shop",
    "is_overwrite": True,
    "started_at": "2024-02-29T23:00:00.000001Z",
    "completed_at": "2024-02-29T23:05:00Z",
    "duration_seconds": 300,
    "message": "disk full\n\t'\"",
    "created_by": "4",
    "created_by_username": "ada",
    "created_at": "2024-02-29T22:59:59Z",
    "updated_at": "2024-02-29T23:05:00Z",
    "extra": {"zone": "eu", "size": {"$": "decimal", "v": "1.50"}},
    "attributes": {},
    "origin": "consolidated",
    "version": 3,
    "validation": None,
    "warnings_count": None,
}


def test_a_restore_is_shown_whole(viewer: Reader):
    put(restore(2_000_000_000_007, **WHOLE))
    assert viewer.json("restores/2000000000007/") == SHOWN


def test_a_restore_is_found_by_its_uuid_as_well(viewer: Reader):
    put(restore(2_000_000_000_007, **WHOLE))
    assert viewer.json("restores/9B1F7A52-0f5d-4f5e-9d0a-2f6f4b6f3a11/") == SHOWN


def test_in_a_list_it_is_the_same_but_says_whether_its_message_was_cut(viewer: Reader):
    put(restore(2_000_000_000_007, **WHOLE))
    assert viewer.json("restores/") == {
        "next": None,
        "previous": None,
        "results": [{**SHOWN, "message_truncated": False, "is_overwrite_known_by": None}],
        "left_out": {"vanished": 0, "quarantined": 0},
    }


def test_a_long_message_is_cut_in_lists_and_whole_in_the_single_row(viewer: Reader):
    put(restore(1, message="ä" * 500), restore(2, message="ä" * 501))
    cut, uncut = viewer.json("restores/")["results"]
    assert (cut["message"], cut["message_truncated"]) == ("ä" * 500, True)
    assert (uncut["message"], uncut["message_truncated"]) == ("ä" * 500, False)
    assert viewer.json("restores/2/")["message"] == "ä" * 501


def test_the_latest_created_come_first(viewer: Reader):
    put(restore(1), restore(3), restore(2))
    assert viewer.ids("restores/") == [3, 2, 1]


def test_a_restore_that_is_not_there_is_a_problem(viewer: Reader):
    for id in ("1", "-1", "99999999999999999999999", "nonsense", "%00", str(UUID(int=5))):
        assert viewer.problem(f"restores/{id}/", 404)["code"] == "restore_not_found"


def test_the_etag_is_the_restores_version(viewer: Reader):
    put(restore(1, version=3))
    assert viewer.get("restores/1/")["ETag"] == '"3"'


def test_who_has_the_version_already_gets_304_and_no_body(viewer: Reader):
    put(restore(1, version=3))
    for tags in ('"3"', 'W/"3"', '"2", "3"', "*"):
        response = viewer.get("restores/1/", expect=304, headers={"If-None-Match": tags})
        assert (response.content, response["ETag"]) == (b"", '"3"')
    viewer.get("restores/1/", headers={"If-None-Match": '"2"'})


def test_a_legacy_row_has_a_method_and_none_of_what_only_the_other_table_has(viewer: Reader):
    put(legacy(7, restore_method="recovery"))
    row = viewer.json("legacy/restores/7/")
    assert row["restore_method"] == "recovery"
    assert not {"restore_type", "trigger_type", "is_overwrite"} & set(row)
    assert viewer.ids("legacy/restores/") == [7]
    assert viewer.json(f"legacy/restores/{UUID(int=7)}/") == row


def test_the_two_tables_reuse_ids_and_are_kept_apart(viewer: Reader):
    put(legacy(7, name="old"))
    put(restore(7, name="new"))
    assert viewer.json("legacy/restores/7/")["name"] == "old"
    assert viewer.json("restores/7/")["name"] == "new"


def test_backups_are_listed(viewer: Reader):
    put(backup(5, name="weekly", size_bytes=2**40, created_at=datetime(2024, 5, 1, tzinfo=UTC)))
    assert viewer.json("backups/")["results"] == [
        {
            "id": 5,
            "backup_id": "00000000-0000-0000-0000-000000000005",
            "name": "weekly",
            "backup_type": None,
            "status": None,
            "database_name": None,
            "file_path": None,
            "size_bytes": 1_099_511_627_776,
            "created_at": "2024-05-01T00:00:00Z",
            "updated_at": None,
            "extra": {},
            "origin": "consolidated",
            "version": 1,
        }
    ]
