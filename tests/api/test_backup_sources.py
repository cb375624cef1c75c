"""What a restore from a backup is told of it, and ids that two backups have."""

from typing import Any

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.api.recorder import Recorder, recorder
from tests.builders import OFFSET, backup_imported, stream

LEGACY, OWN = stream(1), stream(2)
CHECKSUM = f"sha256:{'ab' * 32}"


@pytest.fixture
def ada(database: str) -> Recorder:
    return recorder()


@pytest.fixture
def both(database: str) -> None:
    """Id 23 is a backup of the host's legacy table and another of its consolidated one."""
    own = backup_imported(2, key=23, origin="consolidated", legacy_id=None, consolidated_id=23)
    Log().append([new_event(backup_imported(1, key=23)), new_event(own)])
    catch_up()


def test_a_restore_is_told_where_a_backup_is_and_what_it_can_be_checked_against(ada: Recorder):
    told = {
        "name": "nightly", "backup_type": "files", "database_name": "orders", "file_path": "/b/n",
        "size_bytes": 9, "checksum": CHECKSUM, "format": "tar", "contents": {"files": 2, "x": None},
    }  # fmt: skip
    row = ada.row("backups/", told, 201)
    for key in (row["id"], row["backup_id"]):
        assert ada.get(f"backups/{key}/source/") == {
            **told, "status": "completed", "backup_id": row["backup_id"],
        }  # fmt: skip
    ada.row(f"backups/{row['backup_id']}/expire/", {})
    assert ada.get(f"backups/{row['backup_id']}/source/")["status"] == "expired"
    bare = ada.row("backups/", {"name": "bare"}, 201)["backup_id"]
    assert ada.get(f"backups/{bare}/source/") == {
        "backup_id": bare, "name": "bare", "status": "completed", "backup_type": "database",
        "database_name": "", "file_path": "", "size_bytes": None, "checksum": "", "format": "",
        "contents": {},
    }  # fmt: skip
    for nothing in ("17", "9" * 30, "x", ada.requested(), str(stream(9))):
        assert ada.get(f"backups/{nothing}/source/", 404)["code"] == "backup_not_found"


@pytest.mark.usefixtures("both")
def test_an_id_of_two_backups_is_refused_wherever_one_of_them_is_meant(ada: Recorder):
    restore = ada.requested()
    amendment = {"changes": {"source_backup": 23}, "reason": "it was that one"}
    answers = [
        ada.get("backups/23/source/", 409),
        ada.post("restores/", {"name": "r", "source_backup": 23}, 409).json(),
        ada.post(f"restores/{restore}/amend/", amendment, 409).json(),
    ]
    for problem in answers:
        assert problem["code"] == "backup_id_ambiguous"
        assert str(LEGACY) in problem["detail"]
        assert str(OWN) in problem["detail"]
    assert len(ada.get("restores/")["results"]) == 1


@pytest.mark.usefixtures("both")
def test_a_backup_of_the_host_is_found_by_its_uuid_or_the_id_that_it_alone_has(ada: Recorder):
    def path(key: Any) -> str:
        return str(ada.get(f"backups/{key}/source/")["file_path"])

    assert path(OWN) == path(LEGACY) == path(OFFSET + 23) == "/backups/23.dump"
    for key, backup in ((str(LEGACY), OFFSET + 23), (OFFSET + 23, OFFSET + 23), (str(OWN), 23)):
        row = ada.row("restores/", {"name": "r", "source_backup": key}, 201)
        assert (row["source_backup"], row["target_database"]) == (backup, "shop")
