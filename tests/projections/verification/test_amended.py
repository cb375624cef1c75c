"""Amendments made here stand over what the host says; rows recorded here stand beside it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections

from domain.restores.events import RestoreFailed
from domain.values import Tagged
from infrastructure.event_store.log import Log
from infrastructure.recording import backups, restores
from infrastructure.recording.streams import save
from projections.engine.catch_up import catch_up
from tests.conftest import use
from tests.projections.verification.conftest import Service

NOON = datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=UTC)
TABLES = ("system_backups_restorelog", "database_management_restorelog")


def amend(service: Service, stream: UUID, **changes: object) -> None:
    """Correct a restore and bring the projections up to it."""
    use(service.url)
    restores.amend_restore(Log(), stream, changes, actor="anna", reason="a test", amended_at=NOON)
    catch_up()
    connections.close_all()


def legacy_row(service: Service) -> tuple[int, UUID]:
    """The last legacy row."""
    pk, stream = service.rows(
        "SELECT id, restore_id FROM database_management_restorelog ORDER BY id DESC LIMIT 1"
    )[0]
    return pk, UUID(str(stream))


def test_an_amended_row_is_equal_with_what_was_amended(service: Service) -> None:
    _, stream = legacy_row(service)
    amend(service, stream, message="what really happened", trigger_type="recovery")
    amend(service, stream, started_at=Tagged("time", "2024-02-29T11:00:00.000001+00:00"))
    amend(service, stream, source_backup_id=None, duration_seconds=None, status="partial")
    found = service.verify()
    assert found["differences"] == []
    assert found["equal"] is True


def test_an_amended_value_that_the_table_does_not_show_is_found(service: Service) -> None:
    pk, stream = legacy_row(service)
    amend(service, stream, message="what really happened")
    service.sql("UPDATE database_management_restorelog SET message = 'no' WHERE id = ?", pk)
    (difference,) = service.verify()["differences"]
    assert difference["expected"] == "what really happened"
    assert difference["cause"] == "projection_wrong"


@pytest.mark.parametrize("imported", [True, False])
def test_an_amendment_over_a_later_host_change_is_flagged(service: Service, imported: bool) -> None:
    pk, stream = legacy_row(service)
    amend(service, stream, message="what really happened", status="failed")
    service.host_sql(
        "UPDATE database_management_restorelog SET message = 'the host again' WHERE id = ?", pk
    )
    if imported:
        service.import_again()
    found = service.verify()
    assert found["equal"] is True
    flags = {(f["table"], f["column"], f["host"], f["amended"]) for f in found["amended_over_host"]}
    assert flags == {
        (label, "message", "the host again", "what really happened")
        for label in ("database_management.RestoreLog", "system_backups.RestoreLog")
    }
    assert found["tables"]["system_backups.RestoreLog"]["amended_over_host"] == 1


def record(service: Service) -> None:
    """One restore of each kind, and backups of both."""
    use(service.url)
    log = Log()
    backup = backups.register_backup(
        log,
        name="ours",
        actor="anna",
        database_name="orders",
        registered_at=NOON,
        checksum="sha256:" + "0" * 64,
        contents={"Größe": 3, "b": None},
    ).id
    files = backups.register_backup(
        log, name="files", actor="anna", backup_type="files", registered_at=NOON
    ).id
    later = NOON + timedelta(seconds=90, microseconds=999_999)

    backups.verify_backup(log, backup, actor="anna", result="passed", verified_at=NOON)
    backups.expire_backup(log, files, actor="anna", expired_at=NOON, message="too old")

    def restore(**more: object) -> UUID:
        return restores.request_restore(
            log, name="r", actor="anna", requested_by="7", requested_at=NOON, **more
        ).id

    restore()
    restore(restore_type="full", backup_id=files, is_overwrite=True)
    said = {"ticket": "Ä-17", "share": 0.1, "rows": 2**53 + 1, "urgent": None}
    done = restore(backup_id=backup, target_database="orders", attributes=said)
    restores.start_restore(log, done, started_at=NOON, actor="anna")
    restores.complete_restore(
        log,
        done,
        completed_at=later,
        outcome="partial",
        message="käse",
        warnings_count=12,
        output="…\n",
        actor="anna",
    )
    restores.validate_restore(log, done, actor="anna", result="failed", validated_at=NOON)
    restores.validate_restore(log, done, actor="anna", result="passed", validated_at=later)
    restores.amend_restore(
        log, done, {"name": "amended"}, actor="anna", reason="typo", amended_at=NOON
    )
    failed = restore(trigger_type="automatic")
    restores.start_restore(log, failed, started_at=later, command="pg_restore", actor="anna")
    restores.progress_restore(log, failed, at=later, percent=50, actor="anna")
    # Earlier versions recorded an end before its start.
    earlier = restores.load_restore(log, failed)
    nothing: dict[str, object] = {
        "cause": "error",
        "exit_code": None,
        "signal": None,
        "errors": (),
        "warnings": (),
        "warnings_count": None,
        "output": "",
    }
    at = {"failed_at": NOON, "message": "clock went back"}
    earlier.record(RestoreFailed, actor="anna", **at, **nothing)
    save(log, earlier)
    for started in (True, False):
        cancelled = restore()
        if started:
            restores.start_restore(log, cancelled, started_at=NOON, actor="anna")
        restores.cancel_restore(
            log, cancelled, cancelled_at=later, message="never mind", actor="anna"
        )
    catch_up()
    connections.close_all()


def test_rows_recorded_here_are_counted_apart_and_equal(service: Service) -> None:
    record(service)
    found = service.verify()
    assert found["differences"] == []
    assert found["equal"] is True
    counts = {label: table["recorded_here"] for label, table in found["tables"].items()}
    assert counts == {
        "database_management.BackupLog": 1,
        "system_backups.BackupLog": 2,
        "database_management.RestoreLog": 5,
        "system_backups.RestoreLog": 6,
    }
    service.rebuild()
    assert service.verify()["equal"] is True


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("column", "value"),
    [("duration_seconds", 91), ("status", "lost"), ("message", ""), ("created_by_id", None)],
)
def test_a_wrong_row_recorded_here_is_found(
    service: Service, table: str, column: str, value: object
) -> None:
    record(service)
    ((pk,),) = service.rows(f"SELECT id FROM {table} WHERE name = 'amended'")
    service.sql(f"UPDATE {table} SET {column} = ? WHERE id = ?", value, pk)
    (difference,) = service.verify()["differences"]
    assert (difference["pk"], difference["column"]) == (pk, column)
    assert difference["cause"] == "projection_wrong"


def test_a_lost_row_recorded_here_is_found(service: Service) -> None:
    record(service)
    service.sql("DELETE FROM system_backups_restorelog WHERE name = 'amended'")
    (difference,) = service.verify()["differences"]
    assert difference["found"] is None
    assert difference["cause"] == "projection_wrong"


def test_a_projection_that_lags_is_named(service: Service) -> None:
    use(service.url)
    restores.request_restore(Log(), name="r", actor="anna", requested_at=NOON)
    connections.close_all()
    found = service.verify()
    if found["differences"]:  # unless appending already brought the projections up to it
        assert {state["lag"] for state in found["projections"]} == {1}
        assert all("behind" in state["problem"] for state in found["projections"])


def test_a_restore_recorded_here_that_was_amended_to_no_time_is_quarantined(
    service: Service,
) -> None:
    record(service)
    ((stream,),) = service.rows(
        "SELECT restore_id FROM system_backups_restorelog WHERE name = 'amended'"
    )
    amend(service, UUID(str(stream)), completed_at=Tagged("time", "10000-01-01 00:00:00"))
    found = service.verify()
    assert [d["column"] for d in found["differences"]] == ["completed_at"] * 2
    assert {d["cause"] for d in found["differences"]} == {"quarantined"}
    amend(service, UUID(str(stream)), completed_at=Tagged("time", "2024-02-29 12:00:00"))
    assert service.verify()["equal"] is True
