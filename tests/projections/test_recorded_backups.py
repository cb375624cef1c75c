"""Backups that were registered here, in both tables: what each event makes of the row."""

import json
from typing import Any

import pytest

from domain.backups.events import BackupExpired, BackupVerified
from projections.database_management import backup_projector as legacy
from projections.system_backups import backup_projector as consolidated
from tests.builders import NOON, OFFSET, backup_registered, minutes, stream

PROJECTORS = (legacy.project, consolidated.project)
NAME = stream(900)


def expired(version: int = 2) -> BackupExpired:
    return BackupExpired(
        originator_id=NAME,
        originator_version=version,
        expired_at=NOON + minutes(1),
        message="deleted",
    )


def verified(version: int = 2, **changes: Any) -> BackupVerified:
    said = {"verified_at": NOON + minutes(2), "result": "passed", "check": "", "output": ""}
    return BackupVerified(originator_id=NAME, originator_version=version, **{**said, **changes})


def rows(*events: Any) -> list[Any]:
    """The row in each table."""
    found = []
    for project in PROJECTORS:
        row = None
        for event in events:
            row = project(row, event)
        found.append(row)
    return found


def test_a_registered_backup_is_what_was_said_of_it():
    contents = {"orders": 3, "people": None}
    for row in rows(backup_registered(checksum="sha256:ab", format="custom", contents=contents)):
        assert (row.id, row.backup_id, row.origin) == (2 * OFFSET, NAME, "recorded")
        assert (row.name, row.database_name, row.status) == ("weekly", "shop", "completed")
        assert (row.created_at, row.updated_at, row.version) == (NOON, NOON, 1)
        assert json.loads(row.extra) == {
            "checksum": "sha256:ab",
            "format": "custom",
            "contents": contents,
        }


def test_what_nobody_said_is_left_out():
    assert [row.extra for row in rows(backup_registered())] == ["{}", "{}"]


def test_an_expired_backup_says_so():
    for row in rows(backup_registered(format="plain"), expired()):
        assert (row.status, row.updated_at, row.version) == ("expired", NOON + minutes(1), 2)
        assert (row.name, json.loads(row.extra)) == ("weekly", {"format": "plain"})


@pytest.mark.parametrize("result", ["passed", "failed"])
def test_a_check_stands_beside_what_was_said_and_the_last_one_counts(result: str):
    first, second = verified(), verified(3, result=result, verified_at=NOON + minutes(3))
    for row in rows(backup_registered(format="plain"), first, second):
        assert (row.status, row.updated_at, row.version) == ("completed", NOON + minutes(3), 3)
        assert json.loads(row.extra) == {"format": "plain", "verification": result}


@pytest.mark.parametrize("event", [expired(), verified()])
def test_a_backup_without_a_row_gets_none_by_what_happens_later(event: Any):
    assert rows(event) == [None, None]
