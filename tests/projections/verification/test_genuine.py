"""The check computes of every kind of host the very rows that the service shows of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from domain.values import Tagged
from tests.conftest import fresh, use
from tests.infrastructure.hosts.tiny import LEGACY, LEGACY_BACKUPS, WHEN, TinyHost
from tests.projections.verification.conftest import Made, Service, empty
from tests.projections.verification.test_amended import amend, legacy_row, record
from tests.support import checking, here


def checked(service: Service, key: Path, folder: Path, *, log: bool = True) -> dict[str, Any]:
    """What the check says of a certificate that the service writes now."""
    files = [str(folder / name) for name in ("certificate.json", "rows.ndjson", "events.ndjson")]
    use(service.url)
    here.run(
        *("verify", "--certificate", files[0], "--export", files[1], "--export-events", files[2]),
        source=service.host,
        zone=service.zone,
        check=False,
    )
    connections.close_all()
    checking.host_digests(service.host, folder / "host.json")
    done = checking.check_here(
        *(files[0], "--public-key", key, "--rows", files[1]),
        *("--host-digests", folder / "host.json", "--json"),
        *(("--events", files[2]) if log else ()),
    )
    said: dict[str, Any] = json.loads(done.out)
    return said | {"code": done.code}


PLACE = "from where the host was read, and what types it gives its columns: only the host shows it"
UNCHECKED = [
    "whether the log has grown from one that was kept elsewhere (--anchor)",
    PLACE,
]


@pytest.mark.parametrize("variant", ["standard", "bare", "strange", "origin"])
def test_of_every_sample_host(
    made: Made, vendor: str, variant: str, public_key: Path, tmp_path: Path
):
    service = made(vendor, variant, bad=3)
    for log in (False, True):
        said = checked(service, public_key, tmp_path, log=log)
        assert (said["code"], said["refused"]) == (0, None), said
    assert said["not_checked"] == UNCHECKED


def test_with_amended_rows(service: Service, public_key: Path, tmp_path: Path):
    _, stream = legacy_row(service)
    amend(service, stream, message="what really happened", trigger_type="recovery")
    amend(service, stream, started_at=Tagged("time", "2024-02-29T11:00:00.000001+00:00"))
    amend(service, stream, source_backup_id=None, duration_seconds=None, status="partial")
    for log in (False, True):
        said = checked(service, public_key, tmp_path, log=log)
        assert (said["code"], said["refused"], said["equal"]) == (0, None, True)
        assert ("14 values amended here" in said["not_checked"]) is not log


def test_with_rows_recorded_here(service: Service, public_key: Path, tmp_path: Path):
    record(service)
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, True)
    assert said["not_checked"] == UNCHECKED


def test_a_table_that_is_wrong_is_genuine_as_long_as_it_is_said(
    service: Service, public_key: Path, tmp_path: Path
):
    service.sql("UPDATE system_backups_restorelog SET status = 'lost' WHERE id = 1")
    service.sql(
        "DELETE FROM database_management_restorelog"
        " WHERE id = (SELECT min(id) FROM database_management_restorelog)"
    )
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, False)


def test_so_is_a_host_that_moved_on(service: Service, public_key: Path, tmp_path: Path):
    service.host_sql("UPDATE system_backups_restorelog SET status = 'lost' WHERE id = 1")
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, False)


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_so_is_a_value_that_only_the_log_can_explain(
    templates: dict[str, str], vendor: str, public_key: Path, tmp_path: Path
):
    host = TinyHost(empty(vendor, tmp_path))
    service = Service(vendor, host.url, fresh(templates, vendor, tmp_path))
    for key, name in enumerate(("shop", "wiki"), 1):
        host.add(LEGACY_BACKUPS, key, database_name=name, created_at=WHEN)
    for key in (1, 2, 3):
        own = "shop" if key == 1 else None
        host.add(LEGACY, key, source_backup_id=1, target_database=own)
    service.import_again()
    _, stream = legacy_row(service)
    amend(service, stream, name="kept")
    host.execute(f"UPDATE {LEGACY} SET name = '{'n' * 256}' WHERE id = 3")
    service.import_again()
    said = checked(service, public_key, tmp_path, log=False)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, True)
    # Changes that are not imported: the certificate is not equal, and genuine.
    host.execute(f"UPDATE {LEGACY} SET target_database = NULL WHERE id = 1")
    host.execute(f"UPDATE {LEGACY} SET source_backup_id = 2 WHERE id = 2")
    later = tmp_path / "later"
    later.mkdir()
    for log in (False, True):
        said = checked(service, public_key, later, log=log)
        assert (said["code"], said["refused"], said["equal"]) == (0, None, False)


def test_of_a_host_with_local_times(made: Made, vendor: str, public_key: Path, tmp_path: Path):
    said = checked(made(vendor, zone="America/New_York"), public_key, tmp_path)
    assert (said["code"], said["refused"]) == (0, None), said


DECIDED = {
    ("system_backups.BackupLog", "file_path"): ("cloud_url", "local_path"),
    ("system_backups.BackupLog", "name"): ("storage_location",),
    ("system_backups.BackupLog", "database_name"): ("local_path", "storage_location"),
    ("database_management.BackupLog", "backup_type"): (),
    ("database_management.RestoreLog", "trigger_type"): ("status", "restore_method"),
    ("database_management.RestoreLog", "is_overwrite"): (),
    ("database_management.RestoreLog", "target_database"): ("message", "name"),
    ("database_management.RestoreLog", "created_by_id"): ("source_backup_id",),
    ("system_backups.RestoreLog", "completed_at"): ("completed_at", "updated_at"),
    ("system_backups.RestoreLog", "created_by_id"): ("duration_seconds", "created_by_id"),
}
"""Rivals, no column at all, a column that fills two targets, and others than of the same name."""


def test_of_columns_that_somebody_decided_on(
    copies: Made, vendor: str, public_key: Path, tmp_path: Path
):
    service = copies(vendor, "origin", bad=3)
    service.host_sql("UPDATE database_management_restorelog SET message = '' WHERE id = 1")
    service.import_again(decisions=DECIDED, reason="the owner says so")
    for log in (False, True):
        said = checked(service, public_key, tmp_path, log=log)
        assert (said["code"], said["refused"]) == (0, None), said
    content = json.loads((tmp_path / "certificate.json").read_bytes())["certificate"]
    assert content["differences"] == {"projection_wrong": 0, "host_changed": 0, "quarantined": 30}
    assert {row["how"] for row in content["columns"]} == {"proposed", "decided"}
