"""What was recorded stands in the tables when the answer comes; if not, the answer says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from infrastructure.event_store.log import Log
from projections.engine import registry
from projections.engine.dialects import table_dialect
from projections.engine.errors import ProjectorFailed
from projections.services import record
from projections.services.appending import append_and_catch_up
from projections.system_backups.models import BackupLog, RestoreLog
from tests.builders import requested
from tests.projections.histories import record as append_all

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
LABEL = "system_backups.RestoreLog"


def test_a_restore_stands_in_the_table_from_its_request_to_its_end(database: str):
    backup = record.register_backup(name="nightly", actor="ada", database_name="orders").what
    restore = record.request_restore(name="r", actor="ada", backup_id=backup.id).what
    assert RestoreLog.objects.get().source_backup_id == BackupLog.objects.get().id
    recorded = record.start_restore(restore.id, actor="ada", started_at=NOON)
    assert (recorded.position, recorded.behind) == (3, {})
    assert RestoreLog.objects.get().started_at == NOON
    record.complete_restore(restore.id, actor="ada", completed_at=NOON, message="done")
    record.amend_restore(restore.id, {"name": "amended"}, actor="ada", reason="typo")
    row = RestoreLog.objects.get()
    assert (row.status, row.message, row.name) == ("completed", "done", "amended")


@pytest.mark.parametrize(
    ("end", "status"),
    [(record.fail_restore, "failed"), (record.cancel_restore, "cancelled")],
)
def test_a_restore_that_does_not_complete(database: str, end: Callable[..., Any], status: str):
    restore = record.request_restore(name="r", actor="ada").what
    record.start_restore(restore.id, actor="ada")
    end(restore.id, actor="ada", message="never mind")
    row = RestoreLog.objects.get()
    assert (row.status, row.message) == (status, "never mind")


def test_what_stops_a_table_is_said_and_what_was_recorded_stays(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    def broken(row: Any, event: Any) -> Any:
        raise KeyError("no such thing")

    stopped = replace(registry.PROJECTIONS[LABEL], project=broken)
    monkeypatch.setitem(registry.PROJECTIONS, LABEL, stopped)
    recorded = record.request_restore(name="r", actor="ada")
    # What stops the table stops the sums over its rows, too.
    assert list(recorded.behind) == [LABEL, "statistics.RestoreSums"]
    assert isinstance(recorded.behind[LABEL], ProjectorFailed)
    assert Log().head().position == recorded.position == 1


def test_an_answer_does_not_wait_for_a_long_log(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(type(table_dialect(connection)), "chunk", 2)
    append_all([requested(number) for number in range(1, 6)])
    recorded = append_and_catch_up(lambda: None, patience=0)
    assert recorded.behind == dict.fromkeys(registry.PROJECTIONS)
    assert RestoreLog.objects.count() == 2
    assert append_and_catch_up(lambda: None, patience=None).behind == {}
    assert RestoreLog.objects.count() == 5
